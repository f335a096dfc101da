//! The thread of the supervisor: takes the workers' reports and ends, sends events to the event loop, and lets the core
//! monitor the workers.

use std::io;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::Instant;

use crossbeam_channel::{Receiver, Sender, never, select, tick};

use super::command::Command;
use crate::batch::{BatchReport, LaneCounts, WorkerEnd, WorkerId};
use crate::event::Event;
use crate::search::pool::{Ended, Pool};
use crate::search::shared::Shared;
use crate::supervisor::core::SupervisorCore;
use crate::supervisor::slots::Slots;

/// The supervisor of a pool.
pub struct Supervisor {
    pub(crate) shared: Arc<Shared>,
    pub(crate) core: Option<SupervisorCore>,
    /// Where commands come from.
    pub(crate) commands: Receiver<Command>,
    /// The workers are checked whenever something comes from here; `None`: at the core's own interval.
    pub(crate) looks: Option<Receiver<Instant>>,
}

impl Supervisor {
    /// A supervisor that only passes reports on: no worker is replaced.
    pub fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            core: None,
            commands: never(),
            looks: None,
        }
    }

    /// A supervisor that monitors the workers.
    pub fn with_core(shared: Arc<Shared>, core: SupervisorCore) -> Self {
        Self {
            core: Some(core),
            ..Self::new(shared)
        }
    }

    /// Starts the supervisor's thread over a pool; it ends after the last worker.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub fn start(mut self, pool: Pool, events: Sender<Event>) -> io::Result<JoinHandle<()>> {
        Builder::new().name("supervisor".to_owned()).spawn(move || {
            let mut slots = Slots::new(pool, Arc::clone(&self.shared));
            if let Some(core) = &self.core {
                core.begin(&slots);
            }
            self.pump(&mut slots, &events);
            slots.join();
            if let Some(core) = self.core {
                let summary = Event::HealthSummary(Box::new(core.summary()));
                send(&events, vec![core.vitals(), summary]);
            }
            send(&events, vec![Event::WorkersDone]);
        })
    }

    fn pump(&mut self, slots: &mut Slots, events: &Sender<Event>) {
        let ticks = self.looks.take().unwrap_or_else(|| {
            let core = self.core.as_ref();
            core.map_or_else(never, |core| tick(core.interval()))
        });
        let reports = slots.pool().reports.clone();
        let ends = slots.pool().ends.clone();
        let ready = slots.pool().ready.clone();
        while !self.is_done(slots) {
            let news = select! {
                recv(reports) -> report => report.map_or_else(|_| Vec::new(), |r| self.report(r, slots)),
                recv(ends) -> ended => ended.map_or_else(|_| Vec::new(), |e| self.ended(e, slots)),
                recv(ready) -> id => id.map_or_else(|_| Vec::new(), |id| self.ready(id, slots)),
                recv(self.commands) -> command => self.command(command.ok(), slots),
                recv(ticks) -> _ => self.tick(slots),
            };
            send(events, news);
        }
        for report in reports.try_iter() {
            send(events, self.report(report, slots));
        }
    }

    /// Whether no worker is left, and none will follow.
    fn is_done(&self, slots: &Slots) -> bool {
        let waiting = self.core.as_ref().is_some_and(SupervisorCore::is_waiting);
        slots.is_empty() && (!waiting || self.shared.is_stopped())
    }

    fn report(&mut self, report: BatchReport, slots: &mut Slots) -> Vec<Event> {
        if slots.pool().is_abandoned(report.id) {
            return Vec::new();
        }
        let mut events = engine_errors(&report);
        events.extend(repeats(&report));
        if let Some(core) = self.core.as_mut().filter(|_| self.shared.is_supervised()) {
            events.extend(core.report(&report, slots));
        }
        events.push(Event::Batch(report));
        events
    }

    fn ended(&mut self, ended: Ended, slots: &mut Slots) -> Vec<Event> {
        let Ended { id, end, last } = ended;
        if matches!(end, WorkerEnd::NoRandomness(_)) {
            self.shared.stop();
        }
        let mut events = last.map_or_else(Vec::new, |last| self.report(last, slots));
        let (role, swapped) = slots.ended(id);
        events.push(Event::WorkerEnded {
            id,
            end: end.clone(),
        });
        if let Some(core) = &mut self.core {
            core.swapped(swapped);
            events.extend(core.ended(id, role, &end, slots));
        }
        if self.shared.is_stopped() {
            slots.release();
        }
        events
    }

    fn ready(&mut self, id: WorkerId, slots: &mut Slots) -> Vec<Event> {
        let swapped = slots.ready(id);
        if let Some(core) = &mut self.core {
            core.swapped(swapped);
        }
        if self.shared.is_stopped() {
            slots.release();
        }
        Vec::new()
    }

    fn command(&mut self, command: Option<Command>, slots: &mut Slots) -> Vec<Event> {
        let Some(command) = command else {
            // No more commands will come.
            self.commands = never();
            return Vec::new();
        };
        let core = self.core.as_mut().filter(|_| !self.shared.is_stopped());
        core.map_or_else(Vec::new, |core| core.command(command, slots))
    }

    fn tick(&mut self, slots: &mut Slots) -> Vec<Event> {
        if self.shared.is_stopped() {
            slots.release();
            let core = self.core.as_mut();
            return core.map_or_else(Vec::new, |core| core.leave_hung(slots));
        }
        let core = self.core.as_mut().filter(|_| self.shared.is_supervised());
        core.map_or_else(Vec::new, |core| core.tick(slots))
    }
}

/// Hits that the engine got wrong, by lane.
fn engine_errors(report: &BatchReport) -> Vec<Event> {
    let errors = (0..).zip(&report.lanes).filter(|(_, c)| c.refuted > 0);
    let error = |(lane, counts): (usize, &LaneCounts)| Event::EngineError {
        id: report.id,
        lane,
        count: counts.refuted,
    };
    errors.map(error).collect()
}

/// Refuted sweeps that were repeated.
fn repeats(report: &BatchReport) -> Option<Event> {
    (!report.repeats.is_empty()).then(|| Event::Repeated {
        id: report.id,
        repeats: report.repeats.clone(),
    })
}

/// Sends events; if the loop has ended, nothing needs them.
fn send(events: &Sender<Event>, news: Vec<Event>) {
    for event in news {
        let _ = events.send(event);
    }
}
