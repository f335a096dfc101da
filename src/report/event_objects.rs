//! Events as JSON objects, with the names and fields that docs/history.md documents.

use serde_json::{Value, json};

use crate::batch::{Repeat, WorkerEnd, WorkerId};
use crate::event::{Event, Found};
use crate::health::{ActionTaken, Finding, HealthSummary, Vitals, WorkerVitals};
use crate::key::hex;
use crate::status::Snapshot;

/// The name and the fields of an event; nothing for those that come with every batch, or that tell threads something.
pub(crate) fn of(event: &Event) -> Option<(&'static str, Value)> {
    Some(match event {
        Event::Found(found) => ("found", self::found(found)),
        Event::EngineError { id, lane, count } => (
            "engine-error",
            worker(*id, json!({"lane": lane, "count": count})),
        ),
        Event::Repeated { id, repeats } => ("repeated", worker(*id, repeated(repeats))),
        Event::WorkerEnded { id, end } => ("worker-ended", worker(*id, ended(end))),
        Event::Health(finding) => ("health", self::finding(finding)),
        Event::Suspected { id, windows, of } => (
            "suspected",
            worker(*id, json!({"windows": windows, "of": of})),
        ),
        Event::Vitals(vitals) => ("vitals", self::vitals(vitals)),
        Event::RestartWanted => ("restart-wanted", json!({})),
        Event::HealthSummary(summary) => ("health-summary", health(summary)),
        Event::Refused { id, reason } => ("refused", worker(*id, json!({"reason": reason}))),
        Event::Unsaved {
            reason,
            held,
            retry,
        } => (
            "unsaved",
            json!({"reason": reason, "held": held, "retry_seconds": retry.as_secs_f64()}),
        ),
        Event::ReplacedByUser { worker } => ("replaced-by-user", json!({"worker": worker})),
        Event::AllSaved => ("all-saved", json!({})),
        Event::Command(name) => ("command", json!({"command": name})),
        Event::Gap(gap) => {
            let seconds = gap.length().as_secs_f64();
            let fields =
                json!({"kind": gap.kind, "from": gap.from, "to": gap.to, "seconds": seconds});
            ("gap", fields)
        }
        Event::Enough => ("enough", json!({})),
        Event::NothingLeft => ("nothing-left", json!({})),
        Event::Batch(_)
        | Event::Resources(_)
        | Event::Checkup(_)
        | Event::Glance(_)
        | Event::WorkersDone
        | Event::SaverDone { .. }
        | Event::PausesChanged(_) => return None,
    })
}

/// Where the search stands.
pub(crate) fn progress(snapshot: &Snapshot) -> Value {
    json!({
        "seconds": snapshot.totals.working_seconds,
        "candidates": snapshot.totals.candidates,
        "rate": snapshot.rate,
        "found": snapshot.totals.found,
        "chance_so_far": snapshot.chance,
    })
}

/// The private key is never in it, not even where the user asked to see it on the screen.
fn found(found: &Found) -> Value {
    let mut object = json!({
        "kind": found.kind,
        "public_key": hex::encode(&found.public),
        "files": found.file_names(),
        "pattern": found.pattern,
        "candidates": found.candidates,
        "seconds": found.at.as_secs_f64(),
        "fallback": found.fallback,
        "again": found.again,
    });
    if let (Value::Object(object), Some(claim)) = (&mut object, found.claim()) {
        object.extend(claim.place().as_object().cloned().unwrap_or_default());
    }
    object
}

fn worker(id: WorkerId, mut fields: Value) -> Value {
    if let Value::Object(map) = &mut fields {
        map.insert("worker".to_owned(), id.worker.into());
        map.insert("generation".to_owned(), id.generation.into());
    }
    fields
}

fn repeated(repeats: &[Repeat]) -> Value {
    let one = |repeat: &Repeat| json!({"lane": repeat.lane, "backend": repeat.backend.name(), "right": repeat.right});
    json!({"repeats": repeats.iter().map(one).collect::<Vec<_>>()})
}

fn ended(end: &WorkerEnd) -> Value {
    let (how, reason) = match end {
        WorkerEnd::Stopped => ("stopped", None),
        WorkerEnd::BudgetSpent => ("budget-spent", None),
        WorkerEnd::NoRandomness(reason) => ("no-randomness", Some(reason)),
        WorkerEnd::EngineFailed(reason) => ("engine-failed", Some(reason)),
        WorkerEnd::WrongAnswers(reason) => ("wrong-answers", Some(reason)),
        WorkerEnd::Panicked(reason) => ("panicked", Some(reason)),
    };
    json!({"how": how, "reason": reason})
}

fn finding(finding: &Finding) -> Value {
    let (restart, of) = match finding.action {
        ActionTaken::Restarting { restart, of } => (Some(restart), Some(of)),
        _ => (None, None),
    };
    json!({
        "verdict": finding.verdict.name(),
        "worker": finding.worker,
        "fact": finding.detail,
        "step": finding.action.name(),
        "restart": restart,
        "of": of,
    })
}

fn vitals(vitals: &Vitals) -> Value {
    let one = |worker: &WorkerVitals| {
        json!({
            "worker": worker.id.worker,
            "generation": worker.id.generation,
            "backend": worker.backend.name(),
            "state": worker.state.name(),
            "score": worker.score,
            "rate": worker.rate,
            "performance": worker.performance,
            "processor": worker.processor,
            "restarts": worker.restarts,
            "card": worker.card,
        })
    };
    json!({
        "state": vitals.state.name(),
        "workers": vitals.workers.iter().map(one).collect::<Vec<_>>(),
        "memory": vitals.readings.resident,
        "disk_free": vitals.readings.disk.map(|disk| disk.free),
        "temperature": vitals.readings.temperature.map(|t| t.celsius),
        "abandoned_threads": vitals.zombies,
        "spot_checks": vitals.spot_checks.confirmed,
        "spot_checks_expected": vitals.spot_checks.expected,
        "refuted": vitals.spot_checks.refuted,
    })
}

fn health(summary: &HealthSummary) -> Value {
    json!({
        "state": summary.state.name(),
        "restarts": summary.totals.restarts,
        "availability": summary.totals.availability(),
        "lost_seconds": summary.totals.lost_seconds,
        "refuted": summary.spot_checks.refuted,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::FoundKind;
    use crate::event::Revealed;
    use crate::health::Verdict;

    #[test]
    fn a_found_key_is_named_with_its_files_and_never_with_its_secret() {
        let start = crate::key::Start::from_bytes(&[0x42; 32]);
        let private = start.key(0).unwrap();
        let secret = private.hex();
        let event = Event::Found(Box::new(Found {
            kind: FoundKind::Wanted,
            pattern: "prefix F8".to_owned(),
            public: private.public(),
            files: vec!["/k/a".into()],
            fallback: false,
            trouble: Vec::new(),
            mode_kept: true,
            candidates: 10,
            at: std::time::Duration::from_secs(1),
            private: Some(Revealed(private.hex())),
            again: false,
            chance_left: None,
            claim: None,
        }));
        let (name, object) = of(&event).unwrap();
        assert_eq!((name, &object["files"][0]), ("found", &"/k/a".into()));
        assert!(!object.to_string().contains(secret.expose()));
    }

    #[test]
    fn a_finding_has_its_verdict_and_what_was_done() {
        let finding = Finding {
            verdict: Verdict::WorkerDead,
            worker: Some(1),
            detail: "it panicked".to_owned(),
            action: ActionTaken::Restarting { restart: 2, of: 5 },
        };
        let (name, object) = of(&Event::Health(finding)).unwrap();
        assert_eq!(name, "health");
        assert_eq!(
            (&object["verdict"], &object["step"]),
            (&"worker-dead".into(), &"restarting".into())
        );
        assert_eq!((&object["restart"], &object["of"]), (&2.into(), &5.into()));
    }
}
