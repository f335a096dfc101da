//! What a worker needs of an engine: the real sweeper, alone or with what supervision needs beside it, or one that tests
//! script.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::confirm::agree;
use crate::batch::Repeat;
use crate::clock::thread_time;
use crate::engine::coarse::{Coarse, WordRule};
use crate::engine::table::Table;
use crate::engine::{Backend, Centre, EngineError, Survivor, Sweeper, self_test};
use crate::key::PublicKey;

/// An engine that searches several lanes at once.
pub trait Sweep {
    /// Number of independent searches.
    fn lanes(&self) -> usize;

    /// Candidates that one sweep tests, over all lanes.
    fn candidates_per_sweep(&self) -> u64;

    /// Restarts a lane at its start.
    ///
    /// # Errors
    /// The lane does not exist, or a device fails.
    fn set_start(&mut self, lane: usize, start: &Centre) -> Result<(), EngineError>;

    /// Tests so many candidates as [`Sweep::candidates_per_sweep`] tells and calls `accept` for each that the coarse rules let
    /// through.
    ///
    /// # Errors
    /// [`EngineError::Device`]: the device that computes fails.
    fn sweep(
        &mut self,
        coarse: &Coarse,
        accept: &mut dyn FnMut(Survivor),
    ) -> Result<(), EngineError>;

    /// Whether the worker's own thread computes: then its processor time tells how much it could do.
    fn computes_in_thread(&self) -> bool {
        true
    }

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
    fn check(&mut self) -> Result<(), EngineError> {
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

    fn set_start(&mut self, lane: usize, start: &Centre) -> Result<(), EngineError> {
        self.set_centre(lane, start);
        Ok(())
    }

    fn sweep(
        &mut self,
        coarse: &Coarse,
        accept: &mut dyn FnMut(Survivor),
    ) -> Result<(), EngineError> {
        self.sweep(coarse, accept);
        Ok(())
    }

    fn buffer_bytes(&self) -> usize {
        self.buffer_bytes()
    }
}

/// Points of the small table: a sample takes some twenty microseconds, whatever the backend.
const POINTS: usize = 64;

/// A sweeper under supervision.
pub struct Instrumented {
    table: Arc<Table>,
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
            main: Sweeper::new(backend, Arc::clone(&table))?,
            table,
            small: Sweeper::new(backend, Arc::new(Table::new(POINTS)))?,
            started: false,
        })
    }

    /// Sets every lane of the small sweeper to the first start; what it tests is not counted and not kept.
    fn start_small(&mut self, start: &Centre) {
        if !std::mem::replace(&mut self.started, true) {
            (0..self.small.lanes()).for_each(|lane| self.small.set_centre(lane, start));
        }
    }
}

/// Sweeps once more around the centre of the sweep that yielded a survivor; returns whether its candidate comes out
/// right, `None` where that can't be done.
fn repeated(
    backend: Backend,
    table: &Arc<Table>,
    survivor: Survivor,
    public_at: &dyn Fn(i64) -> Option<PublicKey>,
) -> Option<bool> {
    let mut sweeper = Sweeper::new(backend, Arc::clone(table)).ok()?;
    let width = i64::try_from(sweeper.candidates_per_lane()).ok()?;
    let centre = (survivor.offset + width / 2).div_euclid(width) * width;
    let (start, exact) = (public_at(centre)?, public_at(survivor.offset)?);
    (0..sweeper.lanes())
        .try_for_each(|lane| sweeper.set_start(lane, &start))
        .ok()?;
    let lane = survivor.lane % sweeper.lanes();
    let everything = Coarse {
        low: WordRule::Masked { mask: 0, value: 0 },
        ..Coarse::default()
    };
    let mut right = None;
    sweeper.sweep(&everything, &mut |again| {
        if again.lane == lane && again.offset == survivor.offset - centre {
            right = Some(agree(again.low, again.high, &exact));
        }
    });
    right
}

/// The backend that repeats what `backend` got wrong: the next slower one, or for the slowest the one before it.
fn other_than(backend: Backend) -> Backend {
    let supported = Backend::supported();
    let index = supported.iter().position(|b| *b == backend).unwrap_or(0);
    let neighbour = supported
        .get(index + 1)
        .or_else(|| supported.get(index.wrapping_sub(1)));
    neighbour.copied().unwrap_or(backend)
}

impl Sweep for Instrumented {
    fn lanes(&self) -> usize {
        self.main.lanes()
    }

    fn candidates_per_sweep(&self) -> u64 {
        self.main.candidates_per_sweep()
    }

    fn set_start(&mut self, lane: usize, start: &Centre) -> Result<(), EngineError> {
        self.start_small(start);
        self.main.set_centre(lane, start);
        Ok(())
    }

    fn sweep(
        &mut self,
        coarse: &Coarse,
        accept: &mut dyn FnMut(Survivor),
    ) -> Result<(), EngineError> {
        self.main.sweep(coarse, accept);
        Ok(())
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

    fn repeat(
        &self,
        survivor: Survivor,
        public_at: &dyn Fn(i64) -> Option<PublicKey>,
    ) -> Vec<Repeat> {
        let backend = self.main.backend();
        let repeats = [backend, other_than(backend)]
            .into_iter()
            .filter_map(|backend| {
                let right = repeated(backend, &self.table, survivor, public_at)?;
                let lane = survivor.lane;
                Some(Repeat {
                    lane,
                    backend,
                    right,
                })
            });
        repeats.collect()
    }

    fn check(&mut self) -> Result<(), EngineError> {
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
                let public = Start::fresh().unwrap().public();
                let start = Centre::decompress(&public).unwrap();
                engine.set_start(lane, &start).unwrap();
            }
            let sample = engine.calibrate(&Coarse::default()).unwrap();
            assert!(sample > Duration::ZERO && sample < Duration::from_secs(1));
            assert_eq!(engine.check(), Ok(()));
        }
    }

    #[test]
    fn a_refuted_sweep_is_repeated_where_it_was_and_on_another_backend() {
        let start = Start::fresh().unwrap();
        let public_at = |offset| start.candidate(offset).ok().map(|c| c.public());
        for backend in Backend::supported() {
            let engine = Instrumented::new(backend, Arc::new(Table::new(8))).unwrap();
            for offset in [-8, 0, 8, 9, 25, 1_000_003, -1_000_003] {
                let survivor = Survivor {
                    lane: 1,
                    offset,
                    low: 0,
                    high: 0,
                };
                let repeats = engine.repeat(survivor, &public_at);
                assert_eq!(repeats.len(), 2, "{backend} at {offset}");
                assert!(
                    repeats
                        .iter()
                        .all(|repeat| repeat.right && repeat.lane == 1)
                );
                assert_eq!(repeats[0].backend, backend);
            }
            let wrong = |offset: i64| public_at(offset + i64::from(offset == 3));
            let survivor = Survivor {
                lane: 0,
                offset: 3,
                low: 0,
                high: 0,
            };
            assert!(
                engine
                    .repeat(survivor, &wrong)
                    .iter()
                    .all(|repeat| !repeat.right)
            );
        }
    }
}
