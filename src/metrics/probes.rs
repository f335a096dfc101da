//! Liveness and readiness: what `/livez` and `/readyz` answer.

use std::time::Duration;

use crate::event::why_paused;
use crate::status::{Phase, Seen, Snapshot};
use crate::text::span::span;

/// The event loop takes a snapshot four times a second; one that is older than this means that the loop hangs.
const LOOP_ANSWERS: Duration = Duration::from_secs(5);

/// The supervisor reports once a second; if it has not for this long, it hangs.
const SUPERVISOR_ANSWERS: Duration = Duration::from_secs(10);

/// Whether event loop and supervisor respond.
///
/// # Errors
/// Why not.
pub(super) fn live(seen: Option<&Seen>) -> Result<String, String> {
    let seen = seen.ok_or("the search has not begun")?;
    if seen.age >= LOOP_ANSWERS {
        return Err(format!(
            "the event loop has not responded for {}",
            span(seen.age)
        ));
    }
    let snapshot = &seen.snapshot;
    let ends = matches!(snapshot.phase, Phase::Ending | Phase::Ended);
    // Before its first report the supervisor has had no more time than the process.
    let silence = snapshot.supervisor_age.unwrap_or(snapshot.uptime) + seen.age;
    if silence >= SUPERVISOR_ANSWERS && !ends {
        return Err(format!(
            "the supervisor has not responded for {}",
            span(silence)
        ));
    }
    Ok("the process and its supervisor respond".to_owned())
}

/// Whether progress is confirmed.
///
/// # Errors
/// Why not.
pub(super) fn ready(seen: Option<&Seen>) -> Result<String, String> {
    let seen = seen.ok_or("the search has not begun")?;
    let snapshot = &seen.snapshot;
    match snapshot.phase {
        Phase::Paused => {
            let why = why_paused(&snapshot.pauses).unwrap_or_default();
            return Err(format!("paused: {why}"));
        }
        Phase::Ending => return Err("the search is ending".to_owned()),
        Phase::Ended => return Err("the search has ended".to_owned()),
        Phase::Running => {}
    }
    let Some(age) = snapshot.progress_age else {
        return Err("no progress has been confirmed yet".to_owned());
    };
    let age = age + seen.age;
    if age > Snapshot::FRESH {
        return Err(format!("no progress has been confirmed for {}", span(age)));
    }
    Ok("searching, and progress is confirmed".to_owned())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::Timestamp;

    use super::*;
    use crate::event::{Pause, PauseReason};
    use crate::health::Verdict;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn seen(age: u64, snapshot: Snapshot) -> Seen {
        Seen {
            snapshot: Arc::new(snapshot),
            age: seconds(age),
        }
    }

    fn healthy() -> Snapshot {
        Snapshot {
            uptime: seconds(100),
            supervisor_age: Some(seconds(1)),
            progress_age: Some(seconds(1)),
            ..Snapshot::default()
        }
    }

    #[test]
    fn a_search_that_goes_on_is_live_and_ready() {
        let seen = seen(0, healthy());
        assert!(live(Some(&seen)).is_ok() && ready(Some(&seen)).is_ok());
        assert!(live(None).is_err() && ready(None).is_err());
    }

    #[test]
    fn a_loop_that_hangs_is_not_live() {
        assert!(live(Some(&seen(4, healthy()))).is_ok());
        let why = live(Some(&seen(5, healthy()))).unwrap_err();
        assert_eq!(why, "the event loop has not responded for 5.0 s");
    }

    #[test]
    fn a_supervisor_that_hangs_is_not_live_unless_the_search_ends() {
        let silent = |phase| Snapshot {
            supervisor_age: Some(seconds(9)),
            phase,
            ..healthy()
        };
        assert!(live(Some(&seen(0, silent(Phase::Running)))).is_ok());
        let why = live(Some(&seen(1, silent(Phase::Running)))).unwrap_err();
        assert_eq!(why, "the supervisor has not responded for 10.0 s");
        assert!(live(Some(&seen(1, silent(Phase::Ending)))).is_ok());
    }

    #[test]
    fn a_supervisor_without_a_first_word_is_waited_for() {
        let young = |uptime| Snapshot {
            supervisor_age: None,
            uptime: seconds(uptime),
            ..healthy()
        };
        assert!(live(Some(&seen(0, young(9)))).is_ok());
        assert!(live(Some(&seen(0, young(10)))).is_err());
    }

    #[test]
    fn a_search_is_not_ready_without_fresh_progress_and_says_why() {
        let why = |age, snapshot| ready(Some(&seen(age, snapshot))).unwrap_err();
        let old = Snapshot {
            progress_age: Some(seconds(28)),
            ..healthy()
        };
        assert!(ready(Some(&seen(2, old.clone()))).is_ok());
        assert_eq!(why(3, old), "no progress has been confirmed for 31.0 s");
        let new = Snapshot {
            progress_age: None,
            ..healthy()
        };
        assert_eq!(why(0, new), "no progress has been confirmed yet");
        let ending = Snapshot {
            phase: Phase::Ending,
            ..healthy()
        };
        assert_eq!(why(0, ending), "the search is ending");
    }

    #[test]
    fn a_pause_is_a_reason_not_to_be_ready_but_no_reason_not_to_be_live() {
        let paused = Snapshot {
            phase: Phase::Paused,
            pauses: vec![Pause {
                reason: PauseReason::Verdict(Verdict::DiskLow),
                why: "disk-low: 10 MB free".into(),
                since: Timestamp::UNIX_EPOCH,
            }],
            ..healthy()
        };
        let seen = seen(0, paused);
        assert!(live(Some(&seen)).is_ok());
        assert_eq!(
            ready(Some(&seen)).unwrap_err(),
            "paused: disk-low: 10 MB free"
        );
    }
}
