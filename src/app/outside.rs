//! Everything outside that a running search tells of itself: keeps the board up to date that others read, and says what
//! is an alert to those who are told of them.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::exports::{self, Exports};
use super::pauses::USER;
use super::survey::{Identity, Moment, Survey};
use crate::alert::active::Desk;
use crate::alert::delivery::sinks::Outlets;
use crate::alert::{Change, Subject, judge};
use crate::clock::Clock;
use crate::clock::gap::Gap;
use crate::event::Event;
use crate::exit::Ending;
use crate::history::writer::Notice;
use crate::status::{Board, Pause, Standing};

/// Time between two pictures on the board: whoever looks once a second sees nothing older than this.
const INTERVAL: Duration = Duration::from_millis(250);

/// What a search shows of itself.
pub(crate) struct Outside {
    clock: Arc<dyn Clock>,
    board: Board,
    survey: Survey,
    next: Duration,
    exports: Exports,
    desk: Desk,
    outlets: Outlets,
    /// Alerts that the history does not have yet.
    unrecorded: Vec<Change>,
    /// What is to be said, lines.
    unsaid: Vec<String>,
}

impl Outside {
    /// A search that starts now.
    #[must_use]
    pub(crate) fn new(identity: Identity, outlets: Outlets, clock: Arc<dyn Clock>) -> Self {
        let now = clock.now();
        Self {
            clock,
            board: Board::default(),
            survey: Survey::new(identity, now),
            next: now,
            exports: Exports::default(),
            desk: Desk::default(),
            outlets,
            unrecorded: Vec::new(),
            unsaid: Vec::new(),
        }
    }

    /// Shows itself where others look from now on.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub(crate) fn start(&mut self, exports: exports::Opened) -> io::Result<()> {
        self.exports = exports.start(&self.board)?;
        Ok(())
    }

    /// What people should know since the last call.
    pub(crate) fn notices(&self) -> Vec<String> {
        self.exports.notices()
    }

    /// Where others find the latest picture.
    #[must_use]
    pub(crate) fn board(&self) -> Board {
        self.board.clone()
    }

    /// Takes in what happened.
    pub(crate) fn event(&mut self, event: &Event, now: Duration) {
        self.survey.event(event, now);
        for change in self.desk.event(event, now, self.clock.timestamp()) {
            self.tell(change, now);
        }
    }

    /// The reasons for which the search pauses from now on.
    pub(crate) fn set_pauses(&mut self, pauses: Vec<Pause>, now: Duration) {
        if let Some(change) = self.desk.pauses(&pauses, USER, self.clock.timestamp()) {
            self.tell(change, now);
        }
        self.survey.set_pauses(pauses);
        self.next = Duration::ZERO;
    }

    /// Takes in a time without search.
    pub(crate) fn gap(&mut self, gap: &Gap, now: Duration) {
        let change = judge::of_gap(gap).filter(|_| gap.is_worth_telling());
        change.into_iter().for_each(|change| self.tell(change, now));
    }

    /// Takes in what became of the history.
    pub(crate) fn history(&mut self, notice: &Notice, now: Duration) {
        let failing = match notice {
            Notice::Failing(why) => Some(why.as_str()),
            Notice::Recovered => None,
            Notice::SetAside(_) => return,
        };
        let change = judge::of_history(failing, self.clock.timestamp());
        let change = self.desk.take(change);
        self.tell(change, now);
    }

    /// Draws a picture if it is time to.
    pub(crate) fn tick(&mut self, moment: &Moment<'_>) {
        if moment.now >= self.next {
            self.next = moment.now + INTERVAL;
            let standing = self.draw(moment);
            let standing = self.board.put(standing);
            let fresh = standing.is_fresh();
            self.exports.show(&standing, moment.now);
            let reported = self.outlets.tick(fresh, moment.now, self.clock.timestamp());
            self.channels(reported, moment.now);
        }
    }

    /// Ends the alerts that can't outlive this process; what is wrong with the output may well go on.
    pub(crate) fn end_open(&mut self, now: Duration) {
        for change in self.desk.end(self.clock.timestamp()) {
            self.tell(change, now);
        }
    }

    /// Tells that the search ends so; `told`: what it came to, in words.
    pub(crate) fn end_alerts(&mut self, ending: Ending, told: &str, now: Duration) {
        self.end_open(now);
        self.tell(judge::of_end(ending, told, self.clock.timestamp()), now);
    }

    /// The last picture, of a search that has ended.
    pub(crate) fn end(&mut self, moment: &Moment<'_>, ending: Ending) {
        self.survey.end(ending);
        let standing = self.draw(moment);
        let standing = self.board.put(standing);
        self.exports.end(&standing, moment.now);
    }

    /// Waits for messages that are not delivered yet, within `patience` and until `is_enough` says so; gives what
    /// people should know, lines.
    #[must_use]
    pub(crate) fn close(
        &mut self,
        patience: Duration,
        is_enough: impl FnMut() -> bool,
    ) -> Vec<String> {
        let (changes, said) = self.outlets.close(patience, is_enough);
        let new = changes.iter().filter(|change| !self.desk.is_open(change));
        let warnings: Vec<_> = new.filter_map(warning).collect();
        let lines = self.take_unsaid().into_iter().chain(warnings);
        lines.chain(said).collect()
    }

    /// Alerts for the history since the last call.
    pub(crate) fn take_unrecorded(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.unrecorded)
    }

    /// What is to be said since the last call, lines.
    pub(crate) fn take_unsaid(&mut self) -> Vec<String> {
        std::mem::take(&mut self.unsaid)
    }

    /// A picture of this moment.
    pub(crate) fn draw(&mut self, moment: &Moment<'_>) -> Standing {
        Standing {
            alerts: self.desk.active(),
            ..self.survey.draw(moment)
        }
    }

    fn tell(&mut self, change: Change, now: Duration) {
        self.outlets.tell(&change, now);
        if self.desk.is_recorded(&change) {
            self.unrecorded.push(change);
        }
    }

    /// What became of messages: it is said, too, because nobody else says it.
    fn channels(&mut self, reported: Vec<Change>, now: Duration) {
        for change in reported {
            if self.desk.is_open(&change) {
                // Its next message failed, too: nothing new.
                continue;
            }
            let change = self.desk.take(change);
            self.unsaid.extend(warning(&change));
            self.tell(change, now);
        }
    }
}

/// The line about a channel that fails.
fn warning(change: &Change) -> Option<String> {
    match change {
        Change::Raised(alert) if matches!(alert.subject, Subject::Channel(_)) => {
            Some(format!("WARNING: {} The search goes on.", alert.message))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::settings::AlertSettings;
    use crate::clock::SimulatedClock;
    use crate::health::{ActionTaken, Finding, Verdict};
    use crate::report::progress::Progress;
    use crate::text::odds::Odds;

    const PROGRESS: Progress = Progress {
        elapsed: Duration::ZERO,
        candidates: 0,
        since_key: 0,
        found: 0,
        count: None,
        odds: Odds(0.1),
        rate: 0.0,
        left: None,
    };

    fn moment(now: Duration) -> Moment<'static> {
        Moment {
            now,
            progress: &PROGRESS,
            session: None,
            checkpoint: None,
            stops: false,
        }
    }

    fn disk(action: ActionTaken) -> Event {
        Event::Health(Finding {
            verdict: Verdict::DiskLow,
            worker: None,
            detail: "a fact".to_owned(),
            action,
        })
    }

    #[test]
    fn an_alert_is_on_the_board_until_it_is_over_and_both_go_to_the_history() {
        let outlets = Outlets::start(&AlertSettings::default(), None).unwrap();
        let clock = Arc::new(SimulatedClock::new());
        let mut outside = Outside::new(Identity::default(), outlets, clock);
        let board = outside.board();
        let mut course = Vec::new();
        for (second, action) in [(1, ActionTaken::Paused), (2, ActionTaken::Resumed)] {
            let now = Duration::from_secs(second);
            outside.event(&disk(action), now);
            outside.tick(&moment(now));
            let alerts = board.look().unwrap().standing.alerts.clone();
            let severities: Vec<_> = alerts.iter().map(|alert| alert.severity).collect();
            course.push((severities, outside.take_unrecorded().len()));
        }
        assert_eq!(course, [(vec!["critical"], 1), (vec![], 1)]);
    }
}
