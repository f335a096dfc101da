//! Slices of a worker's work between which supervision is switched on or off.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;

use crate::batch::Repeat;
use crate::clock::thread_time;
use crate::engine::coarse::Coarse;
use crate::engine::{EngineError, Survivor};
use crate::key::PublicKey;
use crate::search::sweep::Sweep;

/// What one worker did in one phase.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    /// Which phase.
    pub phase: u64,
    /// Candidates tested.
    pub candidates: u64,
    /// Wall time.
    pub wall: Duration,
    /// Processor time of its thread, where the system tells.
    pub processor: Option<Duration>,
}

/// An engine that tells what came of each phase; everything that its worker does between two sweeps counts.
pub(super) struct Toggled<S> {
    inner: S,
    phase: Arc<AtomicU64>,
    parts: Sender<Part>,
    begin: Option<(u64, Instant, Option<Duration>)>,
    candidates: u64,
}

impl<S: Sweep> Toggled<S> {
    /// Watches `inner`; parts go to `parts`.
    pub(super) fn new(inner: S, phase: Arc<AtomicU64>, parts: Sender<Part>) -> Self {
        Self {
            inner,
            phase,
            parts,
            begin: None,
            candidates: 0,
        }
    }

    /// Ends the part that runs, if its phase is over.
    fn turn(&mut self) {
        let phase = self.phase.load(Ordering::Relaxed);
        if self.begin.is_some_and(|(running, ..)| running == phase) {
            return;
        }
        let (wall, processor) = (Instant::now(), thread_time());
        if let Some((phase, since, used)) = self.begin.replace((phase, wall, processor)) {
            // Nobody may be listening any more: then the measurement is over.
            let _ = self.parts.send(Part {
                phase,
                candidates: self.candidates,
                wall: wall.saturating_duration_since(since),
                processor: processor
                    .zip(used)
                    .map(|(now, then)| now.saturating_sub(then)),
            });
        }
        self.candidates = 0;
    }
}

impl<S: Sweep> Sweep for Toggled<S> {
    fn lanes(&self) -> usize {
        self.inner.lanes()
    }

    fn candidates_per_sweep(&self) -> u64 {
        self.inner.candidates_per_sweep()
    }

    fn set_start(&mut self, lane: usize, public: &[u8; 32]) -> Result<(), EngineError> {
        self.inner.set_start(lane, public)
    }

    fn sweep(&mut self, coarse: &Coarse, accept: &mut dyn FnMut(Survivor)) {
        self.turn();
        self.inner.sweep(coarse, accept);
        self.candidates += self.inner.candidates_per_sweep();
    }

    fn buffer_bytes(&self) -> usize {
        self.inner.buffer_bytes()
    }

    fn calibrate(&mut self, coarse: &Coarse) -> Option<Duration> {
        self.inner.calibrate(coarse)
    }

    fn repeat(
        &self,
        survivor: Survivor,
        public_at: &dyn Fn(i64) -> Option<PublicKey>,
    ) -> Vec<Repeat> {
        self.inner.repeat(survivor, public_at)
    }

    fn check(&self) -> Result<(), EngineError> {
        self.inner.check()
    }
}
