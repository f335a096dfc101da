//! When a worker reports and when it takes calibration samples: how many sweeps make a batch, and the samples so far.

use std::time::Duration;

use crate::health::Thresholds;

/// Wall time that an adaptive batch aims at.
pub(crate) const TARGET: Duration = Duration::from_millis(250);

/// An adaptive batch grows by at most this factor at once.
const MAX_GROWTH: f64 = 8.0;

/// An adaptive batch keeps its size while it would change by less than this factor, so that sizes stay comparable.
const HYSTERESIS: f64 = 1.5;

/// The number of sweeps between two reports of a worker.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct BatchSizer {
    sweeps: u64,
    adaptive: bool,
}

impl BatchSizer {
    /// Batches of `batch_size` candidates rounded up to whole sweeps of `sweep_size`, or adaptive ones.
    pub(crate) fn new(batch_size: Option<u64>, sweep_size: u64) -> Self {
        let sweeps = batch_size.map_or(1, |size| size.div_ceil(sweep_size.max(1)));
        Self {
            sweeps: sweeps.max(1),
            adaptive: batch_size.is_none(),
        }
    }

    /// Sweeps of the batch that runs now.
    pub(crate) fn sweeps(&self) -> u64 {
        self.sweeps
    }

    /// Learns how long the last full batch took.
    pub(crate) fn learn(&mut self, wall: Duration) {
        if !self.adaptive {
            return;
        }
        let factor = (TARGET.as_secs_f64() / wall.as_secs_f64().max(1e-9)).min(MAX_GROWTH);
        if !(1.0 / HYSTERESIS..=HYSTERESIS).contains(&factor) {
            self.sweeps = ((self.sweeps as f64 * factor).round() as u64).max(1);
        }
    }
}

/// Time between two samples.
const USUAL: Duration = Duration::from_millis(125);

/// Samples that wait for a report at most.
const MOST: usize = 256;

/// How close together samples are at the start and when a worker is suspected.
#[derive(Clone, Copy, Debug)]
pub struct CalibrationPlan {
    /// Number of dense samples.
    pub samples: u32,
    /// The time over which they are spread.
    pub span: Duration,
}

impl From<&Thresholds> for CalibrationPlan {
    fn from(t: &Thresholds) -> Self {
        Self {
            samples: t.calibration_samples,
            span: t.calibration_span,
        }
    }
}

impl Default for CalibrationPlan {
    fn default() -> Self {
        Self::from(&Thresholds::default())
    }
}

/// The calibration of one worker.
#[derive(Clone, Debug)]
pub(crate) struct Calibration {
    rhythm: CalibrationPlan,
    next: Duration,
    dense_until: Duration,
    samples: Vec<Duration>,
}

impl Calibration {
    /// Dense samples from now on, then the usual ones.
    pub(crate) fn new(rhythm: CalibrationPlan, now: Duration) -> Self {
        Self {
            rhythm,
            next: now,
            dense_until: now + rhythm.span,
            samples: Vec::new(),
        }
    }

    /// Whether a sample is due.
    pub(crate) fn is_due(&self, now: Duration) -> bool {
        now >= self.next
    }

    /// Keeps a sample, if there is one, and plans the next.
    pub(crate) fn take(&mut self, sample: Option<Duration>, now: Duration) {
        let dense = self.rhythm.span / self.rhythm.samples.max(1);
        let pause = if now < self.dense_until { dense } else { USUAL };
        self.next = now + pause;
        if self.samples.len() < MOST {
            self.samples.extend(sample);
        }
    }

    /// Takes dense samples again for a while.
    pub(crate) fn hurry(&mut self, now: Duration) {
        self.next = now;
        self.dense_until = now + self.rhythm.span;
    }

    /// The samples since the last call.
    pub(crate) fn take_samples(&mut self) -> Vec<Duration> {
        std::mem::take(&mut self.samples)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_given_batch_size_is_rounded_up_to_whole_sweeps() {
        assert_eq!(BatchSizer::new(Some(1), 100).sweeps(), 1);
        assert_eq!(BatchSizer::new(Some(100), 100).sweeps(), 1);
        assert_eq!(BatchSizer::new(Some(101), 100).sweeps(), 2);
        let mut batch_sizer = BatchSizer::new(Some(1_000), 100);
        batch_sizer.learn(Duration::from_secs(9));
        assert_eq!(batch_sizer.sweeps(), 10);
    }

    #[test]
    fn without_one_a_batch_comes_to_last_a_quarter_of_a_second() {
        let sweep = Duration::from_micros(250);
        let mut batch_sizer = BatchSizer::new(None, 32_000);
        for _ in 0..8 {
            batch_sizer.learn(sweep * u32::try_from(batch_sizer.sweeps()).unwrap());
        }
        assert!(
            (700..=1500).contains(&batch_sizer.sweeps()),
            "{}",
            batch_sizer.sweeps()
        );
    }

    #[test]
    fn small_changes_of_speed_leave_the_size_alone_and_large_ones_do_not() {
        let mut batch_sizer = BatchSizer::new(None, 1);
        batch_sizer.sweeps = 1000;
        batch_sizer.learn(TARGET.mul_f64(1.3));
        assert_eq!(batch_sizer.sweeps(), 1000);
        batch_sizer.learn(TARGET * 4);
        assert_eq!(batch_sizer.sweeps(), 250);
        batch_sizer.learn(Duration::ZERO);
        assert_eq!(batch_sizer.sweeps(), 2000);
    }

    /// Samples taken in each of some seconds, by a worker that looks every millisecond.
    fn samples(calibration: &mut Calibration, seconds: std::ops::Range<u64>) -> Vec<usize> {
        let mut counts = Vec::new();
        for second in seconds {
            for ms in 0..1000 {
                let now = Duration::from_millis(1000 * second + ms);
                if calibration.is_due(now) {
                    calibration.take(Some(Duration::from_micros(20)), now);
                }
            }
            counts.push(calibration.take_samples().len());
        }
        counts
    }

    #[test]
    fn at_least_32_samples_in_the_first_second_and_a_few_in_each_that_follows() {
        let mut calibration = Calibration::new(CalibrationPlan::default(), Duration::ZERO);
        let counts = samples(&mut calibration, 0..4);
        assert!(counts[0] >= 32, "{counts:?}");
        assert_eq!(counts[1..], [8, 8, 8]);
    }

    #[test]
    fn a_suspected_worker_takes_them_closer_together_for_a_second() {
        let mut calibration = Calibration::new(CalibrationPlan::default(), Duration::ZERO);
        samples(&mut calibration, 0..2);
        calibration.hurry(Duration::from_secs(2));
        let counts = samples(&mut calibration, 2..4);
        assert!(counts[0] >= 32 && counts[1] <= 9, "{counts:?}");
    }
}
