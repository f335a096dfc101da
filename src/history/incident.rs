//! From alerts to rows of the history: which resource each is about, and what is kept of it.

use serde_json::{Value, json};

use super::record::{self, Record};
use crate::alert::{Alert, Change, Subject};
use crate::health::resource::ResourceType;

/// What a change of an alert is in the history of this session.
#[must_use]
pub(crate) fn record(change: &Change, session: &str) -> Record {
    match change {
        Change::Raised(alert) => row(alert, session, false),
        Change::Occurred(alert) => row(alert, session, true),
        Change::Resolved(over) => {
            let (resource_type, resource_id) = resource(&over.subject, session);
            Record::Over {
                resource_type,
                resource_id,
                alert_type: over.name.to_owned(),
                at: over.at,
            }
        }
    }
}

fn row(alert: &Alert, session: &str, resolved: bool) -> Record {
    let (resource_type, resource_id) = resource(&alert.subject, session);
    Record::Alert(record::Alert {
        resource_type,
        resource_id,
        alert_type: alert.name.to_owned(),
        severity: alert.status,
        message: alert.message.clone(),
        at: alert.at,
        metadata: metadata(alert, session),
        resolved,
    })
}

fn metadata(alert: &Alert, session: &str) -> Value {
    let mut metadata = match &alert.details {
        Value::Object(details) => details.clone(),
        _ => serde_json::Map::new(),
    };
    metadata.insert("session".to_owned(), json!(session));
    Value::Object(metadata)
}

fn resource(subject: &Subject, session: &str) -> (ResourceType, String) {
    let below = |name: String| format!("{session}/{name}");
    match subject {
        Subject::Worker(_) => (ResourceType::Worker, below(subject.name())),
        Subject::Search => (ResourceType::Session, session.to_owned()),
        Subject::Channel(_) => (ResourceType::Session, below(subject.name())),
        Subject::Session(name) => (ResourceType::Session, name.clone()),
        Subject::Output => (ResourceType::Output, session.to_owned()),
        Subject::History => (ResourceType::Database, "history".to_owned()),
        Subject::Machine => (ResourceType::System, "machine".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::alert::judge;
    use crate::event::Event;
    use crate::health::{ActionTaken, Finding, Verdict};

    fn record_of(verdict: Verdict, worker: Option<usize>, action: ActionTaken) -> Record {
        let detail = "a fact".to_owned();
        let event = Event::Health(Finding {
            verdict,
            worker,
            detail,
            action,
        });
        let change = judge::change(&event, Timestamp::UNIX_EPOCH).unwrap();
        record(&change, "night")
    }

    #[test]
    fn a_restart_is_an_alert_about_its_worker_that_is_over() {
        let action = ActionTaken::Restarting { restart: 1, of: 5 };
        let Record::Alert(alert) = record_of(Verdict::WorkerDead, Some(2), action) else {
            panic!("no alert")
        };
        assert_eq!(
            (alert.resource_id.as_str(), alert.alert_type.as_str()),
            ("night/worker-2", "worker-dead")
        );
        assert!(
            alert.resolved && alert.metadata["restart"] == 1 && alert.message.contains("a fact")
        );
        assert_eq!(alert.metadata["session"], "night");
    }

    #[test]
    fn what_goes_on_is_open_until_it_is_over() {
        let raised = record_of(Verdict::DiskLow, None, ActionTaken::Paused);
        assert!(
            matches!(&raised, Record::Alert(alert) if !alert.resolved && alert.severity == crate::health::resource::Status::Critical),
            "{raised:?}"
        );
        let over = record_of(Verdict::DiskLow, None, ActionTaken::Resumed);
        assert!(
            matches!(&over, Record::Over { resource_type: ResourceType::Output, alert_type, .. } if alert_type == "disk-low"),
            "{over:?}"
        );
    }
}
