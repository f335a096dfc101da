//! How often a worker may be restarted: a limited number, of which healthy work gives one back an hour.

use std::time::Duration;

/// What a worker's restarts have come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permit {
    /// It may be restarted; so many restarts are used up now.
    Restart(u32),
    /// All restarts are used up.
    Retire,
}

/// The restarts of one worker's place.
#[derive(Clone, Debug)]
pub struct Allowance {
    limit: u32,
    refund: Duration,
    used: u32,
    healthy: Duration,
}

impl Allowance {
    /// `limit` restarts, one given back for each `refund` of healthy work.
    pub fn new(limit: u32, refund: Duration) -> Self {
        Self {
            limit,
            refund,
            used: 0,
            healthy: Duration::ZERO,
        }
    }

    /// Healthy work.
    pub fn healthy(&mut self, time: Duration) {
        if self.used == 0 {
            return;
        }
        self.healthy += time;
        while self.healthy >= self.refund && self.used > 0 {
            self.healthy -= self.refund;
            self.used -= 1;
        }
    }

    /// Asks for a restart, which uses one up.
    pub fn ask(&mut self) -> Permit {
        if self.used >= self.limit {
            return Permit::Retire;
        }
        self.used += 1;
        self.healthy = Duration::ZERO;
        Permit::Restart(self.used)
    }

    /// Restarts that are used up.
    pub fn used(&self) -> u32 {
        self.used
    }

    /// Restarts there are in all.
    pub fn limit(&self) -> u32 {
        self.limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn used(count: u32) -> Allowance {
        let mut allowance = Allowance::new(5, HOUR);
        for n in 1..=count {
            assert_eq!(allowance.ask(), Permit::Restart(n));
        }
        allowance
    }

    #[test]
    fn the_sixth_restart_retires() {
        assert_eq!(used(5).ask(), Permit::Retire);
    }

    #[test]
    fn an_hour_of_healthy_work_gives_one_back() {
        let mut allowance = used(5);
        (0..3599).for_each(|_| allowance.healthy(Duration::from_secs(1)));
        assert_eq!(allowance.used(), 5);
        allowance.healthy(Duration::from_secs(1));
        assert_eq!(allowance.ask(), Permit::Restart(5));
        assert_eq!(allowance.ask(), Permit::Retire);
    }

    #[test]
    fn healthy_work_is_not_saved_up() {
        let mut allowance = used(0);
        allowance.healthy(100 * HOUR);
        (1..=5).for_each(|n| assert_eq!(allowance.ask(), Permit::Restart(n)));
        assert_eq!(allowance.ask(), Permit::Retire);
    }
}
