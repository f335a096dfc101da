//! Where a running search stands, as a line for a log and as the lines at the bottom of a terminal.

use std::time::Duration;

use crate::event::message::keys;
use crate::text::number::{about, rate, thousands};
use crate::text::odds::Odds;
use crate::text::span::span;

/// Without a terminal the first lines come after 1 and 10 minutes, then one every 10.
const FIRST: Duration = Duration::from_secs(60);
const EVERY: Duration = Duration::from_secs(600);

/// Where a search stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Progress {
    /// Time since the search began.
    pub elapsed: Duration,
    /// Candidates tested.
    pub candidates: u64,
    /// Candidates tested since the last key, or since the beginning.
    pub since_key: u64,
    /// Keys found.
    pub found: u64,
    /// Keys that were asked for; `None`: all.
    pub count: Option<u64>,
    /// The chance a candidate.
    pub odds: Odds,
    /// Candidates a second, lately.
    pub rate: f64,
    /// Candidates that the limits leave, at this rate.
    pub left: Option<f64>,
}

impl Progress {
    /// The lines at the bottom of a terminal.
    pub(crate) fn status(&self) -> String {
        self.parts().join("\n  ")
    }

    /// One line for a log.
    pub(crate) fn line(&self) -> String {
        self.parts().join("; ")
    }

    /// What was done, what was to be expected of it, and what is to be expected from now on.
    fn parts(&self) -> Vec<String> {
        let expected = about(self.odds.expected());
        let by_now = self.odds.by_now(self.since_key);
        let expectation = format!("a key takes {expected} candidates on average, {by_now}");
        let from_now = (self.rate > 0.0).then(|| self.odds.from_now(self.rate));
        let within = self.left.map(|left| self.odds.within_limit(left));
        [self.counts(), expectation]
            .into_iter()
            .chain(from_now)
            .chain(within)
            .collect()
    }

    fn counts(&self) -> String {
        let asked = match self.count {
            Some(count) => format!("{} of {}", thousands(self.found), keys(count)),
            None => keys(self.found),
        };
        format!(
            "{} candidates, {}, {}, {asked}",
            thousands(self.candidates),
            rate(self.rate),
            span(self.elapsed),
        )
    }
}

/// When a log gets its lines.
#[derive(Debug)]
pub(crate) struct Schedule {
    next: Duration,
}

impl Default for Schedule {
    fn default() -> Self {
        Self { next: FIRST }
    }
}

impl Schedule {
    /// Whether a line is due; at most one for any number of moments that were missed.
    pub(crate) fn is_due(&mut self, elapsed: Duration) -> bool {
        if elapsed < self.next {
            return false;
        }
        while self.next <= elapsed {
            self.next = if self.next < EVERY {
                EVERY
            } else {
                self.next + EVERY
            };
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress() -> Progress {
        Progress {
            elapsed: Duration::from_secs(90),
            candidates: 1_234_567_890,
            since_key: 1_000_000_000,
            found: 1,
            count: Some(3),
            odds: Odds(1e-9),
            rate: 13_717_421.0,
            left: Some(1e8),
        }
    }

    #[test]
    fn progress_tells_counts_rate_time_and_odds() {
        let line = progress().line();
        assert!(
            line.starts_with("1,234,567,890 candidates, 13.7 million/s, 1 min 30 s, 1 of 3 keys; ")
        );
        assert!(
            line.contains(
                "a key takes 1,000,000,000 candidates on average, chance by now 63 %; from now 50 % in 50.5 s"
            ),
            "{line}"
        );
        assert!(
            line.ends_with("9.52 % within the limit") || line.ends_with("10 % within the limit")
        );
        assert_eq!(progress().status().lines().count(), 4);
    }

    #[test]
    fn before_a_rate_is_known_no_time_is_guessed() {
        let line = Progress {
            rate: 0.0,
            left: None,
            count: None,
            ..progress()
        }
        .line();
        assert!(line.ends_with("chance by now 63 %"), "{line}");
    }

    #[test]
    fn a_log_gets_a_line_after_one_minute_after_ten_and_then_every_ten() {
        let mut schedule = Schedule::default();
        let due: Vec<u64> = (0..3600)
            .filter(|s| schedule.is_due(Duration::from_secs(*s)))
            .collect();
        assert_eq!(due, [60, 600, 1200, 1800, 2400, 3000]);
    }

    #[test]
    fn moments_that_were_slept_through_give_one_line() {
        let mut schedule = Schedule::default();
        assert!(schedule.is_due(Duration::from_secs(5000)));
        assert!(!schedule.is_due(Duration::from_secs(5001)));
        assert!(schedule.is_due(Duration::from_secs(5400)));
    }
}
