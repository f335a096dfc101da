//! The open faults of watched sessions: each is reported once, again after a while, and when it is over; the history gets
//! it once.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use super::judge::Fault;
use super::list::Entry;
use super::probe::Observation;
use crate::alert::throttle::COOLDOWN;
use crate::alert::{Change, Subject};
use crate::health::state::ResourceType;
use crate::history::record::{Metric, Record};

/// The open faults by session and name, each with the time of its last report.
#[derive(Debug, Default)]
pub(crate) struct FaultLog {
    open: BTreeMap<(String, &'static str), Duration>,
}

/// What follows from an observation.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    /// Alerts to log and to send.
    pub changes: Vec<Change>,
    /// Rows for the history.
    pub records: Vec<Record>,
}

impl FaultLog {
    /// Takes in an observation of a session with its faults.
    pub(crate) fn enter(
        &mut self,
        observation: &Observation,
        faults: &[Fault],
        now: Duration,
    ) -> Entries {
        let id = id(&observation.entry);
        let mut entries = Entries::default();
        for fault in faults {
            let key = (id.clone(), fault.name);
            let reported = self.open.get(&key).copied();
            if reported.is_some_and(|at| now < at + COOLDOWN) {
                continue;
            }
            self.open.insert(key, now);
            let message = format!("{} {}", observation.entry.session, fault.message);
            let change = alert(observation, fault, message);
            // However often it is reported, it is one alert.
            if reported.is_none() {
                let session = observation.entry.session.clone();
                entries.records.push(Record::Alert(change.clone(), session));
            }
            entries.changes.push(change);
        }
        let is_over = |name: &str| !faults.iter().any(|fault| fault.name == name);
        self.end(&observation.entry, observation.at, is_over, &mut entries);
        entries.records.extend(metrics(observation));
        entries
    }

    /// Ends all faults of a session that is no longer watched.
    pub(crate) fn leave(&mut self, entry: &Entry, at: Timestamp) -> Entries {
        let mut entries = Entries::default();
        self.end(entry, at, |_| true, &mut entries);
        entries
    }

    /// Ends those faults of a session whose name `is_over` accepts.
    fn end(
        &mut self,
        entry: &Entry,
        at: Timestamp,
        is_over: impl Fn(&str) -> bool,
        entries: &mut Entries,
    ) {
        let id = id(entry);
        let of_it = |key: &&(String, &'static str)| key.0 == id && is_over(key.1);
        let over: Vec<_> = self.open.keys().filter(of_it).cloned().collect();
        for key in over {
            self.open.remove(&key);
            let line = format!("{}: {} is over", entry.session, key.1);
            let change = Change::resolved(key.1, subject(entry), line, at);
            let record = Record::Alert(change.clone(), entry.session.clone());
            entries.records.push(record);
            entries.changes.push(change);
        }
    }

    /// Whether nothing is wrong with any session.
    pub(crate) fn is_clean(&self) -> bool {
        self.open.is_empty()
    }
}

/// The name of a watched session in the history: with its state folder, as names repeat between those.
fn id(entry: &Entry) -> String {
    format!("{}:{}", entry.state_dir.display(), entry.session)
}

fn subject(entry: &Entry) -> Subject {
    Subject::Session(id(entry))
}

fn alert(observation: &Observation, fault: &Fault, message: String) -> Change {
    let (subject, at) = (subject(&observation.entry), observation.at);
    Change {
        details: json!({"watch": true}),
        ..Change::raised(fault.name, subject, fault.severity, message, at)
    }
}

fn metrics(observation: &Observation) -> Vec<Record> {
    let process = observation.process.as_ref();
    let number = |number: Option<u64>| number.map(|number| number as f64);
    let size = number(Some(observation.folder_bytes));
    let age = number(observation.checkpoint_age_seconds);
    let memory = number(process.and_then(|p| p.usage.memory));
    let values = [
        ("folder-size", size, "bytes"),
        ("checkpoint-age", age, "seconds"),
        ("memory", memory, "bytes"),
        ("response", process.and_then(|p| p.response_ms), "ms"),
    ];
    let id = id(&observation.entry);
    let metric = |(name, value, unit): (&'static str, Option<f64>, &'static str)| {
        let session = (ResourceType::Session, id.as_str());
        let metric = Metric::new(session, name, value?, unit, observation.at);
        Some(Record::Metric(metric))
    };
    values.into_iter().filter_map(metric).collect()
}

#[cfg(test)]
mod tests {
    use super::super::judge::judge;
    use super::super::probe::Condition;
    use super::*;
    use crate::alert::State;

    fn enter(log: &mut FaultLog, condition: Condition, seconds: u64) -> Entries {
        let observation = Observation {
            entry: Entry {
                state_dir: "/s".into(),
                session: "night".to_owned(),
            },
            at: Timestamp::UNIX_EPOCH,
            condition,
            process: None,
            checkpoint_age_seconds: None,
            folder_bytes: 0,
            database_bytes: 0,
            database_trouble: None,
        };
        log.enter(
            &observation,
            &judge(&observation),
            Duration::from_secs(seconds),
        )
    }

    #[test]
    fn a_fault_is_reported_once_again_after_a_while_and_when_it_is_over() {
        let mut log = FaultLog::default();
        let told = |entries: Entries| entries.changes.len();
        assert_eq!(told(enter(&mut log, Condition::Dead, 0)), 1);
        assert_eq!(told(enter(&mut log, Condition::Dead, 299)), 0);
        assert_eq!(told(enter(&mut log, Condition::Dead, 300)), 1);
        assert!(!log.is_clean());
        let over = enter(&mut log, Condition::Well, 310);
        let over = &over.changes[0];
        assert!(over.state == State::Resolved && over.message.contains("session-dead is over"));
        assert!(log.is_clean());
        assert_eq!(told(enter(&mut log, Condition::Well, 320)), 0);
    }

    #[test]
    fn the_faults_of_a_session_that_is_no_longer_watched_are_over() {
        let mut log = FaultLog::default();
        enter(&mut log, Condition::Dead, 0);
        let entry = |session: &str| Entry {
            state_dir: "/s".into(),
            session: session.to_owned(),
        };
        let at = Timestamp::UNIX_EPOCH;
        assert!(log.leave(&entry("day"), at).changes.is_empty());
        assert!(!log.is_clean());
        assert_eq!(log.leave(&entry("night"), at).changes.len(), 1);
        assert!(log.is_clean());
    }

    #[test]
    fn the_history_has_one_alert_however_often_it_is_reported() {
        let mut log = FaultLog::default();
        let alerts = |entries: Entries| {
            let is_alert = |record: &&Record| matches!(record, Record::Alert(change, _) if change.state == State::Raised);
            entries.records.iter().filter(is_alert).count()
        };
        assert_eq!(alerts(enter(&mut log, Condition::Dead, 0)), 1);
        assert_eq!(alerts(enter(&mut log, Condition::Dead, 300)), 0);
    }
}
