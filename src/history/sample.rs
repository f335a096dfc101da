//! From the health of a search at one moment to the few values that are worth keeping of it.

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

/// Spot checks that must have been expected before their share tells anything.
const ENOUGH_CHECKS: f64 = 25.0;

/// A value that moved by less than this share is not written again…
const SAME_SHARE: f64 = 0.02;

/// …until so much time has passed.
const REWRITE_INTERVAL: SignedDuration = SignedDuration::from_mins(5);

/// Turns vitals into metrics; remembers what was written, so that what stands still is not written again and again.
#[derive(Debug)]
pub(crate) struct Sampler {
    session: String,
    output: String,
    thresholds: Thresholds,
    /// What was written last of each value, and when.
    written: HashMap<(String, &'static str), (f64, Timestamp)>,
    allowance: Allowance,
}

/// One value before it is a metric.
struct Value<'a> {
    of: (ResourceType, &'a str),
    name: &'static str,
    value: f64,
    unit: &'static str,
    levels: Option<Levels>,
    status: Option<Status>,
}

impl<'a> Value<'a> {
    fn new(
        of: (ResourceType, &'a str),
        name: &'static str,
        value: f64,
        unit: &'static str,
    ) -> Self {
        Self {
            of,
            name,
            value,
            unit,
            levels: None,
            status: None,
        }
    }

    fn with_levels(self, levels: Levels) -> Self {
        let levels = Some(levels);
        Self { levels, ..self }
    }

    fn with_status(self, status: Status) -> Self {
        let status = Some(status);
        Self { status, ..self }
    }
}

impl Sampler {
    /// A sampler for a session that writes keys to this folder.
    #[must_use]
    pub(crate) fn new(session: String, output: String, thresholds: Thresholds) -> Self {
        Self {
            session,
            output,
            thresholds,
            written: HashMap::new(),
            allowance: Allowance::default(),
        }
    }

    /// The values of one moment that are worth writing, at most [`VALUES_A_SAMPLE`]: those first that were written
    /// longest ago, of which the most telling.
    pub(crate) fn sample(&mut self, vitals: &Vitals, rate: f64, at: Timestamp) -> Vec<Metric> {
        let session = self.session.clone();
        let output = self.output.clone();
        let names: Vec<_> = (vitals.workers.iter())
            .map(|worker| format!("{session}/worker-{}", worker.id.worker))
            .collect();
        let together = format!("{session}/workers");
        let rate = Value::new(
            (ResourceType::Session, &session),
            "rate",
            rate,
            "candidates/s",
        );
        let mut values = vec![rate.with_status(vitals.state)];
        if vitals.workers.len() <= SINGLE_WORKERS {
            for (worker, name) in vitals.workers.iter().zip(&names) {
                values.extend(single(worker, name, &self.thresholds));
            }
        } else {
            values.extend(all(&vitals.workers, &together, &self.thresholds));
        }
        values.extend(self.surroundings(vitals, &session, &output));
        values.retain(|value| self.is_due(value, at));
        values.sort_by_key(|value| self.last(value, at).map(|(_, then)| then));
        let room = self.allowance.take(values.len().min(VALUES_A_SAMPLE), at);
        values.truncate(room);
        values.into_iter().map(|v| self.metric(v, at)).collect()
    }

    /// What concerns folder, machine and process.
    fn surroundings<'a>(
        &self,
        vitals: &Vitals,
        session: &'a str,
        output: &'a str,
    ) -> Vec<Value<'a>> {
        let (t, readings) = (&self.thresholds, &vitals.readings);
        let search =
            |name, value, unit| Value::new((ResourceType::Session, session), name, value, unit);
        let folder = (ResourceType::Output, output);
        let machine =
            |name, value, unit| Value::new((ResourceType::System, "machine"), name, value, unit);
        let mut values = Vec::new();
        if let Some(disk) = readings.disk {
            values.push(Value::new(folder, "disk-used", disk.used(), "share").with_levels(t.disk));
        }
        if let Some(memory) = readings.memory {
            values.push(machine("memory-used", memory.used(), "share").with_levels(t.memory));
        }
        if let Some(heat) = readings.temperature {
            values.push(machine("temperature", heat.celsius, "°C").with_levels(t.heat));
        }
        let checks = &vitals.spot_checks;
        if checks.expected >= ENOUGH_CHECKS {
            let share = checks.confirmed as f64 / checks.expected;
            values.push(search("spot-checks", share, "share of expected"));
        }
        if let Some(bytes) = readings.resident {
            values.push(search("memory", bytes as f64, "bytes"));
        }
        values.push(search("abandoned-threads", vitals.zombies as f64, ""));
        values
    }

    /// What was written last of a value, and when; nothing if that is after now, because the clock was set back.
    fn last(&self, value: &Value<'_>, now: Timestamp) -> Option<(f64, Timestamp)> {
        let key = (value.of.1.to_owned(), value.name);
        let last = self.written.get(&key).copied();
        last.filter(|(_, then)| *then <= now)
    }

    /// Whether a value moved, or stood still for long enough.
    fn is_due(&self, value: &Value<'_>, at: Timestamp) -> bool {
        self.last(value, at).is_none_or(|(last, then)| {
            let moved = (value.value - last).abs() > SAME_SHARE * last.abs().max(f64::EPSILON);
            moved || at.duration_since(then) >= REWRITE_INTERVAL
        })
    }

    /// The metric of a value that is written.
    fn metric(&mut self, value: Value<'_>, at: Timestamp) -> Metric {
        let key = (value.of.1.to_owned(), value.name);
        self.written.insert(key, (value.value, at));
        let (warning, critical) = value.levels.map(|l| (l.warning, l.critical)).unzip();
        Metric {
            resource_type: value.of.0,
            resource_id: value.of.1.to_owned(),
            name: value.name.to_owned(),
            value: value.value,
            warning,
            critical,
            at,
            unit: value.unit.to_owned(),
            status: value
                .status
                .unwrap_or_else(|| Status::of(value.value, warning, critical)),
        }
    }
}

/// A worker is slow from here on.
fn slow(t: &Thresholds) -> Levels {
    Levels {
        warning: t.degraded_share,
        critical: 0.0,
    }
}

fn single<'a>(worker: &WorkerVitals, name: &'a str, t: &Thresholds) -> Vec<Value<'a>> {
    let value = |name_of, value, unit| {
        let value = Value::new((ResourceType::Worker, name), name_of, value, unit);
        value.with_status(status(worker.state))
    };
    let mut values = Vec::new();
    if let Some(rate) = worker.rate {
        values.push(value("rate", rate, "candidates/processor s"));
    }
    if let Some(share) = worker.performance {
        values.push(value("performance", share, "share of baseline").with_levels(slow(t)));
    }
    values.push(value("score", f64::from(worker.score), "points"));
    if let Some(share) = worker.processor {
        values.push(value("processor", share, "share of a core"));
    }
    values
}

/// Many workers taken together: the worst, and the mean.
fn all<'a>(workers: &[WorkerVitals], name: &'a str, t: &Thresholds) -> Vec<Value<'a>> {
    let worst = workers.iter().map(|worker| status(worker.state)).max();
    let value = |name_of, value, unit| {
        let value = Value::new((ResourceType::Worker, name), name_of, value, unit);
        value.with_status(worst.unwrap_or(Status::Healthy))
    };
    let working = workers.iter().filter(|worker| worker.state.works()).count();
    let score = workers.iter().map(|worker| worker.score).min();
    let score = f64::from(score.unwrap_or_default());
    let mut values = Vec::new();
    let rates: Vec<f64> = workers.iter().filter_map(|w| w.rate).collect();
    if !rates.is_empty() {
        values.push(value("rate-mean", mean(&rates), "candidates/processor s"));
    }
    let shares: Vec<f64> = workers.iter().filter_map(|w| w.performance).collect();
    if let Some(least) = shares.iter().copied().reduce(f64::min) {
        let share = |name, of| value(name, of, "share of baseline").with_levels(slow(t));
        values.push(share("performance-mean", mean(&shares)));
        values.push(share("performance-least", least));
    }
    values.push(value("score-least", score, "points"));
    values.push(value("working", working as f64, "workers"));
    values
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
            let names = metrics.into_iter().map(|m| m.resource_id + &m.name);
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
