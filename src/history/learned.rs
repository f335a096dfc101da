//! Answers what earlier runs on this machine learned.

use std::path::Path;

use super::baselines::BaselineQuery;
use super::database::open_to_read;
use super::query;
use crate::health::Learned;

/// Baselines of earlier runs count a little less: a baseline only rises within a run, so one from a lucky minute fades
/// from run to run, unless it is learned again.
const FADED: f64 = 0.97;

/// Answers from the database, unless that is missing or can't be read.
pub(super) fn answer(asked: BaselineQuery, path: &Path) {
    let known = open_to_read(path)
        .ok()
        .and_then(|c| query::learned(&c, &asked.machine, &asked.filter, asked.workers).ok());
    let faded: Vec<_> = (known.into_iter().flatten().map(fade)).collect();
    if !faded.is_empty() {
        // A search that has ended needs no answer.
        let _ = asked.learned.try_send(faded);
    }
}

fn fade(learned: Learned) -> Learned {
    Learned {
        performance: FADED * learned.performance,
        rate: FADED * learned.rate,
        ..learned
    }
}
