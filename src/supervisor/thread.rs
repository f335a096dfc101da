//! The supervisor: reads the workers' reports and last words, tells the loop that owns all output, and has the workers
//! looked after.

use std::io;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::Instant;

use crossbeam_channel::{Receiver, Sender, never, select, tick};

use super::command::Command;
use crate::batch::WorkerEnd;
use crate::batch::{BatchReport, WorkerId};
use crate::event::Event;
use crate::search::pool::{Ended, Pool};
use crate::search::shared::Shared;
use crate::supervisor::core::Care;
use crate::supervisor::slots::Places;

/// What the supervisor knows of a pool.
pub struct Supervisor {
    shared: Arc<Shared>,
    care: Option<Care>,
    commands: Receiver<Command>,
    looks: Option<Receiver<Instant>>,
}

impl Supervisor {
    /// A supervisor that only passes on what it reads: nobody is replaced.
    pub fn new(_workers: usize, shared: Arc<Shared>) -> Self {
        Self {
            shared,
            care: None,
            commands: never(),
            looks: None,
        }
    }

    /// A supervisor that has the workers looked after.
    pub fn with_care(shared: Arc<Shared>, care: Care) -> Self {
        Self {
            shared,
            care: Some(care),
            commands: never(),
            looks: None,
        }
    }

    /// The same, obeying commands from outside.
    #[must_use]
    pub fn obeying(self, commands: Receiver<Command>) -> Self {
        Self { commands, ..self }
    }

    /// The same, looking at the workers whenever something comes from here instead of at its own interval.
    #[must_use]
    pub fn looking(self, looks: Option<Receiver<Instant>>) -> Self {
        Self { looks, ..self }
    }

    /// Starts the supervisor's thread over a pool; it ends after the last worker.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub fn start(mut self, pool: Pool, events: Sender<Event>) -> io::Result<JoinHandle<()>> {
        Builder::new().name("supervisor".to_owned()).spawn(move || {
            let mut places = Places::new(pool);
            if let Some(care) = &self.care {
                care.begin(&places);
            }
            self.pump(&mut places, &events);
            places.join();
            if let Some(care) = self.care {
                let summary = Event::HealthSummary(Box::new(care.summary()));
                send(&events, vec![care.vitals(), summary]);
            }
            send(&events, vec![Event::WorkersDone]);
        })
    }

    fn pump(&mut self, places: &mut Places, events: &Sender<Event>) {
        let ticks = self.looks.take().unwrap_or_else(|| {
            let care = self.care.as_ref();
            care.map_or_else(never, |care| tick(care.interval()))
        });
        let reports = places.pool().reports.clone();
        let ends = places.pool().ends.clone();
        let ready = places.pool().ready.clone();
        while !self.is_done(places) {
            let news = select! {
                recv(reports) -> report => report.map_or_else(|_| Vec::new(), |r| self.report(r, places)),
                recv(ends) -> ended => ended.map_or_else(|_| Vec::new(), |e| self.ended(e, places)),
                recv(ready) -> id => id.map_or_else(|_| Vec::new(), |id| self.ready(id, places)),
                recv(self.commands) -> command => self.command(command.ok(), places),
                recv(ticks) -> _ => self.tick(places),
            };
            send(events, news);
        }
        drain(&reports, |report| send(events, self.report(report, places)));
    }

    /// Whether nobody works, and nobody will.
    fn is_done(&self, places: &Places) -> bool {
        let waiting = self.care.as_ref().is_some_and(Care::is_waiting);
        places.is_empty() && (!waiting || self.shared.is_stopped())
    }

    fn report(&mut self, report: BatchReport, places: &mut Places) -> Vec<Event> {
        if places.pool().is_abandoned(report.id) {
            return Vec::new();
        }
        let mut events = engine_errors(&report);
        events.extend(repeats(&report));
        if let Some(care) = self.care.as_mut().filter(|_| self.shared.is_supervised()) {
            events.extend(care.report(&report, places, &self.shared));
        }
        events.push(Event::Batch(report));
        events
    }

    fn ended(&mut self, ended: Ended, places: &mut Places) -> Vec<Event> {
        let Ended { id, end, last } = ended;
        if matches!(end, WorkerEnd::NoRandomness(_)) {
            self.shared.stop();
        }
        let mut events = last.map_or_else(Vec::new, |last| self.report(last, places));
        let (role, swapped) = places.ended(id);
        events.push(Event::WorkerEnded {
            id,
            end: end.clone(),
        });
        if let Some(care) = &mut self.care {
            care.swapped(swapped);
            events.extend(care.ended(id, role, &end, places, &self.shared));
        }
        if self.shared.is_stopped() {
            places.release();
        }
        events
    }

    fn ready(&mut self, id: WorkerId, places: &mut Places) -> Vec<Event> {
        let swapped = places.ready(id);
        if let Some(care) = &mut self.care {
            care.swapped(swapped);
        }
        if self.shared.is_stopped() {
            places.release();
        }
        Vec::new()
    }

    fn command(&mut self, command: Option<Command>, places: &mut Places) -> Vec<Event> {
        let Some(command) = command else {
            // Nobody will ask any more.
            self.commands = never();
            return Vec::new();
        };
        let care = self.care.as_mut().filter(|_| !self.shared.is_stopped());
        care.map_or_else(Vec::new, |care| care.command(command, places, &self.shared))
    }

    fn tick(&mut self, places: &mut Places) -> Vec<Event> {
        if self.shared.is_stopped() {
            places.release();
            let care = self.care.as_mut();
            return care.map_or_else(Vec::new, |care| care.leave_hung(places));
        }
        let care = self.care.as_mut().filter(|_| self.shared.is_supervised());
        care.map_or_else(Vec::new, |care| care.tick(places, &self.shared))
    }
}

/// Hits that the engine got wrong, by lane.
fn engine_errors(report: &BatchReport) -> Vec<Event> {
    let errors = (0..).zip(&report.lanes).filter(|(_, c)| c.refuted > 0);
    let error = |(lane, counts): (usize, &crate::batch::LaneCounts)| Event::EngineError {
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

fn drain(reports: &Receiver<BatchReport>, mut take: impl FnMut(BatchReport)) {
    reports.try_iter().for_each(&mut take);
}

/// Sends events; if the loop has ended there is nobody left to tell.
fn send(events: &Sender<Event>, news: Vec<Event>) {
    for event in news {
        let _ = events.send(event);
    }
}
