//! When workers may be restarted: each slot has a limited number of restarts, and a circuit breaker stops all of them
//! while workers fail one after the other, because restarting is not what helps then.

use std::collections::VecDeque;
use std::time::Duration;

use super::thresholds::Thresholds;

/// The restarts of one slot.
#[derive(Clone, Debug, Default)]
pub struct Allowance {
    /// Restarts used up.
    pub used: u32,
    healthy: Duration,
}

impl Allowance {
    /// Records healthy work, which gives used restarts back one by one; it is not saved up.
    pub fn healthy(&mut self, time: Duration, t: &Thresholds) {
        if self.used == 0 {
            return;
        }
        self.healthy += time;
        while self.healthy >= t.restart_refund && self.used > 0 {
            self.healthy -= t.restart_refund;
            self.used -= 1;
        }
    }

    /// Uses up a restart and returns its number; `None` if there is none left.
    pub fn take(&mut self, t: &Thresholds) -> Option<u32> {
        if self.used >= t.restarts {
            return None;
        }
        self.used += 1;
        self.healthy = Duration::ZERO;
        Some(self.used)
    }
}

/// Whether restarts are permitted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Position {
    #[default]
    Closed,
    /// No restarts until this time.
    Open(Duration),
    /// One restart is being tried; this many healthy windows are needed to close the breaker.
    Trying(u32),
}

/// A circuit breaker over all workers of a pool.
#[derive(Clone, Debug, Default)]
pub(crate) struct Breaker {
    recent: VecDeque<Duration>,
    position: Position,
}

impl Breaker {
    /// Whether a restart may take place now.
    pub(crate) fn allows(&self, now: Duration) -> bool {
        match self.position {
            Position::Closed => true,
            Position::Open(until) => now >= until,
            Position::Trying(_) => false,
        }
    }

    /// Records a restart; true if it opens the breaker.
    pub(crate) fn restarted(&mut self, now: Duration, t: &Thresholds) -> bool {
        if let Position::Open(_) = self.position {
            self.position = Position::Trying(t.breaker_healthy);
            return false;
        }
        self.recent.push_back(now);
        self.recent.retain(|at| *at + t.breaker_span >= now);
        if self.recent.len() < t.breaker_restarts as usize {
            return false;
        }
        self.open(now, t);
        true
    }

    /// Records that a worker needs a restart; true if one is being tried, which opens the breaker again.
    pub(crate) fn failed(&mut self, now: Duration, t: &Thresholds) -> bool {
        let trying = matches!(self.position, Position::Trying(_));
        if trying {
            self.open(now, t);
        }
        trying
    }

    fn open(&mut self, now: Duration, t: &Thresholds) {
        self.recent.clear();
        self.position = Position::Open(now + t.breaker_open);
    }

    /// Records a healthy window of any worker.
    pub(crate) fn healthy(&mut self) {
        self.position = match self.position {
            Position::Trying(0 | 1) => Position::Closed,
            Position::Trying(missing) => Position::Trying(missing - 1),
            other => other,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    /// Five restarts, refunded one an hour; five within a minute open the breaker for a minute.
    fn t() -> Thresholds {
        Thresholds::default()
    }

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn used(count: u32) -> Allowance {
        let mut allowance = Allowance::default();
        for n in 1..=count {
            assert_eq!(allowance.take(&t()), Some(n));
        }
        allowance
    }

    #[test]
    fn the_sixth_restart_is_refused() {
        assert_eq!(used(5).take(&t()), None);
    }

    #[test]
    fn an_hour_of_healthy_work_gives_one_back() {
        let mut allowance = used(5);
        (0..3599).for_each(|_| allowance.healthy(at(1), &t()));
        assert_eq!(allowance.used, 5);
        allowance.healthy(at(1), &t());
        assert_eq!(allowance.take(&t()), Some(5));
        assert_eq!(allowance.take(&t()), None);
    }

    #[test]
    fn healthy_work_is_not_saved_up() {
        let mut allowance = used(0);
        allowance.healthy(100 * HOUR, &t());
        (1..=5).for_each(|n| assert_eq!(allowance.take(&t()), Some(n)));
        assert_eq!(allowance.take(&t()), None);
    }

    fn opened() -> Breaker {
        let mut breaker = Breaker::default();
        (0..4).for_each(|second| assert!(!breaker.restarted(at(second), &t())));
        assert!(breaker.restarted(at(4), &t()));
        breaker
    }

    #[test]
    fn five_restarts_within_a_minute_open_it_for_a_minute() {
        let breaker = opened();
        assert!(!breaker.allows(at(63)));
        assert!(breaker.allows(at(64)));
    }

    #[test]
    fn restarts_that_are_spread_out_do_not_open_it() {
        let mut breaker = Breaker::default();
        (0..100).for_each(|n| assert!(!breaker.restarted(at(16 * n), &t())));
        assert!(breaker.allows(at(1600)));
    }

    #[test]
    fn after_the_minute_one_restart_is_tried_and_three_healthy_windows_close_it() {
        let mut breaker = opened();
        assert!(!breaker.restarted(at(64), &t()));
        assert!(!breaker.allows(at(65)));
        breaker.healthy();
        breaker.healthy();
        assert_eq!(breaker.position, Position::Trying(1));
        breaker.healthy();
        assert!(breaker.allows(at(70)));
    }

    #[test]
    fn another_failure_while_one_is_tried_opens_it_again() {
        let mut breaker = opened();
        assert!(!breaker.failed(at(30), &t()));
        breaker.restarted(at(64), &t());
        assert!(breaker.failed(at(66), &t()));
        assert_eq!(breaker.position, Position::Open(at(126)));
    }
}
