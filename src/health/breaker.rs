//! The breaker: when workers are restarted one after the other, restarting is not what helps.

use std::collections::VecDeque;
use std::time::Duration;

/// Whether restarts go through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Position {
    /// They do.
    Closed,
    /// None does until then.
    Open(Duration),
    /// One was let through; so many healthy windows are still missing.
    Trying(u32),
}

/// The numbers of a breaker.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// So many restarts within `span` open it.
    pub restarts: usize,
    /// See `restarts`.
    pub span: Duration,
    /// It stays open for so long.
    pub open: Duration,
    /// So many healthy windows after the restart that follows close it.
    pub healthy: u32,
}

/// A breaker over all workers of a pool.
#[derive(Clone, Debug)]
pub(crate) struct Breaker {
    limits: Limits,
    recent: VecDeque<Duration>,
    position: Position,
}

impl Breaker {
    /// A closed breaker.
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            recent: VecDeque::new(),
            position: Position::Closed,
        }
    }

    /// Whether a restart may take place now.
    pub(crate) fn allows(&self, now: Duration) -> bool {
        match self.position {
            Position::Closed => true,
            Position::Open(until) => now >= until,
            Position::Trying(_) => false,
        }
    }

    /// A restart takes place; true if it opens the breaker.
    pub(crate) fn restarted(&mut self, now: Duration) -> bool {
        if let Position::Open(_) = self.position {
            self.position = Position::Trying(self.limits.healthy);
            return false;
        }
        self.recent.push_back(now);
        while self
            .recent
            .front()
            .is_some_and(|t| *t + self.limits.span < now)
        {
            self.recent.pop_front();
        }
        if self.recent.len() < self.limits.restarts {
            return false;
        }
        self.open(now);
        true
    }

    /// A worker needs a restart while one is being tried: it opens again; true if it did.
    pub(crate) fn failed(&mut self, now: Duration) -> bool {
        let trying = matches!(self.position, Position::Trying(_));
        if trying {
            self.open(now);
        }
        trying
    }

    fn open(&mut self, now: Duration) {
        self.recent.clear();
        self.position = Position::Open(now + self.limits.open);
    }

    /// A healthy window of a worker.
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

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn breaker() -> Breaker {
        Breaker::new(Limits {
            restarts: 5,
            span: at(60),
            open: at(60),
            healthy: 3,
        })
    }

    fn opened() -> Breaker {
        let mut breaker = breaker();
        (0..4).for_each(|t| assert!(!breaker.restarted(at(t))));
        assert!(breaker.restarted(at(4)));
        breaker
    }

    #[test]
    fn five_restarts_within_a_minute_open_it_for_a_minute() {
        let breaker = opened();
        assert!(!breaker.allows(at(63)));
        assert!(breaker.allows(at(64)));
    }

    #[test]
    fn restarts_that_are_spread_out_do_not() {
        let mut breaker = breaker();
        (0..100).for_each(|n| assert!(!breaker.restarted(at(16 * n))));
        assert!(breaker.allows(at(1600)));
    }

    #[test]
    fn after_the_minute_one_goes_through_and_three_healthy_windows_close_it() {
        let mut breaker = opened();
        assert!(!breaker.restarted(at(64)));
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
        assert!(!breaker.failed(at(30)));
        breaker.restarted(at(64));
        assert!(breaker.failed(at(66)));
        assert_eq!(breaker.position, Position::Open(at(126)));
    }
}
