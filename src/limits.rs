//! When a search ends by itself: so many keys, candidates, time, or a moment of the day.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::exit::LimitKind;

/// The limits of a search; `None`: without.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub(crate) struct Limits {
    /// Keys to find; `None`: all until another limit.
    pub count: Option<u64>,
    /// Candidates to test; the workers keep this one themselves.
    pub candidates: Option<u64>,
    /// Time to search.
    pub time: Option<Duration>,
    /// Moment to stop.
    pub until: Option<SystemTime>,
}

impl Limits {
    /// The limit of time that has been reached, if any.
    pub(crate) fn reached(&self, elapsed: Duration, wall: SystemTime) -> Option<LimitKind> {
        if self.time.is_some_and(|time| elapsed >= time) {
            return Some(LimitKind::Time);
        }
        self.until
            .is_some_and(|until| wall >= until)
            .then_some(LimitKind::Until)
    }

    /// The time that the limits of time leave.
    pub(crate) fn time_left(&self, elapsed: Duration, wall: SystemTime) -> Option<Duration> {
        let by_time = self.time.map(|time| time.saturating_sub(elapsed));
        let by_clock = self
            .until
            .map(|until| until.duration_since(wall).unwrap_or_default());
        by_time.into_iter().chain(by_clock).min()
    }

    /// The candidates that all limits leave at this rate.
    pub(crate) fn candidates_left(
        &self,
        tested: u64,
        rate: f64,
        elapsed: Duration,
        wall: SystemTime,
    ) -> Option<f64> {
        let by_number = self.candidates.map(|n| n.saturating_sub(tested) as f64);
        let by_time = self
            .time_left(elapsed, wall)
            .map(|left| left.as_secs_f64() * rate);
        by_number.into_iter().chain(by_time).reduce(f64::min)
    }
}

/// Limits as a session's file has them.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Stored {
    count: Option<u64>,
    candidates: Option<u64>,
    seconds: Option<f64>,
    until: Option<Timestamp>,
}

impl From<Limits> for Stored {
    fn from(limits: Limits) -> Self {
        let until = limits.until.map(Timestamp::try_from);
        Self {
            count: limits.count,
            candidates: limits.candidates,
            seconds: limits.time.map(|time| time.as_secs_f64()),
            until: until.and_then(Result::ok),
        }
    }
}

impl From<Stored> for Limits {
    fn from(stored: Stored) -> Self {
        let time = stored.seconds.map(Duration::try_from_secs_f64);
        Self {
            count: stored.count,
            candidates: stored.candidates,
            time: time.and_then(Result::ok),
            until: stored.until.map(SystemTime::from),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    const fn seconds(s: u64) -> Duration {
        Duration::from_secs(s)
    }

    #[test]
    fn time_and_clock_limits_are_reached_at_their_moment() {
        let limits = Limits {
            time: Some(seconds(10)),
            until: Some(UNIX_EPOCH + seconds(100)),
            ..Limits::default()
        };
        let at = |elapsed, wall| limits.reached(seconds(elapsed), UNIX_EPOCH + seconds(wall));
        assert_eq!(at(9, 99), None);
        assert_eq!(at(10, 99), Some(LimitKind::Time));
        assert_eq!(at(9, 100), Some(LimitKind::Until));
        let left = limits.time_left(seconds(4), UNIX_EPOCH + seconds(98));
        assert_eq!(left, Some(seconds(2)));
    }

    #[test]
    fn the_tightest_limit_says_how_many_candidates_are_left() {
        let limits = Limits {
            candidates: Some(1000),
            time: Some(seconds(10)),
            ..Limits::default()
        };
        let left = |tested, rate| limits.candidates_left(tested, rate, seconds(5), UNIX_EPOCH);
        assert_eq!(left(900, 1000.0), Some(100.0));
        assert_eq!(left(0, 10.0), Some(50.0));
        let without = Limits::default();
        assert_eq!(
            without.candidates_left(1, 1.0, seconds(1), UNIX_EPOCH),
            None
        );
    }

    #[test]
    fn limits_are_read_as_they_were_written() {
        let limits = Limits {
            count: Some(3),
            candidates: Some(5),
            time: Some(Duration::from_millis(28_800_500)),
            until: Some(UNIX_EPOCH + Duration::from_secs(1_800_000_000)),
        };
        let text = serde_json::to_string(&limits).unwrap();
        assert_eq!(
            text,
            r#"{"count":3,"candidates":5,"seconds":28800.5,"until":"2027-01-15T08:00:00Z"}"#
        );
        assert_eq!(serde_json::from_str::<Limits>(&text).unwrap(), limits);
    }
}
