//! Keeps account of the alerts that are open, and ends those that nobody says the end of.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::judge::{self, FOUND, WATCHED_FOUND};
use super::{Alert, Change, Resolved, Severity, Subject};
use crate::event::{Event, Pause, PauseReason};
use crate::health::resource::Status;
use crate::health::state::WorkerState;
use crate::health::{Verdict, Vitals};
use crate::status::ActiveAlert;

/// What goes away without a word is over when its worker, or all, have been well for so long: shorter ups between downs
/// are no end.
pub(crate) const CALM: Duration = Duration::from_secs(60);

/// Found keys that become rows of the history; all of them are in the session's journal anyway.
pub(crate) const KEYS_RECORDED: usize = 1_000;

/// An alert that is not over.
#[derive(Debug)]
struct Open {
    /// What was found out, where that is what it is about.
    verdict: Option<Verdict>,
    status: Status,
    message: String,
    since: Timestamp,
    /// Since when what it is about has been well.
    calm: Option<Duration>,
}

/// The alerts of a running search.
#[derive(Debug, Default)]
pub(crate) struct ActiveAlerts {
    open: BTreeMap<(&'static str, Subject), Open>,
    keys: usize,
}

impl ActiveAlerts {
    /// Takes in what happened.
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

    /// What the supervisor pauses for is an alert already; a pause that somebody asked for is one, too.
    fn pauses(&self, pauses: &[Pause], at: Timestamp) -> Option<Change> {
        let asked = (pauses.iter()).find(|pause| pause.reason == PauseReason::User);
        let known = self.open.contains_key(&(judge::PAUSED, Subject::Search));
        let change = || judge::of_pause(asked.map(|pause| pause.why.as_str()), at);
        (asked.is_some() != known).then(change)
    }

    /// Takes a change to the account, and completes it.
    pub(crate) fn take(&mut self, change: Change) -> Change {
        self.take_verdict(change, None)
    }

    fn take_verdict(&mut self, change: Change, verdict: Option<Verdict>) -> Change {
        match change {
            Change::Raised(alert) => {
                self.raise(&alert, verdict);
                Change::Raised(alert)
            }
            Change::Resolved(over) => {
                let key = (over.name, over.subject.clone());
                let open = self.open.remove(&key);
                Change::Resolved(Resolved {
                    status: open.map(|open| open.status),
                    ..over
                })
            }
            noted => noted,
        }
    }

    fn raise(&mut self, alert: &Alert, verdict: Option<Verdict>) {
        let key = (alert.name, alert.subject.clone());
        let since = self.open.get(&key).map_or(alert.at, |open| open.since);
        let open = Open {
            verdict,
            status: alert.status,
            message: alert.message.clone(),
            since,
            calm: None,
        };
        self.open.insert(key, open);
    }

    /// Whether a change raises what is open already.
    #[must_use]
    pub(crate) fn is_open(&self, change: &Change) -> bool {
        let (name, subject) = change.key();
        matches!(change, Change::Raised(_)) && self.open.contains_key(&(name, subject.clone()))
    }

    /// Whether a change becomes a row of the history: any but keys beyond the first so many.
    pub(crate) fn is_recorded(&mut self, change: &Change) -> bool {
        if !matches!(change.key().0, FOUND | WATCHED_FOUND) {
            return true;
        }
        self.keys += 1;
        self.keys <= KEYS_RECORDED
    }

    /// Ends what has been well for long enough.
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

    /// Ends the alerts that can't outlive the process; what is wrong with the output may well go on.
    pub(crate) fn end(&mut self, at: Timestamp) -> Vec<Change> {
        let passing: Vec<_> = self.open.keys().cloned().collect();
        let passing = passing
            .into_iter()
            .filter(|(_, subject)| *subject != Subject::Output);
        passing
            .map(|(name, subject)| self.take(ended(name, subject, at)))
            .collect()
    }

    /// The alerts that are not over, oldest first.
    #[must_use]
    pub(crate) fn active(&self) -> Vec<ActiveAlert> {
        let active = |((name, _), open): (&(&'static str, Subject), &Open)| ActiveAlert {
            name: (*name).to_owned(),
            severity: Severity::from(open.status).name(),
            message: open.message.clone(),
            since: open.since,
        };
        let mut all: Vec<_> = self.open.iter().map(active).collect();
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

/// Whether what a verdict is about is well; nothing for those that end in another way, or with the process.
fn is_well(verdict: Verdict, subject: &Subject, vitals: &Vitals) -> Option<bool> {
    match (verdict, subject) {
        (Verdict::WorkerRetired, _) => None,
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
