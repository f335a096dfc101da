//! The checkpoint: where a session stands, written every ten seconds and at every end; nothing in it is secret.

use std::collections::VecDeque;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::envelope::{EnvelopeError, Format, Loaded, previous};
use crate::clock::gap::Gaps;
use crate::exit::{Ending, LimitKind};
use crate::health::HealthTotals;
use crate::status::Totals;

/// Name of the file in a session's folder.
pub(crate) const FILE: &str = "checkpoint.json";

/// Time between two checkpoints: what a kill can cost of the counting.
pub(crate) const INTERVAL: Duration = Duration::from_secs(10);

/// Warnings that are kept, the latest; their number is counted.
const WARNINGS: usize = 20;

const FORMAT: Format = Format {
    kind: "checkpoint",
    version: 1,
};

/// Where a session stands. Its size does not depend on the number of keys.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Checkpoint {
    /// Number of the run, from 1.
    pub run: u32,
    /// The process of that run.
    pub process: u32,
    /// When this was written.
    pub updated: Timestamp,
    /// What the session does.
    pub stage: Stage,
    /// Sums over all runs.
    pub totals: Totals,
    /// Times without search.
    pub gaps: Gaps,
    /// Restarts of workers, lost time and the like.
    #[serde(flatten)]
    pub health_totals: HealthTotals,
    /// When this session's process restarted its program within the last hour.
    #[serde(default)]
    pub anew: Vec<Timestamp>,
    /// Health of the whole, in one word; nothing where nobody judges.
    pub health: Option<String>,
    /// The latest warnings, with their time.
    pub warnings: VecDeque<Warning>,
    /// Warnings in all.
    pub warned: u64,
    /// The arithmetic that searches now.
    pub backend: String,
    /// Threads that search now.
    pub workers: usize,
    /// Bytes of whole records in the journal.
    pub journal: u64,
    /// Keys that are saved without a record in the journal.
    pub unrecorded: u64,
}

impl Checkpoint {
    /// Where a session stands that has not begun.
    pub(crate) fn new(now: Timestamp) -> Self {
        Self {
            updated: now,
            ..Self::default()
        }
    }

    /// Adds a warning.
    pub(crate) fn warn(&mut self, at: Timestamp, text: String) {
        self.warned += 1;
        let text = text.strip_prefix("WARNING: ").unwrap_or(&text).to_owned();
        self.warnings.push_back(Warning { at, text });
        while self.warnings.len() > WARNINGS {
            self.warnings.pop_front();
        }
    }

    /// Reads the checkpoint in a session's folder.
    ///
    /// # Errors
    /// Both generations are damaged, or a newer program wrote it.
    pub(crate) fn load(folder: &Path) -> Result<Loaded<Self>, EnvelopeError> {
        FORMAT.load(&folder.join(FILE))
    }

    /// The same, of a session that began at `created`: where the only generation that there ever was is damaged, it begins
    /// anew, because definition and journal hold all that matters.
    ///
    /// # Errors
    /// As [`Self::load`], if there was more than one generation.
    pub(crate) fn load_or_begin(
        folder: &Path,
        created: Timestamp,
    ) -> Result<Loaded<Self>, EnvelopeError> {
        let file = folder.join(FILE);
        match Self::load(folder) {
            Err(error @ (EnvelopeError::Damaged { .. } | EnvelopeError::Missing(_)))
                if !previous(&file).exists() =>
            {
                let value = Self {
                    run: 1,
                    ..Self::new(created)
                };
                let older = format!(
                    "{error}; it is the first one, so the session continues from its definition and its journal: up to \
                     {} seconds of counting are lost.",
                    INTERVAL.as_secs()
                );
                Ok(Loaded {
                    value,
                    older: Some(older),
                })
            }
            loaded => loaded,
        }
    }

    /// Writes it; the generation before is kept.
    ///
    /// # Errors
    /// What the system said; the checkpoint before is still there.
    pub(crate) fn save(&self, folder: &Path) -> std::io::Result<()> {
        FORMAT.save(&folder.join(FILE), self)
    }
}

/// What a session does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Stage {
    /// It searches; if no process does, it was interrupted.
    #[default]
    Running,
    /// It is paused.
    Paused {
        /// Why.
        why: String,
        /// Since when.
        since: Timestamp,
    },
    /// It ended cleanly.
    Ended {
        /// How.
        outcome: Outcome,
        /// The exit code.
        code: u8,
        /// When.
        at: Timestamp,
    },
}

/// How a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Outcome {
    /// All keys were found.
    Found,
    /// `--candidates`.
    Candidates,
    /// `--time`.
    Time,
    /// `--until`.
    Until,
    /// A command or a signal.
    Stopped,
    /// Trouble.
    Failed,
}

impl From<Ending> for Outcome {
    fn from(ending: Ending) -> Self {
        match ending {
            Ending::Found | Ending::FoundInFallback => Self::Found,
            Ending::Limit(LimitKind::Candidates) => Self::Candidates,
            Ending::Limit(LimitKind::Time) => Self::Time,
            Ending::Limit(LimitKind::Until) => Self::Until,
            Ending::Stopped | Ending::Interrupted(_) => Self::Stopped,
            Ending::Failed | Ending::BadInput | Ending::NoWorkerLeft => Self::Failed,
        }
    }
}

/// Something that people should know of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Warning {
    /// When.
    pub at: Timestamp,
    /// What.
    pub text: String,
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A checkpoint of a run that has tested a thousand candidates in ten seconds.
    pub fn sample() -> Checkpoint {
        Checkpoint {
            run: 1,
            process: 77,
            totals: Totals {
                candidates: 1000,
                working_seconds: 10.0,
                spot_checks: 412,
                spot_checks_expected: 405.2,
                ..Totals::default()
            },
            backend: "portable".to_owned(),
            workers: 2,
            ..Checkpoint::new("2026-11-22T02:11:00Z".parse().unwrap())
        }
    }

    #[test]
    fn a_checkpoint_is_read_as_it_was_written_in_every_stage() {
        let folder = tempfile::tempdir().unwrap();
        let at = Timestamp::UNIX_EPOCH;
        let stages = [
            Stage::Running,
            Stage::Paused {
                why: "disk".to_owned(),
                since: at,
            },
            Stage::Ended {
                outcome: Outcome::Time,
                code: 3,
                at,
            },
        ];
        for stage in stages {
            let checkpoint = Checkpoint { stage, ..sample() };
            checkpoint.save(folder.path()).unwrap();
            let loaded = Checkpoint::load(folder.path()).unwrap();
            assert_eq!((loaded.value, loaded.older), (checkpoint, None));
        }
    }

    #[test]
    fn a_damaged_checkpoint_costs_only_the_time_since_the_one_before() {
        let folder = tempfile::tempdir().unwrap();
        let later = Checkpoint { run: 2, ..sample() };
        sample().save(folder.path()).unwrap();
        later.save(folder.path()).unwrap();
        let file = folder.path().join(FILE);
        let whole = std::fs::read(&file).unwrap();
        for length in 0..whole.len() {
            std::fs::write(&file, &whole[..length]).unwrap();
            let loaded = Checkpoint::load(folder.path()).unwrap();
            assert_eq!(loaded.value, sample());
            assert!(loaded.older.is_some());
        }
    }

    #[test]
    fn its_size_does_not_grow_with_keys_gaps_or_warnings() {
        let mut checkpoint = sample();
        for second in 0..10_000 {
            let at = Timestamp::from_second(100 * second).unwrap();
            checkpoint.warn(at, "a warning".to_owned());
            checkpoint.gaps.add(crate::clock::gap::Gap {
                kind: crate::clock::gap::GapKind::Asleep,
                from: at,
                to: at + Duration::from_secs(10),
            });
        }
        checkpoint.totals.found = u64::MAX;
        let text = FORMAT.encode(&checkpoint).unwrap();
        assert!(text.len() < 20_000, "{}", text.len());
        assert_eq!(checkpoint.warned, 10_000);
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_takes_nothing_is_an_error_and_the_old_one_stays() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        sample().save(folder.path()).unwrap();
        let set = |mode| {
            std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(mode)).unwrap()
        };
        set(0o500);
        let result = Checkpoint { run: 2, ..sample() }.save(folder.path());
        set(0o700);
        // A superuser may write everywhere.
        let expected = if result.is_ok() { 2 } else { 1 };
        assert_eq!(Checkpoint::load(folder.path()).unwrap().value.run, expected);
    }
}
