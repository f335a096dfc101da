//! The faults of an observed session: a pure function of the observation.

use super::probe::{Condition, Observation};
use crate::health::megabytes;
use crate::health::state::Status;

/// Age in seconds from which a checkpoint is overdue; one is written every ten seconds.
const OLD_CHECKPOINT: u64 = 60;

/// Sizes in bytes of a folder or the database that are reported, and that are critical.
const LARGE: [u64; 2] = [1_000_000_000, 5_000_000_000];

/// A fault of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Its name.
    pub name: &'static str,
    /// Its severity.
    pub severity: Status,
    /// For people, following the session's name.
    pub message: String,
}

fn fault(name: &'static str, severity: Status, message: impl Into<String>) -> Fault {
    Fault {
        name,
        severity,
        message: message.into(),
    }
}

/// All faults, that of the state first.
pub(crate) fn judge(observation: &Observation) -> Vec<Fault> {
    let mut faults: Vec<_> = state(&observation.condition).into_iter().collect();
    let age = observation.checkpoint_age_seconds;
    if let (Condition::Well, Some(age)) = (
        &observation.condition,
        age.filter(|age| *age > OLD_CHECKPOINT),
    ) {
        let message = format!("has not written a checkpoint for {age} s: is its disk full?");
        faults.push(fault("checkpoint-old", Status::Degraded, message));
    }
    faults.extend(large(
        "folder-large",
        "its folder",
        observation.folder_bytes,
    ));
    faults.extend(large(
        "database-large",
        "the history",
        observation.database_bytes,
    ));
    if let Some(trouble) = &observation.database_trouble {
        let message = format!("its history can't be used: {trouble}");
        faults.push(fault("database-broken", Status::Degraded, message));
    }
    faults
}

fn state(condition: &Condition) -> Option<Fault> {
    use Status::{Critical, Degraded};
    Some(match condition {
        Condition::Well | Condition::Paused(_) | Condition::Over(_) => return None,
        Condition::Dead => fault("session-dead", Critical, "has lost its process"),
        Condition::Stopped => fault(
            "session-stopped",
            Degraded,
            "is stopped: its process is suspended",
        ),
        Condition::Silent => fault("session-unresponsive", Critical, "does not respond"),
        Condition::Stalled => fault(
            "session-stalled",
            Critical,
            "responds, but makes no progress",
        ),
        Condition::Gone => fault(
            "session-gone",
            Critical,
            "is gone: its folder does not exist, so it can't be resumed",
        ),
        Condition::Unreadable(why) => fault("session-unreadable", Critical, why.clone()),
    })
}

fn large(name: &'static str, what: &str, bytes: u64) -> Option<Fault> {
    let severity = match bytes {
        bytes if bytes >= LARGE[1] => Status::Critical,
        bytes if bytes >= LARGE[0] => Status::Degraded,
        _ => return None,
    };
    let size = megabytes(bytes);
    Some(fault(name, severity, format!("{what} takes {size}")))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::super::list::Entry;
    use super::*;

    fn observation(condition: Condition) -> Observation {
        Observation {
            entry: Entry {
                state_dir: "/s".into(),
                session: "night".to_owned(),
            },
            at: Timestamp::UNIX_EPOCH,
            condition,
            process: None,
            checkpoint_age_seconds: Some(5),
            folder_bytes: 1000,
            database_bytes: 1000,
            database_trouble: None,
        }
    }

    fn names(observation: &Observation) -> Vec<&'static str> {
        judge(observation).iter().map(|fault| fault.name).collect()
    }

    #[test]
    fn a_session_that_is_well_paused_or_over_is_no_fault() {
        for condition in [
            Condition::Well,
            Condition::Paused("by command".into()),
            Condition::Over("found".into()),
        ] {
            assert!(judge(&observation(condition)).is_empty());
        }
    }

    #[test]
    fn each_thing_that_is_wrong_has_its_name() {
        assert_eq!(names(&observation(Condition::Dead)), ["session-dead"]);
        let old = Observation {
            checkpoint_age_seconds: Some(61),
            folder_bytes: LARGE[0],
            database_bytes: LARGE[1],
            database_trouble: Some("it is damaged".to_owned()),
            ..observation(Condition::Well)
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
