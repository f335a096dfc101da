//! Views of the state of a search: totals, snapshot, summary and ending.

use std::time::Duration;

use super::{Moment, SearchState};
use crate::exit::Ending;
use crate::health::proof::SpotChecks;
use crate::health::{HealthSummary, HealthTotals, Vitals, WorkerVitals};
use crate::report::summary::Summary;
use crate::status::{CardStatus, Phase, Snapshot, Totals, WorkerSnapshot};

impl SearchState {
    /// Sums over all runs.
    pub(crate) fn totals(&self, now: Duration) -> Totals {
        let own = (self.totals.candidates).saturating_sub(self.before.candidates);
        let expected = own as f64 * self.identity.spot_check_chance;
        Totals {
            working_seconds: self.working(now).as_secs_f64(),
            spot_checks_expected: self.before.spot_checks_expected + expected,
            ..self.totals
        }
    }

    /// Restarts, lost time and the like in all runs.
    fn health_totals(&self) -> HealthTotals {
        let last = self.vitals.as_ref().map(|(_, vitals)| &vitals.totals);
        let own = self.health.as_ref().map(|health| &health.totals).or(last);
        match own {
            Some(own) => self.health_before.plus(own),
            None => self.health_before.clone(),
        }
    }

    /// The snapshot of the search, without what subscribers add: checkpoint and alerts.
    pub(crate) fn snapshot(&self, now: &Moment) -> Snapshot {
        let Moment { now, wall, .. } = *now;
        let totals = self.totals(now);
        let rate = self.rate.rate();
        let working = self.working(now);
        let vitals = self.vitals.as_ref().map(|(_, vitals)| vitals);
        let mut snapshot = Snapshot {
            version: env!("CARGO_PKG_VERSION"),
            process: std::process::id(),
            uptime: now.saturating_sub(self.started),
            session: self.identity.session.clone(),
            pattern: self.identity.pattern.clone(),
            backend: self.identity.backend.clone(),
            phase: self.phase(),
            ending: self.ended.then(|| self.ending().name()),
            pauses: self.pauses.clone(),
            health: vitals.map(|vitals| vitals.state.name()),
            candidates: totals.candidates.saturating_sub(self.before.candidates),
            totals,
            rate,
            count: self.limits.count,
            spot_checks: vitals.map_or_else(Default::default, |vitals| vitals.spot_checks),
            progress_age: self.proof.age(now),
            supervisor_age: self.vitals.as_ref().map(|(at, _)| now.saturating_sub(*at)),
            workers: vitals.map_or_else(Vec::new, |vitals| self.workers(vitals)),
            cards: self.cards(),
            zombies: vitals.map_or(0, |vitals| vitals.zombies),
            health_totals: self.health_totals(),
            odds: self.identity.odds,
            candidates_left: (self.limits).candidates_left(totals.candidates, rate, working, wall),
            ..Snapshot::default()
        };
        snapshot.chance = snapshot.odds.chance(snapshot.since_key() as f64);
        snapshot
    }

    fn phase(&self) -> Phase {
        if self.ended {
            Phase::Ended
        } else if self.should_stop() {
            Phase::Ending
        } else if self.pauses.is_empty() {
            Phase::Running
        } else {
            Phase::Paused
        }
    }

    fn workers(&self, vitals: &Vitals) -> Vec<WorkerSnapshot> {
        let worker = |vitals: &WorkerVitals| WorkerSnapshot {
            worker: vitals.id.worker,
            generation: vitals.id.generation,
            backend: vitals.backend.name().to_owned(),
            state: vitals.state.name(),
            score: vitals.score,
            rate: vitals.rate,
            performance: vitals.performance,
            processor: vitals.processor,
            restarts: (self.restarts.get(&vitals.id.worker).cloned()).unwrap_or_default(),
            card: vitals.card.clone(),
        };
        vitals.workers.iter().map(worker).collect()
    }

    /// Each card with what it did in this process.
    fn cards(&self) -> Vec<CardStatus> {
        let all: u64 = self.work.values().map(|work| work.candidates).sum();
        let card = |(worker, (device, name)): (&usize, &(String, String))| {
            let work = self.work.get(worker).copied().unwrap_or_default();
            let vitals = self.vitals.iter();
            let vitals = vitals
                .flat_map(|(_, vitals)| &vitals.workers)
                .find(|vitals| vitals.id.worker == *worker);
            let lately = vitals.filter(|_| !self.ended).and_then(|v| v.rate);
            CardStatus {
                worker: *worker,
                device: device.clone(),
                name: name.clone(),
                state: vitals.map(|vitals| vitals.state.name().to_owned()),
                rate: lately.or_else(|| work.rate()),
                candidates: work.candidates,
                share: (all > 0).then(|| work.candidates as f64 / all as f64),
                readings: vitals.and_then(|vitals| vitals.card.clone()),
            }
        };
        self.identity.cards.iter().map(card).collect()
    }

    /// Marks the search as ended; `in_flight` keys are lost between a worker and their files.
    pub(crate) fn conclude(&mut self, in_flight: usize) {
        self.ended = true;
        self.lost = self.lost.max(self.held + in_flight);
    }

    /// The summary, once everything has ended; `watched_seen` keys of the watchlist were seen.
    pub(crate) fn summary(&self, now: Duration, watched_seen: u64) -> Summary {
        let totals = self.totals(now);
        Summary {
            ending: self.ending(),
            totals,
            count: self.limits.count,
            odds: self.identity.odds,
            refused: self.refused,
            watched_seen,
            lost: self.lost,
            cards: self.cards(),
            health: self.health.clone().map(|health| HealthSummary {
                totals: self.health_totals(),
                spot_checks: SpotChecks {
                    confirmed: totals.spot_checks,
                    expected: totals.spot_checks_expected,
                    refuted: totals.refuted,
                },
                ..health
            }),
        }
    }

    /// How it ended.
    pub(crate) fn ending(&self) -> Ending {
        let found = match self.totals.fallback {
            0 => Ending::Found,
            _ => Ending::FoundInFallback,
        };
        let all = self.limits.count.is_none() && self.totals.found > 0;
        match self.ending {
            Some(Ending::Limit(_)) | None if self.enough => found,
            Some(Ending::Limit(_)) if all => found,
            Some(ending) => ending,
            None => Ending::NoWorkerLeft,
        }
    }
}
