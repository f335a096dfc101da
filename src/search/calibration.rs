//! When a worker takes calibration samples, and those that it has taken.

use std::time::Duration;

/// Time between two samples.
const USUAL: Duration = Duration::from_millis(125);

/// Time between two samples at the start and when the worker is suspected: at least 32 a second.
const DENSE: Duration = Duration::from_millis(25);

/// The dense samples go on for so long.
const SPAN: Duration = Duration::from_secs(1);

/// Samples that wait for a report at most.
const MOST: usize = 256;

/// The calibration of one worker.
#[derive(Clone, Debug)]
pub struct Calibration {
    next: Duration,
    dense_until: Duration,
    samples: Vec<Duration>,
}

impl Calibration {
    /// Dense samples from now on for a second, then the usual ones.
    pub fn new(now: Duration) -> Self {
        Self {
            next: now,
            dense_until: now + SPAN,
            samples: Vec::new(),
        }
    }

    /// Whether a sample is due.
    pub fn is_due(&self, now: Duration) -> bool {
        now >= self.next
    }

    /// Takes a sample in, if there is one.
    pub fn take(&mut self, sample: Option<Duration>, now: Duration) {
        let pause = if now < self.dense_until { DENSE } else { USUAL };
        self.next = now + pause;
        if self.samples.len() < MOST {
            self.samples.extend(sample);
        }
    }

    /// Samples come closer together for a second.
    pub fn hurry(&mut self, now: Duration) {
        self.next = now;
        self.dense_until = now + SPAN;
    }

    /// The samples since the last call.
    pub fn take_samples(&mut self) -> Vec<Duration> {
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
        let mut calibration = Calibration::new(Duration::ZERO);
        let counts = samples(&mut calibration, 0..4);
        assert!(counts[0] >= 32, "{counts:?}");
        assert_eq!(counts[1..], [8, 8, 8]);
    }

    #[test]
    fn a_suspected_worker_takes_them_closer_together_for_a_second() {
        let mut calibration = Calibration::new(Duration::ZERO);
        samples(&mut calibration, 0..2);
        calibration.hurry(Duration::from_secs(2));
        let counts = samples(&mut calibration, 2..4);
        assert!(counts[0] >= 32 && counts[1] <= 9, "{counts:?}");
    }
}
