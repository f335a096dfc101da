//! A card that is slow: a new context helps where the driver's state is the cause, and not where other programs use the card.
//! Which of them it is shows in the new context.

use std::time::Duration;

use super::detail;
use super::judge::Observation;
use super::monitor::Monitor;
use super::thresholds::{RestartPolicy, Thresholds};
use super::verdict::{Decision, Verdict};
use crate::engine::Backend;

/// What restarts did for a slow card.
#[derive(Clone, Debug, Default)]
pub(super) struct SlowRestarts {
    /// Whether the worker replaced one that was slow, and has not been as fast as usual yet.
    unproven: bool,
    /// When a worker that replaced a slow one was last seen to be slow, too.
    in_vain: Option<Duration>,
}

impl SlowRestarts {
    /// Whether a slow worker is to be replaced now. Once that was in vain it is not, until the card has been as fast as usual for
    /// `span`.
    fn should_restart(&mut self, now: Duration, span: Duration) -> bool {
        let in_vain = self.in_vain.is_some_and(|at| now < at + span);
        if self.unproven || in_vain {
            (self.unproven, self.in_vain) = (false, Some(now));
            return false;
        }
        self.unproven = true;
        true
    }

    /// Takes a look at a worker with which nothing is wrong.
    pub(super) fn well(&mut self, seen: &Observation, t: &Thresholds) {
        let usual = seen.performance.is_some_and(|p| p >= t.degraded_share);
        self.unproven &= !(usual && seen.slow_windows == 0);
    }
}

impl Monitor {
    /// Replaces a slow worker, unless it is a card's and that did not help.
    pub(super) fn degraded(
        &mut self,
        index: usize,
        seen: &Observation,
        now: Duration,
    ) -> Vec<Decision> {
        let slot = &mut self.slots[index];
        let may_be_vain =
            slot.backend == Backend::OpenCl && self.t.restart_policy == RestartPolicy::Auto;
        if may_be_vain && !slot.card.slow.should_restart(now, self.t.restart_refund) {
            let detail = detail::shared_card(seen);
            return self.notice(index, Verdict::Contention, detail, now);
        }
        self.want(index, Verdict::WorkerDegraded, detail::degraded(seen), now)
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;
    use crate::batch::WorkerId;
    use crate::health::Thresholds;
    use crate::health::fixtures::{report, watched};

    const USUAL: u64 = 1_000_000;
    const SLOW: u64 = 500_000;

    /// A search on a card alone, in windows of a second.
    struct Search {
        monitor: Monitor,
        now: Duration,
        generation: u32,
    }

    impl Search {
        fn new() -> Self {
            let (watched, t) = (watched(0, 1), Thresholds::default());
            Self {
                monitor: Monitor::new(watched, t, Duration::ZERO, UNIX_EPOCH),
                now: Duration::ZERO,
                generation: 0,
            }
        }

        /// Searches for so many seconds and replaces the worker when told to; returns what was decided.
        fn search(&mut self, seconds: u64, candidates: u64) -> Vec<String> {
            let mut told = Vec::new();
            for _ in 0..seconds {
                self.now += Duration::from_secs(1);
                let id = WorkerId {
                    worker: 1,
                    generation: self.generation,
                };
                for decision in self.monitor.report(&report(id, candidates, 1.0), self.now) {
                    match decision {
                        Decision::Report(finding) => told.push(finding.verdict.to_string()),
                        Decision::Replace { .. } => {
                            self.generation += 1;
                            let generation = self.generation;
                            let id = WorkerId { generation, ..id };
                            self.monitor.replaced(id, Backend::OpenCl, self.now);
                        }
                        _ => {}
                    }
                }
            }
            told
        }
    }

    #[test]
    fn a_slow_card_is_replaced_each_time_that_helps() {
        let mut search = Search::new();
        assert!(search.search(10, USUAL).is_empty());
        for _ in 0..2 {
            assert_eq!(search.search(3, SLOW), ["worker-degraded"]);
            assert!(search.search(10, USUAL).is_empty());
        }
        assert_eq!(search.generation, 2);
    }

    #[test]
    fn a_card_that_others_use_is_replaced_once_and_not_again_before_an_hour_without_them() {
        let mut search = Search::new();
        search.search(10, USUAL);
        assert_eq!(search.search(3, SLOW), ["worker-degraded"]);
        assert_eq!(search.search(60, SLOW), ["contention"]);
        // they pause and come back
        assert!(search.search(100, USUAL).is_empty());
        search.search(600, SLOW);
        assert_eq!(search.generation, 1);
        search.search(3601, USUAL);
        assert_eq!(search.search(3, SLOW), ["worker-degraded"]);
    }
}
