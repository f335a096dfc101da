//! An OpenCL device as an engine of a worker.

use std::time::Duration;

use meshcore_keygen_gpu::{GpuError, GpuSweeper};

use super::sweep::Sweep;
use crate::engine::coarse::Coarse;
use crate::engine::{Backend, Centre, EngineError, Survivor};

/// What a device's speed is compared with: nothing else runs on it, so that its rate is its performance.
const ITS_OWN_MEASURE: Duration = Duration::from_millis(1);

/// A search on a device.
pub(crate) struct Card(pub GpuSweeper);

impl Sweep for Card {
    fn lanes(&self) -> usize {
        self.0.lanes()
    }

    fn candidates_per_sweep(&self) -> u64 {
        self.0.candidates_per_sweep()
    }

    fn set_start(&mut self, lane: usize, start: &Centre) -> Result<(), EngineError> {
        self.0.set_point(lane, start.point()).map_err(engine_error)
    }

    fn sweep(
        &mut self,
        coarse: &Coarse,
        accept: &mut dyn FnMut(Survivor),
    ) -> Result<(), EngineError> {
        self.0.sweep(coarse, accept).map_err(engine_error)
    }

    fn computes_in_thread(&self) -> bool {
        false
    }

    /// None of this process: its memory is the device's.
    fn buffer_bytes(&self) -> usize {
        0
    }

    fn calibrate(&mut self, _: &Coarse) -> Option<Duration> {
        Some(ITS_OWN_MEASURE)
    }

    fn check(&mut self) -> Result<(), EngineError> {
        self.0.check().map_err(engine_error)
    }
}

/// What a device's error is for the pool.
pub(crate) fn engine_error(error: GpuError) -> EngineError {
    match error {
        GpuError::NotAPoint { lane } => EngineError::NotAPoint { lane },
        GpuError::WrongAnswer { .. } => EngineError::WrongAnswer {
            backend: Backend::OpenCl,
            what: error.to_string(),
        },
        _ => EngineError::Device(error.to_string()),
    }
}

#[cfg(test)]
#[path = "card_tests.rs"]
mod tests;
