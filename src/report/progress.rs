//! Where a running search stands, as a line for a log and as the lines at the bottom of a terminal.

use std::time::Duration;

use crate::event::message::keys;
use crate::status::Snapshot;
use crate::text::number::{about, rate, thousands};
use crate::text::span::span;

/// Without a terminal the first lines come after 1 and 10 minutes, then one every 10.
const FIRST: Duration = Duration::from_secs(60);
const EVERY: Duration = Duration::from_secs(600);

/// The lines at the bottom of a terminal.
pub(crate) fn status(snapshot: &Snapshot) -> String {
    parts(snapshot).join("\n  ")
}

/// One line for a log.
pub(crate) fn line(snapshot: &Snapshot) -> String {
    parts(snapshot).join("; ")
}

/// What was done, what was to be expected of it, and what is to be expected from now on.
fn parts(snapshot: &Snapshot) -> Vec<String> {
    let (odds, speed) = (snapshot.odds, snapshot.rate);
    let expected = about(odds.expected());
    let by_now = odds.by_now(snapshot.since_key());
    let expectation = format!("a key takes {expected} candidates on average, {by_now}");
    let from_now = (speed > 0.0).then(|| odds.times_from_now(speed));
    let within = (snapshot.candidates_left).map(|left| odds.within_limit(left));
    [counts(snapshot), expectation]
        .into_iter()
        .chain(from_now)
        .chain(within)
        .collect()
}

fn counts(snapshot: &Snapshot) -> String {
    let found = snapshot.totals.found;
    let asked = match snapshot.count {
        Some(count) => format!("{} of {}", thousands(found), keys(count)),
        None => keys(found),
    };
    format!(
        "{} candidates, {}, {}, {asked}",
        thousands(snapshot.totals.candidates),
        rate(snapshot.rate),
        span(snapshot.working()),
    )
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
    use crate::status::Totals;
    use crate::text::odds::Odds;

    fn snapshot() -> Snapshot {
        Snapshot {
            totals: Totals {
                working_seconds: 90.0,
                candidates: 1_234_567_890,
                at_last_key: 234_567_890,
                found: 1,
                ..Totals::default()
            },
            count: Some(3),
            odds: Odds(1e-9),
            rate: 13_717_421.0,
            candidates_left: Some(1e8),
            ..Snapshot::default()
        }
    }

    #[test]
    fn progress_tells_counts_rate_time_and_odds() {
        let line = line(&snapshot());
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
        assert_eq!(status(&snapshot()).lines().count(), 4);
    }

    #[test]
    fn before_a_rate_is_known_no_time_is_guessed() {
        let line = line(&Snapshot {
            rate: 0.0,
            candidates_left: None,
            count: None,
            ..snapshot()
        });
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
