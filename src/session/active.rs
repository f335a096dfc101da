//! A session that runs: on disk before the first worker, a checkpoint every ten seconds, and the truth at its end.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;

use super::checkpoint::{Checkpoint, INTERVAL, Outcome, Stage};
use super::continued::continued;
use super::definition::Definition;
use super::journal::{self, Announced, Journal, Kind};
use super::lock::{Holder, Lock};
use super::name::SessionName;
use super::place::StateFolder;
use super::recover::{self, Fate, Key};
use super::remove;
use super::start_error::StartError;
use super::state::observe;
use crate::clock::reading::Reading;
use crate::event::{Event, health_message, message, why_paused};
use crate::exit::Ending;
use crate::health::{ActionTaken, HealthTotals};
use crate::key::{PublicKey, hex};
use crate::outage::{Outage, Turn};
use crate::session::announcements::SharedAnnounced;
use crate::session::inspect::Look;
use crate::session::journaled_store::SharedJournal;
use crate::status::{Snapshot, Totals};

/// Where a running session is on disk.
#[derive(Debug)]
pub(super) struct Location {
    pub(super) folder: PathBuf,
    /// Held as long as the session runs.
    pub(super) lock: Lock,
}

/// A session that this process runs.
#[derive(Debug)]
pub(crate) struct ActiveSession {
    place: StateFolder,
    name: SessionName,
    definition: Definition,
    pub(super) checkpoint: Checkpoint,
    journal: SharedJournal,
    announced: SharedAnnounced,
    /// Keys of the watchlist that earlier runs saved, by the text of their line.
    saved_of_watchlist: BTreeMap<String, u64>,
    /// Wanted keys that earlier runs found, each with the pattern that it counts for.
    found: Vec<(PublicKey, String)>,
    pub(super) location: Option<Location>,
    next: Duration,
    /// Whether checkpoints can't be written.
    outage: Outage,
    /// Whether keys can't be recorded.
    journal_outage: Outage,
}

impl ActiveSession {
    /// Begins a named session: it is on disk when this returns.
    ///
    /// # Errors
    /// The state folder can't be used, or another process was faster.
    pub(crate) fn begin(
        place: StateFolder,
        name: SessionName,
        definition: Definition,
        now: Reading,
    ) -> Result<Self, StartError> {
        let mut session = Self::later(place, name, definition, now);
        session.settle_down()?;
        Ok(session)
    }

    /// Begins a session that is written to disk only if the search is not over soon.
    #[must_use]
    pub(crate) fn later(
        place: StateFolder,
        name: SessionName,
        definition: Definition,
        now: Reading,
    ) -> Self {
        let checkpoint = Checkpoint {
            run: 1,
            process: std::process::id(),
            ..Checkpoint::new(now.wall)
        };
        Self {
            journal: SharedJournal::default(),
            announced: SharedAnnounced::default(),
            saved_of_watchlist: BTreeMap::new(),
            found: Vec::new(),
            next: now.awake + INTERVAL,
            location: None,
            outage: Outage::default(),
            journal_outage: Outage::default(),
            place,
            name,
            definition,
            checkpoint,
        }
    }

    /// Goes on with a session under a definition that may have new limits; gives its keys, settled.
    ///
    /// # Errors
    /// Another process was faster, or its folder can't be written.
    pub(crate) fn resume(
        place: StateFolder,
        look: Look,
        definition: Definition,
        now: Reading,
    ) -> Result<(Self, Vec<Key>), StartError> {
        let Look { name, folder, .. } = look;
        let lock = Lock::take(&folder).map_err(|source| StartError::Lock {
            name: name.clone(),
            source,
        })?;
        let write = |source| StartError::Write {
            name: name.clone(),
            folder: folder.clone(),
            source,
        };
        let past = journal::read(&folder).map_err(write)?;
        let keys = recover::settle(past);
        let mut checkpoint = continued(look.checkpoint, &keys, now.wall);
        let journal = SharedJournal::default();
        journal.open(Journal::open(&folder).map_err(write)?, keys.len() as u64);
        let announced = SharedAnnounced::default();
        announced.open(Announced::open(&folder).map_err(write)?);
        checkpoint.journal = journal.position();
        if definition != look.definition {
            definition.save(&folder).map_err(write)?;
        }
        checkpoint.save(&folder).map_err(write)?;
        let session = Self {
            next: now.awake + INTERVAL,
            location: Some(Location { folder, lock }),
            outage: Outage::default(),
            journal_outage: Outage::default(),
            place,
            name,
            definition,
            checkpoint,
            journal,
            announced,
            saved_of_watchlist: saved_of_watchlist(&keys),
            found: found(&keys),
        };
        Ok((session, keys))
    }

    /// Its name.
    #[must_use]
    pub(crate) fn name(&self) -> &SessionName {
        &self.name
    }

    /// Its folder, once it is on disk.
    #[must_use]
    pub(crate) fn folder(&self) -> Option<&Path> {
        self.location
            .as_ref()
            .map(|location| location.folder.as_path())
    }

    /// When it was last written to disk; `None` before the first time.
    #[must_use]
    pub(crate) fn written(&self) -> Option<Timestamp> {
        self.location.as_ref().map(|_| self.checkpoint.updated)
    }

    /// Sums of all runs so far.
    #[must_use]
    pub(crate) fn totals(&self) -> &Totals {
        &self.checkpoint.totals
    }

    /// Restarts, lost time and the like in all runs so far.
    #[must_use]
    pub(crate) fn health_totals(&self) -> &HealthTotals {
        &self.checkpoint.health_totals
    }

    /// Number of this run, from 1.
    #[must_use]
    pub(crate) fn run(&self) -> u32 {
        self.checkpoint.run
    }

    /// The journal that keys are recorded in.
    #[must_use]
    pub(crate) fn journal(&self) -> SharedJournal {
        self.journal.clone()
    }

    /// Keys of the watchlist that earlier runs saved, by the text of their line.
    #[must_use]
    pub(crate) fn saved_of_watchlist(&self) -> &BTreeMap<String, u64> {
        &self.saved_of_watchlist
    }

    /// Wanted keys that earlier runs found, each with the pattern that it counts for.
    pub(crate) fn found(&self) -> impl Iterator<Item = (&PublicKey, &str)> {
        self.found
            .iter()
            .map(|(public, pattern)| (public, pattern.as_str()))
    }

    /// The list of announced keys.
    #[must_use]
    pub(crate) fn announced(&self) -> SharedAnnounced {
        self.announced.clone()
    }

    /// What arithmetic searches, on how many workers.
    pub(crate) fn set_workers(&mut self, backend: String, workers: usize) {
        self.checkpoint.backend = backend;
        self.checkpoint.workers = workers;
    }

    /// The session as `keygen status` would see it; `None` before it is on disk.
    pub(crate) fn look(&mut self, snapshot: &Snapshot, now: Timestamp) -> Option<Look> {
        let folder = self.folder()?.to_owned();
        self.take(snapshot);
        let mut checkpoint = self.checkpoint.clone();
        checkpoint.updated = now;
        let keys = journal::read(&folder).unwrap_or_default().entries;
        let process = Some(std::process::id());
        Some(Look {
            name: self.name.clone(),
            state: observe(&checkpoint, Some(Holder { process }), false, now),
            definition: self.definition.clone(),
            folder,
            checkpoint,
            keys,
            notes: Vec::new(),
        })
    }

    /// Takes in what happened, before it is announced; gives what people must know first.
    pub(crate) fn event(&mut self, event: &Event, now: Reading) -> Option<String> {
        match event {
            // A key must not be announced without a word where the journal does not know of it.
            Event::Found(_) if self.location.is_some() => return self.check_journal(now.wall),
            Event::Health(finding) => {
                if !matches!(
                    finding.action,
                    ActionTaken::Over | ActionTaken::Resumed | ActionTaken::Reclaimed
                ) {
                    self.checkpoint
                        .warn(now.wall, health_message::finding(finding));
                }
            }
            Event::EngineError { .. } | Event::Refused { .. } | Event::Unsaved { .. } => {
                self.checkpoint
                    .warn(now.wall, message::lines(event).join(" "));
            }
            Event::Gap(gap) => self.checkpoint.gaps.add(gap.clone()),
            Event::PausesChanged(pauses) => self.pause(now, why_paused(pauses)),
            Event::Found(_)
            | Event::Batch(_)
            | Event::Repeated { .. }
            | Event::WorkerEnded { .. }
            | Event::Suspected { .. }
            | Event::Resources(_)
            | Event::Checkup(_)
            | Event::Vitals(_)
            | Event::Glance(_)
            | Event::ReplacedByUser { .. }
            | Event::RestartWanted
            | Event::HealthSummary(_)
            | Event::WorkersDone
            | Event::AllSaved
            | Event::Enough
            | Event::NothingLeft
            | Event::SaverDone(_)
            | Event::Command(_) => {}
        }
        None
    }

    /// From now on the search is paused for this reason, or no longer.
    fn pause(&mut self, now: Reading, why: Option<String>) {
        self.checkpoint.stage = why.map_or(Stage::Running, |why| Stage::Paused {
            why,
            since: now.wall,
        });
        // Whoever looks should see it now.
        self.next = now.awake;
    }

    /// Says once that it can't be recorded, and once that all are again.
    fn check_journal(&mut self, now: Timestamp) -> Option<String> {
        let trouble = self
            .journal
            .catch_up()
            .or_else(|| self.announced.catch_up());
        match self.journal_outage.observe(trouble)? {
            Turn::Failed(reason) => {
                let said = format!(
                    "WARNING: the session's journal can't be written: {reason}. Keys are saved and announced all the \
                     same; after a kill the session would not know of them and could announce or count them again."
                );
                self.checkpoint.warn(now, said.clone());
                Some(said)
            }
            Turn::Recovered => Some("The session's journal is complete again.".to_owned()),
        }
    }

    /// Writes a checkpoint if it is time to; gives what people should know.
    pub(crate) fn tick(&mut self, now: Reading, snapshot: &Snapshot) -> Vec<String> {
        if now.awake < self.next {
            return Vec::new();
        }
        self.next = now.awake + INTERVAL;
        self.take(snapshot);
        self.write_and_judge(now.wall)
    }

    /// Writes the last checkpoint; gives what people should know.
    pub(crate) fn end(&mut self, now: Reading, snapshot: &Snapshot, ending: Ending) -> Vec<String> {
        self.take(snapshot);
        self.checkpoint.stage = Stage::Ended {
            outcome: Outcome::from(ending),
            code: ending.code(),
            at: now.wall,
        };
        // A search that was over before it was written to disk leaves nothing.
        if self.location.is_none() {
            return Vec::new();
        }
        self.write_and_judge(now.wall)
    }

    fn write_and_judge(&mut self, now: Timestamp) -> Vec<String> {
        let written = self.write(now);
        let said = self.judge(written, now);
        said.into_iter().chain(self.check_journal(now)).collect()
    }

    pub(super) fn take(&mut self, snapshot: &Snapshot) {
        self.checkpoint.totals = snapshot.totals;
        self.checkpoint.health_totals = snapshot.health_totals.clone();
        if let Some(health) = snapshot.health {
            self.checkpoint.health = Some(health.to_owned());
        }
        self.checkpoint.journal = self.journal.position();
        self.checkpoint.unrecorded = self.journal.unrecorded();
    }

    pub(super) fn write(&mut self, now: Timestamp) -> Result<(), StartError> {
        self.checkpoint.updated = now;
        if self.location.is_none() {
            return self.settle_down();
        }
        let Some(location) = &self.location else {
            return Ok(());
        };
        self.checkpoint
            .save(&location.folder)
            .map_err(|source| self.unwritable(&location.folder, source))
    }

    /// Makes the folder, takes the lock, writes what the session is and where it stands, opens the journal.
    pub(super) fn settle_down(&mut self) -> Result<(), StartError> {
        let folder = self.place.create_session(&self.name)?;
        // What can't be removed now goes another time.
        let _ = remove::prune(&self.place, Timestamp::now());
        let lock = Lock::take(&folder).map_err(|source| StartError::Lock {
            name: self.name.clone(),
            source,
        })?;
        self.write_all(&folder)
            .map_err(|source| self.unwritable(&folder, source))?;
        self.location = Some(Location { folder, lock });
        Ok(())
    }

    /// The definition comes last: a session without one was never begun.
    fn write_all(&mut self, folder: &Path) -> io::Result<()> {
        let journal = Journal::open(folder)?;
        let announced = Announced::open(folder)?;
        self.checkpoint.save(folder)?;
        self.definition.save(folder)?;
        self.journal.open(journal, 0);
        self.announced.open(announced);
        Ok(())
    }

    pub(super) fn unwritable(&self, folder: &Path, source: io::Error) -> StartError {
        StartError::Write {
            name: self.name.clone(),
            folder: folder.to_owned(),
            source,
        }
    }

    /// The first of a row of failures is said, and that it works again.
    fn judge(&mut self, written: Result<(), StartError>, now: Timestamp) -> Option<String> {
        let failed = written.err().map(|error| {
            format!(
                "WARNING: {error}. The search goes on; what a kill would cost is counted from the last checkpoint."
            )
        });
        match self.outage.observe(failed)? {
            Turn::Failed(said) => {
                self.checkpoint.warn(now, said.clone());
                Some(said)
            }
            Turn::Recovered => Some("The session is written to disk again.".to_owned()),
        }
    }
}

fn saved_of_watchlist(keys: &[Key]) -> BTreeMap<String, u64> {
    let mut saved = BTreeMap::new();
    let watched = |key: &&Key| key.record.kind == Kind::Watchlist && key.fate != Fate::Lost;
    for key in keys.iter().filter(watched) {
        *saved.entry(key.record.pattern.clone()).or_default() += 1;
    }
    saved
}

fn found(keys: &[Key]) -> Vec<(PublicKey, String)> {
    let wanted = |key: &&Key| key.record.kind == Kind::Found && key.fate != Fate::Lost;
    let key = |key: &Key| {
        Some((
            hex::decode(&key.record.public_key).ok()?,
            key.record.pattern.clone(),
        ))
    };
    keys.iter().filter(wanted).filter_map(key).collect()
}

#[cfg(test)]
#[path = "active_tests.rs"]
mod tests;
