//! An engine that cuts its worker's work into slices and measures each.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;

use super::core_clock::CoreClock;
use crate::batch::Repeat;
use crate::clock::thread_time;
use crate::engine::coarse::Coarse;
use crate::engine::{Centre, EngineError, Survivor};
use crate::key::PublicKey;
use crate::search::sweep::Sweep;

/// Wall time of a slice: long against a reading of the clock, short against the swings of a core's clock.
const SLICE: Duration = Duration::from_millis(25);

/// What a worker did in a slice; readings of the clock lie between slices and are not part of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Slice {
    /// Whose, from 1.
    pub worker: usize,
    /// The number of the slice, or of the phase that it was.
    pub phase: u64,
    /// Candidates tested.
    pub candidates: u64,
    pub wall: Duration,
    /// Processor time of the worker's thread, where the system tells.
    pub processor: Option<Duration>,
    /// Mean of the core's clock just before and just after, in cycles a second, where it was measured.
    pub clock_hz: Option<f64>,
}

impl Slice {
    /// Candidates a second of wall time.
    pub(super) fn rate(&self) -> f64 {
        self.candidates as f64 / self.wall.as_secs_f64()
    }

    /// Cycles of the core a candidate, by the time that the thread was really running.
    pub(super) fn cycles(&self) -> Option<f64> {
        let time = self.processor.unwrap_or(self.wall).as_secs_f64();
        self.clock_hz
            .map(|hertz| hertz * time / self.candidates as f64)
    }
}

/// What ends a slice.
#[derive(Clone)]
pub(super) enum Boundary {
    /// Its length; between slices the core's clock is read, if it can be.
    Length(Option<CoreClock>),
    /// A change of this number, the same for all workers.
    Phase(Arc<AtomicU64>),
}

/// The moment at which a slice begins.
#[derive(Clone, Copy)]
struct SliceStart {
    phase: u64,
    wall: Instant,
    processor: Option<Duration>,
    clock_hz: Option<f64>,
}

/// An engine that measures its worker: everything between two slices' ends counts, whatever the worker does there.
pub(super) struct Sliced<S> {
    inner: S,
    worker: usize,
    boundary: Boundary,
    slices: Sender<Slice>,
    start: Option<SliceStart>,
    candidates: u64,
}

impl<S> Sliced<S> {
    pub(super) fn new(inner: S, worker: usize, boundary: Boundary, slices: Sender<Slice>) -> Self {
        Self {
            inner,
            worker,
            boundary,
            slices,
            start: None,
            candidates: 0,
        }
    }

    /// The phase that a sweep that begins now belongs to.
    fn phase(&self) -> u64 {
        match (&self.boundary, self.start) {
            (Boundary::Phase(phase), _) => phase.load(Ordering::Relaxed),
            (Boundary::Length(_), None) => 0,
            (Boundary::Length(_), Some(start)) => {
                start.phase + u64::from(start.wall.elapsed() >= SLICE)
            }
        }
    }

    fn read_clock(&self) -> Option<f64> {
        match self.boundary {
            Boundary::Length(clock) => clock.map(CoreClock::read),
            Boundary::Phase(_) => None,
        }
    }

    /// Ends the slice if its phase is over, and begins the next.
    fn cut(&mut self) {
        let phase = self.phase();
        if self.start.is_some_and(|start| start.phase == phase) {
            return;
        }
        let (wall, processor) = (Instant::now(), thread_time());
        let clock_hz = self.read_clock();
        if let Some(start) = self.start {
            let mean = |(before, after): (f64, f64)| (before + after) / 2.0;
            let used = processor.zip(start.processor);
            // Nobody may be listening any more: then the measurement is over.
            let _ = self.slices.send(Slice {
                worker: self.worker,
                phase: start.phase,
                candidates: self.candidates,
                wall: wall.saturating_duration_since(start.wall),
                processor: used.map(|(now, then)| now.saturating_sub(then)),
                clock_hz: start.clock_hz.zip(clock_hz).map(mean),
            });
        }
        self.candidates = 0;
        self.start = Some(SliceStart {
            phase,
            wall: Instant::now(),
            processor: thread_time(),
            clock_hz,
        });
    }
}

impl<S: Sweep> Sweep for Sliced<S> {
    fn lanes(&self) -> usize {
        self.inner.lanes()
    }

    fn candidates_per_sweep(&self) -> u64 {
        self.inner.candidates_per_sweep()
    }

    fn set_start(&mut self, lane: usize, start: &Centre) -> Result<(), EngineError> {
        self.inner.set_start(lane, start)
    }

    fn sweep(
        &mut self,
        coarse: &Coarse,
        accept: &mut dyn FnMut(Survivor),
    ) -> Result<(), EngineError> {
        self.cut();
        self.inner.sweep(coarse, accept)?;
        self.candidates += self.inner.candidates_per_sweep();
        Ok(())
    }

    fn computes_in_thread(&self) -> bool {
        self.inner.computes_in_thread()
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

    fn check(&mut self) -> Result<(), EngineError> {
        self.inner.check()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_by_the_wall_and_cycles_are_by_the_processor() {
        let slice = Slice {
            worker: 1,
            phase: 1,
            candidates: 1_000,
            wall: Duration::from_millis(2),
            processor: Some(Duration::from_millis(1)),
            clock_hz: Some(3e9),
        };
        assert_eq!(slice.rate(), 500_000.0);
        assert_eq!(slice.cycles(), Some(3_000.0));
        let unknown = Slice {
            clock_hz: None,
            ..slice
        };
        assert_eq!(unknown.cycles(), None);
    }
}
