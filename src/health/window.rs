//! Folds batch reports into windows that are long enough to be judged, with the calibration of each: how fast this core
//! ran the engine's own code meanwhile, whatever slowed it.

use std::time::Duration;

use crate::batch::BatchReport;

/// What one worker did in a span of time that is long enough to be judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    /// Candidates that were tested.
    pub candidates: u64,
    /// Wall time.
    pub wall: Duration,
    /// Processor time, where the system tells.
    pub processor: Option<Duration>,
    /// Calibration: the time of the same sweep code on a small table, sampled within this window; `None` if there were
    /// too few samples.
    pub calibration: Option<Duration>,
}

impl Window {
    /// Candidates a second of processor time, or of wall time where the system does not tell.
    pub fn rate(&self) -> f64 {
        let time = self.processor.unwrap_or(self.wall).as_secs_f64();
        self.candidates as f64 / time.max(1e-9)
    }

    /// Processor time over wall time: 1 for a thread that always ran.
    pub fn processor_share(&self) -> Option<f64> {
        let processor = self.processor?.as_secs_f64();
        Some(processor / self.wall.as_secs_f64().max(1e-9))
    }
}

/// The window of one worker that is being filled.
#[derive(Clone, Debug)]
pub struct WindowBuilder {
    minimum: Duration,
    running: Option<BatchReport>,
    jumped: bool,
}

impl WindowBuilder {
    /// Windows of at least one batch and at least `minimum`.
    pub fn new(minimum: Duration) -> Self {
        Self {
            minimum,
            running: None,
            jumped: false,
        }
    }

    /// Takes a report; returns the window that it completes. A window that spans a clock jump is discarded.
    pub fn push(&mut self, report: &BatchReport) -> Option<Window> {
        match &mut self.running {
            Some(running) if running.id == report.id => running.absorb(report.clone()),
            running => *running = Some(report.clone()),
        }
        if self.running.as_ref()?.wall < self.minimum {
            return None;
        }
        let full = self.running.take()?;
        if std::mem::take(&mut self.jumped) {
            return None;
        }
        Some(Window {
            candidates: full.candidates,
            wall: full.wall,
            processor: full.processor,
            calibration: typical(&full.calibration),
        })
    }

    /// The clock jumped: the window that is being filled, or would start with the next report, is discarded.
    pub fn jump(&mut self) {
        self.jumped = true;
    }
}

/// Fewer calibration samples than this say nothing.
const ENOUGH: usize = 4;

/// The time of a calibration sample at the mean speed of all; `None` if there are too few.
///
/// Samples that took more than three times the median were interrupted and are left out. The mean is one of speeds
/// because candidates of a window are a mean of speeds, too: when a core changes its speed within a window, both
/// figures change alike.
fn typical(samples: &[Duration]) -> Option<Duration> {
    if samples.len() < ENOUGH {
        return None;
    }
    let mut seconds: Vec<f64> = samples.iter().map(|s| s.as_secs_f64().max(1e-9)).collect();
    let middle = seconds.len() / 2;
    let limit = 3.0 * *seconds.select_nth_unstable_by(middle, f64::total_cmp).1;
    let kept = seconds.iter().filter(|s| **s <= limit);
    let (count, speed) = kept.fold((0.0, 0.0), |(n, sum), s| (n + 1.0, sum + 1.0 / s));
    Some(Duration::from_secs_f64(count / speed))
}

/// Performance: candidates a processor second times the seconds of a calibration sample, a figure without a unit.
/// Whatever slows all code of this core alike (heat, clock, neighbours) cancels out of it.
pub(crate) fn performance(candidates_per_second: f64, calibration: Duration) -> f64 {
    candidates_per_second * calibration.as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::WorkerId;
    use crate::health::fixtures::{ID, report};

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn short_batches_are_folded_until_they_last_a_second() {
        let mut builder = WindowBuilder::new(SECOND);
        for _ in 0..3 {
            assert_eq!(builder.push(&report(ID, 100, 0.3)), None);
        }
        let window = builder.push(&report(ID, 100, 0.3)).unwrap();
        assert_eq!(window.candidates, 400);
        assert_eq!(builder.push(&report(ID, 100, 0.3)), None);
    }

    #[test]
    fn one_long_batch_is_a_window() {
        let mut builder = WindowBuilder::new(SECOND);
        let window = builder.push(&report(ID, 900, 9.0)).unwrap();
        assert!((window.rate() - 100.0).abs() < 1e-6);
        assert_eq!(window.processor_share(), Some(1.0));
    }

    #[test]
    fn a_window_that_spans_a_clock_jump_is_discarded_and_the_next_one_is_not() {
        let mut builder = WindowBuilder::new(SECOND);
        builder.push(&report(ID, 100, 0.5));
        builder.jump();
        assert_eq!(builder.push(&report(ID, 100, 0.6)), None);
        assert!(builder.push(&report(ID, 100, 1.1)).is_some());
    }

    #[test]
    fn a_jump_between_two_windows_belongs_to_the_next_one() {
        let mut builder = WindowBuilder::new(SECOND);
        assert!(builder.push(&report(ID, 100, 1.0)).is_some());
        builder.jump();
        assert_eq!(builder.push(&report(ID, 100, 1.0)), None);
    }

    #[test]
    fn a_replacement_does_not_inherit_the_window_of_its_predecessor() {
        let mut builder = WindowBuilder::new(SECOND);
        builder.push(&report(ID, 100, 0.9));
        let next = WorkerId {
            generation: 1,
            ..ID
        };
        assert_eq!(builder.push(&report(next, 100, 0.9)), None);
        assert_eq!(
            builder.push(&report(next, 100, 0.9)).unwrap().candidates,
            200
        );
    }

    fn microseconds(samples: &[u64]) -> Vec<Duration> {
        samples.iter().map(|s| Duration::from_micros(*s)).collect()
    }

    #[test]
    fn one_interrupted_sample_does_not_count() {
        let samples = microseconds(&[20, 20, 9_000, 20, 20]);
        assert_eq!(typical(&samples), Some(Duration::from_micros(20)));
    }

    #[test]
    fn a_core_at_half_speed_for_half_of_the_time_is_at_three_quarters() {
        let samples = microseconds(&[30, 30, 60, 60]);
        assert_eq!(typical(&samples), Some(Duration::from_micros(40)));
    }

    #[test]
    fn too_few_samples_say_nothing() {
        assert_eq!(typical(&microseconds(&[20, 20, 20])), None);
    }

    #[test]
    fn half_the_clock_halves_the_rate_doubles_the_calibration_and_leaves_performance_alone() {
        let usual = performance(1e8, Duration::from_micros(20));
        let slow = performance(0.5e8, Duration::from_micros(40));
        assert!((usual - slow).abs() < 1e-9);
    }
}
