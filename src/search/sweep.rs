//! What a worker needs of an engine: the real sweeper, or one that tests script.

use std::time::Duration;

use crate::batch::Repeat;
use crate::engine::coarse::Coarse;
use crate::engine::{EngineError, Survivor, Sweeper};
use crate::key::PublicKey;

/// An engine that searches several lanes at once.
pub trait Sweep {
    /// Number of independent searches.
    fn lanes(&self) -> usize;

    /// Candidates that one sweep tests, over all lanes.
    fn candidates_per_sweep(&self) -> u64;

    /// Begins a lane anew at the public key of its start.
    ///
    /// # Errors
    /// The lane does not exist, or the bytes are no point of the curve.
    fn set_start(&mut self, lane: usize, public: &[u8; 32]) -> Result<(), EngineError>;

    /// Sweeps all lanes once and calls `accept` for each candidate that the coarse rules let through.
    fn sweep(&mut self, coarse: &Coarse, accept: &mut dyn FnMut(Survivor));

    /// Bytes that the engine's own buffers hold.
    fn buffer_bytes(&self) -> usize;

    /// Runs the same code on a small table of its own; returns how long that took, or `None` where there is none.
    fn calibrate(&mut self, _coarse: &Coarse) -> Option<Duration> {
        None
    }

    /// Repeats the sweep that yielded a refuted survivor, on this backend and on another, with fresh engines;
    /// `public_at` is the exact public key at an offset from the lane's start.
    fn repeat(
        &self,
        _survivor: Survivor,
        _public_at: &dyn Fn(i64) -> Option<PublicKey>,
    ) -> Vec<Repeat> {
        Vec::new()
    }

    /// Computes known answers.
    ///
    /// # Errors
    /// They came out wrong.
    fn check(&self) -> Result<(), EngineError> {
        Ok(())
    }
}

impl Sweep for Sweeper {
    fn lanes(&self) -> usize {
        self.lanes()
    }

    fn candidates_per_sweep(&self) -> u64 {
        self.candidates_per_sweep()
    }

    fn set_start(&mut self, lane: usize, public: &[u8; 32]) -> Result<(), EngineError> {
        self.set_start(lane, public)
    }

    fn sweep(&mut self, coarse: &Coarse, accept: &mut dyn FnMut(Survivor)) {
        self.sweep(coarse, accept);
    }

    fn buffer_bytes(&self) -> usize {
        self.buffer_bytes()
    }
}
