//! What earlier runs learned to be normal on this machine, told to the supervisor of the next one.

use std::path::Path;
use std::time::Duration;

use crossbeam_channel::Sender;

use super::database::open_to_read;
use super::query;
use crate::health::Learned;

/// What is remembered counts a little less than it did: a baseline only rises within a run, and one that was learned in
/// a lucky minute fades so from run to run, unless it is learned again.
const FADED: f64 = 0.97;

/// A question about what was learned, and where the answer goes.
#[derive(Debug)]
pub(crate) struct BaselineQuery {
    /// Time before the question is asked: a search that is over sooner needs no answer.
    pub after: Duration,
    /// The machine, by its processor's name.
    pub machine: String,
    /// The kind of filter.
    pub filter: String,
    pub workers: usize,
    /// Where the answer goes; there is none where nothing is known.
    pub learned: Sender<Vec<Learned>>,
}

impl BaselineQuery {
    /// Answers from the database; one that is missing or can't be read knows nothing.
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

/// The name of this machine's processor, as far as the system tells.
#[must_use]
pub(crate) fn machine() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("model name"));
    let name = line
        .and_then(|line| line.split_once(':'))
        .map(|(_, name)| name.trim());
    name.unwrap_or(std::env::consts::ARCH).to_owned()
}
