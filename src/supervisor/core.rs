//! The core of the supervisor: feeds samples of workers and machine to the monitor, and carries out its decisions.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::Receiver;

use super::command::OpenCheck;
use crate::batch::{BatchReport, WorkerEnd, WorkerId};
use crate::clock::Clock;
use crate::engine::Backend;
use crate::event::{Checkup, Event};
use crate::health::Trimmed;
use crate::health::probe::Probe;
use crate::health::slot_health::SlotHealth;
use crate::health::{
    ActionTaken, Decision, Finding, HealthSummary, Learned, Monitor, SAMPLE_INTERVAL, Thresholds,
    Verdict, Watched,
};
use crate::search::shared::WorkerRequests;
use crate::supervisor::machine_watch::{self, MachineWatch};
use crate::supervisor::slots::{Role, Slots};

/// A worker that uses this much processor time without a sweep after it was told to stop does not respond to the flag.
const HUNG: Duration = Duration::from_millis(200);

/// Time for workers to end before it is checked whether one hangs.
const TIME_TO_END: Duration = Duration::from_millis(400);

/// Time between vitals for live displays.
const GLANCE: Duration = Duration::from_secs(1);

/// The core for the workers of one search.
pub struct SupervisorCore {
    pub(super) monitor: Monitor,
    watch: MachineWatch,
    pub(super) clock: Arc<dyn Clock>,
    thresholds: Thresholds,
    next_deep: Duration,
    /// Time between two samples of the search's health.
    interval: Duration,
    next_vitals: Duration,
    next_glance: Duration,
    learned: Option<Receiver<Vec<Learned>>>,
    /// Full checks that wait for answers.
    pub(super) checks: Vec<OpenCheck>,
    /// Whether a deep check was made and its answers were not reported yet.
    looked_deep: bool,
    told_resources: bool,
    stopped_at: Option<Duration>,
}

impl SupervisorCore {
    /// The core for workers that start now.
    pub fn new(
        watched: Watched,
        thresholds: Thresholds,
        probe: Box<dyn Probe>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let now = clock.now();
        Self {
            monitor: Monitor::new(watched, thresholds.clone(), now, clock.wall()),
            watch: MachineWatch::new(probe, thresholds.clone(), now),
            clock,
            looked_deep: false,
            told_resources: false,
            stopped_at: None,
            next_deep: now + thresholds.deep_interval,
            thresholds,
            interval: SAMPLE_INTERVAL,
            next_vitals: now + SAMPLE_INTERVAL,
            next_glance: now,
            learned: None,
            checks: Vec::new(),
        }
    }

    /// With another time between samples of the search's health, and with the baselines of earlier runs, once they come.
    #[must_use]
    pub fn remembering(
        mut self,
        interval: Duration,
        learned: Option<Receiver<Vec<Learned>>>,
    ) -> Self {
        self.next_vitals = self.clock.now() + interval;
        self.interval = interval;
        self.learned = learned;
        self
    }

    /// Time between two ticks.
    pub fn interval(&self) -> Duration {
        self.thresholds.alive_interval
    }

    /// A batch report.
    pub fn report(&mut self, report: &BatchReport, slots: &mut Slots) -> Vec<Event> {
        let decisions = self.monitor.report(report, self.clock.now());
        self.obey(decisions, slots)
    }

    /// A worker has ended in this role.
    pub fn ended(
        &mut self,
        id: WorkerId,
        role: Role,
        end: &WorkerEnd,
        slots: &mut Slots,
    ) -> Vec<Event> {
        let now = self.clock.now();
        if role == Role::Replaced {
            return Vec::new();
        }
        if role == Role::Next {
            // It never worked; it counts as one that died in its slot.
            let backend = self.monitor.slots()[id.worker - 1].backend;
            self.monitor.replaced(id, backend, now);
        }
        let decisions = self.monitor.ended(id, end, now);
        self.obey(decisions, slots)
    }

    /// A replacement has taken over.
    pub fn swapped(&mut self, swapped: Option<(WorkerId, Backend)>) {
        if let Some((id, backend)) = swapped {
            self.monitor.replaced(id, backend, self.clock.now());
        }
    }

    /// Lets the workers rest that the pool does not need at the start.
    pub fn begin(&self, slots: &Slots) {
        let resting = self.monitor.slots().iter().filter(|slot| slot.resting);
        resting.for_each(|slot| slots.set_resting(slot.id.worker, true));
    }

    /// Checks everything that is due.
    pub fn tick(&mut self, slots: &mut Slots) -> Vec<Event> {
        let now = self.clock.now();
        self.recall();
        self.answer_checks(slots, now);
        let looks = slots.thread_samples();
        let mut events = Vec::new();
        let mut decisions = self.monitor.tick(&looks, now, self.clock.wall());
        if let Some(users) = self.watch.users_due(now) {
            self.monitor.users(users, now);
        }
        if let Some(readings) = self.watch.due(now) {
            if !std::mem::replace(&mut self.told_resources, true) {
                events.push(Event::Resources(Box::new(readings.clone())));
            }
            decisions.extend(self.monitor.readings(readings, now));
        }
        events.extend(self.obey(decisions, slots));
        events.extend(self.look_deep(slots, now));
        if now >= self.next_vitals {
            self.next_vitals = now + self.interval;
            events.push(self.vitals());
        } else if now >= self.next_glance {
            events.push(Event::Glance(Box::new(self.monitor.vitals(now))));
        } else {
            return events;
        }
        self.next_glance = now + GLANCE;
        events
    }

    /// Takes over the baselines of earlier runs, once.
    fn recall(&mut self) {
        let Some(Ok(learned)) = self.learned.as_ref().map(Receiver::try_recv) else {
            return;
        };
        self.monitor.recall(&learned);
        self.learned = None;
    }

    /// The health of the search now.
    pub fn vitals(&self) -> Event {
        Event::Vitals(Box::new(self.monitor.vitals(self.clock.now())))
    }

    /// Asks the workers for signs of life between two sweeps, and reports at the next tick how they are.
    fn look_deep(&mut self, slots: &Slots, now: Duration) -> Vec<Event> {
        if std::mem::take(&mut self.looked_deep) {
            self.monitor.pings(&slots.pings());
            let trimmed = self.watch.trim_due(now);
            return self.checkups(trimmed);
        }
        if now >= self.next_deep {
            self.next_deep = now + self.thresholds.deep_interval;
            self.looked_deep = true;
            slots.ask_pings(now);
        } else {
            self.watch.trim_due(now);
        }
        Vec::new()
    }

    fn checkups(&self, trimmed: Option<Trimmed>) -> Vec<Event> {
        let points = &self.thresholds.score;
        let checkup = |slot: &SlotHealth| {
            Event::Checkup(Box::new(Checkup {
                vitals: self.monitor.worker(slot),
                resident: self.watch.readings().resident,
                trimmed: trimmed.filter(|_| slot.id.worker == 1),
                ping: slot.ping,
                low: slot.score.is_low(points),
            }))
        };
        self.monitor.slots().iter().map(checkup).collect()
    }

    /// After the search was told to stop: abandons workers that hang, so that they don't delay its end. One that only
    /// waits for the processor is waited for.
    pub fn leave_hung(&mut self, slots: &mut Slots) -> Vec<Event> {
        let now = self.clock.now();
        let Some(stopped_at) = self.stopped_at else {
            self.stopped_at = Some(now);
            slots.note_stop();
            return Vec::new();
        };
        if now < stopped_at + TIME_TO_END {
            return Vec::new();
        }
        let left = slots.leave_hung(HUNG).into_iter();
        left.map(|worker| {
            Event::Health(Finding {
                verdict: Verdict::WorkerUnresponsive,
                worker: Some(worker),
                detail: "it did not end with the search and was abandoned".to_owned(),
                action: ActionTaken::Reported,
            })
        })
        .collect()
    }

    /// Carries out decisions, and those that follow from them.
    pub(super) fn obey(&mut self, decisions: Vec<Decision>, slots: &mut Slots) -> Vec<Event> {
        let mut open = VecDeque::from(decisions);
        let mut events = Vec::new();
        while let Some(decision) = open.pop_front() {
            match decision {
                Decision::Report(finding) => events.push(Event::Health(finding)),
                Decision::Replace {
                    worker,
                    backend,
                    abandon,
                } if !slots.shared.is_stopped() => {
                    if let Err(refused) = slots.replace(worker, backend, abandon) {
                        open.extend(self.refused(worker, &refused));
                    }
                }
                Decision::Calibrate { worker } => events.push(self.suspect(worker, slots)),
                Decision::Retire { worker, abandon } => slots.retire(worker, abandon),
                Decision::Reclaim => {
                    slots.ask(
                        None,
                        WorkerRequests {
                            reclaim: true,
                            ..WorkerRequests::default()
                        },
                    );
                    machine_watch::give_back();
                }
                Decision::Rest { worker, rest } => slots.set_resting(worker, rest),
                Decision::SampleProcesses => self.watch.look_around(self.clock.now()),
                Decision::Pause => slots.shared.set_paused(true),
                Decision::Resume => slots.shared.set_paused(false),
                Decision::RestartProcess => events.push(Event::RestartWanted),
                Decision::Replace { .. } => {}
            }
        }
        events
    }

    /// A worker was slow: its calibration is measured more closely.
    fn suspect(&self, worker: usize, slots: &Slots) -> Event {
        slots.ask_calibration(Some(worker));
        let slot = &self.monitor.slots()[worker - 1];
        Event::Suspected {
            id: slot.id,
            windows: slot.history.slow_run(self.thresholds.restart_policy),
            of: self.thresholds.degraded_windows,
        }
    }

    /// The system refuses the thread of a replacement, which then counts as one that died.
    fn refused(&mut self, worker: usize, error: &std::io::Error) -> Vec<Decision> {
        let id = self.monitor.slots()[worker - 1].id;
        let end = WorkerEnd::EngineFailed(format!("the system refuses a thread: {error}"));
        self.monitor.ended(id, &end, self.clock.now())
    }

    /// Whether a restart waits to be let through.
    pub fn is_waiting(&self) -> bool {
        self.monitor
            .slots()
            .iter()
            .any(|slot| slot.wanted.is_some())
    }

    /// The health of the search until now.
    pub fn summary(&self) -> HealthSummary {
        self.monitor.summary(self.clock.now())
    }
}

#[cfg(test)]
#[path = "core_tests.rs"]
mod tests;
