//! What a worker tells about its last batches, and how reports that could not be sent yet merge.

use std::ops::AddAssign;
use std::time::Duration;

use crate::engine::Backend;

/// Which worker: its place in the pool, and how often that place was filled before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct WorkerId {
    /// Place in the pool, from 1.
    pub worker: usize,
    /// 0 for the first worker at that place, one more for each replacement.
    pub generation: u32,
}

/// Calibration samples that a report holds at most; older ones are dropped.
const SAMPLES: usize = 256;

/// Hits of one lane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LaneCounts {
    /// Spot checks that the exact recomputation confirmed.
    pub spot_checks: u64,
    /// Wanted or watched hits that the exact recomputation confirmed.
    pub hits: u64,
    /// Hits whose exact y differs from the engine's words by more than their tolerance: errors of the engine.
    pub refuted: u64,
    /// Hits that failed only by what the words do not tell, such as the sign: expected, not an error.
    pub misses: u64,
    /// Further hits of a start that had its hit already, or more than a lane can hold: dropped unconfirmed.
    pub dropped: u64,
}

impl AddAssign for LaneCounts {
    fn add_assign(&mut self, other: Self) {
        self.spot_checks += other.spot_checks;
        self.hits += other.hits;
        self.refuted += other.refuted;
        self.misses += other.misses;
        self.dropped += other.dropped;
    }
}

/// Repetitions that a report holds at most.
const REPEATS: usize = 16;

/// A refuted sweep that was repeated on a fresh engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeat {
    /// The lane whose hit was refuted.
    pub lane: usize,
    /// On which backend it was repeated.
    pub backend: Backend,
    /// Whether it came out right.
    pub right: bool,
}

/// One or more batches of one worker.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BatchReport {
    /// Who worked.
    pub id: WorkerId,
    /// Number of batches in this report.
    pub batches: u64,
    /// Candidates a batch, if all batches of this report have the same size.
    pub batch_size: Option<u64>,
    /// Candidates that were tested since the last report.
    pub candidates: u64,
    /// Sweeps since the last report.
    pub sweeps: u64,
    /// Wall time that they took.
    pub wall: Duration,
    /// Processor time that the thread used for them, where the system tells.
    pub processor: Option<Duration>,
    /// Hits of every lane.
    pub lanes: Vec<LaneCounts>,
    /// Hits that were left unconfirmed because the saver was still busy with earlier ones.
    pub skipped: u64,
    /// Bytes that the worker's buffers hold now.
    pub buffer_bytes: usize,
    /// Times of calibration samples: the same sweep code on a small table of its own.
    pub calibration: Vec<Duration>,
    /// Refuted sweeps that were repeated.
    pub repeats: Vec<Repeat>,
}

impl BatchReport {
    /// Takes in a later report of the same worker.
    pub fn absorb(&mut self, later: Self) {
        self.batches += later.batches;
        if self.batch_size != later.batch_size {
            self.batch_size = None;
        }
        self.candidates += later.candidates;
        self.sweeps += later.sweeps;
        self.wall += later.wall;
        self.processor = self.processor.zip(later.processor).map(|(a, b)| a + b);
        for (lane, more) in self.lanes.iter_mut().zip(later.lanes) {
            *lane += more;
        }
        self.skipped += later.skipped;
        self.buffer_bytes = later.buffer_bytes;
        self.repeats.extend(later.repeats);
        self.repeats.truncate(REPEATS);
        self.calibration.extend(later.calibration);
        let excess = self.calibration.len().saturating_sub(SAMPLES);
        self.calibration.drain(..excess);
    }

    /// Sum over all lanes.
    pub fn hits(&self) -> LaneCounts {
        let mut sum = LaneCounts::default();
        for lane in &self.lanes {
            sum += *lane;
        }
        sum
    }
}

/// How a worker ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorkerEnd {
    /// It was told to.
    Stopped,
    /// The number of candidates that was asked for has been tested.
    BudgetSpent,
    /// The operating system gives no random bytes: no worker may go on.
    NoRandomness(String),
    /// The engine could not be built or refused its work.
    EngineFailed(String),
    /// The engine failed its known answers.
    WrongAnswers(String),
    /// It panicked.
    Panicked(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(candidates: u64, size: u64) -> BatchReport {
        BatchReport {
            id: WorkerId {
                worker: 1,
                generation: 0,
            },
            batches: 1,
            batch_size: Some(size),
            candidates,
            sweeps: 2,
            wall: Duration::from_millis(250),
            processor: Some(Duration::from_millis(200)),
            lanes: vec![
                LaneCounts {
                    spot_checks: 1,
                    ..LaneCounts::default()
                };
                2
            ],
            skipped: 3,
            buffer_bytes: 100,
            calibration: Vec::new(),
            repeats: Vec::new(),
        }
    }

    #[test]
    fn a_merged_report_holds_the_sums_of_both() {
        let mut first = report(10, 10);
        first.absorb(report(10, 10));
        assert_eq!(first.candidates, 20);
        assert_eq!(first.batches, 2);
        assert_eq!(first.batch_size, Some(10));
        assert_eq!(first.sweeps, 4);
        assert_eq!(first.wall, Duration::from_millis(500));
        assert_eq!(first.processor, Some(Duration::from_millis(400)));
        assert_eq!(first.skipped, 6);
        assert_eq!(first.buffer_bytes, 100);
        assert_eq!(first.hits().spot_checks, 4);
    }

    #[test]
    fn batches_of_different_sizes_have_no_common_size() {
        let mut first = report(10, 10);
        first.absorb(report(20, 20));
        assert_eq!(first.batch_size, None);
        first.absorb(report(10, 10));
        assert_eq!(first.batch_size, None);
    }
}
