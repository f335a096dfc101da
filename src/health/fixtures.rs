//! What tests of health share: made-up reports and repeatable noise.

use std::time::Duration;

use super::Watched;
use crate::batch::{BatchReport, LaneCounts, WorkerId};
use crate::engine::Backend;

/// The first worker.
pub const ID: WorkerId = WorkerId {
    worker: 1,
    generation: 0,
};

/// A search that is judged, with so many workers on processors and so many cards.
pub fn watched(processors: usize, cards: usize) -> Watched {
    Watched {
        workers: processors + cards,
        working: processors,
        cards,
        backend: Backend::Portable,
        backends: vec![Backend::Portable],
        filter: "f".to_owned(),
        chance: 1e-9,
        judging: true,
    }
}

/// A report over two lanes with a right spot check each, of a thread that always ran.
pub fn report(id: WorkerId, candidates: u64, seconds: f64) -> BatchReport {
    let lane = LaneCounts {
        spot_checks: 1,
        ..LaneCounts::default()
    };
    BatchReport {
        id,
        batches: 1,
        batch_size: Some(candidates),
        candidates,
        sweeps: 1,
        wall: Duration::from_secs_f64(seconds),
        processor: Some(Duration::from_secs_f64(seconds)),
        lanes: vec![lane; 2],
        skipped: 0,
        buffer_bytes: 1000,
        calibration: vec![Duration::from_micros(20); 8],
        repeats: Vec::new(),
    }
}

/// A generator of repeatable noise (splitmix64).
pub struct Noise(u64);

impl Noise {
    /// The noise of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Uniform over 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Uniform between two numbers.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Between two numbers, small ones as likely as great ones on a logarithmic scale.
    pub fn log_between(&mut self, low: f64, high: f64) -> f64 {
        self.between(low.ln(), high.ln()).exp()
    }

    /// Normal with mean 0 and deviation 1.
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.between(1e-300, 1.0).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.between(0.0, 1.0)).cos()
    }

    /// Poisson with this mean.
    pub fn poisson(&mut self, mean: f64) -> u64 {
        let (floor, mut product) = ((-mean).exp(), self.between(0.0, 1.0));
        let mut count = 0;
        while product > floor {
            product *= self.between(0.0, 1.0);
            count += 1;
        }
        count
    }
}
