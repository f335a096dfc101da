//! The totals of a search's health: restarts by verdict, time lost, pauses, spot checks.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::monitor::Monitor;
use super::proof::SpotChecks;
use super::state::Status;
use super::verdict::Verdict;
use crate::engine::Backend;

/// What is counted while the search runs.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    start: Duration,
    /// Restarts and notices so far.
    sums: HealthTotals,
    missing_since: Vec<Option<Duration>>,
    lost: Duration,
    paused_since: Option<Duration>,
    paused: Duration,
}

impl Account {
    /// An account of workers that start now.
    pub(crate) fn new(workers: usize, now: Duration) -> Self {
        Self {
            start: now,
            sums: HealthTotals::default(),
            missing_since: vec![None; workers],
            lost: Duration::ZERO,
            paused_since: None,
            paused: Duration::ZERO,
        }
    }

    /// A worker is restarted.
    pub(crate) fn restarted(&mut self, verdict: Verdict) {
        *(self.sums.restarts.entry(verdict.to_string())).or_default() += 1;
    }

    /// Something was reported that restarts no worker.
    pub(crate) fn noticed(&mut self, verdict: Verdict) {
        *(self.sums.notices.entry(verdict.to_string())).or_default() += 1;
    }

    /// The work of this worker is lost from now on.
    pub(crate) fn lost_from(&mut self, worker: usize, now: Duration) {
        if let Some(since) = self.missing_since.get_mut(worker - 1) {
            since.get_or_insert(now);
        }
    }

    /// The replacement of this worker has made its first sweep.
    pub(crate) fn works_again(&mut self, worker: usize, now: Duration) {
        let since = self.missing_since.get_mut(worker - 1);
        if let Some(since) = since.and_then(Option::take) {
            self.lost += now.saturating_sub(since);
        }
    }

    /// Time that workers were missing, over all workers.
    pub(crate) fn lost(&self, now: Duration) -> Duration {
        let missing = self.missing_since.iter().flatten();
        let open = missing.map(|since| now.saturating_sub(*since));
        self.lost + open.sum::<Duration>()
    }

    /// The search pauses, or resumes.
    pub(crate) fn paused(&mut self, paused: bool, now: Duration) {
        if paused {
            self.paused_since.get_or_insert(now);
        } else if let Some(since) = self.paused_since.take() {
            self.paused += now.saturating_sub(since);
        }
    }

    /// Time for which the search has paused.
    pub(crate) fn pauses(&self, now: Duration) -> Duration {
        let running = self.paused_since.map(|since| now.saturating_sub(since));
        self.paused + running.unwrap_or_default()
    }

    /// The sums until now.
    pub(crate) fn totals(&self, now: Duration) -> HealthTotals {
        let pauses = self.pauses(now);
        let time = now.saturating_sub(self.start).saturating_sub(pauses);
        HealthTotals {
            lost_seconds: self.lost(now).as_secs_f64(),
            paused_seconds: pauses.as_secs_f64(),
            worker_seconds: time.as_secs_f64() * self.missing_since.len() as f64,
            ..self.sums.clone()
        }
    }
}

/// Sums of a search's health: over one process, or over all runs of a session, whose checkpoint keeps them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HealthTotals {
    /// Restarts of workers by verdict.
    pub restarts: BTreeMap<String, u64>,
    /// Reports that restarted no worker, by verdict.
    pub notices: BTreeMap<String, u64>,
    /// Seconds that were lost between a worker's last sign of life and its replacement's first sweep, over all workers.
    pub lost_seconds: f64,
    /// Seconds for which the search paused.
    pub paused_seconds: f64,
    /// Seconds that workers should have searched, over all workers: the time without pauses.
    pub worker_seconds: f64,
}

impl HealthTotals {
    /// The sums of both.
    pub(crate) fn plus(&self, later: &Self) -> Self {
        let mut sum = self.clone();
        let counts = [
            (&mut sum.restarts, &later.restarts),
            (&mut sum.notices, &later.notices),
        ];
        for (all, later) in counts {
            later
                .iter()
                .for_each(|(verdict, count)| *all.entry(verdict.clone()).or_default() += count);
        }
        sum.lost_seconds += later.lost_seconds;
        sum.paused_seconds += later.paused_seconds;
        sum.worker_seconds += later.worker_seconds;
        sum
    }

    /// The share of the workers' time that was not lost.
    pub(crate) fn availability(&self) -> f64 {
        1.0 - (self.lost_seconds / self.worker_seconds.max(1e-9)).min(1.0)
    }
}

/// The health of a search, for the summary at its end.
#[derive(Clone, Debug, PartialEq)]
pub struct HealthSummary {
    /// Restarts, lost time and the like.
    pub totals: HealthTotals,
    /// Spot checks.
    pub spot_checks: SpotChecks,
    /// The arithmetic at the start.
    pub backend_at_start: Backend,
    /// The arithmetic now, of each worker.
    pub backends: Vec<Backend>,
    /// The state of the whole.
    pub state: Status,
}

impl HealthSummary {
    /// Whether anything happened that the user should know.
    pub fn is_eventful(&self) -> bool {
        !self.totals.restarts.is_empty()
            || !self.totals.notices.is_empty()
            || self.spot_checks.refuted > 0
    }
}

impl Monitor {
    /// The health of the search until now.
    pub fn summary(&self, now: Duration) -> HealthSummary {
        let pool = self.slots.iter().filter(|slot| !slot.resting);
        let states: Vec<_> = pool.clone().map(|slot| slot.state).collect();
        let low = pool.clone().any(|slot| slot.score.is_low(&self.t.score));
        let scores = if low {
            Status::Degraded
        } else {
            Status::Healthy
        };
        HealthSummary {
            totals: self.account.totals(now),
            spot_checks: self.spot_checks,
            backend_at_start: self.watched.backend,
            backends: self.slots.iter().map(|slot| slot.backend).collect(),
            state: Status::of_search(&states, self.resources.state().max(scores)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn lost_time_counts_until_the_first_sweep_of_the_replacement() {
        let mut account = Account::new(2, at(0));
        account.lost_from(1, at(10));
        account.lost_from(1, at(11));
        account.works_again(1, at(12));
        account.works_again(2, at(12));
        assert_eq!(account.lost(at(100)), at(2));
        assert!((account.totals(at(100)).availability() - 0.99).abs() < 1e-9);
    }

    #[test]
    fn time_in_a_pause_is_no_time_of_the_search() {
        let mut account = Account::new(1, at(0));
        account.paused(true, at(10));
        account.paused(true, at(20));
        assert_eq!(account.pauses(at(50)), at(40));
        account.paused(false, at(60));
        account.lost_from(1, at(100));
        assert_eq!(account.pauses(at(150)), at(50));
        assert_eq!(account.totals(at(150)).availability(), 0.5);
    }

    #[test]
    fn a_worker_that_never_comes_back_is_missing_until_the_end() {
        let mut account = Account::new(2, at(0));
        account.lost_from(2, at(50));
        assert_eq!(account.totals(at(100)).availability(), 0.75);
    }
}
