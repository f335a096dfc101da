//! The metrics of a search and its workers: one family for each name that the manual lists.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use meshcore_keygen_gpu::{CardReadings, Throttle};

use super::family::Kind::{self, Counter, Gauge};
use super::family::Value::{self, Real, Whole};
use super::family::{Family, Label, Sample};
use crate::event::PauseReason;
use crate::exit::Ending;
use crate::health::Verdict;
use crate::health::state::WorkerState;
use crate::status::{Phase, Snapshot, WorkerSnapshot};

/// Reasons for which a search may pause; any other shows while it holds.
const PAUSES: [PauseReason; 3] = [
    PauseReason::User,
    PauseReason::Verdict(Verdict::DiskLow),
    PauseReason::Verdict(Verdict::Hot),
];

/// A family: what kind of, its name, what it is, and its samples in a snapshot.
type Row = (
    Kind,
    &'static str,
    &'static str,
    fn(&Snapshot) -> Vec<Sample>,
);

#[rustfmt::skip] // A table: a line each.
const ROWS: &[Row] = &[
    (Gauge, "keygen_info", "What searches: version, arithmetic at the start, session.", info),
    (Counter, "keygen_candidates", "Candidates tested by this process.", |s| one(Whole(s.candidates))),
    (Gauge, "keygen_candidates_per_second", "Candidates tested a second, lately.", |s| one(Real(s.rate))),
    (Gauge, "keygen_session_candidates", "Candidates tested in all runs of the session.", |s| one(Whole(s.totals.candidates))),
    (Gauge, "keygen_session_found", "Wanted keys found in all runs of the session.", |s| one(Whole(s.totals.found))),
    (Gauge, "keygen_session_state", "What the search does, or how it ended: 1 for the state that holds.", state),
    (Gauge, "keygen_chance_ratio", "The chance of having found a key by now since the last one, 0 to 1.", |s| one(Real(s.chance))),
    (Counter, "keygen_spot_checks", "Spot checks by exact recomputation, by their result.", spot_checks),
    (Counter, "keygen_spot_checks_expected", "Spot checks that were to be expected of so many candidates.", |s| one(Real(s.spot_checks.expected))),
    (Gauge, "keygen_worker_state", "The state of each worker: 1 for the one that it is in.", worker_states),
    (Gauge, "keygen_worker_score", "The score of each worker, 0 to 100.", |s| workers(s, |worker| Some(Whole(worker.score.into())))),
    (Gauge, "keygen_worker_rate", "Candidates that each worker tests in a second of processor time.", |s| workers(s, |worker| worker.rate.map(Real))),
    (Counter, "keygen_worker_restarts", "Restarts of each worker since the process began, by verdict or by command.", restarts),
    (Gauge, "keygen_gpu_temperature_celsius", "Temperature of each card.", |s| cards(s, |card| card.celsius.map(Real))),
    (Gauge, "keygen_gpu_clock_hertz", "Clock of each card's arithmetic.", |s| cards(s, |card| card.clock_mhz.map(|mhz| Real(1e6 * mhz)))),
    (Gauge, "keygen_gpu_power_watts", "Power that each card takes.", |s| cards(s, |card| card.watts.map(Real))),
    (Gauge, "keygen_gpu_memory_used_bytes", "Memory of each card that all programs use.", |s| cards(s, |card| card.memory_used.map(Whole))),
    (Gauge, "keygen_gpu_memory_bytes", "Memory of each card.", |s| cards(s, |card| card.memory_total.map(Whole))),
    (Gauge, "keygen_gpu_throttled", "Why the driver slows each card: 1 for each reason that holds.", throttled),
    (Gauge, "keygen_paused", "Reasons for which the search pauses: 1 for each that holds.", paused),
    (Gauge, "keygen_checkpoint_timestamp_seconds", "When the session's checkpoint was last written, in seconds since 1970.", checkpoint),
    (Gauge, "keygen_alerts_active", "Alerts that are not over.", alerts),
];

/// Everything about a search but its process.
pub(super) fn families(snapshot: &Snapshot) -> Vec<Family> {
    let family = |(kind, name, help, samples): &Row| Family {
        kind: *kind,
        name,
        help,
        samples: samples(snapshot),
    };
    ROWS.iter().map(family).collect()
}

/// The only sample of a family, without labels.
pub(super) fn one(value: Value) -> Vec<Sample> {
    vec![(Vec::new(), value)]
}

const fn holds(yes: bool) -> Value {
    Whole(yes as u64)
}

fn info(snapshot: &Snapshot) -> Vec<Sample> {
    let session = snapshot.session.clone().unwrap_or_default();
    let labels = vec![
        ("version", snapshot.version.into()),
        ("backend", snapshot.backend.clone().into()),
        ("session", session.into()),
    ];
    vec![(labels, Whole(1))]
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

fn state(snapshot: &Snapshot) -> Vec<Sample> {
    let now = snapshot.ending.unwrap_or(snapshot.phase.name());
    let sample = |state: &'static str| (vec![("state", state.into())], holds(state == now));
    states().into_iter().map(sample).collect()
}

fn spot_checks(snapshot: &Snapshot) -> Vec<Sample> {
    let checks = &snapshot.spot_checks;
    let results = [("confirmed", checks.confirmed), ("refuted", checks.refuted)];
    let sample =
        |(result, count): (&'static str, u64)| (vec![("result", result.into())], Whole(count));
    results.map(sample).into()
}

fn paused(snapshot: &Snapshot) -> Vec<Sample> {
    let mut reasons = PAUSES.to_vec();
    let others = snapshot.pauses.iter().map(|pause| pause.reason);
    reasons.extend(others.filter(|reason| !PAUSES.contains(reason)));
    let sample = |reason: PauseReason| {
        let now = snapshot.pauses.iter().any(|pause| pause.reason == reason);
        (vec![("reason", reason.name().into())], holds(now))
    };
    reasons.into_iter().map(sample).collect()
}

fn checkpoint(snapshot: &Snapshot) -> Vec<Sample> {
    let written = snapshot
        .checkpoint
        .map(|at| at.as_millisecond() as f64 / 1e3);
    written.map_or(Vec::new(), |written| one(Real(written)))
}

fn alerts(snapshot: &Snapshot) -> Vec<Sample> {
    let mut counts = BTreeMap::<_, u64>::new();
    for alert in &snapshot.alerts {
        let key = (alert.name.clone(), alert.severity);
        *counts.entry(key).or_default() += 1;
    }
    let sample = |((name, severity), count): ((String, &'static str), u64)| {
        let labels = vec![("name", name.into()), ("severity", severity.into())];
        (labels, Whole(count))
    };
    counts.into_iter().map(sample).collect()
}

fn workers(snapshot: &Snapshot, value: fn(&WorkerSnapshot) -> Option<Value>) -> Vec<Sample> {
    let workers = snapshot.workers.iter();
    let known = workers.filter_map(|worker| Some((vec![number(worker)], value(worker)?)));
    known.collect()
}

fn worker_states(snapshot: &Snapshot) -> Vec<Sample> {
    let states = |worker| {
        WorkerState::ALL
            .iter()
            .map(move |state| (worker, state.name()))
    };
    let sample = |(worker, state): (&WorkerSnapshot, &'static str)| {
        let labels = vec![number(worker), ("state", state.into())];
        (labels, holds(state == worker.state))
    };
    snapshot
        .workers
        .iter()
        .flat_map(states)
        .map(sample)
        .collect()
}

fn restarts(snapshot: &Snapshot) -> Vec<Sample> {
    let of = |worker| restarts_of(worker).map(move |(verdict, count)| (worker, verdict, count));
    let sample =
        |(worker, verdict, count)| (vec![number(worker), ("verdict", verdict)], Whole(count));
    snapshot.workers.iter().flat_map(of).map(sample).collect()
}

fn cards(snapshot: &Snapshot, value: fn(&CardReadings) -> Option<Value>) -> Vec<Sample> {
    let known = snapshot.workers.iter().filter_map(|worker| {
        let card = worker.card.as_ref()?;
        Some((labels(worker, card).into(), value(card)?))
    });
    known.collect()
}

fn throttled(snapshot: &Snapshot) -> Vec<Sample> {
    let mut samples = Vec::new();
    for worker in &snapshot.workers {
        let card = worker.card.as_ref();
        let Some((card, reasons)) = card.and_then(|card| Some((card, card.throttled.as_ref()?)))
        else {
            continue;
        };
        samples.extend(Throttle::ALL.map(|reason| {
            let [worker, device] = labels(worker, card);
            let labels = vec![worker, device, ("reason", reason.name().into())];
            (labels, holds(reasons.contains(&reason)))
        }));
    }
    samples
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
