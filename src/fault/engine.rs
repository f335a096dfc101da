//! An engine with faults: a wrapper around the real one that fails on schedule.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Onsets;
use super::compete::Competition;
use super::{WorkerFault, WorkerKind};
use crate::batch::{Repeat, WorkerId};
use crate::engine::coarse::Coarse;
use crate::engine::{Centre, EngineError, Survivor};
use crate::key::PublicKey;
use crate::search::sweep::Sweep;

/// The faults of a whole search; each affects one engine, and not its replacement.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults {
    open: Arc<Mutex<Vec<WorkerFault>>>,
    onsets: Onsets,
}

impl Faults {
    /// Faults that have not affected an engine yet.
    pub(crate) fn new(faults: Vec<WorkerFault>, onsets: Onsets) -> Self {
        Self {
            open: Arc::new(Mutex::new(faults)),
            onsets,
        }
    }

    /// The engine of a worker with its faults; each further engine in that slot has the next one.
    pub(crate) fn wrap(&self, id: WorkerId, engine: Box<dyn Sweep>) -> Faulty {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let index = open.iter().position(|fault| fault.worker == id.worker);
        Faulty {
            engine,
            fault: index.map(|index| open.remove(index)),
            start: Instant::now(),
            leaked: 0.0,
            noise: 0x9E37_79B9_7F4A_7C15,
            begun: false,
            onsets: self.onsets.clone(),
            competition: None,
            healthy: (Duration::ZERO, 0),
        }
    }
}

/// An engine with at most one fault.
pub(crate) struct Faulty {
    engine: Box<dyn Sweep>,
    fault: Option<WorkerFault>,
    start: Instant,
    leaked: f64,
    noise: u64,
    begun: bool,
    onsets: Onsets,
    competition: Option<Competition>,
    /// Time of all sweeps without a fault, and their number.
    healthy: (Duration, u32),
}

impl Faulty {
    /// The fault that acts now.
    fn active(&mut self) -> Option<WorkerKind> {
        let fault = self.fault.as_ref()?;
        let since = self.start.elapsed().checked_sub(fault.at)?;
        let kind = (since < fault.lasts).then_some(fault.kind)?;
        if !self.begun {
            self.begun = true;
            self.onsets.note(kind.into(), Some(fault.worker));
        }
        Some(kind)
    }

    /// Keeps competitors running while the fault lasts; where there can't be any, the fault does nothing.
    fn compete(&mut self, kind: Option<WorkerKind>) {
        match kind {
            Some(WorkerKind::Starve { programs }) if self.competition.is_none() => {
                self.competition = Competition::start(programs).ok();
            }
            Some(WorkerKind::Starve { .. }) => {}
            _ => self.competition = None,
        }
    }

    /// Leaks as much memory as the rate asks for by now.
    fn leak(&mut self, rate: f64) {
        const BLOCK: usize = 1 << 20;
        let at = self.fault.map_or(Duration::ZERO, |fault| fault.at);
        let due = rate * self.start.elapsed().saturating_sub(at).as_secs_f64();
        while self.leaked + BLOCK as f64 <= due {
            // Filled, not zeroed: memory that was never written to is not resident. The compiler must not see that
            // nothing reads it, or it optimises it away.
            std::mem::forget(std::hint::black_box(vec![1u8; BLOCK]));
            self.leaked += BLOCK as f64;
        }
    }

    /// Makes a sweep that took so long as slow as the factor says.
    fn slow_down(&mut self, took: Duration, factor: f64) {
        if self.engine.computes_in_thread() {
            return burn(took.mul_f64(1.0 / factor - 1.0));
        }
        if self.healthy.1 == 0 {
            self.healthy = (took, 1);
        }
        let usual = self.healthy.0 / self.healthy.1;
        std::thread::sleep(missing(usual, took, factor));
    }
}

impl Sweep for Faulty {
    fn lanes(&self) -> usize {
        self.engine.lanes()
    }

    fn candidates_per_sweep(&self) -> u64 {
        self.engine.candidates_per_sweep()
    }

    fn set_start(&mut self, lane: usize, start: &Centre) -> Result<(), EngineError> {
        self.engine.set_start(lane, start)
    }

    #[allow(clippy::panic)]
    fn sweep(
        &mut self,
        coarse: &Coarse,
        accept: &mut dyn FnMut(Survivor),
    ) -> Result<(), EngineError> {
        let before = Instant::now();
        let active = self.active();
        self.compete(active);
        match active {
            Some(WorkerKind::Wrong { lane, rate }) => {
                let Self { engine, noise, .. } = self;
                engine.sweep(coarse, &mut |survivor| {
                    accept(corrupt(survivor, lane, rate, noise));
                })
            }
            Some(WorkerKind::Hang { spins }) => {
                let fault = self.fault.as_ref();
                let end = fault
                    .and_then(|fault| self.start.checked_add(fault.at)?.checked_add(fault.lasts));
                hang(spins, end);
                self.engine.sweep(coarse, accept)
            }
            Some(WorkerKind::Panic) => panic!("a fault on purpose"),
            Some(WorkerKind::Lost) => Err(EngineError::Device("the device is lost".to_owned())),
            Some(WorkerKind::Slow { factor }) => {
                let swept = self.engine.sweep(coarse, accept);
                self.slow_down(before.elapsed(), factor);
                swept
            }
            Some(WorkerKind::Leak { rate }) => {
                self.leak(rate);
                self.engine.sweep(coarse, accept)
            }
            Some(WorkerKind::Starve { .. }) => self.engine.sweep(coarse, accept),
            None => {
                let swept = self.engine.sweep(coarse, accept);
                self.healthy.0 += before.elapsed();
                self.healthy.1 += 1;
                swept
            }
        }
    }

    fn computes_in_thread(&self) -> bool {
        self.engine.computes_in_thread()
    }

    fn buffer_bytes(&self) -> usize {
        self.engine.buffer_bytes()
    }

    fn calibrate(&mut self, coarse: &Coarse) -> Option<Duration> {
        self.engine.calibrate(coarse)
    }

    fn repeat(
        &self,
        survivor: Survivor,
        public_at: &dyn Fn(i64) -> Option<PublicKey>,
    ) -> Vec<Repeat> {
        self.engine.repeat(survivor, public_at)
    }

    fn check(&mut self) -> Result<(), EngineError> {
        self.engine.check()
    }
}

/// Flips one of the 48 bits that both words certainly hold, in this share of the lane's survivors.
fn corrupt(survivor: Survivor, lane: Option<usize>, rate: f64, noise: &mut u64) -> Survivor {
    *noise ^= *noise << 13;
    *noise ^= *noise >> 7;
    *noise ^= *noise << 17;
    let hit = (*noise >> 11) as f64 / (1u64 << 53) as f64 <= rate;
    if !hit || lane.is_some_and(|lane| lane != survivor.lane) {
        return survivor;
    }
    Survivor {
        low: survivor.low ^ 1 << (*noise % 48),
        ..survivor
    }
}

/// The pause after a sweep of a device that makes it as slow as the factor says, compared with a usual sweep: the device
/// works on during the pause, which shortens the next sweep, so that this one's own time says nothing.
fn missing(usual: Duration, took: Duration, factor: f64) -> Duration {
    usual.mul_f64(1.0 / factor).saturating_sub(took)
}

fn burn(time: Duration) {
    let start = Instant::now();
    while start.elapsed() < time {
        std::hint::spin_loop();
    }
}

/// Responds to no flag, until then or forever.
fn hang(spins: bool, end: Option<Instant>) {
    loop {
        let left = end.map(|end| end.saturating_duration_since(Instant::now()));
        match left {
            Some(Duration::ZERO) => return,
            _ if spins => std::hint::spin_loop(),
            Some(left) => std::thread::park_timeout(left),
            None => std::thread::park(),
        }
    }
}

#[cfg(test)]
#[path = "engine_tests.rs"]
mod tests;
