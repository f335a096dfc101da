//! The metrics of the workers.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::family::{Family, Label, Value};
use super::search::holds;
use crate::health::Verdict;
use crate::health::state::WorkerState;
use crate::status::WorkerSnapshot;

/// State, score, rate and restarts of each worker.
#[must_use]
pub(super) fn families(workers: &[WorkerSnapshot]) -> [Family; 4] {
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
