//! The machine's resources: what comes near a limit is reported, and a full disk or heat pauses the search.

use std::time::Duration;

use super::probe::{Readings, Temperature};
use super::state::Status;
use super::thresholds::{Levels, Thresholds};
use super::verdict::{ActionTaken, Decision, Verdict, report};
use crate::text::span::span;

/// How near a reading is to its limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// It is not readable here.
    #[default]
    Unknown,
    /// Far.
    Fine,
    /// At the warning level.
    Warning,
    /// At the critical level.
    Critical,
}

impl Level {
    /// The level of a reading.
    pub(crate) fn of(value: f64, levels: Levels) -> Self {
        if value >= levels.critical {
            Self::Critical
        } else if value >= levels.warning {
            Self::Warning
        } else {
            Self::Fine
        }
    }

    /// What is reported of a reading whose level was `before`.
    pub(super) fn reported_after(self, before: Self) -> Option<ActionTaken> {
        if self > before && self >= Self::Warning {
            return Some(ActionTaken::Reported);
        }
        (before >= Self::Warning && self == Self::Fine).then_some(ActionTaken::Over)
    }

    /// What it makes of the search.
    pub(super) const fn status(self) -> Status {
        match self {
            Self::Critical => Status::Unhealthy,
            Self::Warning => Status::Degraded,
            Self::Fine | Self::Unknown => Status::Healthy,
        }
    }
}

/// Watches disk, system memory and heat.
#[derive(Clone, Debug, Default)]
pub(crate) struct ResourceWatch {
    levels: [Level; 3],
    /// What pauses the search: a full disk or heat.
    paused_for: Option<Verdict>,
    paused_at: Duration,
    alerted: bool,
    reported_blind: bool,
}

impl ResourceWatch {
    /// Takes readings and returns what to report.
    pub(crate) fn check(
        &mut self,
        readings: &Readings,
        t: &Thresholds,
        now: Duration,
    ) -> Vec<Decision> {
        let mut decisions = Vec::new();
        let looks = [
            (Verdict::DiskLow, disk(readings, t)),
            (Verdict::MemoryLow, memory(readings, t)),
            (Verdict::Hot, heat(readings, t)),
        ];
        for (known, (verdict, (level, detail))) in self.levels.iter_mut().zip(looks) {
            let before = std::mem::replace(known, level);
            let action = level.reported_after(before);
            decisions.extend(action.map(|action| report(verdict, None, detail, action)));
        }
        decisions.extend(self.blind(readings, t));
        decisions.extend(self.pause(readings, t, now));
        decisions
    }

    /// Whether the machine's resources pause the search.
    pub(crate) fn is_pausing(&self) -> bool {
        self.paused_for.is_some()
    }

    /// Reports once that the temperature is to pause the search and can't be read.
    fn blind(&mut self, readings: &Readings, t: &Thresholds) -> Option<Decision> {
        let blind = t.pause_above.is_some() && readings.temperature.is_none();
        if !blind || std::mem::replace(&mut self.reported_blind, true) {
            return None;
        }
        let detail =
            "the processor's temperature can't be read here, so the search will not pause for it"
                .to_owned();
        Some(report(Verdict::Hot, None, detail, ActionTaken::Unreadable))
    }

    fn pause(&mut self, readings: &Readings, t: &Thresholds, now: Duration) -> Vec<Decision> {
        let Some(cause) = self.paused_for else {
            return self.begin(readings, t, now);
        };
        // What can no longer be read does not count as fine.
        let resumes = if cause == Verdict::Hot {
            readings.temperature.is_some_and(|now| {
                t.pause_above
                    .is_none_or(|limit| now.celsius <= limit - t.pause_hysteresis)
            })
        } else {
            readings.disk.is_some_and(|disk| disk.free > t.disk_resume)
        };
        if resumes {
            self.paused_for = None;
            let detail = "the cause of the pause is gone".to_owned();
            return vec![report(cause, None, detail, ActionTaken::Resumed)];
        }
        if self.alerted || now < self.paused_at + t.pause_alert {
            return Vec::new();
        }
        self.alerted = true;
        let detail = format!("the search has paused for {}", span(t.pause_alert));
        vec![report(cause, None, detail, ActionTaken::Paused)]
    }

    fn begin(&mut self, readings: &Readings, t: &Thresholds, now: Duration) -> Vec<Decision> {
        let full = readings.disk.filter(|disk| disk.free < t.disk_pause);
        let hot = readings.temperature.zip(t.pause_above);
        let (cause, detail) = if let Some(disk) = full {
            let free = super::memory::megabytes(disk.free);
            (Verdict::DiskLow, format!("only {free} free for keys"))
        } else if hot.is_some_and(|(now, limit)| now.celsius > limit) {
            (Verdict::Hot, heat(readings, t).1)
        } else {
            return Vec::new();
        };
        (self.paused_for, self.paused_at, self.alerted) = (Some(cause), now, false);
        vec![report(cause, None, detail, ActionTaken::Paused)]
    }

    /// The state of the resources as a whole.
    pub(crate) fn state(&self) -> Status {
        let [a, b, c] = self.levels;
        a.max(b).max(c).status()
    }
}

fn disk(readings: &Readings, t: &Thresholds) -> (Level, String) {
    let Some(disk) = readings.disk else {
        return Default::default();
    };
    let used = disk.used();
    let detail = format!("the output file system is {:.0}% full", 100.0 * used);
    (Level::of(used, t.disk), detail)
}

fn memory(readings: &Readings, t: &Thresholds) -> (Level, String) {
    let Some(memory) = readings.memory else {
        return Default::default();
    };
    let used = memory.used();
    let detail = format!("{:.0}% of the system's memory is in use", 100.0 * used);
    (Level::of(used, t.memory), detail)
}

/// Heat by the sensor's own limits, where it names any; unreadable is unknown, never cool.
fn heat(readings: &Readings, t: &Thresholds) -> (Level, String) {
    let Some(Temperature { celsius, critical }) = readings.temperature else {
        return Default::default();
    };
    let levels = critical.map_or(t.heat, |critical| Levels {
        warning: critical - (t.heat.critical - t.heat.warning),
        critical,
    });
    let detail = format!("the processor is at {celsius:.0} °C");
    (Level::of(celsius, levels), detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::probe::Space;

    const MB: u64 = 1 << 20;

    fn free(megabytes: u64) -> Readings {
        Readings {
            disk: Some(Space {
                total: 10_000 * MB,
                free: megabytes * MB,
            }),
            ..Readings::default()
        }
    }

    fn degrees(celsius: f64) -> Readings {
        Readings {
            temperature: Some(Temperature {
                celsius,
                critical: None,
            }),
            ..Readings::default()
        }
    }

    /// What is done about these readings, one a minute: P pause, R resume, s say.
    fn history(readings: &[Readings], t: &Thresholds) -> Vec<String> {
        let mut watch = ResourceWatch::default();
        let mut seen = Vec::new();
        for (n, readings) in (0..).zip(readings) {
            let before = watch.is_pausing();
            let said = watch.check(readings, t, Duration::from_secs(60 * n)).len();
            let change = match (before, watch.is_pausing()) {
                (false, true) => "P",
                (true, false) => "R",
                _ => "",
            };
            seen.push("s".repeat(said) + change);
        }
        seen
    }

    #[test]
    fn a_full_disk_is_reported_at_both_levels_and_pauses_under_its_limit_until_there_is_room() {
        let looks = [
            free(5000),
            free(1400),
            free(1400),
            free(63),
            free(100),
            free(129),
            free(5000),
        ];
        let seen = history(&looks, &Thresholds::default());
        assert_eq!(seen, ["", "s", "", "ssP", "", "sR", "s"]);
    }

    #[test]
    fn a_long_pause_is_told_by_its_length_however_short_that_is() {
        let t = Thresholds {
            pause_alert: Duration::from_secs(2),
            ..Thresholds::default()
        };
        let mut watch = ResourceWatch::default();
        watch.check(&free(10), &t, Duration::ZERO);
        let told = watch.check(&free(10), &t, Duration::from_secs(2));
        assert!(
            matches!(&told[..], [Decision::Report(finding)] if finding.detail == "the search has paused for 2.0 s"),
            "{told:?}"
        );
    }

    #[test]
    fn a_long_pause_is_an_alert_once() {
        let looks: Vec<_> = (0..30).map(|_| free(10)).collect();
        let seen = history(&looks, &Thresholds::default());
        assert_eq!(seen.iter().filter(|s| *s == "s").count(), 1);
        assert_eq!(seen[10], "s");
    }

    #[test]
    fn heat_pauses_only_if_asked_to_and_goes_on_five_degrees_below() {
        let looks = [degrees(70.0), degrees(81.0), degrees(76.0), degrees(75.0)];
        assert_eq!(history(&looks, &Thresholds::default()), ["", "", "", ""]);
        let t = Thresholds {
            pause_above: Some(80.0),
            ..Thresholds::default()
        };
        assert_eq!(history(&looks, &t), ["", "sP", "", "sR"]);
    }

    #[test]
    fn what_can_not_be_read_any_more_is_not_fine() {
        let t = Thresholds {
            pause_above: Some(80.0),
            ..Thresholds::default()
        };
        let unknown = Readings::default;
        assert_eq!(
            history(&[degrees(81.0), unknown(), degrees(70.0)], &t),
            ["sP", "s", "sR"]
        );
        assert_eq!(history(&[unknown(), unknown()], &t), ["s", ""]);
        let seen = history(&[free(10), unknown(), free(500)], &Thresholds::default());
        assert!(
            seen[0].ends_with('P') && seen[1].is_empty() && seen[2].ends_with('R'),
            "{seen:?}"
        );
    }

    #[test]
    fn a_sensor_with_limits_of_its_own_is_judged_by_them() {
        let mut watch = ResourceWatch::default();
        let mut readings = degrees(88.0);
        readings.temperature = readings.temperature.map(|t| Temperature {
            critical: Some(110.0),
            ..t
        });
        assert!(
            watch
                .check(&readings, &Thresholds::default(), Duration::ZERO)
                .is_empty()
        );
        assert_eq!(watch.state(), Status::Healthy);
        watch.check(&degrees(96.0), &Thresholds::default(), Duration::ZERO);
        assert_eq!(watch.state(), Status::Unhealthy);
    }

    #[test]
    fn what_can_not_be_read_is_unknown_and_says_nothing() {
        assert_eq!(
            history(&[Readings::default()], &Thresholds::default()),
            [""]
        );
        assert_eq!(ResourceWatch::default().levels, [Level::Unknown; 3]);
    }
}
