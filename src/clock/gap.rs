//! Gaps, times in which nothing was searched: the process gone, the machine asleep, the search paused; each reported
//! once.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::clock::reading::Reading;
use crate::text::span::span;

/// Gaps that are kept individually; older ones are only in the totals, so that a checkpoint does not grow.
pub(crate) const KEPT: usize = 50;

/// Shorter ones are not reported: the loop reads the clocks many times a second.
pub(crate) const SHORTEST: Duration = Duration::from_secs(5);

/// From this length on, the time between two readings, which are some 50 ms apart, may be one in which the process was
/// stopped.
const SUSPICIOUS: Duration = Duration::from_secs(1);

/// A process that used less than this share of a processor meanwhile was stopped; if it used more, only the loop was
/// late, for example because a disk was slow, and the workers kept searching.
const IDLE_SHARE: f64 = 0.1;

/// Why nothing was searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GapKind {
    /// No process ran the session.
    ProcessGone,
    /// The machine slept.
    Asleep,
    /// The process was stopped (SIGSTOP, Ctrl-Z) or got no processor at all.
    Stopped,
    /// The search was paused.
    Paused,
}

/// A span without search.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// Why.
    pub kind: GapKind,
    /// Its first moment.
    pub from: Timestamp,
    /// Its last moment.
    pub to: Timestamp,
}

impl Gap {
    /// Whether it is long enough to be reported.
    pub(crate) fn is_worth_telling(&self) -> bool {
        self.length() >= SHORTEST
    }

    /// How long it was.
    pub(crate) fn length(&self) -> Duration {
        let length = self.to.duration_since(self.from);
        Duration::try_from(length).unwrap_or_default()
    }

    /// "process gone 02:11 to 02:14", "asleep 6 h 40 m", in this time zone.
    pub(crate) fn describe(&self, zone: &TimeZone) -> String {
        let name = match self.kind {
            GapKind::ProcessGone => "process gone",
            GapKind::Asleep => return format!("asleep {}", span(self.length())),
            GapKind::Stopped => "process stopped",
            GapKind::Paused => "paused",
        };
        let (from, to) = (
            self.from.to_zoned(zone.clone()),
            self.to.to_zoned(zone.clone()),
        );
        let days = if from.date() == to.date() {
            "%H:%M"
        } else {
            "%m-%d %H:%M"
        };
        format!("{name} {} to {}", from.strftime(days), to.strftime(days))
    }
}

/// All gaps of a session.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Gaps {
    /// The latest ones, in order.
    pub latest: VecDeque<Gap>,
    /// How many there were.
    pub count: u64,
    /// Seconds of all of them.
    pub seconds: f64,
}

impl Gaps {
    /// Adds one, unless it is too short to report.
    pub(crate) fn add(&mut self, gap: Gap) {
        if !gap.is_worth_telling() {
            return;
        }
        self.count += 1;
        self.seconds += gap.length().as_secs_f64();
        self.latest.push_back(gap);
        while self.latest.len() > KEPT {
            self.latest.pop_front();
        }
    }
}

/// Finds gaps, from readings that the loop takes many times a second.
#[derive(Clone, Debug)]
pub(crate) struct GapWatch {
    last: Reading,
}

impl GapWatch {
    pub(crate) fn new(now: Reading) -> Self {
        Self { last: now }
    }

    /// The gaps since the last reading. While the search is `paused`, a process that stands still is no gap of its own.
    pub(crate) fn look(&mut self, now: Reading, paused: bool) -> Vec<Gap> {
        let last = std::mem::replace(&mut self.last, now);
        let awake = now.awake.saturating_sub(last.awake);
        let busy = now.busy.zip(last.busy);
        let stood_still = stood_still(awake, busy.map(|(now, then)| now.saturating_sub(then)));
        let asleep = now.always.saturating_sub(last.always).saturating_sub(awake);
        let asleep = (asleep >= SHORTEST).then(|| ending(now.wall, GapKind::Asleep, asleep));
        let stopped = (stood_still && !paused).then(|| ending(now.wall, GapKind::Stopped, awake));
        [asleep, stopped].into_iter().flatten().flatten().collect()
    }
}

/// Whether the process was stopped between two looks that are so far apart, and used so much processor time meanwhile.
fn stood_still(awake: Duration, busy: Option<Duration>) -> bool {
    match busy {
        Some(busy) => awake >= SUSPICIOUS && busy.as_secs_f64() < IDLE_SHARE * awake.as_secs_f64(),
        None => awake >= SHORTEST,
    }
}

/// A gap that ends now: by its length, since the time of day may have been set within.
fn ending(now: Timestamp, kind: GapKind, length: Duration) -> Option<Gap> {
    let from = now.checked_sub(length).ok()?;
    Some(Gap {
        kind,
        from,
        to: now,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(awake: u64, always: u64) -> Reading {
        Reading {
            awake: Duration::from_secs(awake),
            always: Duration::from_secs(always),
            wall: Timestamp::from_second(1_800_000_000 + always as i64).unwrap(),
            busy: None,
        }
    }

    #[test]
    fn time_that_is_looked_at_often_has_no_gap() {
        let mut watch = GapWatch::new(reading(0, 0));
        for second in 1..=10 {
            assert!(watch.look(reading(second, second), false).is_empty());
        }
    }

    #[test]
    fn sleep_is_a_gap() {
        let mut watch = GapWatch::new(reading(0, 0));
        let gaps = watch.look(reading(1, 24_001), false);
        assert_eq!(gaps.len(), 1);
        assert_eq!(gaps[0].describe(&TimeZone::UTC), "asleep 6 h 40 min");
    }

    #[test]
    fn a_stopped_process_is_a_gap() {
        let mut watch = GapWatch::new(reading(0, 0));
        let gaps = watch.look(reading(180, 180), false);
        assert_eq!(gaps[0].kind, GapKind::Stopped);
        assert_eq!(gaps[0].length(), Duration::from_secs(180));
    }

    #[test]
    fn a_loop_that_was_late_while_the_workers_searched_is_no_gap() {
        let busy = |second, busy| Reading {
            busy: Some(Duration::from_secs(busy)),
            ..reading(second, second)
        };
        let mut watch = GapWatch::new(busy(0, 0));
        assert!(watch.look(busy(20, 39), false).is_empty());
        assert_eq!(watch.look(busy(22, 39), false).len(), 1);
    }

    #[test]
    fn a_process_that_stands_still_while_its_search_is_paused_is_no_gap_of_its_own() {
        let mut watch = GapWatch::new(reading(0, 0));
        assert!(watch.look(reading(180, 180), true).is_empty());
        assert_eq!(
            watch.look(reading(181, 1000), true)[0].kind,
            GapKind::Asleep
        );
    }

    #[test]
    fn a_gap_reads_as_people_say_it() {
        let gap = Gap {
            kind: GapKind::ProcessGone,
            from: "2026-11-22T02:11:40Z".parse().unwrap(),
            to: "2026-11-22T02:14:05Z".parse().unwrap(),
        };
        assert_eq!(gap.describe(&TimeZone::UTC), "process gone 02:11 to 02:14");
        let longer = Gap {
            to: "2026-11-23T02:14:05Z".parse().unwrap(),
            ..gap
        };
        assert_eq!(
            longer.describe(&TimeZone::UTC),
            "process gone 11-22 02:11 to 11-23 02:14"
        );
    }

    #[test]
    fn a_thousand_gaps_are_counted_and_the_latest_kept() {
        let mut gaps = Gaps::default();
        for start in 0..1000 {
            gaps.add(Gap {
                kind: GapKind::ProcessGone,
                from: Timestamp::from_second(100 * start).unwrap(),
                to: Timestamp::from_second(100 * start + 10).unwrap(),
            });
        }
        assert_eq!((gaps.count, gaps.latest.len()), (1000, KEPT));
        assert_eq!(gaps.seconds, 10_000.0);
        gaps.add(Gap {
            kind: GapKind::Asleep,
            from: Timestamp::UNIX_EPOCH,
            to: Timestamp::UNIX_EPOCH,
        });
        assert_eq!(gaps.count, 1000);
    }
}
