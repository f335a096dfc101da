//! Turns the health of a search at one moment into the few values that are worth keeping.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::allowance::Allowance;
use super::record::{Metric, VALUES_A_SAMPLE};
use crate::health::state::WorkerState;
use crate::health::state::{ResourceType, Status};
use crate::health::thresholds::Levels;
use crate::health::{Thresholds, Vitals, WorkerVitals};

/// More workers than this are taken together.
pub(crate) const SINGLE_WORKERS: usize = 4;

/// Spot checks that must have been expected before their share means anything.
const ENOUGH_CHECKS: f64 = 25.0;

/// A value that moved by less than this share is not written again…
const SAME_SHARE: f64 = 0.02;

/// …until so much time has passed.
const REWRITE_INTERVAL: SignedDuration = SignedDuration::from_mins(5);

/// Turns vitals into metrics; remembers what was written, so that values that stand still are written rarely.
#[derive(Debug)]
pub(crate) struct Sampler {
    session: String,
    output: String,
    thresholds: Thresholds,
    /// The previous value of each metric, and when it was written.
    written: HashMap<(String, &'static str), (f64, Timestamp)>,
    allowance: Allowance,
}

impl Sampler {
    /// A sampler for a session that writes keys to this folder.
    pub(crate) fn new(session: String, output: String, thresholds: Thresholds) -> Self {
        Self {
            session,
            output,
            thresholds,
            written: HashMap::new(),
            allowance: Allowance::default(),
        }
    }

    /// The values of one moment that are worth writing, at most [`VALUES_A_SAMPLE`]: those that were written longest ago
    /// come first, and among them the most telling ones.
    pub(crate) fn sample(&mut self, vitals: &Vitals, rate: f64, at: Timestamp) -> Vec<Metric> {
        let session = (ResourceType::Session, self.session.as_str());
        let rate = Metric::new(session, "rate", rate, "candidates/s", at);
        let mut values = vec![Metric {
            status: vitals.state,
            ..rate
        }];
        if vitals.workers.len() <= SINGLE_WORKERS {
            let single = |worker| self.single(worker, at);
            values.extend(vitals.workers.iter().flat_map(single));
        } else {
            values.extend(self.all(&vitals.workers, at));
        }
        values.extend(self.resources(vitals, at));
        values.retain(|value| self.is_due(value));
        values.sort_by_key(|value| self.last(value).map(|(_, then)| then));
        let room = self.allowance.take(values.len().min(VALUES_A_SAMPLE), at);
        values.truncate(room);
        for value in &values {
            let key = (value.resource_id.clone(), value.name);
            self.written.insert(key, (value.value, at));
        }
        values
    }

    /// The values of output folder, machine and process.
    fn resources(&self, vitals: &Vitals, at: Timestamp) -> Vec<Metric> {
        let (t, readings) = (&self.thresholds, &vitals.readings);
        let search = |name, value, unit| {
            let session = (ResourceType::Session, self.session.as_str());
            Metric::new(session, name, value, unit, at)
        };
        let machine = |name, value, unit| {
            Metric::new((ResourceType::System, "machine"), name, value, unit, at)
        };
        let mut values = Vec::new();
        let folder = (ResourceType::Output, self.output.as_str());
        let disk = |used| Metric::new(folder, "disk-used", used, "share", at).with_levels(t.disk);
        values.extend(readings.disk.map(|space| disk(space.used())));
        let memory = |used| machine("memory-used", used, "share").with_levels(t.memory);
        values.extend(readings.memory.map(|space| memory(space.used())));
        let heat = |celsius| machine("temperature", celsius, "°C").with_levels(t.heat);
        values.extend(readings.temperature.map(|now| heat(now.celsius)));
        let checks = &vitals.spot_checks;
        if checks.expected >= ENOUGH_CHECKS {
            let share = checks.confirmed as f64 / checks.expected;
            values.push(search("spot-checks", share, "share of expected"));
        }
        let resident = readings.resident;
        values.extend(resident.map(|bytes| search("memory", bytes as f64, "bytes")));
        values.push(search("abandoned-threads", vitals.zombies as f64, ""));
        values
    }

    fn single(&self, worker: &WorkerVitals, at: Timestamp) -> Vec<Metric> {
        let id = format!("{}/worker-{}", self.session, worker.id.worker);
        let value =
            |name, value, unit| Metric::new((ResourceType::Worker, &id), name, value, unit, at);
        let card = worker.card.as_ref();
        let memory = card.and_then(|card| card.own_memory.or(card.memory_used));
        #[rustfmt::skip] // A table: a row each.
        let known = [
            ("rate", worker.rate, "candidates/processor s"),
            ("performance", worker.performance, "share of baseline"),
            ("score", Some(f64::from(worker.score)), "points"),
            ("processor", worker.processor, "share of a core"),
            ("card-temperature", card.and_then(|card| card.celsius), "°C"),
            ("card-clock", card.and_then(|card| card.clock_mhz), "MHz"),
            ("card-power", card.and_then(|card| card.watts), "W"),
            ("card-memory", memory.map(|bytes| bytes as f64), "bytes"),
        ];
        let known = known.into_iter().filter_map(|(name, of, unit)| {
            let value = value(name, of?, unit);
            Some(match name {
                "performance" => value.with_levels(slow(&self.thresholds)),
                _ => value,
            })
        });
        with_status(known.collect(), status(worker.state))
    }

    /// Many workers taken together: the worst, and the mean.
    fn all(&self, workers: &[WorkerVitals], at: Timestamp) -> Vec<Metric> {
        let id = format!("{}/workers", self.session);
        let value =
            |name, value, unit| Metric::new((ResourceType::Worker, &id), name, value, unit, at);
        let worst = workers.iter().map(|worker| status(worker.state)).max();
        let working = workers.iter().filter(|worker| worker.state.works()).count();
        let score = workers.iter().map(|worker| worker.score).min();
        let mut values = Vec::new();
        let rates: Vec<f64> = workers.iter().filter_map(|w| w.rate).collect();
        if !rates.is_empty() {
            values.push(value("rate-mean", mean(&rates), "candidates/processor s"));
        }
        let shares: Vec<f64> = workers.iter().filter_map(|w| w.performance).collect();
        if let Some(least) = shares.iter().copied().reduce(f64::min) {
            let slow = slow(&self.thresholds);
            let share = |name, of| value(name, of, "share of baseline").with_levels(slow);
            values.push(share("performance-mean", mean(&shares)));
            values.push(share("performance-least", least));
        }
        let score = f64::from(score.unwrap_or_default());
        values.push(value("score-least", score, "points"));
        values.push(value("working", working as f64, "workers"));
        with_status(values, worst.unwrap_or(Status::Healthy))
    }

    /// The previous value and when it was written; nothing if that is in the future, because the clock was set back.
    fn last(&self, value: &Metric) -> Option<(f64, Timestamp)> {
        let key = (value.resource_id.clone(), value.name);
        let last = self.written.get(&key).copied();
        last.filter(|(_, then)| *then <= value.at)
    }

    /// Whether a value moved, or has stood still for long enough.
    fn is_due(&self, value: &Metric) -> bool {
        self.last(value).is_none_or(|(last, then)| {
            let moved = (value.value - last).abs() > SAME_SHARE * last.abs().max(f64::EPSILON);
            moved || value.at.duration_since(then) >= REWRITE_INTERVAL
        })
    }
}

/// These values, of a resource in this state.
fn with_status(mut values: Vec<Metric>, status: Status) -> Vec<Metric> {
    values.iter_mut().for_each(|value| value.status = status);
    values
}

/// A worker is slow from here on.
fn slow(t: &Thresholds) -> Levels {
    Levels {
        warning: t.degraded_share,
        critical: 0.0,
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn status(state: WorkerState) -> Status {
    match state {
        WorkerState::Starting | WorkerState::Healthy | WorkerState::Paused => Status::Healthy,
        WorkerState::Degraded | WorkerState::Restarting => Status::Degraded,
        WorkerState::Unresponsive | WorkerState::Zombie | WorkerState::Dead => Status::Unhealthy,
        WorkerState::Retired => Status::Critical,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::WorkerId;
    use crate::engine::Backend;
    use crate::health::probe::Readings;
    use crate::health::probe::Space;
    use crate::health::proof::SpotChecks;

    fn vitals(workers: usize, rate: f64) -> Vitals {
        let worker = |worker| WorkerVitals {
            id: WorkerId {
                worker,
                generation: 0,
            },
            backend: Backend::Portable,
            state: WorkerState::Healthy,
            score: 100,
            rate: Some(rate),
            performance: Some(1.0),
            processor: Some(0.99),
            restarts: 0,
            card: None,
        };
        Vitals {
            state: Status::Healthy,
            workers: (1..=workers).map(worker).collect(),
            readings: Readings {
                disk: Some(Space {
                    total: 100,
                    free: 10,
                }),
                ..Readings::default()
            },
            zombies: 0,
            spot_checks: SpotChecks::default(),
            totals: crate::health::HealthTotals::default(),
            learned: Vec::new(),
        }
    }

    fn sampler() -> Sampler {
        Sampler::new(
            "night".to_owned(),
            "/keys".to_owned(),
            Thresholds::default(),
        )
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    #[test]
    fn few_workers_are_kept_one_by_one_and_many_together() {
        let ids = |workers| {
            let metrics = sampler().sample(&vitals(workers, 1e8), 1.0, at(0));
            let of_workers = metrics
                .into_iter()
                .filter(|m| m.resource_type == ResourceType::Worker);
            let mut ids: Vec<_> = of_workers.map(|m| m.resource_id).collect();
            ids.dedup();
            ids
        };
        assert_eq!(ids(2), ["night/worker-1", "night/worker-2"]);
        assert_eq!(ids(64), ["night/workers"]);
    }

    #[test]
    fn no_sample_is_larger_than_its_bound_and_what_stands_still_is_written_rarely() {
        for workers in [1, 2, 4, 5, 500] {
            let mut sampler = sampler();
            let mut most = 0;
            let mut values = 0;
            for second in 0..100 {
                let rate = if second % 2 == 0 { 1e8 } else { 1.1e8 };
                let metrics = sampler.sample(&vitals(workers, rate), rate, at(second));
                most = most.max(metrics.len());
                values += metrics.len();
            }
            assert!(
                most <= VALUES_A_SAMPLE && values < 100 * (workers.min(4) + 3),
                "{workers}: {values}"
            );
        }
    }

    #[test]
    fn values_are_written_on_when_the_clock_is_set_back() {
        let mut sampler = sampler();
        let mut names = |second| {
            let metrics = sampler.sample(&vitals(4, 1e8), 1.0, at(second));
            let names = metrics.into_iter().map(|m| m.resource_id + m.name);
            names.collect::<std::collections::BTreeSet<_>>()
        };
        let (first, rest) = (names(0), names(1));
        assert!(!first.is_empty() && !rest.is_empty() && names(2).is_empty());
        let all: std::collections::BTreeSet<_> =
            names(-5000).into_iter().chain(names(-4990)).collect();
        assert_eq!(all, first.union(&rest).cloned().collect());
    }

    #[test]
    fn a_value_above_its_threshold_has_the_status_of_it() {
        let metrics = sampler().sample(&vitals(1, 1.0), 0.0, at(0));
        let disk = metrics.iter().find(|m| m.name == "disk-used").unwrap();
        assert_eq!(
            (disk.status, disk.resource_type),
            (Status::Degraded, ResourceType::Output)
        );
        assert_eq!((disk.warning, disk.critical), (Some(0.85), Some(0.95)));
    }
}
