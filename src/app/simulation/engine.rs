//! Engines without arithmetic: they say how many candidates a sweep tests, and yield spot checks and keys by chance and
//! by order, at offsets of their real starts, so that everything behind them is real.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};
use curve25519_dalek::edwards::CompressedEdwardsY;
use curve25519_dalek::{EdwardsPoint, Scalar};

use crate::app::simulation::environment::{Flaw, Order, World};
use crate::batch::WorkerId;
use crate::engine::coarse::Coarse;
use crate::engine::{Centre, EngineError, Survivor};
use crate::health::fixtures::Noise;
use crate::pattern::Plausible;
use crate::search::confirm::exact_words;
use crate::search::sweep::Sweep;
use crate::search::target::{Class, Target, WatchLine};

/// Lanes of an engine.
const LANES: usize = 4;

/// Candidates of a sweep, over all lanes.
pub const SWEEP: u64 = 16_000_000;

/// Sweeps that a healthy worker makes in a second.
pub const SWEEPS: u32 = 8;

/// The chance of a spot check: wide enough that computing them exactly does not take the time of the test.
pub const CHANCE: f64 = 1.0 / (1u64 << 27) as f64;

/// The bit of the low word that tells spot checks from keys, where everything else is left to chance.
const KEY: u64 = 1 << 32;

/// A worker that waits for its next second.
pub struct Arrival {
    /// Who.
    pub id: WorkerId,
    /// Where it learns what to do.
    pub go: Sender<Order>,
}

/// The engine of one worker.
pub struct Engine {
    id: WorkerId,
    world: Arc<World>,
    noise: Noise,
    arrivals: Sender<Arrival>,
    /// Nothing ever comes from here; it closes with the night.
    end: Receiver<()>,
    /// Candidates that the engines of this process have tested.
    tested: Arc<AtomicU64>,
    starts: Vec<EdwardsPoint>,
    left: u32,
    finds: bool,
}

impl Engine {
    /// The engine of a worker that waits at `arrivals`; where it hangs, until `end` closes.
    pub fn new(
        id: WorkerId,
        world: Arc<World>,
        arrivals: Sender<Arrival>,
        end: Receiver<()>,
        tested: Arc<AtomicU64>,
    ) -> Self {
        let seed = 1000 * id.worker as u64 + u64::from(id.generation);
        Self {
            id,
            world,
            noise: Noise::new(seed),
            arrivals,
            end,
            tested,
            starts: vec![EdwardsPoint::default(); LANES],
            left: 0,
            finds: false,
        }
    }

    /// Waits for the next second.
    fn next_second(&mut self) {
        let (go, orders) = bounded(1);
        let id = self.id;
        // Without an answer the search ends, and this is the worker's last sweep.
        let _ = self.arrivals.send(Arrival { id, go });
        let order = orders.recv().unwrap_or_default();
        self.world.begin_second();
        self.left = self.sweeps();
        self.finds = order == Order::Find;
        match order {
            Order::Work | Order::Find => {}
            // Without the hook's message: it is meant.
            Order::Panic => std::panic::resume_unwind(Box::new("a panic on purpose")),
            Order::Hang => {
                self.world.hangs.fetch_add(1, Ordering::SeqCst);
                let _ = self.end.recv();
                // A sweep that hung tested nothing.
                std::panic::resume_unwind(Box::new("the end of a hang"))
            }
        }
    }

    /// Sweeps that it makes in a second.
    fn sweeps(&self) -> u32 {
        match self.world.flaw(self.id) {
            Some(Flaw::Slow) => SWEEPS / 2,
            _ => SWEEPS,
        }
    }

    /// A candidate of this lane that is a key, or a spot check.
    fn candidate(&mut self, lane: usize, key: bool) -> Survivor {
        loop {
            let offset = (self.noise.bits() >> 24) as i64;
            let distance = EdwardsPoint::mul_base(&Scalar::from(8 * offset.unsigned_abs()));
            let public = (self.starts[lane] + distance).compress().to_bytes();
            let (low, high) = exact_words(&public);
            // Such keys are not for MeshCore.
            let reserved = matches!(public[0], 0 | 0xff);
            if (low & KEY != 0) == key && !reserved {
                if key {
                    self.world.found.lock().unwrap().push(public);
                }
                return Survivor {
                    lane,
                    offset,
                    low,
                    high,
                };
            }
        }
    }
}

impl Sweep for Engine {
    fn lanes(&self) -> usize {
        LANES
    }

    fn candidates_per_sweep(&self) -> u64 {
        SWEEP
    }

    fn set_start(&mut self, lane: usize, start: &Centre) -> Result<(), EngineError> {
        let start = CompressedEdwardsY(start.point().compress()).decompress();
        self.starts[lane] = start.expect("a public key is a point");
        if lane + 1 == LANES {
            let id = (self.id.worker, self.id.generation);
            self.world.ready.lock().unwrap().insert(id);
        }
        Ok(())
    }

    fn sweep(&mut self, _: &Coarse, accept: &mut dyn FnMut(Survivor)) -> Result<(), EngineError> {
        if self.left == 0 {
            self.next_second();
        }
        self.world.work(Duration::from_secs(1) / self.sweeps());
        self.left -= 1;
        self.tested.fetch_add(SWEEP, Ordering::SeqCst);
        let wrong = self.world.flaw(self.id) == Some(Flaw::Wrong);
        let checks = self.noise.poisson(SWEEP as f64 * CHANCE);
        for key in (0..checks)
            .map(|_| false)
            .chain(std::mem::take(&mut self.finds).then_some(true))
        {
            let lane = (self.noise.bits() % LANES as u64) as usize;
            let mut survivor = self.candidate(lane, key);
            survivor.low ^= u64::from(wrong);
            accept(survivor);
        }
        Ok(())
    }

    fn buffer_bytes(&self) -> usize {
        1 << 20
    }

    fn calibrate(&mut self, _: &Coarse) -> Option<Duration> {
        let noise = 1.0 + 0.03 * self.noise.normal();
        Some(Duration::from_secs_f64(20e-6 * noise.max(0.5)))
    }
}

/// Tells keys from spot checks by a bit.
#[derive(Default)]
pub struct Bit(Coarse);

impl Target for Bit {
    fn coarse(&self) -> &Coarse {
        &self.0
    }

    fn plausible(&self, low: u64, _: u64) -> Plausible {
        let wanted = low & KEY != 0;
        Plausible {
            wanted,
            spot_check: !wanted,
            ..Plausible::default()
        }
    }

    fn classify(&self, public: &[u8; 32]) -> Class {
        let wanted = exact_words(public).0 & KEY != 0;
        Class {
            wanted: wanted.then(|| "prefix F8A1B2C3D4".to_owned()),
            spot_check: !wanted,
            ..Class::default()
        }
    }

    fn watch_line(&self, _: usize) -> WatchLine {
        WatchLine::default()
    }
}
