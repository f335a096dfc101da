//! The hand-over of a running session to the program that its process executes next.

use jiff::{SignedDuration, Timestamp};

use super::checkpoint::{Stage, Totals};
use super::start_error::StartError;
use crate::clock::gap::Reading;
use crate::session::active::Live;

/// How often within an hour a session may execute its program anew: if that does not help, it never will.
pub(crate) const ANEW: usize = 3;

impl Live {
    /// Sees to it that the session is on disk, also one that is to be written only later.
    ///
    /// # Errors
    /// It can't be written.
    pub(crate) fn settle(&mut self) -> Result<(), StartError> {
        if self.home.is_some() {
            return Ok(());
        }
        self.settle_down()
    }

    /// Whether this session may execute its program anew now: not more often than [`ANEW`] times within an hour. A
    /// permission is used up by asking.
    pub(crate) fn may_start_anew(&mut self, now: Timestamp) -> bool {
        let recent = |at: &Timestamp| now.duration_since(*at) < SignedDuration::from_hours(1);
        self.checkpoint.anew.retain(recent);
        let may = self.checkpoint.anew.len() < ANEW;
        if may {
            self.checkpoint.anew.push(now);
        }
        may
    }

    /// Writes where the session stands for the program that this process executes next.
    ///
    /// # Errors
    /// The session can't be written.
    pub(crate) fn hand_over(&mut self, now: Reading, totals: Totals) -> Result<(), StartError> {
        self.take(totals);
        self.checkpoint.stage = Stage::Running;
        self.write(now.wall)
    }

    /// Lets the lock come along to the program that this process executes now.
    ///
    /// # Errors
    /// It can't be passed on.
    pub(crate) fn pass_on(&self) -> Result<(), StartError> {
        match &self.home {
            Some(home) => home
                .lock
                .pass_on()
                .map_err(|source| self.unwritable(&home.folder, source)),
            None => Ok(()),
        }
    }
}
