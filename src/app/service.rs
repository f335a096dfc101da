//! Notifications to a service manager: ready, status, watchdog and stopping.

use std::time::Duration;

use super::manager::Manager;
use crate::event::why_paused;
use crate::status::{Phase, Snapshot};
use crate::text::number::{percent, rate, thousands};

/// Time between two status lines.
const STATUS: Duration = Duration::from_secs(10);

/// The notifications so far.
#[derive(Debug, Default)]
struct Sent {
    ready: bool,
    /// What the last status line was about: the phase, and whether the search does what it should.
    about: Option<(Phase, bool)>,
    status: Duration,
    fed: Duration,
}

impl Sent {
    /// The assignments to send at `now`, possibly none.
    fn next(&mut self, snapshot: &Snapshot, watchdog: Option<Duration>, now: Duration) -> String {
        let mut text = String::new();
        if !is_well(snapshot) {
            return self.status(snapshot, now);
        }
        if !self.ready {
            self.ready = true;
            text += "READY=1\n";
        }
        // Half of the time, as sd_watchdog_enabled(3) recommends.
        if let Some(time) = watchdog
            && (self.fed.is_zero() || now >= self.fed + time / 2)
        {
            self.fed = now;
            text += "WATCHDOG=1\n";
        }
        text + &self.status(snapshot, now)
    }

    fn status(&mut self, snapshot: &Snapshot, now: Duration) -> String {
        let about = Some((snapshot.phase, is_well(snapshot)));
        if self.about == about && now < self.status + STATUS {
            return String::new();
        }
        (self.about, self.status) = (about, now);
        format!("STATUS={}\n", status(snapshot))
    }
}

/// Whether progress is confirmed, or there is a reason for none. While a search ends, keys may have to be saved.
fn is_well(snapshot: &Snapshot) -> bool {
    match snapshot.phase {
        Phase::Running => snapshot.is_fresh(),
        Phase::Paused | Phase::Ending | Phase::Ended => true,
    }
}

/// The state of a search in one line.
fn status(snapshot: &Snapshot) -> String {
    let doing = match snapshot.phase {
        Phase::Running if snapshot.is_fresh() => "Searching".to_owned(),
        Phase::Running => "Progress is not confirmed".to_owned(),
        Phase::Paused => {
            let why = why_paused(&snapshot.pauses).unwrap_or_default();
            format!("Paused ({why})")
        }
        Phase::Ending => "Ending".to_owned(),
        Phase::Ended => format!("Ended ({})", snapshot.ending.unwrap_or("-")),
    };
    let line = format!(
        "{doing}: {} candidates, {}, {} found, chance by now {}",
        thousands(snapshot.totals.candidates),
        rate(snapshot.rate),
        snapshot.totals.found,
        percent(snapshot.chance)
    );
    // A line break would begin another assignment.
    line.replace(char::is_control, " ")
}

/// A search that a service manager started.
#[derive(Debug)]
pub(crate) struct Service {
    manager: Manager,
    sent: Sent,
}

impl Service {
    /// The service that this process is, if a manager started it.
    pub(crate) fn of_process() -> Option<Self> {
        Some(Self {
            manager: Manager::of_process()?,
            sent: Sent::default(),
        })
    }

    /// Sends what is due.
    pub(crate) fn show(&mut self, snapshot: &Snapshot, now: Duration) {
        let was_ready = self.sent.ready;
        let text = self.sent.next(snapshot, self.manager.watchdog(), now);
        if !text.is_empty() && !self.manager.send(&text) {
            self.sent.ready = was_ready;
        }
    }

    /// Reports that the search has ended.
    pub(crate) fn end(&mut self, snapshot: &Snapshot, now: Duration) {
        self.show(snapshot, now);
        self.manager.send("STOPPING=1\n");
    }
}

/// Reports that there is nothing to run, which the manager would otherwise take for a failure.
pub(crate) fn nothing_to_run(text: &str) {
    if let Some(manager) = Manager::of_process() {
        let line = text.lines().next().unwrap_or_default();
        manager.send(&format!("READY=1\nSTATUS={line}\nSTOPPING=1\n"));
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::event::{Pause, PauseReason};
    use crate::status::Totals;

    const MINUTE: Option<Duration> = Some(Duration::from_secs(60));

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn snapshot(progress: Option<u64>) -> Snapshot {
        Snapshot {
            progress_age: progress.map(s),
            totals: Totals {
                candidates: 12_345,
                ..Totals::default()
            },
            rate: 2e6,
            chance: 0.5,
            ..Snapshot::default()
        }
    }

    fn paused(why: &str) -> Snapshot {
        Snapshot {
            phase: Phase::Paused,
            pauses: vec![Pause {
                reason: PauseReason::User,
                why: why.into(),
                since: Timestamp::UNIX_EPOCH,
            }],
            ..snapshot(Some(1000))
        }
    }

    #[test]
    fn it_is_ready_once_progress_is_confirmed() {
        let mut said = Sent::default();
        let first = said.next(&snapshot(None), MINUTE, s(1));
        assert!(
            first.starts_with("STATUS=Progress is not confirmed"),
            "{first}"
        );
        let second = said.next(&snapshot(Some(0)), MINUTE, s(2));
        assert!(
            second.starts_with("READY=1\nWATCHDOG=1\nSTATUS=Searching"),
            "{second}"
        );
        assert_eq!(said.next(&snapshot(Some(0)), MINUTE, s(3)), "");
    }

    #[test]
    fn the_watchdog_is_fed_at_half_its_time_and_only_while_progress_is_confirmed() {
        let mut said = Sent::default();
        let mut fed = |progress, now| {
            let text = said.next(&snapshot(progress), MINUTE, s(now));
            text.contains("WATCHDOG=1")
        };
        assert!(fed(Some(1), 10));
        assert!(!fed(Some(1), 39));
        assert!(fed(Some(1), 40));
        assert!(!fed(Some(31), 70), "old progress is none");
        assert!(!fed(None, 100));
        assert!(fed(Some(2), 101), "as soon as it is confirmed again");
    }

    #[test]
    fn a_pause_with_a_reason_feeds_it_too() {
        let mut said = Sent::default();
        for now in [100, 130, 160] {
            let text = said.next(&paused("by command"), MINUTE, s(now));
            assert!(text.contains("WATCHDOG=1"), "{now}: {text}");
        }
    }

    #[test]
    fn without_a_watchdog_nothing_is_fed() {
        let text = Sent::default().next(&snapshot(Some(0)), None, s(1));
        assert!(
            text.starts_with(
                "READY=1\nSTATUS=Searching: 12,345 candidates, 2.0 million/s, 0 found"
            )
        );
    }

    #[test]
    fn the_status_comes_every_ten_seconds_and_when_it_changes() {
        let mut said = Sent::default();
        let mut told =
            |snapshot: &Snapshot, now| said.next(snapshot, None, s(now)).contains("STATUS=");
        let running = snapshot(Some(0));
        let changes = [
            told(&running, 1),
            told(&running, 10),
            told(&running, 11),
            told(&paused("hot"), 12),
            told(&running, 13),
        ];
        assert_eq!(changes, [true, false, true, true, true]);
    }

    #[test]
    fn a_reason_can_not_smuggle_in_an_assignment() {
        let text = Sent::default().next(&paused("a\nWATCHDOG=trigger"), None, s(1));
        assert!(!text.contains("\nWATCHDOG"), "{text}");
    }
}
