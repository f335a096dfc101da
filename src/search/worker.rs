//! The loop of a worker: sweep, confirm what survived, report, and stop when told.

use std::sync::Arc;
use std::time::Duration;

use super::confirm::{Outcome, confirm_hits, count_spot_checks, sketch};
use super::fresh_starts::FreshStarts;
use super::hit::HitSink;
use super::lane::Lane;
use super::outbox::Outbox;
use super::pacing::{BatchSizer, Calibration};
use super::shared::{Heartbeat, Shared, WorkerRequests};
use super::sweep::Sweep;
use super::target::Target;
use crate::batch::{BatchReport, LaneCounts, Repeat, WorkerId};
use crate::clock::Clock;
use crate::engine::{Backend, EngineError};
use crate::health::probe::thread;
use crate::key::KeyError;

/// Time between two checks of a paused worker whether it may resume.
const PAUSE_POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Starts that are made between two signs of life: each takes some 5 to 30 microseconds, and a device has 100,000 lanes and more.
const LANES_A_BEAT: usize = 1024;

/// Rows of a report at most: each counts the hits of a lane, or of a group of as many neighbours as it takes.
const MOST_ROWS: usize = 64;

/// Why a worker can't continue.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WorkerError {
    /// The operating system's generator failed, or a key could not be put together.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The engine could not be built or refused a start.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Why a worker ended by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finished {
    /// It was told to stop.
    Stopped,
    /// The requested number of candidates has been tested.
    BudgetSpent,
}

/// What a worker is given.
pub(crate) struct Task {
    /// Who it is.
    pub id: WorkerId,
    /// What it looks for.
    pub target: Arc<dyn Target>,
    /// What it shares with the others.
    pub shared: Arc<Shared>,
    /// Its own sign of life.
    pub heartbeat: Arc<Heartbeat>,
    /// Where its hits go.
    pub sink: HitSink,
    /// Where its reports go.
    pub outbox: Outbox,
    /// Its clock.
    pub clock: Arc<dyn Clock>,
    /// Candidates between two reports; `None`: about a quarter of a second's work.
    pub batch_size: Option<u64>,
    /// What it computes on.
    pub backend: Backend,
}

impl Task {
    /// Whether this worker, or all of them, were told to end.
    pub(crate) fn is_stopped(&self) -> bool {
        self.shared.is_stopped() || self.heartbeat.is_stopped()
    }
}

/// Sums of the batch that runs.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    sweeps: u64,
    skipped: u64,
    wall_start: Duration,
    processor_start: Option<Duration>,
}

/// A worker with its engine.
pub(crate) struct Worker {
    task: Task,
    engine: Box<dyn Sweep>,
    fresh_starts: FreshStarts,
    lanes: Vec<Lane>,
    /// Lanes that hold survivors of the running sweep, possibly more than once.
    touched: Vec<usize>,
    /// Hits of the running batch, by lane or by group of neighbours. A card has so many lanes that only those with a survivor may
    /// be looked at.
    rows: Vec<LaneCounts>,
    /// Bytes that the lists of all lanes hold.
    held_bytes: usize,
    batch_sizer: BatchSizer,
    tally: Tally,
    calibration: Calibration,
    /// Of the target that was last taken over.
    target_version: u64,
    /// Of the starts of a blind search.
    starts_version: u64,
    /// Of the first refuted sweep of the running batch.
    repeats: Vec<Repeat>,
}

impl Worker {
    /// A worker whose lanes all have fresh starts, or as many as were made when it was told to end.
    ///
    /// # Errors
    /// The operating system gives no random bytes, or the engine refuses a start.
    pub(crate) fn new(task: Task, mut engine: Box<dyn Sweep>) -> Result<Self, WorkerError> {
        let mut lanes = Vec::with_capacity(engine.lanes());
        let mut fresh_starts = FreshStarts::new(task.backend);
        for index in (0..engine.lanes()).take_while(|_| !task.is_stopped()) {
            let (origin, centre) = fresh_starts.take(&task.shared.starts, index)?;
            engine.set_start(index, &centre)?;
            lanes.push(Lane::new(origin));
            if (index + 1) % LANES_A_BEAT == 0 {
                task.heartbeat.beat();
            }
        }
        let batch_sizer = BatchSizer::new(task.batch_size, engine.candidates_per_sweep());
        let in_thread = engine.computes_in_thread();
        let tally = Tally::start(task.clock.as_ref(), in_thread);
        let calibration = Calibration::new(task.shared.rhythm, task.clock.now());
        task.heartbeat.set_thread(thread::own_number());
        Ok(Self {
            task,
            engine,
            fresh_starts,
            touched: Vec::new(),
            rows: no_rows(lanes.len()),
            lanes,
            held_bytes: 0,
            batch_sizer,
            tally,
            calibration,
            target_version: 0,
            starts_version: 0,
            repeats: Vec::new(),
        })
    }

    /// Sweeps until told to stop or until nothing is left to test.
    ///
    /// # Errors
    /// See [`WorkerError`]; all candidates tested until then are counted.
    pub(crate) fn run(&mut self) -> Result<Finished, WorkerError> {
        self.tally = Tally::start(self.task.clock.as_ref(), self.engine.computes_in_thread());
        loop {
            if self.task.is_stopped() {
                return Ok(Finished::Stopped);
            }
            if self.task.shared.is_paused() || self.task.heartbeat.is_resting() {
                self.pause()?;
                continue;
            }
            if !self.task.shared.claim(self.engine.candidates_per_sweep()) {
                return Ok(Finished::BudgetSpent);
            }
            self.step()?;
        }
    }

    /// One sweep with its confirmations and reports.
    fn step(&mut self) -> Result<(), WorkerError> {
        let newer = &self.task.shared.retarget.0;
        if let Some(target) = newer.newer(&mut self.target_version) {
            self.task.target = target;
        }
        if self.task.shared.starts.changed(&mut self.starts_version) {
            self.leave_full_starts()?;
        }
        self.sweep()?;
        self.tally.sweeps += 1;
        self.task.shared.count(self.engine.candidates_per_sweep());
        let supervised = self.task.shared.is_supervised();
        self.settle(supervised)?;
        if supervised {
            self.attend()?;
        }
        if self.tally.sweeps >= self.batch_sizer.sweeps() {
            let report = self.finish_batch();
            self.batch_sizer.learn(report.wall);
            self.task.outbox.post(report);
        }
        Ok(())
    }

    /// Moves lanes away from starts that have all their claims.
    fn leave_full_starts(&mut self) -> Result<(), WorkerError> {
        let starts = &self.task.shared.starts;
        for (index, lane) in self.lanes.iter_mut().enumerate() {
            if !starts.has_room(&lane.origin) {
                let (origin, centre) = self.fresh_starts.take(starts, index)?;
                lane.origin = origin;
                self.engine.set_start(index, &centre)?;
            }
        }
        Ok(())
    }

    /// Beats, and does what the supervisor asked for, between two sweeps.
    fn attend(&mut self) -> Result<(), WorkerError> {
        self.task.heartbeat.beat();
        let now = self.task.clock.now();
        if self.calibration.is_due(now) {
            let sample = self.engine.calibrate(self.task.target.coarse());
            self.calibration.take(sample, now);
        }
        match self.task.heartbeat.take_requests() {
            Some(requests) => self.carry_out(requests),
            None => Ok(()),
        }
    }

    fn carry_out(&mut self, requests: WorkerRequests) -> Result<(), WorkerError> {
        if requests.calibrate {
            self.calibration.hurry(self.task.clock.now());
        }
        if requests.reclaim {
            self.lanes.iter_mut().for_each(Lane::reclaim);
            self.held_bytes = self.lanes.iter().map(Lane::buffer_bytes).sum();
        }
        if requests.check {
            self.task.heartbeat.answer(self.task.clock.now());
            self.engine.check()?;
        }
        Ok(())
    }

    /// Waits until the search resumes; still answers requests, and ends the batch before the pause.
    fn pause(&mut self) -> Result<(), WorkerError> {
        if self.tally.sweeps > 0 {
            let report = self.finish_batch();
            self.task.outbox.post(report);
        }
        let shared = Arc::clone(&self.task.shared);
        let heartbeat = Arc::clone(&self.task.heartbeat);
        let rests = || shared.is_paused() || heartbeat.is_resting();
        while rests() && !shared.is_stopped() && !heartbeat.is_stopped() {
            std::thread::sleep(PAUSE_POLL_INTERVAL);
            heartbeat.beat();
            if let Some(requests) = heartbeat.take_requests() {
                self.carry_out(requests)?;
            }
        }
        self.tally = Tally::start(self.task.clock.as_ref(), self.engine.computes_in_thread());
        Ok(())
    }

    fn sweep(&mut self) -> Result<(), EngineError> {
        let (task, lanes, touched) = (&self.task, &mut self.lanes, &mut self.touched);
        let watch = &task.shared.watch;
        self.engine.sweep(task.target.coarse(), &mut |survivor| {
            let mut plausible = task.target.plausible(survivor.low, survivor.high);
            if plausible.watched && !plausible.wanted && watch.any_full() {
                let public = |sign| sketch(survivor.low, survivor.high, sign);
                let lines = [false, true].map(|sign| task.target.watched_lines(&public(sign)));
                plausible.watched = !watch.count_if_full(&lines);
            }
            if let Some(lane) = lanes.get_mut(survivor.lane) {
                if lane.is_empty() {
                    touched.push(survivor.lane);
                }
                lane.hold(survivor, plausible);
            }
        })
    }

    /// Confirms what the sweep left in each lane; a lane that reported a hit takes a fresh start.
    ///
    /// # Errors
    /// See [`WorkerError`]. What is wrong with the start of a lane is told when all lanes are settled.
    fn settle(&mut self, supervised: bool) -> Result<(), WorkerError> {
        let mut wrong = None;
        self.touched.sort_unstable();
        let a_row = lanes_a_row(self.lanes.len());
        for index in self.touched.drain(..) {
            let Some(lane) = self.lanes.get_mut(index).filter(|lane| !lane.is_empty()) else {
                continue;
            };
            if supervised {
                count_spot_checks(lane, self.task.target.as_ref())?;
            }
            let outcome = confirm_hits(lane, &self.task)?;
            if let Some(survivor) = lane.take_refuted() {
                if !lane.origin.is_at_its_point()? {
                    wrong = Some(EngineError::WrongAnswer {
                        backend: self.task.backend,
                        what: format!("lane {index} does not begin at the point of its scalar"),
                    });
                } else if self.repeats.is_empty() {
                    let public_at = |offset| lane.origin.public_at(offset).ok();
                    self.repeats = self.engine.repeat(survivor, &public_at);
                }
            }
            lane.clear();
            self.held_bytes += lane.grown_bytes();
            if let Some(row) = self.rows.get_mut(index / a_row) {
                *row += std::mem::take(&mut lane.counts);
            }
            match outcome {
                Outcome::Nothing => {}
                Outcome::Skipped(hits) => self.tally.skipped += hits,
                Outcome::Reported => {
                    let starts = &self.task.shared.starts;
                    let (origin, centre) = self.fresh_starts.take(starts, index)?;
                    lane.origin = origin;
                    self.engine.set_start(index, &centre)?;
                }
            }
        }
        wrong.map_or(Ok(()), |wrong| Err(wrong.into()))
    }

    /// Closes the running batch and begins the next.
    fn finish_batch(&mut self) -> BatchReport {
        let next = Tally::start(self.task.clock.as_ref(), self.engine.computes_in_thread());
        let done = std::mem::replace(&mut self.tally, next);
        let candidates = done.sweeps * self.engine.candidates_per_sweep();
        let used = |end: Duration, start: Duration| end.saturating_sub(start);
        let processor = next.processor_start.zip(done.processor_start);
        BatchReport {
            id: self.task.id,
            batches: 1,
            batch_size: Some(candidates),
            candidates,
            sweeps: done.sweeps,
            wall: used(next.wall_start, done.wall_start),
            processor: processor.map(|(end, start)| used(end, start)),
            lanes: std::mem::replace(&mut self.rows, no_rows(self.lanes.len())),
            skipped: done.skipped,
            buffer_bytes: self.engine.buffer_bytes() + self.held_bytes,
            calibration: self.calibration.take_samples(),
            repeats: std::mem::take(&mut self.repeats),
        }
    }

    /// The worker's last report: what it has not sent yet, and the batch that it could not complete.
    pub(crate) fn last_report(&mut self) -> Option<BatchReport> {
        let running = (self.tally.sweeps > 0).then(|| self.finish_batch());
        match (self.task.outbox.take_pending(), running) {
            (Some(mut pending), Some(running)) => {
                pending.absorb(running);
                Some(pending)
            }
            (pending, running) => pending.or(running),
        }
    }
}

/// Lanes whose hits a row of a report counts together.
fn lanes_a_row(lanes: usize) -> usize {
    lanes.div_ceil(MOST_ROWS).max(1)
}

/// The rows of a batch that begins.
fn no_rows(lanes: usize) -> Vec<LaneCounts> {
    vec![LaneCounts::default(); lanes.div_ceil(lanes_a_row(lanes))]
}

impl Tally {
    /// `in_thread`: whether this thread does the work, so that its processor time matters.
    fn start(clock: &dyn Clock, in_thread: bool) -> Self {
        Self {
            wall_start: clock.now(),
            processor_start: clock.thread_time().filter(|_| in_thread),
            ..Self::default()
        }
    }
}

#[cfg(test)]
#[path = "worker_tests.rs"]
mod tests;
