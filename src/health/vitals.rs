//! The health of a search at one moment, for displays, history and session.

use std::time::Duration;

use meshcore_keygen_gpu::CardReadings;

use super::baseline::{Key, Normal};
use super::monitor::Monitor;
use super::probe::Readings;
use super::proof::SpotChecks;
use super::slot_health::SlotHealth;
use super::state::Status;
use super::state::WorkerState;
use super::summary::HealthTotals;
use crate::batch::WorkerId;
use crate::engine::Backend;

/// Default time between samples of the search's health.
pub(crate) const SAMPLE_INTERVAL: Duration = Duration::from_secs(30);

/// How a worker is.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkerVitals {
    /// Who.
    pub id: WorkerId,
    /// Its arithmetic.
    pub backend: Backend,
    /// Its state.
    pub state: WorkerState,
    /// Its score, 0 to 100.
    pub score: u8,
    /// Candidates a processor second, where known.
    pub rate: Option<f64>,
    /// Performance as a share of its baseline, where known.
    pub performance: Option<f64>,
    /// Processor time over wall time, where known.
    pub processor: Option<f64>,
    /// Restarts of its slot that are used up.
    pub restarts: u32,
    /// Its card, if it searches on one, once that was read.
    pub card: Option<CardReadings>,
}

/// How the whole search is.
#[derive(Clone, Debug, PartialEq)]
pub struct Vitals {
    /// The state of the whole.
    pub state: Status,
    /// Each worker.
    pub workers: Vec<WorkerVitals>,
    /// The last readings of the machine.
    pub readings: Readings,
    /// Abandoned threads that are still running.
    pub zombies: usize,
    /// Spot checks since the start.
    pub spot_checks: SpotChecks,
    /// Sums since the start.
    pub totals: HealthTotals,
    /// Baselines to store for later runs.
    pub learned: Vec<Learned>,
}

/// The baselines of a kind of work on this machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Learned {
    /// What it belongs to.
    pub key: Key,
    /// Candidates a processor second times the calibration time.
    pub performance: f64,
    /// Candidates a processor second.
    pub rate: f64,
}

impl Monitor {
    /// The health of the search now.
    pub fn vitals(&self, now: Duration) -> Vitals {
        let workers = self.states();
        let cards = self.slots.iter().map(|slot| slot.card.level.status());
        let resources = cards.fold(self.resources.state(), Status::max);
        Vitals {
            state: Status::of_search(&workers, resources),
            workers: self.slots.iter().map(|slot| self.worker(slot)).collect(),
            readings: self.readings.clone(),
            zombies: self.zombies,
            spot_checks: self.spot_checks,
            totals: self.account.totals(now),
            learned: self.learned(),
        }
    }

    /// How the worker of a slot is now.
    pub(crate) fn worker(&self, slot: &SlotHealth) -> WorkerVitals {
        let mean = slot.history.mean();
        let normal = self.baselines.get(&self.key(slot.backend));
        WorkerVitals {
            id: slot.id,
            backend: slot.backend,
            state: slot.shown_state(),
            score: slot.score.value(),
            rate: mean
                .rate
                .zip(normal.and_then(|n| n.rate.value()))
                .map(|(share, rate)| share * rate),
            performance: mean.performance,
            processor: mean.processor,
            restarts: slot.allowance.used,
            card: slot.card.readings.clone(),
        }
    }

    fn learned(&self) -> Vec<Learned> {
        let learned = |(key, normal): (&Key, &Normal)| {
            Some(Learned {
                key: key.clone(),
                performance: normal.performance.learned()?,
                rate: normal.rate.learned()?,
            })
        };
        self.baselines.iter().filter_map(learned).collect()
    }

    /// Takes over baselines of earlier runs on this machine, where this run has none yet.
    pub fn recall(&mut self, learned: &[Learned]) {
        for known in learned {
            let normal = self.baselines.entry(known.key.clone()).or_default();
            normal.recall(known.performance, known.rate);
        }
    }

    /// The key of this search's baselines on this backend.
    pub fn key(&self, backend: Backend) -> Key {
        // a card that cools down leaves the processors as they were
        let counts = |slot: &&SlotHealth| !slot.resting || slot.backend == Backend::OpenCl;
        Key {
            backend,
            filter: self.watched.filter.clone(),
            workers: self.slots.iter().filter(counts).count(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;
    use crate::health::Thresholds;
    use crate::health::fixtures::{report, watched};

    fn monitor() -> Monitor {
        let (watched, t) = (watched(1, 0), Thresholds::default());
        Monitor::new(watched, t, Duration::ZERO, UNIX_EPOCH)
    }

    /// Windows of a second with so many candidates each.
    fn search(monitor: &mut Monitor, windows: u64, candidates: u64) {
        let id = monitor.slots()[0].id;
        for second in 1..=windows {
            let mut report = report(id, candidates, 1.0);
            report.calibration = vec![Duration::from_micros(20); 8];
            monitor.report(&report, Duration::from_secs(second));
        }
    }

    #[test]
    fn what_one_run_learns_the_next_one_knows_from_its_second_window() {
        let mut first = monitor();
        search(&mut first, 10, 1_000_000);
        let learned = first.vitals(Duration::ZERO).learned;
        assert_eq!(learned.len(), 1);
        let mut second = monitor();
        second.recall(&learned);
        search(&mut second, 4, 500_000);
        let seen = second.vitals(Duration::ZERO).workers[0]
            .performance
            .unwrap();
        assert!((seen - 0.5).abs() < 0.01, "{seen}");
        search(&mut first, 3, 1_000_000);
        let rate = first.vitals(Duration::ZERO).workers[0].rate.unwrap();
        assert!((rate - 1e6).abs() < 1e4, "{rate}");
    }

    #[test]
    fn what_a_run_has_learned_itself_is_not_replaced() {
        let mut monitor = monitor();
        search(&mut monitor, 10, 1_000_000);
        let mut other = monitor.vitals(Duration::ZERO).learned;
        other[0].performance *= 2.0;
        monitor.recall(&other);
        assert_ne!(monitor.vitals(Duration::ZERO).learned, other);
    }
}
