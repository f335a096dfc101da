//! Keeps the alerts that are open, and resolves those whose end no event reports.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::judge::{self, FOUND, WATCHED_FOUND};
use super::{Change, State, Subject};
use crate::event::{Event, Pause, PauseReason};
use crate::health::state::Status;
use crate::health::state::WorkerState;
use crate::health::{Verdict, Vitals};
use crate::status::ActiveAlert;

/// An alert whose end no event reports is resolved when its worker, or all workers, have been healthy for so long.
pub(crate) const CALM: Duration = Duration::from_secs(60);

/// The number of found keys that become rows of the history; all of them are in the session's journal anyway.
pub(crate) const KEYS_RECORDED: usize = 1_000;

#[derive(Debug)]
struct Open {
    /// The verdict that it is about, if any.
    verdict: Option<Verdict>,
    /// As it was last raised, with the time when it was first raised.
    alert: Change,
    /// Since when its subject has been healthy.
    calm: Option<Duration>,
}

/// The alerts of a running search.
#[derive(Debug, Default)]
pub(crate) struct ActiveAlerts {
    open: BTreeMap<(&'static str, Subject), Open>,
    keys: usize,
}

impl ActiveAlerts {
    pub(crate) fn event(&mut self, event: &Event, now: Duration, at: Timestamp) -> Vec<Change> {
        let changes = match event {
            Event::Glance(vitals) | Event::Vitals(vitals) => self.calmed(vitals, now, at),
            Event::PausesChanged(pauses) => self.pauses(pauses, at).into_iter().collect(),
            event => judge::change(event, at).into_iter().collect(),
        };
        let verdict = match event {
            Event::Health(finding) => Some(finding.verdict),
            _ => None,
        };
        let take = |change| self.take_verdict(change, verdict);
        changes.into_iter().map(take).collect()
    }

    /// A pause by the supervisor is an alert already; one that a user asked for becomes an alert here.
    fn pauses(&self, pauses: &[Pause], at: Timestamp) -> Option<Change> {
        let asked = (pauses.iter()).find(|pause| pause.reason == PauseReason::User);
        let known = self.open.contains_key(&(judge::PAUSED, Subject::Search));
        let change = || judge::of_pause(asked.map(|pause| pause.why.as_str()), at);
        (asked.is_some() != known).then(change)
    }

    /// Records a change, and completes it: a resolved alert gets the status that it had.
    pub(crate) fn take(&mut self, change: Change) -> Change {
        self.take_verdict(change, None)
    }

    fn take_verdict(&mut self, change: Change, verdict: Option<Verdict>) -> Change {
        let key = (change.name, change.subject.clone());
        match change.state {
            State::Occurred => change,
            State::Resolved => Change {
                status: self.open.remove(&key).and_then(|open| open.alert.status),
                ..change
            },
            State::Raised => {
                let mut alert = change.clone();
                if let Some(open) = self.open.get(&key) {
                    alert.at = open.alert.at;
                }
                let calm = None;
                self.open.insert(
                    key,
                    Open {
                        verdict,
                        alert,
                        calm,
                    },
                );
                change
            }
        }
    }

    /// Whether a change raises what is open already.
    pub(crate) fn is_open(&self, change: &Change) -> bool {
        let key = (change.name, change.subject.clone());
        change.state == State::Raised && self.open.contains_key(&key)
    }

    /// Whether a change becomes a row of the history: any except keys beyond the first [`KEYS_RECORDED`].
    pub(crate) fn is_recorded(&mut self, change: &Change) -> bool {
        if !matches!(change.name, FOUND | WATCHED_FOUND) {
            return true;
        }
        self.keys += 1;
        self.keys <= KEYS_RECORDED
    }

    /// Resolves alerts whose subject has been healthy for long enough.
    fn calmed(&mut self, vitals: &Vitals, now: Duration, at: Timestamp) -> Vec<Change> {
        let mut over = Vec::new();
        for ((name, subject), open) in &mut self.open {
            match (open.verdict).and_then(|verdict| is_well(verdict, subject, vitals)) {
                Some(true) if now >= *open.calm.get_or_insert(now) + CALM => {
                    over.push((*name, subject.clone()));
                }
                Some(true) | None => {}
                Some(false) => open.calm = None,
            }
        }
        let end = |(name, subject)| ended(name, subject, at);
        over.into_iter().map(end).collect()
    }

    /// Resolves the alerts that can't outlive the process; trouble with the output folder can.
    pub(crate) fn end(&mut self, at: Timestamp) -> Vec<Change> {
        let passing: Vec<_> = self.open.keys().cloned().collect();
        let passing = passing
            .into_iter()
            .filter(|(_, subject)| *subject != Subject::Output);
        passing
            .map(|(name, subject)| self.take(ended(name, subject, at)))
            .collect()
    }

    /// The open alerts, oldest first.
    pub(crate) fn active(&self) -> Vec<ActiveAlert> {
        let active = |open: &Open| ActiveAlert {
            name: open.alert.name.to_owned(),
            severity: open.alert.severity().into(),
            message: open.alert.message.clone(),
            since: open.alert.at,
        };
        let mut all: Vec<_> = self.open.values().map(active).collect();
        all.sort_by_key(|alert| alert.since);
        all
    }
}

fn ended(name: &'static str, subject: Subject, at: Timestamp) -> Change {
    let message = match &subject {
        Subject::Worker(number) => format!("Worker {number}: {name} is over."),
        _ => format!("{name} is over."),
    };
    Change::resolved(name, subject, message, at)
}

/// Whether the subject of a verdict is healthy; nothing for verdicts that end in another way, or with the process.
fn is_well(verdict: Verdict, subject: &Subject, vitals: &Vitals) -> Option<bool> {
    match (verdict, subject) {
        // the temperature says when that is over
        (Verdict::Hot, _) | (Verdict::WorkerRetired, _) => None,
        (_, Subject::Worker(number)) => {
            let worker = vitals.workers.iter().find(|w| w.id.worker == *number);
            worker.map(|worker| worker.state == WorkerState::Healthy)
        }
        (
            Verdict::MachineSlowed | Verdict::BreakerOpen | Verdict::Contention,
            Subject::Machine | Subject::Search,
        ) => Some(vitals.state == Status::Healthy),
        _ => None,
    }
}

#[cfg(test)]
#[path = "active_tests.rs"]
mod tests;
