//! Typed events of a search: from the saver and the supervisor to the event loop.

pub(crate) mod health_message;
pub(crate) mod message;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer};

use crate::batch::{BatchReport, Repeat, WorkerEnd, WorkerId};
use crate::blind::{Claim, ClaimedAt};
use crate::clock::gap::Gap;
use crate::health::probe::Readings;
use crate::health::{Finding, HealthSummary, Trimmed, Verdict, Vitals, WorkerVitals};
use crate::key::PublicKey;
use crate::key::secret::SecretText;

/// Something that happened.
#[derive(Debug)]
pub enum Event {
    /// A worker has tested candidates.
    Batch(BatchReport),
    /// Hits of a lane whose exact y differs from what the engine computed.
    EngineError {
        /// Whose engine.
        id: WorkerId,
        /// Which lane, from 0.
        lane: usize,
        /// How many such hits.
        count: u64,
    },
    /// A refuted sweep was repeated with fresh engines.
    Repeated {
        /// Whose.
        id: WorkerId,
        /// The outcome on each backend.
        repeats: Vec<Repeat>,
    },
    /// A worker ended, whether told to or not.
    WorkerEnded {
        /// Who.
        id: WorkerId,
        /// How.
        end: WorkerEnd,
    },
    /// A finding about the search's health, and what was done about it.
    Health(Finding),
    /// `windows` slow windows in a row that nothing explains; the worker is restarted at `of`.
    Suspected {
        /// Who.
        id: WorkerId,
        /// Slow windows so far.
        windows: u32,
        /// Slow windows that make a verdict.
        of: u32,
    },
    /// What the machine has, once at the start.
    Resources(Box<Readings>),
    /// How a worker is, every half minute.
    Checkup(Box<Checkup>),
    /// How the whole search is, at regular intervals and at its end.
    Vitals(Box<Vitals>),
    /// A worker is replaced because somebody asked for it.
    ReplacedByUser {
        /// Its number, from 1.
        worker: usize,
    },
    /// The same, every second, for live displays; never recorded.
    Glance(Box<Vitals>),
    /// Only a new process helps.
    RestartWanted,
    /// The health of the whole search, at its end.
    HealthSummary(Box<HealthSummary>),
    /// No worker is left, and all that they tested has been reported.
    WorkersDone,
    /// A key was saved.
    Found(Box<Found>),
    /// A key failed the check before it could be saved: an engine error.
    Refused {
        /// Who found it.
        id: WorkerId,
        /// What is wrong with it.
        reason: String,
    },
    /// A key could not be saved and is held in memory.
    Unsaved {
        /// What the system said.
        reason: String,
        /// Keys that are held now.
        held: usize,
        /// When the next attempt follows.
        retry: Duration,
    },
    /// All keys that were held in memory are saved now.
    AllSaved,
    /// All keys that were asked for are saved.
    Enough,
    /// No further key can be wanted: the node IDs that were to differ are all taken.
    NothingLeft,
    /// The saver has ended.
    SaverDone {
        /// Hits that were found after a command to stop, and not saved.
        skipped: u64,
    },
    /// A time without search is over.
    Gap(Gap),
    /// The reasons for which the search pauses from now on; none: it continues.
    PausesChanged(Vec<Pause>),
    /// A command of this name was received over the control socket.
    Command(&'static str),
}

/// Why a search pauses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PauseReason {
    /// A user asked for it.
    User,
    /// The machine's resources: disk or heat.
    Verdict(Verdict),
}

impl PauseReason {
    /// The name in status, metrics and events.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Verdict(verdict) => verdict.name(),
        }
    }
}

impl Serialize for PauseReason {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.name())
    }
}

/// A reason for which a search is paused; `why` is for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pause {
    pub reason: PauseReason,
    pub why: String,
    pub since: Timestamp,
}

/// All reasons in words; `None` where there is none.
pub(crate) fn why_paused(pauses: &[Pause]) -> Option<String> {
    let whys: Vec<_> = pauses.iter().map(|pause| pause.why.as_str()).collect();
    (!whys.is_empty()).then(|| whys.join("; "))
}

/// How a worker is.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkup {
    /// How it is, as displays have it.
    pub vitals: WorkerVitals,
    /// Resident memory of the whole process, in bytes, where readable.
    pub resident: Option<u64>,
    /// Freed memory that was just given back.
    pub trimmed: Option<Trimmed>,
    /// How long it took to answer a ping between two sweeps; `None`: not yet.
    pub ping: Option<Duration>,
    /// Whether its score is low.
    pub low: bool,
}

/// Why a saved key was wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum FoundKind {
    /// It matches a pattern.
    #[default]
    #[serde(rename = "found")]
    Wanted,
    /// It is on the watchlist.
    #[serde(rename = "watchlist")]
    Watched,
}

/// A key that was saved.
#[derive(Debug, Default)]
pub struct Found {
    /// Why it was wanted.
    pub kind: FoundKind,
    /// The pattern or the line of the watchlist that it fits, for people.
    pub pattern: String,
    /// Its public key.
    pub public: PublicKey,
    /// The files that hold it, the private one first.
    pub files: Vec<PathBuf>,
    /// Whether it went to a fallback folder.
    pub fallback: bool,
    /// Why it could not be saved in the chosen folder, one line a folder; empty if it was.
    pub trouble: Vec<String>,
    /// Whether the files are known to be readable only by their owner.
    pub mode_kept: bool,
    /// Candidates that all workers had tested when it was found.
    pub candidates: u64,
    /// Working time of all runs when it was found.
    pub at: Duration,
    /// The private key for the screen, only if the user asked to see it.
    pub private: Option<Revealed>,
    /// Whether its line may have been written before: a process was killed while it announced the key.
    pub again: bool,
    /// The chance of a candidate from now on, where this key changed what is wanted.
    pub chance_left: Option<f64>,
    /// Where it lies beyond somebody's start, if that is all that is known: a claim of a blind search.
    pub claim: Option<ClaimedAt>,
}

impl Found {
    /// The claim, if it is one.
    pub(crate) fn claim(&self) -> Option<Claim> {
        let at = self.claim?;
        Some(Claim {
            public: self.public,
            at,
            pattern: self.pattern.clone(),
            candidates: self.candidates,
        })
    }

    /// What a claim's file holds; nothing for a key.
    pub(crate) fn claim_text(&self) -> String {
        self.claim().map_or_else(String::new, |claim| claim.text())
    }

    /// The file with the private key, as text.
    pub(crate) fn file(&self) -> String {
        let file = self.files.first().map(|file| file.display().to_string());
        file.unwrap_or_default()
    }

    /// All files, as texts.
    pub(crate) fn file_names(&self) -> Vec<String> {
        let name = |file: &PathBuf| file.display().to_string();
        self.files.iter().map(name).collect()
    }
}

/// A private key in hex that the user asked to see; debugging output does not show it.
pub struct Revealed(pub SecretText);

impl fmt::Debug for Revealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}
