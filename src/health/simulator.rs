//! A simulated machine: cores whose speed swings, bursts without processor, noisy calibration, suspensions; and a
//! monitor that watches workers on them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::fixtures::Noise;
use super::monitor::{Monitor, Watched};
use super::slot_health::ThreadSample;
use super::thresholds::Thresholds;
use super::verdict::{Decision, Verdict};
use crate::batch::{BatchReport, LaneCounts, WorkerId};
use crate::engine::Backend;

/// Seconds of a batch.
const STEP: f64 = 0.25;

/// Candidates a second of a core at full speed.
const SPEED: f64 = 130e6;

/// The exact chance of a spot check: 23 bits.
const CHANCE: f64 = 1.0 / (1 << 23) as f64;

const LANES: usize = 16;

/// One core and the worker on it.
struct Core {
    level: f64,
    level_left: f64,
    burst_in: f64,
    burst_left: f64,
    common: f64,
    common_left: f64,
    processor: f64,
    beats: u64,
    dense_left: u32,
}

impl Core {
    fn new(noise: &mut Noise) -> Self {
        Self {
            level: noise.between(0.6, 1.0),
            level_left: noise.log_between(1.0, 300.0),
            burst_in: noise.between(0.0, 60.0),
            burst_left: 0.0,
            common: 1.0,
            common_left: 0.0,
            processor: 0.0,
            beats: 0,
            dense_left: 0,
        }
    }

    /// Lets `wall` seconds pass; returns running time, work (in seconds at full speed) and the levels at which
    /// calibration samples would be taken.
    fn run(&mut self, wall: f64, noise: &mut Noise) -> (f64, f64, Vec<(f64, f64)>) {
        let (mut left, mut running, mut work, mut levels) = (wall, 0.0, 0.0, Vec::new());
        while left > 1e-9 {
            let bursting = self.burst_left > 0.0;
            let until = if bursting {
                self.burst_left
            } else {
                self.burst_in
            };
            let part = left.min(until).min(self.level_left).max(1e-6);
            left -= part;
            self.level_left -= part;
            if bursting {
                self.burst_left -= part;
            } else {
                running += part;
                work += part * self.level;
                levels.push((part, self.level));
                self.burst_in -= part;
            }
            self.turn(noise);
        }
        self.processor += running;
        (running, work, levels)
    }

    /// Draws what comes next where something is over.
    fn turn(&mut self, noise: &mut Noise) {
        if self.level_left <= 1e-6 {
            self.level = noise.between(0.6, 1.0);
            self.level_left = noise.log_between(1.0, 300.0);
        }
        if self.burst_left <= 1e-6 && self.burst_in <= 1e-6 {
            self.burst_left = noise.log_between(0.01, 2.0);
            self.burst_in = noise.log_between(0.5, 120.0);
        }
        if self.burst_left < 1e-6 {
            self.burst_left = 0.0;
        }
    }

    /// Calibration samples: each with 10 % noise of its own, and all with up to 10 % in common for some seconds.
    fn calibrate(
        &mut self,
        levels: &[(f64, f64)],
        running: f64,
        noise: &mut Noise,
    ) -> Vec<Duration> {
        self.common_left -= STEP;
        if self.common_left <= 0.0 {
            self.common = noise.between(0.9, 1.1);
            self.common_left = noise.log_between(0.25, 10.0);
        }
        let count = if self.dense_left > 0 { 8 } else { 2 };
        self.dense_left = self.dense_left.saturating_sub(1);
        let mut sample = || {
            let mut at = noise.between(0.0, running);
            let part = levels.iter().find(|(part, _)| {
                at -= part;
                at <= 0.0
            });
            let level = part.or(levels.last())?.1;
            let own = (1.0 + 0.1 * noise.normal()).max(0.5);
            Some(Duration::from_secs_f64(20e-6 * self.common * own / level))
        };
        (0..count).filter_map(|_| sample()).collect()
    }
}

/// What a simulation has come to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Restarts and their verdicts, with the windows of the faulty worker from the fault to the decision.
    pub restarts: Vec<(Verdict, u64)>,
    /// Clock jumps that were noticed.
    pub jumps: usize,
    /// Suspensions there were.
    pub suspensions: usize,
}

/// A machine with two cores and their monitor.
pub struct Machine {
    noise: Noise,
    cores: Vec<Core>,
    monitor: Monitor,
    now: f64,
    asleep: f64,
    suspend_in: f64,
    /// What the first worker's engine makes of the core's speed: 1 while it is well.
    pub factor: f64,
    windows_at_fault: Option<u64>,
    /// What has come of it so far.
    pub outcome: Outcome,
}

impl Machine {
    /// The machine of a seed.
    pub fn new(seed: u64) -> Self {
        let mut noise = Noise::new(seed);
        let watched = Watched {
            workers: 2,
            working: 2,
            cards: 0,
            backend: Backend::Avx512Ifma,
            backends: vec![Backend::Avx512Ifma, Backend::Avx2, Backend::Portable],
            filter: "prefix".to_owned(),
            chance: CHANCE,
            judging: true,
        };
        let monitor = Monitor::new(watched, Thresholds::default(), Duration::ZERO, UNIX_EPOCH);
        Self {
            cores: (0..2).map(|_| Core::new(&mut noise)).collect(),
            suspend_in: noise.log_between(600.0, 20_000.0),
            noise,
            monitor,
            now: 0.0,
            asleep: 0.0,
            factor: 1.0,
            windows_at_fault: None,
            outcome: Outcome::default(),
        }
    }

    fn now(&self) -> Duration {
        Duration::from_secs_f64(self.now)
    }

    fn wall(&self) -> SystemTime {
        UNIX_EPOCH + self.now() + Duration::from_secs_f64(self.asleep)
    }

    /// The engine of the first worker becomes slower from now on.
    pub fn slow_down(&mut self, factor: f64) {
        self.factor = factor;
        self.windows_at_fault = Some(self.monitor.slots()[0].history.windows);
    }

    /// Lets so many seconds pass.
    pub fn run(&mut self, seconds: f64) {
        let end = self.now + seconds;
        while self.now < end && self.outcome.restarts.is_empty() {
            self.step();
        }
    }

    fn step(&mut self) {
        let slept = self.suspend();
        self.now += STEP;
        for worker in 1..=self.cores.len() {
            let report = self.batch(worker, slept);
            let decisions = report.map(|report| self.monitor.report(&report, self.now()));
            self.obey(decisions.unwrap_or_default());
        }
        let look = |core: &Core| ThreadSample {
            beats: core.beats,
            processor: Some(Duration::from_secs_f64(core.processor)),
            blocked: Some(false),
        };
        let looks: Vec<_> = self.cores.iter().map(look).collect();
        let decisions = self.monitor.tick(&looks, self.now(), self.wall());
        self.obey(decisions);
    }

    /// Now and then the machine is suspended, with a monotonic clock that continues or stands still.
    fn suspend(&mut self) -> f64 {
        self.suspend_in -= STEP;
        if self.suspend_in > 0.0 {
            return 0.0;
        }
        self.suspend_in = self.noise.log_between(600.0, 20_000.0);
        let slept = self.noise.log_between(3.0, 30_000.0);
        self.outcome.suspensions += 1;
        if self.noise.bits().is_multiple_of(2) {
            self.now += slept;
            return slept;
        }
        self.asleep += slept;
        0.0
    }

    /// The batch of a worker, unless it had no processor at all.
    fn batch(&mut self, worker: usize, slept: f64) -> Option<BatchReport> {
        let core = &mut self.cores[worker - 1];
        let (running, work, levels) = core.run(STEP, &mut self.noise);
        if running < 0.01 {
            return None;
        }
        core.beats += 1;
        let factor = if worker == 1 { self.factor } else { 1.0 };
        let candidates = (work * SPEED * factor) as u64;
        let mean = candidates as f64 * CHANCE / LANES as f64;
        let lane = |noise: &mut Noise| LaneCounts {
            spot_checks: noise.poisson(mean),
            ..LaneCounts::default()
        };
        Some(BatchReport {
            id: WorkerId {
                worker,
                generation: 0,
            },
            batches: 1,
            candidates,
            wall: Duration::from_secs_f64(STEP + slept),
            processor: Some(Duration::from_secs_f64(running)),
            lanes: (0..LANES).map(|_| lane(&mut self.noise)).collect(),
            calibration: core.calibrate(&levels, running, &mut self.noise),
            ..BatchReport::default()
        })
    }

    fn obey(&mut self, decisions: Vec<Decision>) {
        for decision in decisions {
            match decision {
                Decision::Calibrate { worker } => self.cores[worker - 1].dense_left = 4,
                Decision::Report(finding) if finding.verdict == Verdict::ClockJump => {
                    self.outcome.jumps += 1
                }
                Decision::Report(finding)
                    if matches!(finding.action, super::ActionTaken::Restarting { .. }) =>
                {
                    let windows = self.monitor.slots()[0].history.windows;
                    let since = windows - self.windows_at_fault.unwrap_or(windows);
                    self.outcome.restarts.push((finding.verdict, since));
                }
                _ => {}
            }
        }
    }
}
