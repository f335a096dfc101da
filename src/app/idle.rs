//! Times without search: taken out of all books, told, and stated for those outside.

use jiff::tz::TimeZone;

use super::pauses::Change;
use crate::app::event_loop::Search;
use crate::clock::gap::{Gap, GapKind};
use crate::event::Event;
use crate::health::ActionTaken;
use crate::report::Reporter;

impl Search {
    /// Takes a time without search out of all books, and tells it.
    pub(super) fn book(&mut self, gap: Gap, reporter: &Reporter) {
        if gap.kind == GapKind::Stopped {
            // The clock of the loop stands still while the machine sleeps, and the control knows of pauses itself.
            self.control.skip(gap.length());
            self.shared.skip(gap.length());
        }
        if gap.is_worth_telling() && gap.kind != GapKind::Paused {
            let told = gap.describe(&TimeZone::system());
            reporter.say(format!("Nothing was searched: {told}."));
        }
        self.outside.gap(&gap, self.clock.now());
        self.records.gap(gap, self.clock.timestamp());
    }

    /// The supervisor pauses the search, or lets it go on.
    pub(super) fn keep_pauses(&mut self, event: &Event, reporter: &Reporter) {
        let Event::Health(finding) = event else {
            return;
        };
        let reason = finding.verdict.name();
        let change = match finding.action {
            ActionTaken::Paused => {
                let why = format!("{}: {}", finding.verdict, finding.detail);
                self.pauses.add(reason, why, self.clock.timestamp())
            }
            ActionTaken::Resumed => self.pauses.remove(reason),
            _ => return,
        };
        self.pauses_changed(change, reporter);
    }

    /// Keeps the books of a pause that begins or ends, and tells others why the search is paused now.
    pub(super) fn pauses_changed(&mut self, change: Change, reporter: &Reporter) {
        let now = self.clock.reading();
        if change != Change::None {
            let began = change == Change::Began;
            if let Some(pause) = self.control.pause(self.clock.now(), began) {
                self.shared.skip(pause);
            }
            for gap in self.watch.pause(now, began) {
                self.book(gap, reporter);
            }
        }
        let reasons = self.pauses.all().to_vec();
        self.outside.set_pauses(reasons, self.clock.now());
        self.records.pause(now, self.pauses.why());
    }
}
