//! What earlier runs learned to be normal on this machine, told to the supervisor of the next one.

use std::path::Path;
use std::time::Duration;

use crossbeam_channel::Sender;

use super::database::open_to_read;
use super::query;
use super::record::Baseline;
use crate::engine::Backend;
use crate::health::Learned;
use crate::health::baseline::Key;

/// What is remembered counts a little less than it did: a baseline only rises within a run, and one that was learned in
/// a lucky minute fades so from run to run, unless it is learned again.
const FADED: f64 = 0.97;

/// A question about what was learned, and where the answer goes.
#[derive(Debug)]
pub(crate) struct Recall {
    /// Time before the question is asked: a search that is over sooner needs no answer.
    pub after: Duration,
    /// The machine, by its processor's name.
    pub machine: String,
    /// The kind of filter.
    pub filter: String,
    /// Number of workers.
    pub workers: usize,
    /// Where the answer goes; there is none where nothing is known.
    pub learned: Sender<Vec<Learned>>,
}

impl Recall {
    /// Answers from the database; one that is missing or can't be read knows nothing.
    pub(super) fn answer(self, path: &Path) {
        let known = open_to_read(path)
            .ok()
            .and_then(|c| query::baselines(&c, &self.machine, &self.filter, self.workers).ok());
        let learned: Vec<_> = known.into_iter().flatten().filter_map(learned).collect();
        if !learned.is_empty() {
            // A search that has ended needs no answer.
            let _ = self.learned.try_send(learned);
        }
    }
}

/// What was learned, by a baseline of the database; nothing for arithmetic that this processor does not have.
fn learned(baseline: Baseline) -> Option<Learned> {
    let backends = Backend::supported();
    let backend = backends
        .into_iter()
        .find(|b| b.name() == baseline.backend)?;
    Some(Learned {
        key: Key {
            backend,
            filter: baseline.filter,
            workers: baseline.workers,
        },
        performance: FADED * baseline.performance,
        rate: FADED * baseline.rate,
    })
}

/// The baseline of the database for what was learned.
#[must_use]
pub(crate) fn baseline(learned: &Learned, machine: &str) -> Baseline {
    Baseline {
        machine: machine.to_owned(),
        backend: learned.key.backend.name().to_owned(),
        filter: learned.key.filter.clone(),
        workers: learned.key.workers,
        performance: learned.performance,
        rate: learned.rate,
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
