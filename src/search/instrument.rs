//! A sweeper with what supervision needs beside it: a small one for calibration, and the known-answer test.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::sweep::Sweep;
use crate::clock::thread_time;
use crate::engine::coarse::Coarse;
use crate::engine::table::Table;
use crate::engine::{Backend, EngineError, Survivor, Sweeper, self_test};

/// Points of the small table: a sample takes some twenty microseconds, whatever the backend.
const POINTS: usize = 64;

/// A sweeper under supervision.
pub struct Instrumented {
    main: Sweeper,
    small: Sweeper,
    started: bool,
}

impl Instrumented {
    /// A sweeper on `table`, with a small one beside it.
    ///
    /// # Errors
    /// The processor lacks the backend.
    pub fn new(backend: Backend, table: Arc<Table>) -> Result<Self, EngineError> {
        Ok(Self {
            main: Sweeper::new(backend, table)?,
            small: Sweeper::new(backend, Arc::new(Table::new(POINTS)))?,
            started: false,
        })
    }

    /// Sets every lane of the small sweeper to the first start; what it tests is not counted and not kept.
    fn start_small(&mut self, public: &[u8; 32]) -> Result<(), EngineError> {
        if std::mem::replace(&mut self.started, true) {
            return Ok(());
        }
        (0..self.small.lanes()).try_for_each(|lane| self.small.set_start(lane, public))
    }
}

impl Sweep for Instrumented {
    fn lanes(&self) -> usize {
        self.main.lanes()
    }

    fn candidates_per_sweep(&self) -> u64 {
        self.main.candidates_per_sweep()
    }

    fn set_start(&mut self, lane: usize, public: &[u8; 32]) -> Result<(), EngineError> {
        self.start_small(public)?;
        self.main.set_start(lane, public)
    }

    fn sweep(&mut self, coarse: &Coarse, accept: &mut dyn FnMut(Survivor)) {
        self.main.sweep(coarse, accept);
    }

    fn buffer_bytes(&self) -> usize {
        self.main.buffer_bytes() + self.small.buffer_bytes()
    }

    fn calibrate(&mut self, coarse: &Coarse) -> Option<Duration> {
        // The first run brings code and table into the cache; only the second is measured.
        self.small.sweep(coarse, &mut |_| {});
        let before = (thread_time(), Instant::now());
        self.small.sweep(coarse, &mut |_| {});
        let processor = thread_time()
            .zip(before.0)
            .map(|(end, start)| end.saturating_sub(start));
        Some(processor.unwrap_or_else(|| before.1.elapsed()))
    }

    fn check(&self) -> Result<(), EngineError> {
        self_test(self.main.backend())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Start;

    #[test]
    fn every_backend_can_be_calibrated_and_checked() {
        for backend in Backend::supported() {
            let mut engine = Instrumented::new(backend, Arc::new(Table::new(8))).unwrap();
            for lane in 0..engine.lanes() {
                engine
                    .set_start(lane, &Start::fresh().unwrap().public())
                    .unwrap();
            }
            let sample = engine.calibrate(&Coarse::default()).unwrap();
            assert!(sample > Duration::ZERO && sample < Duration::from_secs(1));
            assert_eq!(engine.check(), Ok(()));
        }
    }
}
