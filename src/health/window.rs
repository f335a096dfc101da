//! Folds batch reports into windows that are long enough to be judged.

use std::time::Duration;

use super::calibrate;
use crate::batch::{BatchReport, WorkerId};

/// What one worker did in a stretch of time that is long enough to be judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    /// Who worked.
    pub id: WorkerId,
    /// Batches in it.
    pub batches: u64,
    /// Candidates that were tested.
    pub candidates: u64,
    /// Wall time.
    pub wall: Duration,
    /// Processor time, where the system tells.
    pub processor: Option<Duration>,
    /// Calibration: the time of the same sweep code on a small table, sampled within this window; `None`
    /// where too few samples were taken.
    pub calibration: Option<Duration>,
    /// Bytes that the worker's buffers held at its end.
    pub buffer_bytes: usize,
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

    /// Takes a report in; returns the window that it completes. A window that spans a clock jump is thrown away.
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
            id: full.id,
            batches: full.batches,
            candidates: full.candidates,
            wall: full.wall,
            processor: full.processor,
            calibration: calibrate::typical(&full.calibration),
            buffer_bytes: full.buffer_bytes,
        })
    }

    /// The clock jumped: what is being filled now, or would begin with the next report, is thrown away.
    pub fn jump(&mut self) {
        self.jumped = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::fixtures::{ID, report};

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn short_batches_are_folded_until_they_last_a_second() {
        let mut builder = WindowBuilder::new(SECOND);
        for _ in 0..3 {
            assert_eq!(builder.push(&report(ID, 100, 0.3)), None);
        }
        let window = builder.push(&report(ID, 100, 0.3)).unwrap();
        assert_eq!((window.batches, window.candidates), (4, 400));
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
    fn a_window_that_spans_a_clock_jump_is_thrown_away_and_the_next_one_is_not() {
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
}
