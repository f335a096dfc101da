//! What is wrong with a session that was looked at: a pure function of the sight.

use crate::commands::watch::probe::{Does, Sight};
use crate::health::megabytes;
use crate::health::resource::Status;

/// A checkpoint is written every ten seconds; one that is so much older, in seconds, was not.
const OLD_CHECKPOINT: u64 = 60;

/// Bytes of a folder or of the database that are said, and that are critical.
const LARGE: [u64; 2] = [1_000_000_000, 5_000_000_000];

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Its name.
    pub name: &'static str,
    /// How bad it is.
    pub severity: Status,
    /// In words, after the session's name.
    pub message: String,
}

fn fault(name: &'static str, severity: Status, message: impl Into<String>) -> Fault {
    Fault {
        name,
        severity,
        message: message.into(),
    }
}

/// Everything that is wrong, the state first.
#[must_use]
pub(crate) fn judge(sight: &Sight) -> Vec<Fault> {
    let mut faults: Vec<_> = state(&sight.does).into_iter().collect();
    let age = sight.checkpoint_age_seconds;
    if let (Does::Well, Some(age)) = (&sight.does, age.filter(|age| *age > OLD_CHECKPOINT)) {
        let message = format!("has written no checkpoint for {age} s: is its disk full?");
        faults.push(fault("checkpoint-old", Status::Degraded, message));
    }
    faults.extend(large("folder-large", "its folder", sight.folder_bytes));
    faults.extend(large("database-large", "the history", sight.database_bytes));
    if let Some(trouble) = &sight.database_trouble {
        let message = format!("the history beside it can't be used: {trouble}");
        faults.push(fault("database-broken", Status::Degraded, message));
    }
    faults
}

fn state(does: &Does) -> Option<Fault> {
    use Status::{Critical, Degraded};
    Some(match does {
        Does::Well | Does::Paused(_) | Does::Over(_) => return None,
        Does::Dead => fault("session-dead", Critical, "was left by its process"),
        Does::Stopped => fault("session-stopped", Degraded, "has a process that is stopped"),
        Does::Silent => fault(
            "session-unresponsive",
            Critical,
            "has a process that does not answer",
        ),
        Does::Stalled => fault(
            "session-stalled",
            Critical,
            "answers, but proves no progress",
        ),
        Does::Gone => fault(
            "session-gone",
            Critical,
            "has no folder any more; nothing can go on with it",
        ),
        Does::Unreadable(why) => fault("session-unreadable", Critical, why.clone()),
    })
}

fn large(name: &'static str, what: &str, bytes: u64) -> Option<Fault> {
    let severity = match bytes {
        bytes if bytes >= LARGE[1] => Status::Critical,
        bytes if bytes >= LARGE[0] => Status::Degraded,
        _ => return None,
    };
    let size = megabytes(bytes);
    Some(fault(name, severity, format!("{what} has {size}")))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::super::list::Entry;
    use super::*;

    fn sight(does: Does) -> Sight {
        Sight {
            entry: Entry {
                state_dir: "/s".into(),
                session: "night".to_owned(),
            },
            at: Timestamp::UNIX_EPOCH,
            does,
            process: None,
            checkpoint_age_seconds: Some(5),
            folder_bytes: 1000,
            database_bytes: 1000,
            database_trouble: None,
        }
    }

    fn names(sight: &Sight) -> Vec<&'static str> {
        judge(sight).iter().map(|fault| fault.name).collect()
    }

    #[test]
    fn a_session_that_is_well_paused_or_over_is_no_fault() {
        for does in [
            Does::Well,
            Does::Paused("by command".into()),
            Does::Over("found".into()),
        ] {
            assert!(judge(&sight(does)).is_empty());
        }
    }

    #[test]
    fn each_thing_that_is_wrong_has_its_name() {
        assert_eq!(names(&sight(Does::Dead)), ["session-dead"]);
        let old = Sight {
            checkpoint_age_seconds: Some(61),
            folder_bytes: LARGE[0],
            database_bytes: LARGE[1],
            database_trouble: Some("it is damaged".to_owned()),
            ..sight(Does::Well)
        };
        let expected = [
            "checkpoint-old",
            "folder-large",
            "database-large",
            "database-broken",
        ];
        assert_eq!(names(&old), expected);
        let severities: Vec<_> = judge(&old).iter().map(|fault| fault.severity).collect();
        assert_eq!(severities[1..3], [Status::Degraded, Status::Critical]);
    }
}
