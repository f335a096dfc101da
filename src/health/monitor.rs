//! The monitor: takes batch reports, signs of life and readings, and decides what to do; a pure function of samples and
//! time.

use std::time::{Duration, SystemTime};

use super::adaptive::Adaptive;
use super::baseline::Baselines;
use super::jump::JumpWatch;
use super::memory::MemoryWatch;
use super::probe::{Readings, User};
use super::proof::SpotChecks;
use super::resources::ResourceWatch;
use super::restarts::Breaker;
use super::slot_health::{SlotHealth, ThreadSample};
use super::state::WorkerState;
use super::summary::Account;
use super::thresholds::Thresholds;
use super::user_requests::PauseReasons;
use super::verdict::{ActionTaken, Decision, Verdict, report};
use super::window::Window;
use crate::batch::{BatchReport, WorkerEnd, WorkerId};
use crate::engine::Backend;

/// What a monitor watches.
#[derive(Clone, Debug)]
pub struct Watched {
    /// Slots for workers.
    pub workers: usize,
    /// Slots that have a worker at the start; the others rest.
    pub working: usize,
    /// The last slots, whose workers search on OpenCL devices.
    pub cards: usize,
    /// The arithmetic of the others at the start.
    pub backend: Backend,
    /// The backends of this processor, the fastest first.
    pub backends: Vec<Backend>,
    /// The kind of filter, as far as speed depends on it.
    pub filter: String,
    /// The exact chance of a spot check a candidate.
    pub chance: f64,
    /// Whether to judge speed and signs of life, and restart for them.
    pub judging: bool,
}

/// The health of a search.
#[derive(Clone, Debug)]
pub struct Monitor {
    pub(super) watched: Watched,
    pub(super) t: Thresholds,
    pub(super) slots: Vec<SlotHealth>,
    pub(super) breaker: Breaker,
    pub(super) baselines: Baselines,
    pub(super) jumps: JumpWatch,
    pub(super) resources: ResourceWatch,
    pub(super) memory: MemoryWatch,
    pub(super) readings: Readings,
    pub(super) zombies: usize,
    pub(super) spot_checks: SpotChecks,
    pub(super) account: Account,
    pub(super) escalated: bool,
    pub(super) machine_slowed: Option<Duration>,
    pub(super) adaptive: Adaptive,
    pub(super) process_sample: ProcessSample,
    pub(super) pause_reasons: PauseReasons,
}

/// When processes were sampled, to know which use the processor.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ProcessSample {
    /// When it was asked for.
    pub asked: Option<Duration>,
    /// When the last one came.
    pub seen: Option<Duration>,
}

impl Monitor {
    /// A monitor of workers that start now.
    pub fn new(watched: Watched, t: Thresholds, now: Duration, wall: SystemTime) -> Self {
        let slot = |worker| {
            let card = worker > watched.workers - watched.cards;
            let backend = if card {
                Backend::OpenCl
            } else {
                watched.backend
            };
            let mut slot = SlotHealth::new(worker, backend, watched.chance, &t, now);
            if worker > watched.working && !card {
                slot.rest();
            }
            slot
        };
        Self {
            slots: (1..=watched.workers).map(slot).collect(),
            breaker: Breaker::default(),
            baselines: Baselines::default(),
            jumps: JumpWatch::new(t.clock_jump, now, wall),
            resources: ResourceWatch::default(),
            memory: MemoryWatch::default(),
            readings: Readings::default(),
            zombies: 0,
            spot_checks: SpotChecks::default(),
            account: Account::new(watched.workers, now),
            escalated: false,
            machine_slowed: None,
            adaptive: Adaptive::default(),
            process_sample: ProcessSample::default(),
            pause_reasons: PauseReasons::default(),
            watched,
            t,
        }
    }

    /// Takes a batch report.
    pub fn report(&mut self, report: &BatchReport, now: Duration) -> Vec<Decision> {
        self.spot_checks.add(report, self.watched.chance);
        let index = report.id.worker.wrapping_sub(1);
        let Some(slot) = self.slots.get_mut(index) else {
            return Vec::new();
        };
        if slot.id != report.id {
            return Vec::new();
        }
        slot.alive(now);
        slot.proof.push(report);
        slot.refute(report, now);
        let start = slot.buffers.map_or(report.buffer_bytes, |(start, _)| start);
        slot.buffers = Some((start, report.buffer_bytes));
        let window = slot.builder.push(report);
        let mut decisions = window.map_or_else(Vec::new, |w| self.window(index, &w, now));
        decisions.extend(self.judge(index, now));
        decisions
    }

    /// Takes a window.
    fn window(&mut self, index: usize, window: &Window, now: Duration) -> Vec<Decision> {
        let key = self.key(self.slots[index].backend);
        let slot = &mut self.slots[index];
        slot.history
            .push(window, self.baselines.entry(key).or_default(), &self.t);
        if slot.history.slow > 0 {
            slot.score.slow(&self.t.score);
        }
        if slot.history.slow_run(self.t.restart_policy) > 0 {
            return vec![Decision::Calibrate {
                worker: slot.id.worker,
            }];
        }
        if slot.state.works() && slot.observation(now, &self.t).silence.is_none() {
            slot.score.healthy(&self.t.score);
            slot.allowance.healthy(window.wall, &self.t);
            slot.state = WorkerState::Healthy;
            self.breaker.healthy();
        }
        Vec::new()
    }

    /// Checks signs of life, the clock, and restarts that wait; `samples` has one entry a worker.
    pub fn tick(
        &mut self,
        samples: &[ThreadSample],
        now: Duration,
        wall: SystemTime,
    ) -> Vec<Decision> {
        let mut decisions = Vec::new();
        if let Some(detail) = self.jumps.tick(now, wall) {
            self.slots.iter_mut().for_each(|slot| slot.jump(now));
            decisions.push(report(
                Verdict::ClockJump,
                None,
                detail,
                ActionTaken::Reported,
            ));
        }
        for (slot, sample) in self.slots.iter_mut().zip(samples) {
            slot.sample(*sample, now);
        }
        for index in 0..self.slots.len() {
            decisions.extend(self.judge(index, now));
            decisions.extend(self.restart_if_wanted(index, now));
        }
        decisions.extend(self.adapt(now));
        decisions.extend(self.slowed_machine(now));
        decisions.extend(self.escalate());
        decisions
    }

    /// A worker's thread has ended.
    pub fn ended(&mut self, id: WorkerId, end: &WorkerEnd, now: Duration) -> Vec<Decision> {
        let Some(slot) = self.slots.get_mut(id.worker.wrapping_sub(1)) else {
            return Vec::new();
        };
        if slot.id != id || std::mem::take(&mut slot.abandoned) {
            // An abandoned one has ended after all.
            let counted = slot.backend != Backend::OpenCl;
            self.zombies = self.zombies.saturating_sub(usize::from(counted));
            return Vec::new();
        }
        let (verdict, detail) = match end {
            WorkerEnd::Stopped | WorkerEnd::BudgetSpent | WorkerEnd::NoRandomness(_) => {
                slot.finished = true;
                slot.wanted = None;
                return Vec::new();
            }
            WorkerEnd::EngineFailed(why) => (Verdict::WorkerDead, why.clone()),
            WorkerEnd::Panicked(why) => (Verdict::WorkerDead, format!("it panicked: {why}")),
            WorkerEnd::WrongAnswers(why) => (Verdict::WrongArithmetic, why.clone()),
        };
        if slot.state == WorkerState::Retired {
            return Vec::new();
        }
        slot.state = WorkerState::Dead;
        self.want(id.worker - 1, verdict, detail, now)
    }

    /// A new worker has taken over a slot.
    pub fn replaced(&mut self, id: WorkerId, backend: Backend, now: Duration) {
        if let Some(slot) = self.slots.get_mut(id.worker.wrapping_sub(1)) {
            slot.renew(id, backend, self.watched.chance, &self.t, now);
            if self.pause_reasons.any() {
                slot.state = WorkerState::Paused;
            }
            self.account.works_again(id.worker, now);
        }
    }

    /// Takes readings of the machine.
    pub fn readings(&mut self, readings: Readings, now: Duration) -> Vec<Decision> {
        let mut decisions = self.resources.check(&readings, &self.t, now);
        let reasons = PauseReasons {
            machine: self.resources.is_pausing(),
            ..self.pause_reasons
        };
        decisions.extend(self.pause_for(reasons, now));
        decisions.extend(self.cards(&readings.cards, now));
        if self.watched.judging {
            decisions.extend(self.grown(&readings, now));
        }
        self.readings = Readings {
            users: std::mem::take(&mut self.readings.users),
            ..readings
        };
        decisions
    }

    /// How long each worker took to answer the last ping; one entry a worker.
    pub fn pings(&mut self, pings: &[Option<Duration>]) {
        for (slot, ping) in self.slots.iter_mut().zip(pings) {
            slot.ping = *ping;
        }
    }

    /// Programs that use the processor, sampled for [`Decision::SampleProcesses`].
    pub fn users(&mut self, users: Vec<User>, now: Duration) {
        self.readings.users = users;
        self.process_sample.seen = Some(now);
    }

    /// The state of each worker.
    pub fn states(&self) -> Vec<WorkerState> {
        self.slots.iter().map(|slot| slot.state).collect()
    }

    /// The slots, for displays.
    pub fn slots(&self) -> &[SlotHealth] {
        &self.slots
    }
}
