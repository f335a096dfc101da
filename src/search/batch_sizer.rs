//! How many sweeps make a batch: a number of candidates that was asked for, or about a quarter of a second's work.

use std::time::Duration;

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
}
