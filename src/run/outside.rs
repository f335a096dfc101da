//! Everything outside that a running search tells of itself: keeps the board up to date that others read.

use std::io;
use std::time::Duration;

use super::exports::{self, Exports};
use super::survey::{Identity, Moment, Survey};
use crate::event::Event;
use crate::exit::Ending;
use crate::standing::{Board, Pause, Standing};

/// Time between two pictures on the board: whoever looks once a second sees nothing older than this.
const INTERVAL: Duration = Duration::from_millis(250);

/// What a search shows of itself.
pub struct Outside {
    board: Board,
    survey: Survey,
    next: Duration,
    exports: Exports,
}

impl Outside {
    /// A search that starts now.
    #[must_use]
    pub fn new(identity: Identity, now: Duration) -> Self {
        Self {
            board: Board::default(),
            survey: Survey::new(identity, now),
            next: now,
            exports: Exports::default(),
        }
    }

    /// Shows itself where others look from now on.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub fn start(&mut self, exports: exports::Opened) -> io::Result<()> {
        self.exports = exports.start(&self.board)?;
        Ok(())
    }

    /// What people should know since the last call.
    pub fn notices(&self) -> Vec<String> {
        self.exports.notices()
    }

    /// Where others find the latest picture.
    #[must_use]
    pub fn board(&self) -> Board {
        self.board.clone()
    }

    /// Takes in what happened.
    pub fn event(&mut self, event: &Event, now: Duration) {
        self.survey.event(event, now);
    }

    /// The reasons for which the search pauses from now on.
    pub fn set_pauses(&mut self, pauses: Vec<Pause>) {
        self.survey.set_pauses(pauses);
        self.next = Duration::ZERO;
    }

    /// A picture of this moment.
    pub fn draw(&mut self, moment: &Moment<'_>) -> Standing {
        self.survey.draw(moment)
    }

    /// Draws a picture if it is time to.
    pub fn tick(&mut self, moment: &Moment<'_>) {
        if moment.now >= self.next {
            self.next = moment.now + INTERVAL;
            let standing = self.survey.draw(moment);
            self.board.put(standing.clone());
            self.exports.show(&standing, moment.now);
        }
    }

    /// The last picture, of a search that has ended.
    pub fn end(&mut self, moment: &Moment<'_>, ending: Ending) {
        self.survey.end(ending);
        let standing = self.survey.draw(moment);
        self.board.put(standing.clone());
        self.exports.end(&standing, moment.now);
    }
}
