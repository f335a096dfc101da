//! A scripted engine and a target with one answer for everything, so that tests of counting are deterministic.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crossbeam_channel::{Receiver, unbounded};
use curve25519_dalek::edwards::CompressedEdwardsY;
use curve25519_dalek::{EdwardsPoint, Scalar};

use super::confirm::exact_words;
use super::hit::{Hit, HitSink};
use super::outbox::Outbox;
use super::shared::{Heartbeat, Shared};
use super::sweep::Sweep;
use super::target::{Class, Target, WatchLine};
use super::watchlist_counters::WatchlistCounters;
use super::worker::Task;
use crate::batch::{BatchReport, WorkerId};
use crate::clock::{Clock, SimulatedClock};
use crate::engine::coarse::Coarse;
use crate::engine::{Backend, Centre, EngineError, Survivor};
use crate::pattern::Plausible;

/// Candidates that a scripted engine claims for a sweep.
pub const SWEEP: u64 = 100;

/// A survivor that a scripted engine yields: lane, offset, and bits to flip in its low word.
pub type Scripted = (usize, i64, u64);

/// A lane and the public key of its start.
pub type LaneStart = (usize, [u8; 32]);

/// An engine of two lanes, or more, that yields what it was told, with exact words, and notes the starts it was given.
#[derive(Default)]
pub struct ScriptedEngine {
    /// Survivors by sweep, from 1.
    pub script: HashMap<u64, Vec<Scripted>>,
    /// Lanes, if these are more than two.
    pub lanes: usize,
    /// The sweep in which it panics.
    pub panics_in: Option<u64>,
    /// Starts in the order in which they were set.
    pub starts: Arc<Mutex<Vec<LaneStart>>>,
    pub current: HashMap<usize, [u8; 32]>,
    pub sweeps: u64,
}

impl ScriptedEngine {
    /// An engine that yields these survivors in its first sweep.
    pub fn yielding(survivors: &[Scripted]) -> Self {
        Self {
            script: HashMap::from([(1, survivors.to_vec())]),
            ..Self::default()
        }
    }
}

impl Sweep for ScriptedEngine {
    fn lanes(&self) -> usize {
        self.lanes.max(2)
    }

    fn candidates_per_sweep(&self) -> u64 {
        SWEEP
    }

    fn set_start(&mut self, lane: usize, start: &Centre) -> Result<(), EngineError> {
        let public = start.point().compress();
        self.starts.lock().unwrap().push((lane, public));
        self.current.insert(lane, public);
        Ok(())
    }

    fn sweep(&mut self, _: &Coarse, accept: &mut dyn FnMut(Survivor)) -> Result<(), EngineError> {
        self.sweeps += 1;
        assert_ne!(self.panics_in, Some(self.sweeps), "scripted panic");
        for (lane, offset, flip) in self.script.get(&self.sweeps).cloned().unwrap_or_default() {
            let (low, high) = exact_words(&at_offset(&self.current[&lane], offset));
            accept(Survivor {
                lane,
                offset,
                low: low ^ flip,
                high,
            });
        }
        Ok(())
    }

    fn buffer_bytes(&self) -> usize {
        1000
    }
}

/// The public key of the start's scalar plus eight times the offset.
fn at_offset(start: &[u8; 32], offset: i64) -> [u8; 32] {
    let start = CompressedEdwardsY(*start).decompress().unwrap();
    let distance = EdwardsPoint::mul_base(&(Scalar::from(8 * offset.unsigned_abs())));
    let public = if offset < 0 {
        start - distance
    } else {
        start + distance
    };
    public.compress().to_bytes()
}

/// A target that says the same of every candidate.
#[derive(Default)]
pub struct OneAnswer {
    /// About the words.
    pub plausible: Plausible,
    /// About the public key.
    pub class: Class,
    pub(super) coarse: Coarse,
}

impl OneAnswer {
    /// Everything is wanted.
    pub fn wanted() -> Self {
        Self {
            plausible: Plausible {
                wanted: true,
                ..Plausible::default()
            },
            class: Class {
                wanted: Some("all".to_owned()),
                ..Class::default()
            },
            ..Self::default()
        }
    }

    /// Everything is on line 0 of the watchlist.
    pub fn watched() -> Self {
        Self {
            plausible: Plausible {
                watched: true,
                ..Plausible::default()
            },
            class: Class {
                watched: vec![0],
                ..Class::default()
            },
            ..Self::default()
        }
    }

    /// Everything is a spot check.
    pub fn spot_check() -> Self {
        Self {
            plausible: Plausible {
                spot_check: true,
                ..Plausible::default()
            },
            class: Class {
                spot_check: true,
                ..Class::default()
            },
            ..Self::default()
        }
    }
}

impl Target for OneAnswer {
    fn coarse(&self) -> &Coarse {
        &self.coarse
    }

    fn plausible(&self, _low: u64, _high: u64) -> Plausible {
        self.plausible
    }

    fn classify(&self, _public: &[u8; 32]) -> Class {
        self.class.clone()
    }

    fn watch_line(&self, index: usize) -> WatchLine {
        WatchLine {
            text: format!("line {}", index + 1),
            ..WatchLine::default()
        }
    }
}

/// A task with the other ends of its channels.
pub struct Bench {
    /// What the worker shares.
    pub shared: Arc<Shared>,
    /// The worker's sign of life.
    pub heartbeat: Arc<Heartbeat>,
    /// Its clock.
    pub clock: Arc<SimulatedClock>,
    /// Its hits.
    pub hits: Receiver<Hit>,
    /// Its reports.
    pub reports: Receiver<BatchReport>,
}

/// A task for one worker that may test `candidates`, whose hits go to a channel with `room`, and whose watchlist has
/// one line.
pub fn task(target: OneAnswer, candidates: u64, room: usize) -> (Task, Bench) {
    let shared = Arc::new(Shared::new(Some(candidates), WatchlistCounters::new(1, 1)));
    let clock = Arc::new(SimulatedClock::new());
    clock.advance(Duration::from_secs(5));
    let heartbeat = Arc::new(Heartbeat::default());
    let (hit_sender, hits) = crossbeam_channel::bounded(room);
    let (report_sender, reports) = unbounded();
    let task = Task {
        id: WorkerId {
            worker: 1,
            generation: 0,
        },
        target: Arc::new(target),
        shared: Arc::clone(&shared),
        heartbeat: Arc::clone(&heartbeat),
        sink: HitSink::Save(hit_sender),
        outbox: Outbox::new(report_sender),
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        batch_size: Some(SWEEP),
        backend: Backend::Portable,
    };
    (
        task,
        Bench {
            shared,
            heartbeat,
            clock,
            hits,
            reports,
        },
    )
}
