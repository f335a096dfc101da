//! What was said of watched sessions: each fault once, again after a while, and when it is over; for people and for the
//! history.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;

use super::judge::Fault;
use super::sight::Sight;
use crate::alert::{Alert, Change, Over, Subject};
use crate::history::incident;
use crate::history::record::{Metric, Record, ResourceType, Status};

/// The same fault is said again after so long.
const COOLDOWN: Duration = Duration::from_secs(300);

/// The faults that are not over, by session's folder and name, with the time at which each was said last.
#[derive(Debug, Default)]
pub struct Book {
    open: BTreeMap<(String, &'static str), Duration>,
}

/// What a sight comes to.
#[derive(Debug, Default)]
pub struct Entries {
    /// What to say, with its severity.
    pub lines: Vec<(Status, String)>,
    /// What to tell outside.
    pub changes: Vec<Change>,
    /// What to write.
    pub records: Vec<Record>,
}

impl Book {
    /// Takes in what was seen of a session, and what is wrong with it.
    pub fn enter(&mut self, sight: &Sight, faults: &[Fault], now: Duration) -> Entries {
        let id = id(sight);
        let mut entries = Entries::default();
        for fault in faults {
            let key = (id.clone(), fault.name);
            let said = self.open.get(&key).copied();
            if said.is_some_and(|at| now < at + COOLDOWN) {
                continue;
            }
            self.open.insert(key, now);
            let message = format!("{} {}", sight.entry.session, fault.message);
            entries.lines.push((fault.severity, message.clone()));
            let change = Change::Raised(alert(sight, fault, message));
            // It is one alert, however often it is said.
            if said.is_none() {
                entries
                    .records
                    .push(incident::record(&change, &sight.entry.session));
            }
            entries.changes.push(change);
        }
        let is_over = |key: &(String, &'static str)| {
            key.0 == id && !faults.iter().any(|fault| fault.name == key.1)
        };
        let over: Vec<_> = self
            .open
            .keys()
            .filter(|key| is_over(key))
            .cloned()
            .collect();
        for key in over {
            self.open.remove(&key);
            let line = format!("{}: {} is over", sight.entry.session, key.1);
            let change = Change::Over(Over {
                name: key.1,
                subject: subject(sight),
                status: None,
                message: line.clone(),
                at: sight.at,
            });
            entries.lines.push((Status::Healthy, line));
            entries
                .records
                .push(incident::record(&change, &sight.entry.session));
            entries.changes.push(change);
        }
        entries.records.extend(metrics(sight));
        entries
    }

    /// Whether nothing is wrong with any session.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.open.is_empty()
    }
}

/// What the history calls a session that is watched: its folder, as names repeat between state folders.
fn id(sight: &Sight) -> String {
    format!(
        "{}:{}",
        sight.entry.state_dir.display(),
        sight.entry.session
    )
}

fn subject(sight: &Sight) -> Subject {
    Subject::Session(id(sight))
}

fn alert(sight: &Sight, fault: &Fault, message: String) -> Alert {
    Alert {
        name: fault.name,
        subject: subject(sight),
        status: fault.severity,
        message,
        details: json!({"watch": true}),
        key: None,
        at: sight.at,
    }
}

fn metrics(sight: &Sight) -> Vec<Record> {
    let process = sight.process.as_ref();
    let values = [
        ("folder-size", Some(sight.folder_bytes as f64), "bytes"),
        (
            "checkpoint-age",
            sight.checkpoint_age_seconds.map(|age| age as f64),
            "seconds",
        ),
        (
            "memory",
            process.and_then(|p| p.memory).map(|bytes| bytes as f64),
            "bytes",
        ),
        ("response", process.and_then(|p| p.response_ms), "ms"),
    ];
    let metric = |(name, value, unit): (&str, Option<f64>, &str)| {
        Some(Record::Metric(Metric {
            resource_type: ResourceType::Session,
            resource_id: id(sight),
            name: name.to_owned(),
            value: value?,
            warning: None,
            critical: None,
            at: sight.at,
            unit: unit.to_owned(),
            status: Status::Healthy,
        }))
    };
    values.into_iter().filter_map(metric).collect()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::super::judge::judge;
    use super::super::list::Entry;
    use super::super::sight::Does;
    use super::*;

    fn enter(book: &mut Book, does: Does, seconds: u64) -> Entries {
        let sight = Sight {
            entry: Entry {
                state_dir: "/s".into(),
                session: "night".to_owned(),
            },
            at: Timestamp::UNIX_EPOCH,
            does,
            process: None,
            checkpoint_age_seconds: None,
            folder_bytes: 0,
            database_bytes: 0,
            database_trouble: None,
        };
        book.enter(&sight, &judge(&sight), Duration::from_secs(seconds))
    }

    #[test]
    fn a_fault_is_said_once_again_after_a_while_and_when_it_is_over() {
        let mut book = Book::default();
        let lines = |entries: Entries| entries.lines.len();
        assert_eq!(lines(enter(&mut book, Does::Dead, 0)), 1);
        assert_eq!(lines(enter(&mut book, Does::Dead, 299)), 0);
        assert_eq!(lines(enter(&mut book, Does::Dead, 300)), 1);
        assert!(!book.is_clean());
        let over = enter(&mut book, Does::Well, 310);
        assert!(over.lines[0].1.contains("session-dead is over"));
        assert!(matches!(over.records[0], Record::Over { .. }));
        assert!(book.is_clean());
        assert_eq!(lines(enter(&mut book, Does::Well, 320)), 0);
    }

    #[test]
    fn the_history_has_one_alert_however_often_it_is_said() {
        let mut book = Book::default();
        let alerts = |entries: Entries| {
            let is_alert = |record: &&Record| matches!(record, Record::Alert(_));
            entries.records.iter().filter(is_alert).count()
        };
        assert_eq!(alerts(enter(&mut book, Does::Dead, 0)), 1);
        assert_eq!(alerts(enter(&mut book, Does::Dead, 300)), 0);
    }
}
