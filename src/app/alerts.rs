//! The alerts of a running search: sent as they change, recorded, and ended.

use std::time::Duration;

use super::search_state::Moment;
use crate::alert::active::ActiveAlerts;
use crate::alert::delivery::sinks::Outlets;
use crate::alert::{Change, State, Subject, judge};
use crate::event::Event;
use crate::exit::Ending;
use crate::history::recorder::Recorder;
use crate::history::writer::Notice;
use crate::status::{ActiveAlert, Deliveries};

/// Open alerts, the channels that they are sent to, and the history that has them all.
pub(super) struct Alerts {
    pub(super) history: Option<Recorder>,
    active: ActiveAlerts,
    outlets: Outlets,
}

impl Alerts {
    pub(super) fn new(outlets: Outlets, history: Option<Recorder>) -> Self {
        Self {
            history,
            active: ActiveAlerts::default(),
            outlets,
        }
    }

    /// The alerts that are not over, oldest first.
    pub(super) fn active(&self) -> Vec<ActiveAlert> {
        self.active.active()
    }

    /// What was sent to whom.
    pub(super) fn deliveries(&self) -> Vec<Deliveries> {
        self.outlets.deliveries()
    }

    /// Sends and records the changes of alerts that follow from an event.
    pub(super) fn event(&mut self, event: &Event, now: &Moment) {
        for change in self.active.event(event, now.now, now.at()) {
            self.tell(change, now);
        }
    }

    /// Raises or ends the alert about a history that can't be written.
    pub(super) fn history_notice(&mut self, notice: &Notice, now: &Moment) {
        let failing = match notice {
            Notice::Failing(why) => Some(why.as_str()),
            Notice::Recovered => None,
            Notice::SetAside(_) => return,
        };
        let change = self.active.take(judge::of_history(failing, now.at()));
        self.tell(change, now);
    }

    /// Sends what is due; `fresh`: progress was confirmed recently. Returns a warning for each channel that begins to fail.
    pub(super) fn tick(&mut self, fresh: bool, now: &Moment) -> Vec<String> {
        let mut lines = Vec::new();
        for change in self.outlets.tick(fresh, now.now, now.at()) {
            if self.active.is_open(&change) {
                // Its next message failed, too: nothing new.
                continue;
            }
            let change = self.active.take(change);
            lines.extend(warning(&change));
            self.tell(change, now);
        }
        lines
    }

    /// Ends the alerts that can't outlive this process; a fault of the output may well persist.
    pub(super) fn end_open(&mut self, now: &Moment) {
        for change in self.active.end(now.at()) {
            self.tell(change, now);
        }
    }

    /// Reports the end of the search; `told`: its result, for people.
    pub(super) fn end(&mut self, ending: Ending, told: &str, now: &Moment) {
        self.end_open(now);
        self.tell(judge::of_end(ending, told, now.at()), now);
    }

    /// Waits for undelivered messages, at most for `patience` and until `is_enough`; returns warnings.
    pub(super) fn close(
        &mut self,
        patience: Duration,
        is_enough: impl FnMut() -> bool,
    ) -> Vec<String> {
        let (changes, undelivered) = self.outlets.close(patience, is_enough);
        let new = changes.iter().filter(|change| !self.active.is_open(change));
        new.filter_map(warning).chain(undelivered).collect()
    }

    fn tell(&mut self, change: Change, now: &Moment) {
        self.outlets.tell(&change, now.now);
        if let Some(history) = &mut self.history
            && self.active.is_recorded(&change)
        {
            history.alert(&change);
        }
    }
}

/// The line about a channel that fails.
fn warning(change: &Change) -> Option<String> {
    let fails = change.state == State::Raised && matches!(change.subject, Subject::Channel(_));
    fails.then(|| format!("WARNING: {} The search continues.", change.message))
}
