//! What a search stands on: the clock, the machine's probe, the workers' engines and what they look for. A simulated
//! night stands on other ground than a real one, and is the same search.

use std::io;
use std::sync::Arc;
use std::time::Instant;

use crossbeam_channel::Receiver;

use super::canary_bits;
use super::job::Job;
use crate::clock::Clock;
use crate::engine::Backend;
use crate::health::probe::Probe;
use crate::search::pool::{Crew, Pool};
use crate::search::target::{PatternTarget, Target};

/// Starts so many workers.
pub(super) type StartWorkers = dyn FnOnce(usize, Backend, &Crew) -> io::Result<Pool>;

/// Where a search runs.
pub(super) struct Ground {
    /// Its time.
    pub clock: Arc<dyn Clock>,
    /// The machine.
    pub probe: Box<dyn Probe>,
    /// Its workers.
    pub start_workers: Box<StartWorkers>,
    /// When the supervisor looks at them; `None`: at its own interval of real time.
    pub looks: Option<Receiver<Instant>>,
}

/// What the workers look for.
pub(super) struct Aim {
    /// Wanted, watched and spot-checked candidates.
    pub target: Arc<dyn Target>,
    /// The exact chance of a spot check a candidate.
    pub canary_chance: f64,
    /// The kind of filter, as far as speed depends on it.
    pub filter: String,
    /// Lines of the watchlist.
    pub lines: usize,
}

impl Aim {
    /// The patterns of a job, compiled; takes its watchlist along.
    pub fn of(job: &mut Job) -> Self {
        let bits = job.thresholds.canary_bits;
        let bits = bits.unwrap_or_else(|| canary_bits(job.backend));
        let target = PatternTarget::new(Arc::clone(&job.wanted), job.watchlist.take(), bits);
        Self {
            canary_chance: target.filter().canary().probability(),
            filter: target.coarse().kind(),
            lines: target.watchlist().map_or(0, |list| list.lines().len()),
            target: Arc::new(target),
        }
    }
}
