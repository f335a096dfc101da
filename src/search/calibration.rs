//! When a worker takes calibration samples, and those that it has taken.

use std::time::Duration;

use crate::health::Thresholds;

/// Time between two samples.
const USUAL: Duration = Duration::from_millis(125);

/// Samples that wait for a report at most.
const MOST: usize = 256;

/// How close together samples are at the start and when a worker is suspected.
#[derive(Clone, Copy, Debug)]
pub struct CalibrationPlan {
    /// So many samples ...
    pub samples: u32,
    /// ... spread over so long.
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

    /// Takes a sample in, if there is one.
    pub(crate) fn take(&mut self, sample: Option<Duration>, now: Duration) {
        let dense = self.rhythm.span / self.rhythm.samples.max(1);
        let pause = if now < self.dense_until { dense } else { USUAL };
        self.next = now + pause;
        if self.samples.len() < MOST {
            self.samples.extend(sample);
        }
    }

    /// Samples come closer together for a while.
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
