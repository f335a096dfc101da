//! Short slices of a worker's work, each between two readings of the clock of its core.

use std::time::{Duration, Instant};

use crossbeam_channel::Sender;

use super::core_clock::CoreClock;
use crate::clock::thread_time;
use crate::engine::coarse::Coarse;
use crate::engine::{EngineError, Survivor};
use crate::search::sweep::Sweep;

/// Wall time of a slice: long against a reading of the clock, short against the swings of a core's clock.
const SLICE: Duration = Duration::from_millis(25);

/// What a worker did in a slice; readings of the clock lie between slices and are not part of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Slice {
    /// Which engine, from 0.
    pub engine: usize,
    /// Candidates tested.
    pub candidates: u64,
    /// Wall time.
    pub wall: Duration,
    /// Processor time of the worker's thread, where the system tells.
    pub processor: Option<Duration>,
    /// Mean of the core's clock just before and just after, in cycles a second, where it can be measured.
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

/// The moment at which a slice begins.
#[derive(Clone, Copy)]
struct Moment {
    wall: Instant,
    processor: Option<Duration>,
    clock_hz: Option<f64>,
}

impl Moment {
    fn now(clock_hz: Option<f64>) -> Self {
        Self {
            wall: Instant::now(),
            processor: thread_time(),
            clock_hz,
        }
    }
}

/// An engine that measures its worker: everything between two slices' ends counts, whatever the worker does there.
pub(super) struct Sliced<S> {
    inner: S,
    engine: usize,
    clock: Option<CoreClock>,
    slices: Sender<Slice>,
    begin: Option<Moment>,
    candidates: u64,
    warm: bool,
}

impl<S: Sweep> Sliced<S> {
    /// Measures `inner`, the engine number `engine`; slices go to `slices`. The first one is left out: in it the core
    /// wakes up and memory is touched for the first time.
    pub(super) fn new(
        inner: S,
        engine: usize,
        clock: Option<CoreClock>,
        slices: Sender<Slice>,
    ) -> Self {
        Self {
            inner,
            engine,
            clock,
            slices,
            begin: None,
            candidates: 0,
            warm: false,
        }
    }

    fn read_clock(&self) -> Option<f64> {
        self.clock.map(CoreClock::read)
    }

    /// Ends the slice that began at `begin`, if it is long enough.
    fn close(&mut self, begin: Moment) {
        let wall = begin.wall.elapsed();
        if wall < SLICE {
            return;
        }
        let processor = begin.processor.zip(thread_time());
        let clock_hz = self.read_clock();
        let mean = |(before, after): (f64, f64)| (before + after) / 2.0;
        let slice = Slice {
            engine: self.engine,
            candidates: std::mem::take(&mut self.candidates),
            wall,
            processor: processor.map(|(begin, end)| end.saturating_sub(begin)),
            clock_hz: begin.clock_hz.zip(clock_hz).map(mean),
        };
        if std::mem::replace(&mut self.warm, true) {
            // Nobody may be listening any more: then the measurement is over.
            let _ = self.slices.send(slice);
        }
        self.begin = Some(Moment::now(clock_hz));
    }
}

impl<S: Sweep> Sweep for Sliced<S> {
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
        match self.begin {
            Some(begin) => self.close(begin),
            None => self.begin = Some(Moment::now(self.read_clock())),
        }
        self.inner.sweep(coarse, accept);
        self.candidates += self.inner.candidates_per_sweep();
    }

    fn buffer_bytes(&self) -> usize {
        self.inner.buffer_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_by_the_wall_and_cycles_are_by_the_processor() {
        let slice = Slice {
            engine: 0,
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
