//! What a running search tells others of alerts: on their way to the history, to the screen, and out before the end.

use super::signals::Signals;
use crate::alert::delivery::sinks::{HASTE, PATIENCE};
use crate::app::event_loop::Search;
use crate::event::Event;
use crate::event::message::keys;
use crate::exit::Ending;
use crate::history::recorder::said;
use crate::report::Reporter;
use crate::session::active::Live;
use crate::text::number::thousands;
use crate::text::span;

impl Search {
    /// Tells what was before: that no process ran the session, and keys that an earlier one did not announce.
    pub(super) fn telling(mut self, late: &[Event]) -> Self {
        let now = self.clock.now();
        let gone = self.records.session().and_then(Live::was_gone);
        gone.iter().for_each(|gap| self.outside.gap(gap, now));
        late.iter().for_each(|event| self.outside.event(event, now));
        self
    }

    /// Records and says what is new.
    pub(super) fn keep_alerts(&mut self, reporter: &Reporter) {
        for notice in self.records.notices() {
            self.outside.history(&notice, self.clock.now());
            reporter.warn(said(notice));
        }
        let lines = self.outside.take_unsaid();
        lines.into_iter().for_each(|line| reporter.warn(line));
        self.record_alerts();
    }

    /// Tells and records the end.
    pub(super) fn end_alerts(&mut self, ending: Ending) {
        let now = self.clock.now();
        let totals = self.control.session_totals(now);
        let told = format!(
            "{} found, {} candidates in {}",
            keys(totals.found),
            thousands(totals.candidates),
            span::seconds(totals.working_seconds)
        );
        self.outside.end_alerts(ending, &told, now);
        self.record_alerts();
    }

    /// The same, where the program only executes itself anew.
    pub(super) fn hand_over_alerts(&mut self, reporter: &Reporter, signals: Signals) {
        self.outside.end_open(self.clock.now());
        self.record_alerts();
        self.close_alerts(reporter, signals);
    }

    /// Waits for messages that are not delivered yet, but not for long; another signal is enough, too.
    pub(super) fn close_alerts(&mut self, reporter: &Reporter, mut signals: Signals) {
        let patience = if self.control.is_interrupted() {
            HASTE
        } else {
            PATIENCE
        };
        let clock = &self.clock;
        let lines = self
            .outside
            .close(patience, || signals.poll(clock.now()).is_some());
        lines.into_iter().for_each(|line| reporter.warn(line));
    }

    fn record_alerts(&mut self) {
        for change in self.outside.take_unrecorded() {
            self.records.alert(&change);
        }
    }
}
