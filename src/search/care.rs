//! Looks after the workers: feeds what is seen of them and of the machine to the monitor, and obeys its decisions.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::Receiver;

use super::batch::{BatchReport, WorkerId};
use super::places::{Places, Role};
use super::pool::WorkerEnd;
use super::reclaim;
use super::shared::{Errands, Shared};
use crate::clock::Clock;
use crate::engine::Backend;
use crate::event::{Checkup, Event};
use crate::health::probe::{Probe, Readings};
use crate::health::{Decision, HealthSummary, Learned, Monitor, ThreadEnd, Thresholds, Watched};

/// The first reading of the machine, so late that it delays no short search.
const FIRST_READING: Duration = Duration::from_secs(2);

/// Time between two samples of the search's health, unless another one is asked for.
pub const INTERVAL: Duration = Duration::from_secs(30);

/// The care for the workers of one search.
pub struct Care {
    monitor: Monitor,
    probe: Box<dyn Probe>,
    clock: Arc<dyn Clock>,
    thresholds: Thresholds,
    readings: Readings,
    next_resident: Duration,
    next_reading: Duration,
    next_deep: Duration,
    /// Time between two samples of the search's health.
    interval: Duration,
    next_vitals: Duration,
    learned: Option<Receiver<Vec<Learned>>>,
}

impl Care {
    /// Care for workers that start now.
    pub fn new(
        watched: Watched,
        thresholds: Thresholds,
        probe: Box<dyn Probe>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let now = clock.now();
        Self {
            monitor: Monitor::new(watched, thresholds.clone(), now, clock.wall()),
            probe,
            clock,
            readings: Readings::default(),
            next_resident: now + FIRST_READING,
            next_reading: now + FIRST_READING,
            next_deep: now + thresholds.deep_interval,
            thresholds,
            interval: INTERVAL,
            next_vitals: now + INTERVAL,
            learned: None,
        }
    }

    /// The same with another time between two samples of the search's health, and with what earlier runs learned, as
    /// soon as it comes.
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
    pub fn report(
        &mut self,
        report: &BatchReport,
        places: &mut Places,
        shared: &Shared,
    ) -> Vec<Event> {
        let decisions = self.monitor.report(report, self.clock.now());
        self.obey(decisions, places, shared)
    }

    /// A worker has ended as what it was.
    pub fn ended(
        &mut self,
        id: WorkerId,
        role: Role,
        end: &WorkerEnd,
        places: &mut Places,
        shared: &Shared,
    ) -> Vec<Event> {
        let now = self.clock.now();
        if role == Role::Replaced {
            return Vec::new();
        }
        if role == Role::Next {
            // It never worked; it counts as one that died in its place.
            let backend = self.monitor.slots()[id.worker - 1].backend;
            self.monitor.replaced(id, backend, now);
        }
        let decisions = self.monitor.ended(id, &thread_end(end), now);
        self.obey(decisions, places, shared)
    }

    /// A replacement has taken over.
    pub fn swapped(&mut self, swapped: Option<(WorkerId, Backend)>) {
        if let Some((id, backend)) = swapped {
            self.monitor.replaced(id, backend, self.clock.now());
        }
    }

    /// A look at everything that is due.
    pub fn tick(&mut self, places: &mut Places, shared: &Shared) -> Vec<Event> {
        let now = self.clock.now();
        self.recall();
        let looks = places.looks();
        let mut decisions = self.monitor.tick(&looks, now, self.clock.wall());
        decisions.extend(self.read(now));
        let mut events = self.obey(decisions, places, shared);
        if now >= self.next_deep {
            self.next_deep = now + self.thresholds.deep_interval;
            places.ask(
                None,
                Errands {
                    check: true,
                    ..Errands::default()
                },
            );
            events.extend(self.checkups());
        }
        if now >= self.next_vitals {
            self.next_vitals = now + self.interval;
            events.push(self.vitals());
        }
        events
    }

    /// Takes over what earlier runs learned, once.
    fn recall(&mut self) {
        let Some(Ok(learned)) = self.learned.as_ref().map(Receiver::try_recv) else {
            return;
        };
        self.monitor.recall(&learned);
        self.learned = None;
    }

    /// The health of the search now.
    pub fn vitals(&self) -> Event {
        Event::Vitals(Box::new(self.monitor.vitals()))
    }

    /// Readings of the machine, if any are due.
    fn read(&mut self, now: Duration) -> Vec<Decision> {
        if now >= self.next_reading {
            self.next_reading = now + self.thresholds.resource_interval;
            self.next_resident = now + self.thresholds.memory_interval;
            self.readings = self.probe.read();
        } else if now >= self.next_resident {
            self.next_resident = now + self.thresholds.memory_interval;
            self.readings.resident = self.probe.resident();
        } else {
            return Vec::new();
        }
        self.monitor.readings(self.readings.clone(), now)
    }

    fn checkups(&self) -> Vec<Event> {
        let checkup = |slot: &crate::health::slot::Slot| {
            let mean = slot.course.mean();
            Event::Checkup(Checkup {
                id: slot.id,
                resident: self.readings.resident,
                processor: mean.processor,
                performance: mean.performance,
                state: slot.state,
                score: slot.score.value(),
            })
        };
        self.monitor.slots().iter().map(checkup).collect()
    }

    /// Does what was decided; what comes of it may call for further decisions.
    fn obey(
        &mut self,
        decisions: Vec<Decision>,
        places: &mut Places,
        shared: &Shared,
    ) -> Vec<Event> {
        let mut open = VecDeque::from(decisions);
        let mut events = Vec::new();
        while let Some(decision) = open.pop_front() {
            match decision {
                Decision::Say(finding) => events.push(Event::Health(finding)),
                Decision::Replace {
                    worker,
                    backend,
                    abandon,
                } if !shared.is_stopped() => {
                    if let Err(refused) = places.replace(worker, backend, abandon) {
                        open.extend(self.refused(worker, &refused));
                    }
                }
                Decision::Calibrate { worker } => events.push(self.suspect(worker, places)),
                Decision::Retire { worker, abandon } => places.retire(worker, abandon),
                Decision::Reclaim => {
                    places.ask(
                        None,
                        Errands {
                            reclaim: true,
                            ..Errands::default()
                        },
                    );
                    reclaim::give_back();
                }
                Decision::Pause => shared.set_paused(true),
                Decision::Resume => shared.set_paused(false),
                Decision::RestartProcess => events.push(Event::RestartWanted),
                Decision::Replace { .. } => {}
            }
        }
        events
    }

    /// A worker was slow: its calibration is measured more closely.
    fn suspect(&self, worker: usize, places: &Places) -> Event {
        let errands = Errands {
            calibrate: true,
            ..Errands::default()
        };
        places.ask(Some(worker), errands);
        let slot = &self.monitor.slots()[worker - 1];
        Event::Suspected {
            id: slot.id,
            windows: slot.course.slow(),
            of: self.thresholds.degraded_windows,
        }
    }

    /// The system refuses the thread of a replacement: it counts as one that died.
    fn refused(&mut self, worker: usize, error: &std::io::Error) -> Vec<Decision> {
        let id = self.monitor.slots()[worker - 1].id;
        let end = ThreadEnd::Died(format!("the system refuses a thread: {error}"));
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

fn thread_end(end: &WorkerEnd) -> ThreadEnd {
    match end {
        WorkerEnd::Stopped | WorkerEnd::BudgetSpent | WorkerEnd::NoRandomness(_) => {
            ThreadEnd::Finished
        }
        WorkerEnd::EngineFailed(why) => ThreadEnd::Died(why.clone()),
        WorkerEnd::Panicked(why) => ThreadEnd::Died(format!("it panicked: {why}")),
        WorkerEnd::WrongAnswers(why) => ThreadEnd::WrongAnswers(why.clone()),
    }
}

#[cfg(test)]
#[path = "care_tests.rs"]
mod tests;
