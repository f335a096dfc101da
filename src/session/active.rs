//! A running session: on disk before the first worker starts, and updated by events.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use thiserror::Error;

use super::checkpoint::{Checkpoint, INTERVAL, Stage};
use super::definition::Definition;
use super::journal::{self, Announced, Journal};
use super::lock::{Holder, Lock, LockError};
use super::name::SessionName;
use super::place::{PlaceError, StateFolder};
use super::recover::{self, Fate, Key, continued};
use super::state::observe;
use crate::clock::gap::{Gap, GapKind};
use crate::clock::reading::Reading;
use crate::event::{Event, FoundKind, health_message, message, why_paused};
use crate::health::ActionTaken;
use crate::key::{PublicKey, hex};
use crate::outage::Outage;
use crate::session::announcements::SharedAnnounced;
use crate::session::inspect::Look;
use crate::session::journaled_store::SharedJournal;
use crate::status::Snapshot;

/// Why a session can't run.
#[derive(Debug, Error)]
pub(crate) enum StartError {
    /// The state folder can't be used.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// It is already running, or its lock can't be used.
    #[error("the session {name} can't be started: {source}")]
    Lock {
        /// Its name.
        name: SessionName,
        /// Why.
        source: LockError,
    },
    /// Its folder can't be written.
    #[error("the session {name} in {folder} can't be written: {source}")]
    Write {
        /// Its name.
        name: SessionName,
        /// Its folder.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Where a running session is on disk.
#[derive(Debug)]
pub(super) struct Location {
    pub(super) folder: PathBuf,
    /// Held as long as the session runs.
    #[cfg_attr(
        not(unix),
        expect(dead_code, reason = "it is held, and released when dropped")
    )]
    pub(super) lock: Lock,
}

/// A session that this process runs.
#[derive(Debug)]
pub(crate) struct ActiveSession {
    /// The state folder.
    pub(crate) place: StateFolder,
    pub(crate) name: SessionName,
    pub(super) definition: Definition,
    pub(crate) checkpoint: Checkpoint,
    /// The journal that keys are recorded in.
    pub(crate) journal: SharedJournal,
    pub(crate) announced: SharedAnnounced,
    /// Keys of the watchlist that earlier runs saved, by the text of their line.
    pub(crate) saved_of_watchlist: BTreeMap<String, u64>,
    /// Wanted keys that earlier runs found, each with the pattern that it counts for.
    found: Vec<(PublicKey, String)>,
    /// The starts of their claims, one for each.
    claimed: Vec<PublicKey>,
    pub(super) location: Option<Location>,
    /// When the next checkpoint is due.
    pub(super) next: Duration,
    /// Whether checkpoints can't be written.
    pub(super) outage: Outage,
    /// Whether keys can't be recorded.
    pub(super) journal_outage: Outage,
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

    /// Begins a session that is not written to disk if the search is over soon.
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
            claimed: Vec::new(),
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

    /// Resumes a session with a definition that may have new limits; returns its keys, settled.
    ///
    /// # Errors
    /// Another process was faster, or its folder can't be written.
    pub(crate) fn resume(
        place: StateFolder,
        look: Look,
        definition: Definition,
        now: Reading,
    ) -> Result<(Self, Vec<Key>), StartError> {
        let mut session = Self::later(place, look.name, definition, now);
        let folder = look.folder;
        let lock = session.take_lock(&folder)?;
        let keys = session
            .follow(&folder, look.checkpoint, &look.definition, now.wall)
            .map_err(|source| session.unwritable(&folder, source))?;
        session.location = Some(Location { folder, lock });
        Ok((session, keys))
    }

    /// Settles the keys of the runs before, and writes where this one begins.
    fn follow(
        &mut self,
        folder: &Path,
        before: Checkpoint,
        defined: &Definition,
        now: Timestamp,
    ) -> io::Result<Vec<Key>> {
        let keys = recover::settle(journal::read(folder)?);
        self.checkpoint = continued(before, &keys, now);
        self.journal.open(Journal::open(folder)?, keys.len() as u64);
        self.announced.open(Announced::open(folder)?);
        self.checkpoint.journal = self.journal.position();
        if self.definition != *defined {
            self.definition.save(folder)?;
        }
        self.checkpoint.save(folder)?;
        self.saved_of_watchlist = saved_of_watchlist(&keys);
        let wanted = keys.iter().filter(is_wanted);
        self.found = wanted.clone().filter_map(found).collect();
        self.claimed = wanted
            .filter_map(|key| Some(key.record.claim()?.start))
            .collect();
        Ok(keys)
    }

    /// Its folder, once it is on disk.
    pub(crate) fn folder(&self) -> Option<&Path> {
        (self.location.as_ref()).map(|location| location.folder.as_path())
    }

    /// When it was last written to disk; `None` before the first time.
    pub(crate) fn written(&self) -> Option<Timestamp> {
        self.location.as_ref().map(|_| self.checkpoint.updated)
    }

    /// Wanted keys that earlier runs found, each with the pattern that it counts for.
    pub(crate) fn found(&self) -> impl Iterator<Item = (&PublicKey, &str)> {
        self.found
            .iter()
            .map(|(public, pattern)| (public, pattern.as_str()))
    }

    /// Claims of this start that earlier runs made.
    pub(crate) fn claims_of(&self, start: &PublicKey) -> u64 {
        self.claimed.iter().filter(|one| *one == start).count() as u64
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

    /// Takes an event before it is announced; returns what the user must know first.
    pub(crate) fn event(&mut self, event: &Event, now: Reading) -> Option<String> {
        match event {
            // That a key is not in the journal must be reported before the key is announced.
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
            | Event::SaverDone { .. }
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
        // It should be visible to others now.
        self.next = now.awake;
    }

    /// The time without a process just before this run, if it is long enough to report.
    pub(crate) fn was_gone(&self) -> Option<Gap> {
        let just_now =
            |gap: &&Gap| gap.kind == GapKind::ProcessGone && gap.to == self.checkpoint.updated;
        self.checkpoint.gaps.latest.back().filter(just_now).cloned()
    }
}

fn saved_of_watchlist(keys: &[Key]) -> BTreeMap<String, u64> {
    let mut saved = BTreeMap::new();
    let watched = |key: &&Key| key.record.kind == FoundKind::Watched && key.fate != Fate::Lost;
    for key in keys.iter().filter(watched) {
        *saved.entry(key.record.pattern.clone()).or_default() += 1;
    }
    saved
}

fn is_wanted(key: &&Key) -> bool {
    key.record.kind == FoundKind::Wanted && key.fate != Fate::Lost
}

fn found(key: &Key) -> Option<(PublicKey, String)> {
    let public = hex::decode(&key.record.public_key).ok()?;
    Some((public, key.record.pattern.clone()))
}

#[cfg(test)]
#[path = "active_tests.rs"]
mod tests;
