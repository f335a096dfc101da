//! What is kept of a search beside its keys, and how it runs: the settings of it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::error::{Refused, UsageError};
use super::{at, duration};
use crate::config::args::RecordArgs;
use crate::health::SAMPLE_INTERVAL;

/// The shortest time between two samples.
const SHORTEST: Duration = Duration::from_secs(1);

/// What is kept of a search, and how it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RecordSettings {
    /// The file for events, a full path.
    pub events: Option<PathBuf>,
    /// The database of the history that was named, a full path.
    pub history: Option<PathBuf>,
    /// Time between two samples in the history.
    pub interval: Duration,
    /// Whether it runs in the background.
    pub background: bool,
    /// Whether it keeps the machine from sleeping.
    pub keep_awake: bool,
}

impl Default for RecordSettings {
    fn default() -> Self {
        Self {
            events: None,
            history: None,
            interval: SAMPLE_INTERVAL,
            background: false,
            keep_awake: false,
        }
    }
}

/// Reads the options about records; paths count from `folder`.
///
/// # Errors
/// A time that is none, or too short.
pub(crate) fn resolve(args: &RecordArgs, folder: &Path) -> Result<RecordSettings, UsageError> {
    let full = |path: &PathBuf| folder.join(path);
    Ok(RecordSettings {
        events: args.events.as_ref().map(full),
        history: args.history_db.as_ref().map(full),
        interval: at("--interval", &args.interval, interval)?.unwrap_or(SAMPLE_INTERVAL),
        background: args.background,
        keep_awake: args.keep_awake,
    })
}

/// Reads the time between two samples.
///
/// # Errors
/// A time that is none, or too short.
pub(crate) fn interval(text: &str) -> Result<Duration, Refused> {
    let time = duration::seconds(text)?;
    if time < SHORTEST {
        return Err(Refused::new(
            "that is too short",
            "Allowed is one second or more, such as 30s.",
        ));
    }
    Ok(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve_interval(text: &str) -> Result<RecordSettings, UsageError> {
        let args = RecordArgs {
            interval: Some(text.to_owned()),
            ..RecordArgs::default()
        };
        resolve(&args, Path::new("/home"))
    }

    #[test]
    fn an_interval_is_seconds_or_has_its_unit_and_is_not_shorter_than_a_second() {
        assert_eq!(
            resolve_interval("10").unwrap().interval,
            Duration::from_secs(10)
        );
        assert_eq!(
            resolve_interval("2m").unwrap().interval,
            Duration::from_secs(120)
        );
        for wrong in ["0.5", "0", "-1", "x", ""] {
            assert!(resolve_interval(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn paths_are_full_ones() {
        let args = RecordArgs {
            events: Some("e".into()),
            ..RecordArgs::default()
        };
        let settings = resolve(&args, Path::new("/home")).unwrap();
        assert_eq!(settings.events, Some("/home/e".into()));
    }
}
