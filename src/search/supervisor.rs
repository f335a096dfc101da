//! The supervisor: reads the workers' reports and last words, and tells the loop that owns all output.
//!
//! So far it only passes totals on and notices who ended. Judging belongs here: between [`Supervisor::report`] and
//! the event it returns stands one pure function of samples and time; the thread below acts on what it says.

use std::io;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

use crossbeam_channel::{Sender, select};

use super::batch::BatchReport;
use super::pool::{Ended, Pool, WorkerEnd};
use super::shared::Shared;
use crate::event::Event;

/// What the supervisor knows; separate from its thread, so that tests need none.
pub struct Supervisor {
    alive: usize,
    shared: Arc<Shared>,
}

impl Supervisor {
    /// A supervisor of `workers` workers.
    pub fn new(workers: usize, shared: Arc<Shared>) -> Self {
        Self {
            alive: workers,
            shared,
        }
    }

    /// What a batch report means.
    pub fn report(&mut self, report: BatchReport) -> Vec<Event> {
        let id = report.id;
        let errors = (0..).zip(&report.lanes).filter(|(_, c)| c.refuted > 0);
        let mut events: Vec<_> = errors
            .map(|(lane, counts)| Event::EngineError {
                id,
                lane,
                count: counts.refuted,
            })
            .collect();
        events.push(Event::Batch(report));
        events
    }

    /// What a worker's last word means.
    pub fn ended(&mut self, ended: Ended) -> Vec<Event> {
        self.alive = self.alive.saturating_sub(1);
        if matches!(ended.end, WorkerEnd::NoRandomness(_)) {
            self.shared.stop();
        }
        let mut events = ended.last.map_or_else(Vec::new, |last| self.report(last));
        events.push(Event::WorkerEnded {
            id: ended.id,
            end: ended.end,
        });
        events
    }

    /// Whether a worker is left.
    pub fn is_alone(&self) -> bool {
        self.alive == 0
    }

    /// Starts the supervisor's thread over a pool; it ends after the last worker.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub fn start(mut self, pool: Pool, events: Sender<Event>) -> io::Result<JoinHandle<()>> {
        Builder::new().name("supervisor".to_owned()).spawn(move || {
            self.pump(&pool, &events);
            pool.join();
            send(&events, vec![Event::WorkersDone]);
        })
    }

    fn pump(&mut self, pool: &Pool, events: &Sender<Event>) {
        while !self.is_alone() {
            select! {
                recv(pool.reports) -> report => {
                    send(events, report.map_or_else(|_| Vec::new(), |report| self.report(report)));
                }
                recv(pool.ends) -> ended => match ended {
                    Ok(ended) => send(events, self.ended(ended)),
                    Err(_) => break,
                },
            }
        }
        for report in pool.reports.try_iter() {
            send(events, self.report(report));
        }
    }
}

/// Sends events; if the loop has ended there is nobody left to tell.
fn send(events: &Sender<Event>, news: Vec<Event>) {
    for event in news {
        let _ = events.send(event);
    }
}
