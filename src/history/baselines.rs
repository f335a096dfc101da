//! The baselines of earlier runs on this machine, for the supervisor of the next one.

use std::path::Path;
use std::time::Duration;

use crossbeam_channel::Sender;

use super::database::open_to_read;
use super::query;
use crate::health::Learned;

/// Baselines of earlier runs count a little less: a baseline only rises within a run, so one from a lucky minute fades
/// from run to run, unless it is learned again.
const FADED: f64 = 0.97;

/// A query for baselines, and where the answer goes.
#[derive(Debug)]
pub(crate) struct BaselineQuery {
    /// Time before the query is made: a search that is over sooner needs no answer.
    pub after: Duration,
    /// The machine, by its processor's name.
    pub machine: String,
    /// The kind of filter.
    pub filter: String,
    pub workers: usize,
    /// Where the answer goes; there is none if no baseline is known.
    pub learned: Sender<Vec<Learned>>,
}

impl BaselineQuery {
    /// Answers from the database, unless that is missing or can't be read.
    pub(super) fn answer(self, path: &Path) {
        let known = open_to_read(path)
            .ok()
            .and_then(|c| query::learned(&c, &self.machine, &self.filter, self.workers).ok());
        let faded: Vec<_> = (known.into_iter().flatten().map(fade)).collect();
        if !faded.is_empty() {
            // A search that has ended needs no answer.
            let _ = self.learned.try_send(faded);
        }
    }
}

fn fade(learned: Learned) -> Learned {
    Learned {
        performance: FADED * learned.performance,
        rate: FADED * learned.rate,
        ..learned
    }
}

/// The name of this machine's processor, as far as the system reports it.
pub(crate) fn machine() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("model name"));
    let name = line
        .and_then(|line| line.split_once(':'))
        .map(|(_, name)| name.trim());
    name.unwrap_or(std::env::consts::ARCH).to_owned()
}
