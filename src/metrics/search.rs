//! The metrics of a search: one family for each name that the manual lists.

use super::family::{Family, Value};
use super::workers;
use crate::event::PauseReason;
use crate::exit::Ending;
use crate::health::Verdict;
use crate::status::{Phase, Snapshot};

/// Reasons for which a search may pause; any other shows while it holds.
const PAUSES: [PauseReason; 3] = [
    PauseReason::User,
    PauseReason::Verdict(Verdict::DiskLow),
    PauseReason::Verdict(Verdict::Hot),
];

/// Everything about a search but its process.
#[must_use]
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
    families.extend(workers::families(&snapshot.workers));
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
#[must_use]
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
    let key = |alert: &crate::status::ActiveAlert| (alert.name.clone(), alert.severity);
    let mut counts = std::collections::BTreeMap::<_, u64>::new();
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
pub(super) const fn holds(yes: bool) -> Value {
    Value::Whole(yes as u64)
}

#[cfg(test)]
mod tests;
