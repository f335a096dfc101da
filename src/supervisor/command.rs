//! Commands of the event loop to the supervisor, and where their answers go.

use std::time::Duration;

use crossbeam_channel::Sender;

use crate::event::Event;
use crate::health::slot_health::SlotHealth;
use crate::health::{Decision, Monitor};
use crate::status::WorkerCheck;
use crate::supervisor::core::SupervisorCore;
use crate::supervisor::slots::Slots;

/// A command to the supervisor.
#[derive(Clone, Debug)]
pub enum Command {
    /// Pause all workers for the user, or resume them.
    Pause(bool),
    /// Replace a worker, or all.
    Restart {
        /// Its number, from 1; `None`: all.
        worker: Option<usize>,
        /// Where the numbers of the replaced ones go.
        answer: Sender<Vec<usize>>,
    },
    /// Drop and rebuild buffers, and release freed memory to the system.
    Reclaim,
    /// Check each worker.
    Check {
        /// Whether to wait for known answers and calibration samples.
        full: bool,
        /// Where the answer goes.
        answer: Sender<Vec<WorkerCheck>>,
    },
}

/// How long a full check waits for workers to answer.
pub(crate) const CHECK_PATIENCE: Duration = Duration::from_secs(4);

/// Time over which the calibration samples of a full check are spread.
pub(crate) const CHECK_SPAN: Duration = Duration::from_millis(1200);

/// A full check that waits for answers.
#[derive(Debug)]
pub(super) struct OpenCheck {
    asked: Duration,
    answer: Sender<Vec<WorkerCheck>>,
}

impl OpenCheck {
    /// Whether all answers have come, or the wait is over.
    fn is_complete(&self, pings: &[Option<Duration>], now: Duration) -> bool {
        let waited = now.saturating_sub(self.asked);
        let all = pings.iter().all(Option::is_some);
        waited >= CHECK_PATIENCE || (all && waited >= CHECK_SPAN)
    }
}

impl SupervisorCore {
    /// Carries out a command.
    pub fn command(&mut self, command: Command, slots: &mut Slots) -> Vec<Event> {
        let now = self.clock.now();
        // A client that no longer waits needs no answer.
        match command {
            Command::Pause(paused) => {
                let decisions = self.monitor.pause_by_user(paused, now);
                self.obey(decisions, slots)
            }
            Command::Restart { worker, answer } => {
                let decisions = self.monitor.restart_by_user(worker);
                let workers = replaced(&decisions);
                let mut events: Vec<_> = workers
                    .iter()
                    .map(|&worker| Event::ReplacedByUser { worker })
                    .collect();
                let _ = answer.try_send(workers);
                events.extend(self.obey(decisions, slots));
                events
            }
            Command::Reclaim => self.obey(vec![Decision::Reclaim], slots),
            Command::Check { full: true, answer } => {
                slots.ask_pings(now);
                slots.ask_calibration(None);
                self.checks.push(OpenCheck { asked: now, answer });
                Vec::new()
            }
            Command::Check { answer, .. } => {
                let _ = answer.try_send(look(&self.monitor, None, now));
                Vec::new()
            }
        }
    }

    /// Answers the checks that are complete.
    pub(super) fn answer_checks(&mut self, slots: &Slots, now: Duration) {
        if self.checks.is_empty() {
            return;
        }
        let pings = slots.pings();
        let monitor = &self.monitor;
        self.checks.retain(|check| {
            let complete = check.is_complete(&pings, now);
            if complete {
                let _ = check.answer.try_send(look(monitor, Some(&pings), now));
            }
            !complete
        });
    }
}

fn replaced(decisions: &[Decision]) -> Vec<usize> {
    let worker = |decision: &Decision| match decision {
        Decision::Replace { worker, .. } => Some(*worker),
        _ => None,
    };
    decisions.iter().filter_map(worker).collect()
}

fn look(monitor: &Monitor, pings: Option<&[Option<Duration>]>, now: Duration) -> Vec<WorkerCheck> {
    let vitals = monitor.vitals(now);
    let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
    let check = |(slot, vitals): (&SlotHealth, &crate::health::WorkerVitals)| WorkerCheck {
        worker: slot.id.worker,
        state: slot.shown_state().name(),
        backend: slot.backend.name(),
        answered_ms: pings
            .and_then(|pings| *pings.get(slot.id.worker - 1)?)
            .map(milliseconds),
        beat_age_ms: milliseconds(slot.beat_age(now)),
        rate: vitals.rate,
        performance: vitals.performance,
    };
    let pairs = monitor.slots().iter().zip(&vitals.workers);
    pairs.map(check).collect()
}
