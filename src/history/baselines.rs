//! The baselines of earlier runs on this machine, for the supervisor of the next one.

use std::time::Duration;

use crossbeam_channel::Sender;

use crate::health::Learned;

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

/// The name of this machine's processor, as far as the system reports it.
pub(crate) fn machine() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("model name"));
    let name = line
        .and_then(|line| line.split_once(':'))
        .map(|(_, name)| name.trim());
    name.unwrap_or(std::env::consts::ARCH).to_owned()
}
