//! What a session is: its pattern, its limits, where keys go; everything that a resume from elsewhere needs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::envelope::{EnvelopeError, Format, Loaded};
use crate::limits::Limits;
use crate::pattern::{HexError, PatternLine, Request, Spread, Wanted, Watchlist};

/// Name of the file in a session's folder.
pub(crate) const FILE: &str = "session.json";

const FORMAT: Format = Format {
    kind: "session",
    version: 1,
};

/// What a session is; it changes only when a run brings new settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Definition {
    /// Whether the user gave it no name: then it goes some days after its end.
    pub unnamed: bool,
    /// When it began.
    pub created: Timestamp,
    /// The command line of the latest run that brought settings.
    pub command: Vec<String>,
    /// The folder that this command was given in.
    pub folder: PathBuf,
    /// What is wanted.
    pub pattern: Request,
    /// The same in one line for people.
    pub description: String,
    /// The chance of a candidate.
    pub probability: f64,
    /// The lines of the watchlist.
    pub watchlist: Vec<String>,
    /// Keys to save a line of the watchlist.
    pub watchlist_max: u64,
    /// When it ends by itself.
    pub limits: Limits,
    /// The folder for key files, a full path.
    pub output: PathBuf,
    /// How key files are written: "text" or "json".
    pub format: String,
    /// Threads that search.
    pub workers: usize,
    /// "low" or "normal".
    pub priority: String,
    /// Candidates between two reports.
    pub batch_size: Option<u64>,
    /// The backend that was asked for, as it is typed.
    pub backend: String,
    /// The OpenCL devices that were asked for, as they are typed.
    #[serde(default)]
    pub devices: Vec<String>,
    /// Whether workers are judged and restarted.
    pub health_check: bool,
    /// The numbers of the supervisor that are not the default ones, by option.
    #[serde(default)]
    pub numbers: BTreeMap<String, String>,
    /// How its keys are spread over patterns and node IDs.
    #[serde(default)]
    pub spread: Spread,
    /// The public starts of a blind search, in hex.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blind: Vec<String>,
}

impl Definition {
    /// Reads the definition in a session's folder.
    ///
    /// # Errors
    /// Both generations are damaged, or a newer program wrote it.
    pub(crate) fn load(folder: &Path) -> Result<Loaded<Self>, EnvelopeError> {
        FORMAT.load(&folder.join(FILE))
    }

    /// Writes it.
    ///
    /// # Errors
    /// What the system said.
    pub(crate) fn save(&self, folder: &Path) -> std::io::Result<()> {
        FORMAT.save(&folder.join(FILE), self)
    }
}

/// The watchlist of stored lines, beside what is wanted; nothing where there are none.
///
/// # Errors
/// A line can't be read.
pub(crate) fn watchlist(lines: &[String], wanted: &Wanted) -> Result<Option<Watchlist>, HexError> {
    let lines = PatternLine::read_all(lines)?;
    Ok((!lines.is_empty()).then(|| Watchlist::new(lines, wanted).0))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A session that looks for one key with prefix F8.
    pub fn sample() -> Definition {
        let (wanted, _) = Wanted::new(Request {
            prefixes: vec!["F8".to_owned()],
            ..Request::default()
        })
        .unwrap();
        Definition {
            unnamed: false,
            created: "2026-11-22T01:00:00Z".parse().unwrap(),
            command: vec!["keygen".to_owned(), "--prefix".to_owned(), "F8".to_owned()],
            folder: PathBuf::from("/home/u"),
            pattern: wanted.to_request(),
            description: wanted.describe(),
            probability: wanted.probability(),
            watchlist: Vec::new(),
            watchlist_max: 1,
            limits: Limits {
                count: Some(1),
                ..Limits::default()
            },
            output: PathBuf::from("/home/u/keys"),
            format: "text".to_owned(),
            workers: 2,
            priority: "low".to_owned(),
            batch_size: None,
            backend: "auto".to_owned(),
            devices: Vec::new(),
            health_check: true,
            numbers: BTreeMap::new(),
            spread: Spread::default(),
            blind: Vec::new(),
        }
    }

    #[test]
    fn a_definition_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        sample().save(folder.path()).unwrap();
        let loaded = Definition::load(folder.path()).unwrap();
        assert_eq!(loaded.value, sample());
    }

    #[test]
    fn a_pattern_survives_as_text_whatever_it_is_made_of() {
        let requests = [
            Request {
                prefixes: vec!["F8".into(), "A1".into()],
                suffixes: vec!["00".into()],
                vanities: vec![4],
                ..Request::default()
            },
            Request {
                matches: vec!["ABCD...EF12".into(), "...99".into()],
                lines: PatternLine::read_all(&["AB12...34|Node #1".into(), "C0FFEE".into()])
                    .unwrap(),
                avoid: vec!["A1".into()],
                ..Request::default()
            },
            Request {
                avoid: vec!["12".into()],
                any_beginning: true,
                ..Request::default()
            },
        ];
        for request in requests {
            let (wanted, _) = Wanted::new(request).unwrap();
            let stored = serde_json::to_string(&wanted.to_request()).unwrap();
            let stored: Request = serde_json::from_str(&stored).unwrap();
            assert_eq!(stored, wanted.to_request());
            let (again, _) = Wanted::new(stored.clone()).unwrap();
            assert_eq!(again.to_request(), stored);
            assert_eq!(again.probability(), wanted.probability());
            assert_eq!(again.describe(), wanted.describe());
        }
    }
}
