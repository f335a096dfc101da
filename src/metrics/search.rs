//! The metrics of a search and its workers: one family for each name that the manual lists.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use meshcore_keygen_gpu::{CardReadings, Throttle};

use super::family::{Family, Label, Value};
use crate::event::PauseReason;
use crate::exit::Ending;
use crate::health::Verdict;
use crate::health::state::WorkerState;
use crate::status::{ActiveAlert, Phase, Snapshot, WorkerSnapshot};

/// Reasons for which a search may pause; any other shows while it holds.
const PAUSES: [PauseReason; 3] = [
    PauseReason::User,
    PauseReason::Verdict(Verdict::DiskLow),
    PauseReason::Verdict(Verdict::Hot),
];

/// Everything about a search but its process.
pub(super) fn families(snapshot: &Snapshot) -> Vec<Family> {
    let mut families = vec![
        info(snapshot),
        Family::counter("keygen_candidates", "Candidates tested by this process.")
            .of(Value::Whole(snapshot.candidates)),
        Family::gauge(
            "keygen_candidates_per_second",
            "Candidates tested a second, lately.",
        )
        .of(Value::Real(snapshot.rate)),
        Family::gauge(
            "keygen_session_candidates",
            "Candidates tested in all runs of the session.",
        )
        .of(Value::Whole(snapshot.totals.candidates)),
        Family::gauge(
            "keygen_session_found",
            "Wanted keys found in all runs of the session.",
        )
        .of(Value::Whole(snapshot.totals.found)),
        state(snapshot),
        Family::gauge(
            "keygen_chance_ratio",
            "The chance of having found a key by now since the last one, 0 to 1.",
        )
        .of(Value::Real(snapshot.chance)),
    ];
    families.extend(spot_checks(snapshot));
    families.extend(of_workers(&snapshot.workers));
    families.extend(of_cards(&snapshot.workers));
    families.extend([paused(snapshot), checkpoint(snapshot), alerts(snapshot)]);
    families
}

fn info(snapshot: &Snapshot) -> Family {
    let labels = [
        ("version", snapshot.version.into()),
        ("backend", snapshot.backend.clone().into()),
        (
            "session",
            snapshot.session.clone().unwrap_or_default().into(),
        ),
    ];
    let help = "What searches: version, arithmetic at the start, session.";
    Family::gauge("keygen_info", help).with(labels, Value::Whole(1))
}

/// Names of the states that a search can be in; the last ones are ways to have ended.
pub(super) fn states() -> Vec<&'static str> {
    let going = Phase::ALL.iter().filter(|phase| **phase != Phase::Ended);
    let ways = Ending::ALL.iter().filter(|way| **way != Ending::BadInput);
    let mut names: Vec<_> = going.map(|phase| phase.name()).collect();
    names.extend(ways.map(|way| way.name()));
    names.dedup();
    names
}

fn state(snapshot: &Snapshot) -> Family {
    let now = snapshot.ending.unwrap_or(snapshot.phase.name());
    let help = "What the search does, or how it ended: 1 for the state that holds.";
    states().into_iter().fold(
        Family::gauge("keygen_session_state", help),
        |family, state| family.with([("state", state.into())], holds(state == now)),
    )
}

fn spot_checks(snapshot: &Snapshot) -> [Family; 2] {
    let checks = &snapshot.spot_checks;
    let results = [("confirmed", checks.confirmed), ("refuted", checks.refuted)];
    let help = "Spot checks by exact recomputation, by their result.";
    let done = Family::counter("keygen_spot_checks", help);
    let done = results.into_iter().fold(done, |family, (result, count)| {
        family.with([("result", result.into())], Value::Whole(count))
    });
    let expected = Family::counter(
        "keygen_spot_checks_expected",
        "Spot checks that were to be expected of so many candidates.",
    );
    [done, expected.of(Value::Real(checks.expected))]
}

fn paused(snapshot: &Snapshot) -> Family {
    let mut reasons = PAUSES.to_vec();
    let others = snapshot.pauses.iter().map(|pause| pause.reason);
    reasons.extend(others.filter(|reason| !PAUSES.contains(reason)));
    let help = "Reasons for which the search pauses: 1 for each that holds.";
    reasons
        .into_iter()
        .fold(Family::gauge("keygen_paused", help), |family, reason| {
            let now = snapshot.pauses.iter().any(|pause| pause.reason == reason);
            family.with([("reason", reason.name().into())], holds(now))
        })
}

fn checkpoint(snapshot: &Snapshot) -> Family {
    let written = snapshot
        .checkpoint
        .map(|at| at.as_millisecond() as f64 / 1e3);
    Family::gauge(
        "keygen_checkpoint_timestamp_seconds",
        "When the session's checkpoint was last written, in seconds since 1970.",
    )
    .maybe(written.map(Value::Real))
}

fn alerts(snapshot: &Snapshot) -> Family {
    let key = |alert: &ActiveAlert| (alert.name.clone(), alert.severity);
    let mut counts = BTreeMap::<_, u64>::new();
    for alert in &snapshot.alerts {
        *counts.entry(key(alert)).or_default() += 1;
    }
    let help = "Alerts that are not over.";
    counts.into_iter().fold(
        Family::gauge("keygen_alerts_active", help),
        |family, ((name, severity), count)| {
            let labels = [("name", name.into()), ("severity", severity.into())];
            family.with(labels, Value::Whole(count))
        },
    )
}

/// 1 where something holds, else 0.
const fn holds(yes: bool) -> Value {
    Value::Whole(yes as u64)
}

/// State, score, rate and restarts of each worker.
fn of_workers(workers: &[WorkerSnapshot]) -> [Family; 4] {
    let mut states = Family::gauge(
        "keygen_worker_state",
        "The state of each worker: 1 for the one that it is in.",
    );
    let mut scores = Family::gauge("keygen_worker_score", "The score of each worker, 0 to 100.");
    let mut rates = Family::gauge(
        "keygen_worker_rate",
        "Candidates that each worker tests in a second of processor time.",
    );
    let mut restarts = Family::counter(
        "keygen_worker_restarts",
        "Restarts of each worker since the process began, by verdict or by command.",
    );
    for worker in workers {
        for state in WorkerState::ALL.iter().map(|state| state.name()) {
            let labels = [number(worker), ("state", state.into())];
            states = states.with(labels, holds(state == worker.state));
        }
        scores = scores.with([number(worker)], Value::Whole(worker.score.into()));
        if let Some(rate) = worker.rate {
            rates = rates.with([number(worker)], Value::Real(rate));
        }
        for (verdict, count) in restarts_of(worker) {
            let labels = [number(worker), ("verdict", verdict)];
            restarts = restarts.with(labels, Value::Whole(count));
        }
    }
    [states, scores, rates, restarts]
}

/// Temperature, clock, power, memory and throttling of each card, as far as they are known.
fn of_cards(workers: &[WorkerSnapshot]) -> [Family; 6] {
    let gauge = |name, help, value: fn(&CardReadings) -> Option<Value>| {
        let known = workers.iter().filter_map(|worker| {
            let card = worker.card.as_ref()?;
            Some((labels(worker, card), value(card)?))
        });
        known.fold(Family::gauge(name, help), |family, (labels, value)| {
            family.with(labels, value)
        })
    };
    [
        gauge(
            "keygen_gpu_temperature_celsius",
            "Temperature of each card.",
            |card| card.celsius.map(Value::Real),
        ),
        gauge(
            "keygen_gpu_clock_hertz",
            "Clock of each card's arithmetic.",
            |card| card.clock_mhz.map(|mhz| Value::Real(1e6 * mhz)),
        ),
        gauge(
            "keygen_gpu_power_watts",
            "Power that each card takes.",
            |card| card.watts.map(Value::Real),
        ),
        gauge(
            "keygen_gpu_memory_used_bytes",
            "Memory of each card that all programs use.",
            |card| card.memory_used.map(Value::Whole),
        ),
        gauge("keygen_gpu_memory_bytes", "Memory of each card.", |card| {
            card.memory_total.map(Value::Whole)
        }),
        throttled(workers),
    ]
}

fn throttled(workers: &[WorkerSnapshot]) -> Family {
    let help = "Why the driver slows each card: 1 for each reason that holds.";
    let mut family = Family::gauge("keygen_gpu_throttled", help);
    for worker in workers {
        let Some((card, reasons)) =
            (worker.card.as_ref()).and_then(|card| Some((card, card.throttled.as_ref()?)))
        else {
            continue;
        };
        for reason in Throttle::ALL {
            let [worker, device] = labels(worker, card);
            let labels = [worker, device, ("reason", reason.name().into())];
            family = family.with(labels, holds(reasons.contains(&reason)));
        }
    }
    family
}

fn labels(worker: &WorkerSnapshot, card: &CardReadings) -> [Label; 2] {
    [number(worker), ("device", card.device.clone().into())]
}

fn number(worker: &WorkerSnapshot) -> Label {
    ("worker", worker.worker.to_string().into())
}

fn restarts_of(worker: &WorkerSnapshot) -> impl Iterator<Item = (Cow<'static, str>, u64)> {
    // Each count is there before the first restart for that reason.
    let verdicts = Verdict::ALL.iter().filter(|verdict| verdict.replaces());
    let known = verdicts.map(|verdict| verdict.name()).chain(["command"]);
    let known = known.map(Cow::Borrowed);
    let others = worker.restarts.keys().copied().map(Cow::Borrowed);
    let all: BTreeSet<Cow<'static, str>> = known.chain(others).collect();
    all.into_iter().map(|verdict| {
        let count = worker.restarts.get(verdict.as_ref());
        (verdict, count.copied().unwrap_or(0))
    })
}

#[cfg(test)]
mod tests;
