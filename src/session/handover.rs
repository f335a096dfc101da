//! The hand-over of a running session to the program that its process executes next.

use jiff::{SignedDuration, Timestamp};

use super::checkpoint::Stage;
use super::start_error::StartError;
use crate::clock::reading::Reading;
use crate::session::active::ActiveSession;
use crate::status::Snapshot;

/// How often within an hour a session may execute its program anew: if that does not help, it never will.
const ANEW: usize = 3;

impl ActiveSession {
    /// Sees to it that the session is on disk, and that its process may execute the program anew now: not more often than
    /// [`ANEW`] times within an hour. A permission is used up by asking.
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
        if self.checkpoint.anew.len() >= ANEW {
            return Err(format!(
                "it did so {ANEW} times within the last hour already"
            ));
        }
        self.checkpoint.anew.push(now);
        Ok(())
    }

    /// Writes where the session stands for the program that this process executes next.
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

    /// Lets the lock come along to the program that this process executes now.
    ///
    /// # Errors
    /// It can't be passed on.
    pub(crate) fn pass_on(&self) -> Result<(), StartError> {
        match &self.location {
            Some(location) => location
                .lock
                .pass_on()
                .map_err(|source| self.unwritable(&location.folder, source)),
            None => Ok(()),
        }
    }
}
