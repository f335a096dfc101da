//! The metrics of a search: one family for each name that the manual lists.

use std::borrow::Cow;

use super::family::{Family, Value};
use super::workers;
use crate::exit::Ending;
use crate::status::{Phase, Standing};

/// Reasons for which a search may pause; any other shows while it holds.
const PAUSES: [&str; 3] = ["user", "disk-low", "hot"];

/// Everything about a search but its process.
#[must_use]
pub(super) fn families(standing: &Standing) -> Vec<Family> {
    let mut families = vec![
        info(standing),
        Family::counter("keygen_candidates", "Candidates tested by this process.")
            .of(Value::Whole(standing.candidates)),
        Family::gauge(
            "keygen_candidates_per_second",
            "Candidates tested a second, lately.",
        )
        .of(Value::Real(standing.rate)),
        Family::gauge(
            "keygen_session_candidates",
            "Candidates tested in all runs of the session.",
        )
        .of(Value::Whole(standing.session_candidates)),
        Family::gauge(
            "keygen_session_found",
            "Wanted keys found in all runs of the session.",
        )
        .of(Value::Whole(standing.found)),
        state(standing),
        Family::gauge(
            "keygen_chance_ratio",
            "The chance of having found a key by now since the last one, 0 to 1.",
        )
        .of(Value::Real(standing.chance)),
    ];
    families.extend(spot_checks(standing));
    families.extend(workers::families(&standing.workers));
    families.extend([paused(standing), checkpoint(standing), alerts(standing)]);
    families
}

fn info(standing: &Standing) -> Family {
    let labels = [
        ("version", standing.version.into()),
        ("backend", standing.backend.clone().into()),
        (
            "session",
            standing.session.clone().unwrap_or_default().into(),
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

fn state(standing: &Standing) -> Family {
    let now = standing.ending.unwrap_or(standing.phase.name());
    let help = "What the search does, or how it ended: 1 for the state that holds.";
    states().into_iter().fold(
        Family::gauge("keygen_session_state", help),
        |family, state| family.with([("state", state.into())], holds(state == now)),
    )
}

fn spot_checks(standing: &Standing) -> [Family; 2] {
    let checks = &standing.spot_checks;
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

fn paused(standing: &Standing) -> Family {
    let mut reasons: Vec<Cow<'static, str>> = PAUSES.map(Cow::Borrowed).into();
    let others = standing.pauses.iter().map(|pause| pause.reason.clone());
    reasons.extend(
        others
            .filter(|o| !PAUSES.contains(&o.as_str()))
            .map(Cow::Owned),
    );
    let help = "Reasons for which the search pauses: 1 for each that holds.";
    reasons
        .into_iter()
        .fold(Family::gauge("keygen_paused", help), |family, reason| {
            let now = standing.pauses.iter().any(|pause| pause.reason == reason);
            family.with([("reason", reason)], holds(now))
        })
}

fn checkpoint(standing: &Standing) -> Family {
    let written = standing
        .checkpoint
        .map(|at| at.as_millisecond() as f64 / 1e3);
    Family::gauge(
        "keygen_checkpoint_timestamp_seconds",
        "When the session's checkpoint was last written, in seconds since 1970.",
    )
    .maybe(written.map(Value::Real))
}

fn alerts(standing: &Standing) -> Family {
    let key = |alert: &crate::status::ActiveAlert| (alert.name.clone(), alert.severity);
    let mut counts = std::collections::BTreeMap::<_, u64>::new();
    for alert in &standing.alerts {
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
