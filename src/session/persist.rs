//! A running session on disk: a checkpoint every ten seconds and at its end, and its hand-over to the program that the
//! process executes next.

use std::io;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};

use super::active::{ActiveSession, Location, StartError};
use super::checkpoint::{INTERVAL, Outcome, Stage};
use super::journal::{Announced, Journal};
use super::lock::Lock;
use super::remove;
use crate::clock::reading::Reading;
use crate::exit::Ending;
use crate::outage::Turn;
use crate::status::Snapshot;

/// How often within an hour a session may restart its process: if that does not help, it never will.
const RESTARTS: usize = 3;

impl ActiveSession {
    /// Writes a checkpoint if it is due; returns what the user should know.
    pub(crate) fn tick(&mut self, now: Reading, snapshot: &Snapshot) -> Vec<String> {
        if now.awake < self.next {
            return Vec::new();
        }
        self.next = now.awake + INTERVAL;
        self.take(snapshot);
        self.save(now.wall)
    }

    /// Writes the last checkpoint; returns what the user should know.
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
        self.save(now.wall)
    }

    /// Writes a checkpoint; reports the first of several failures, and the recovery.
    fn save(&mut self, now: Timestamp) -> Vec<String> {
        let failed = self.write(now).err().map(|error| {
            format!(
                "WARNING: {error}. The search continues; a kill would lose all counting since the last checkpoint."
            )
        });
        let turn = self.outage.observe(failed);
        let report = turn.map(|turn| match turn {
            Turn::Failed(warning) => {
                self.checkpoint.warn(now, warning.clone());
                warning
            }
            Turn::Recovered => "The session is written to disk again.".to_owned(),
        });
        report.into_iter().chain(self.check_journal(now)).collect()
    }

    /// Reports once that the journal can't be written, and once that it is complete again.
    pub(super) fn check_journal(&mut self, now: Timestamp) -> Option<String> {
        let trouble = self.journal.catch_up();
        let trouble = trouble.or_else(|| self.announced.catch_up());
        match self.journal_outage.observe(trouble)? {
            Turn::Failed(reason) => {
                let warning = format!(
                    "WARNING: the session's journal can't be written: {reason}. Keys are still saved and announced; but \
                     after a kill the session would not know of them and might announce or count them again."
                );
                self.checkpoint.warn(now, warning.clone());
                Some(warning)
            }
            Turn::Recovered => Some("The session's journal is complete again.".to_owned()),
        }
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

    fn write(&mut self, now: Timestamp) -> Result<(), StartError> {
        self.checkpoint.updated = now;
        let Some(Location { folder, .. }) = &self.location else {
            return self.settle_down();
        };
        let saved = self.checkpoint.save(folder);
        saved.map_err(|source| self.unwritable(folder, source))
    }

    /// Creates the folder, takes the lock, writes definition and checkpoint, opens the journal.
    pub(super) fn settle_down(&mut self) -> Result<(), StartError> {
        let folder = self.place.create_session(&self.name)?;
        // What can't be removed now is removed another time.
        let _ = remove::prune(&self.place, Timestamp::now());
        let lock = self.take_lock(&folder)?;
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

    pub(super) fn take_lock(&self, folder: &Path) -> Result<Lock, StartError> {
        Lock::take(folder).map_err(|source| StartError::Lock {
            name: self.name.clone(),
            source,
        })
    }

    pub(super) fn unwritable(&self, folder: &Path, source: io::Error) -> StartError {
        StartError::Write {
            name: self.name.clone(),
            folder: folder.to_owned(),
            source,
        }
    }

    /// Ensures that the session is on disk, and that its process may restart itself now: at most [`RESTARTS`] times
    /// within an hour. Asking uses up a permission.
    ///
    /// # Errors
    /// Why it may not, in words.
    pub(crate) fn permit_restart(&mut self, now: Timestamp) -> Result<(), String> {
        if !cfg!(unix) {
            return Err("this system can't".to_owned());
        }
        if self.location.is_none() {
            self.settle_down().map_err(|error| error.to_string())?;
        }
        let recent = |at: &Timestamp| now.duration_since(*at) < SignedDuration::from_hours(1);
        self.checkpoint.anew.retain(recent);
        if self.checkpoint.anew.len() >= RESTARTS {
            return Err(format!(
                "it already did so {RESTARTS} times within the last hour"
            ));
        }
        self.checkpoint.anew.push(now);
        Ok(())
    }

    /// Writes the checkpoint for the program that this process executes next.
    ///
    /// # Errors
    /// The session can't be written.
    pub(crate) fn hand_over(
        &mut self,
        now: Reading,
        snapshot: &Snapshot,
    ) -> Result<(), StartError> {
        self.take(snapshot);
        self.checkpoint.stage = Stage::Running;
        self.write(now.wall)
    }

    /// Passes the lock on to the program that this process executes now.
    ///
    /// # Errors
    /// It can't be passed on.
    #[cfg(unix)]
    pub(crate) fn pass_on(&self) -> Result<(), StartError> {
        let Some(Location { folder, lock }) = &self.location else {
            return Ok(());
        };
        lock.pass_on()
            .map_err(|source| self.unwritable(folder, source))
    }
}
