//! From events to alerts, and to the end of alerts.

use jiff::Timestamp;
use serde_json::json;

use super::record::{Alert, Record, ResourceType, Status};
use crate::event::Event;
use crate::health::{Finding, Step, Verdict};
use crate::report::{health, message};
use crate::session::gap::{Gap, GapKind};

/// The type of the alert about keys that no folder takes.
const UNSAVED: &str = "unsaved-keys";

/// What an event is worth in the history of this session.
#[must_use]
pub fn records(event: &Event, session: &str, at: Timestamp) -> Vec<Record> {
    let engine = |kind: &str, worker: usize| Alert {
        message: message::lines(event).join(" "),
        ..alert(
            kind,
            worker_of(session, worker),
            Status::Unhealthy,
            session,
            at,
        )
    };
    match event {
        Event::Health(finding) => of_finding(finding, session, at),
        Event::EngineError { id, .. } => vec![Record::Alert(engine("engine-error", id.worker))],
        Event::Refused { id, .. } => vec![Record::Alert(engine("refused-key", id.worker))],
        Event::Unsaved { .. } => vec![Record::Alert(Alert {
            message: message::lines(event).join(" "),
            ..alert(
                UNSAVED,
                (ResourceType::Output, session.to_owned()),
                Status::Critical,
                session,
                at,
            )
        })],
        Event::AllSaved => vec![over(
            UNSAVED,
            (ResourceType::Output, session.to_owned()),
            at,
        )],
        _ => Vec::new(),
    }
}

/// A time without search as an alert that is over.
#[must_use]
pub fn of_gap(gap: &Gap, session: &str) -> Record {
    let kind = match gap.kind {
        GapKind::ProcessGone => "process-gone",
        GapKind::Asleep => "asleep",
        GapKind::Stopped => "process-stopped",
        GapKind::Paused => "paused",
    };
    let of = (ResourceType::Session, session.to_owned());
    Record::Alert(Alert {
        message: format!("Nothing was searched from {} to {}.", gap.from, gap.to),
        metadata: json!({"session": session, "from": gap.from, "seconds": gap.length().as_secs_f64()}),
        resolved: true,
        ..alert(kind, of, Status::Degraded, session, gap.to)
    })
}

fn of_finding(finding: &Finding, session: &str, at: Timestamp) -> Vec<Record> {
    let Finding {
        verdict,
        worker,
        fact,
        step,
    } = finding;
    let of = resource(*verdict, *worker, session);
    if matches!(step, Step::Over | Step::Resumed) {
        return vec![over(verdict.name(), of, at)];
    }
    // What was done about these leaves nothing open.
    let resolved =
        matches!(step, Step::Restarting { .. } | Step::Reclaimed) || *verdict == Verdict::ClockJump;
    let metadata = match step {
        Step::Restarting { restart, of } => {
            json!({"session": session, "worker": worker, "fact": fact, "step": "restarting", "restart": restart, "of": of})
        }
        _ => json!({"session": session, "worker": worker, "fact": fact}),
    };
    vec![Record::Alert(Alert {
        message: health::finding(finding),
        metadata,
        resolved,
        ..alert(verdict.name(), of, severity(*verdict, *step), session, at)
    })]
}

fn resource(verdict: Verdict, worker: Option<usize>, session: &str) -> (ResourceType, String) {
    match (verdict, worker) {
        (_, Some(worker)) => worker_of(session, worker),
        (Verdict::DiskLow, None) => (ResourceType::Output, session.to_owned()),
        (Verdict::MemoryLow | Verdict::Hot | Verdict::MachineSlowed | Verdict::ClockJump, None) => {
            (ResourceType::System, "machine".to_owned())
        }
        (_, None) => (ResourceType::Session, session.to_owned()),
    }
}

fn worker_of(session: &str, worker: usize) -> (ResourceType, String) {
    (ResourceType::Worker, format!("{session}/worker-{worker}"))
}

fn severity(verdict: Verdict, step: Step) -> Status {
    match (verdict, step) {
        (_, Step::Paused) | (Verdict::RestartProcess, _) => Status::Critical,
        (Verdict::WrongArithmetic | Verdict::WorkerRetired | Verdict::BreakerOpen, _) => {
            Status::Unhealthy
        }
        (Verdict::WorkerDead | Verdict::WorkerUnresponsive, _) => Status::Unhealthy,
        (Verdict::ClockJump, _) => Status::Healthy,
        _ => Status::Degraded,
    }
}

fn alert(
    kind: &str,
    of: (ResourceType, String),
    severity: Status,
    session: &str,
    at: Timestamp,
) -> Alert {
    Alert {
        resource_type: of.0,
        resource_id: of.1,
        alert_type: kind.to_owned(),
        severity,
        message: String::new(),
        at,
        metadata: json!({"session": session}),
        resolved: false,
    }
}

fn over(kind: &str, of: (ResourceType, String), at: Timestamp) -> Record {
    Record::Over {
        resource_type: of.0,
        resource_id: of.1,
        alert_type: kind.to_owned(),
        at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records_of(verdict: Verdict, worker: Option<usize>, step: Step) -> Vec<Record> {
        let fact = "a fact".to_owned();
        let event = Event::Health(Finding {
            verdict,
            worker,
            fact,
            step,
        });
        records(&event, "night", Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_restart_is_an_alert_about_its_worker_that_is_over() {
        let step = Step::Restarting { restart: 1, of: 5 };
        let records = records_of(Verdict::WorkerDead, Some(2), step);
        let [Record::Alert(alert)] = &records[..] else {
            panic!("{records:?}")
        };
        assert_eq!(
            (alert.resource_id.as_str(), alert.alert_type.as_str()),
            ("night/worker-2", "worker-dead")
        );
        assert!(
            alert.resolved && alert.metadata["restart"] == 1 && alert.message.contains("a fact")
        );
    }

    #[test]
    fn what_goes_on_is_open_until_it_is_over() {
        let records = records_of(Verdict::DiskLow, None, Step::Paused);
        let [Record::Alert(alert)] = &records[..] else {
            panic!("{records:?}")
        };
        assert!(!alert.resolved && alert.severity == Status::Critical);
        let records = records_of(Verdict::DiskLow, None, Step::Resumed);
        let [
            Record::Over {
                resource_type,
                alert_type,
                ..
            },
        ] = &records[..]
        else {
            panic!("{records:?}")
        };
        assert_eq!(
            (*resource_type, alert_type.as_str()),
            (ResourceType::Output, "disk-low")
        );
    }

    #[test]
    fn keys_that_no_folder_takes_are_an_open_alert_until_all_are_saved() {
        let unsaved = Event::Unsaved {
            reason: "full".to_owned(),
            held: 1,
            retry: std::time::Duration::from_secs(5),
        };
        let records_of = |event| records(&event, "night", Timestamp::UNIX_EPOCH);
        assert!(matches!(&records_of(unsaved)[..], [Record::Alert(a)] if a.alert_type == UNSAVED));
        assert!(matches!(
            &records_of(Event::AllSaved)[..],
            [Record::Over { .. }]
        ));
    }
}
