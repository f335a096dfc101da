//! Which alerts one channel gets, and when: a minimum severity, a cooldown for the same alert, a limit per hour. A pure
//! function of changes and time.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use jiff::Timestamp;

use super::judge::{self, ENDED, TEST};
use super::{Change, Severity, State, Subject};
use crate::health::state::Status;

/// The default time after which the same alert is sent again at the earliest.
pub(crate) const COOLDOWN: Duration = Duration::from_secs(300);

/// Messages that a channel gets in an hour; those that always pass are not counted.
pub(crate) const AN_HOUR: usize = 10;

const HOUR: Duration = Duration::from_secs(3_600);

/// A change to be sent.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Notice {
    pub change: Change,
    /// Alerts that were not sent to this channel since its last message.
    pub held_back: u64,
}

impl Notice {
    /// A notice before which nothing was held back.
    pub(crate) fn first(change: Change) -> Self {
        let held_back = 0;
        Self { change, held_back }
    }
}

/// What was sent to a channel about an alert.
#[derive(Clone, Copy, Debug)]
struct Told {
    at: Duration,
    /// Whether its end is still to be sent.
    open: bool,
}

type Key = (&'static str, Subject);

/// The throttle in front of one channel.
#[derive(Debug)]
pub(crate) struct Throttle {
    minimum: Severity,
    cooldown: Duration,
    told: BTreeMap<Key, Told>,
    /// Changes that were held back and still hold: sent as soon as permitted.
    waiting: BTreeMap<Key, Change>,
    /// When messages of the last hour passed.
    passed: VecDeque<Duration>,
    held: u64,
    held_since: Duration,
}

impl Throttle {
    /// Lets alerts of at least this severity through; found keys always pass.
    pub(crate) fn new(minimum: Severity, cooldown: Duration) -> Self {
        Self {
            minimum,
            cooldown,
            told: BTreeMap::new(),
            waiting: BTreeMap::new(),
            passed: VecDeque::new(),
            held: 0,
            held_since: Duration::ZERO,
        }
    }

    /// The notice to send for this change now, if any.
    pub(crate) fn take(&mut self, change: &Change, now: Duration) -> Option<Notice> {
        let key = (change.name, change.subject.clone());
        if change.state == State::Resolved {
            self.waiting.remove(&key);
            let told = self.told.get_mut(&key).filter(|told| told.open)?;
            told.open = false;
            let free = change.status == Some(Status::Critical);
            return self.pass_or_wait(key, change, free, now);
        }
        if change.severity() < self.minimum && !change.is_wanted_key() {
            return None;
        }
        let waited = self.waiting.remove(&key);
        if waited.is_some_and(|waited| waited.state == State::Resolved) {
            // It is raised again before its end was sent.
            if let Some(told) = self.told.get_mut(&key) {
                told.open = true;
            }
            return None;
        }
        if always_passes(change) {
            return Some(self.pass(key, change, now));
        }
        if self.is_cooling(&key, now) {
            return self.hold(key, change, now);
        }
        self.pass_or_wait(key, change, false, now)
    }

    /// The notices that had to wait and are due now; and one that alerts were held back, if no other message mentioned it.
    pub(crate) fn tick(&mut self, now: Duration, at: Timestamp) -> Vec<Notice> {
        let mut notices = Vec::new();
        let ready: Vec<Key> = self.waiting.keys().cloned().collect();
        for key in ready {
            let waiting = self.waiting.get(&key);
            let is_end = waiting.is_some_and(|change| change.state == State::Resolved);
            if !self.has_room(now) || (!is_end && self.is_cooling(&key, now)) {
                continue;
            }
            if let Some(change) = self.waiting.remove(&key) {
                self.held = self.held.saturating_sub(1);
                self.passed.push_back(now);
                notices.push(self.pass(key, &change, now));
            }
        }
        let late = self.held > 0 && now >= self.held_since + HOUR;
        if late && self.waiting.is_empty() && self.has_room(now) {
            self.passed.push_back(now);
            notices.push(self.notice(judge::of_held(at)));
        }
        notices
    }

    /// Whether [`Self::tick`] has anything to do.
    pub(crate) fn waits(&self) -> bool {
        self.held > 0 || !self.waiting.is_empty()
    }

    fn pass_or_wait(
        &mut self,
        key: Key,
        change: &Change,
        free: bool,
        now: Duration,
    ) -> Option<Notice> {
        if !free {
            if !self.has_room(now) {
                return self.hold(key, change, now);
            }
            self.passed.push_back(now);
        }
        Some(self.pass(key, change, now))
    }

    fn pass(&mut self, key: Key, change: &Change, now: Duration) -> Notice {
        let open = change.state == State::Raised;
        if change.state == State::Resolved {
            // The cooldown counts from when the alert was sent, not from its end.
            self.told.entry(key).and_modify(|told| told.open = false);
        } else {
            self.told.insert(key, Told { at: now, open });
        }
        self.notice(change.clone())
    }

    fn notice(&mut self, change: Change) -> Notice {
        Notice {
            change,
            held_back: std::mem::take(&mut self.held),
        }
    }

    /// Holds a change back; one that still holds is sent later.
    fn hold(&mut self, key: Key, change: &Change, now: Duration) -> Option<Notice> {
        if self.held == 0 {
            self.held_since = now;
        }
        self.held += 1;
        if change.state != State::Occurred {
            self.waiting.insert(key, change.clone());
        }
        None
    }

    fn is_cooling(&self, key: &Key, now: Duration) -> bool {
        let told = self.told.get(key);
        told.is_some_and(|told| now < told.at + self.cooldown)
    }

    fn has_room(&mut self, now: Duration) -> bool {
        while self.passed.front().is_some_and(|at| now >= *at + HOUR) {
            self.passed.pop_front();
        }
        self.passed.len() < AN_HOUR
    }
}

/// Found keys, critical alerts, the end of the search and tests are never held back.
fn always_passes(change: &Change) -> bool {
    change.key.is_some()
        || change.status == Some(Status::Critical)
        || [ENDED, TEST].contains(&change.name)
}

#[cfg(test)]
#[path = "throttle_tests.rs"]
mod tests;
