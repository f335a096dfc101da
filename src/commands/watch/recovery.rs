//! The progressive recovery of a session: what to try next, how long to wait, when to give up; pure functions of time.

use std::collections::VecDeque;
use std::time::Duration;

use super::probe::Condition;
use crate::session::checkpoint::Outcome;
use crate::session::status::outcome_text;

/// Time for a step to work before it is verified.
pub(crate) const VERIFY: Duration = Duration::from_secs(10);

/// Most processes to start for a session within an hour.
const MOST: usize = 5;

const HOUR: Duration = Duration::from_secs(3600);

/// A recovery step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Wake a process that is stopped.
    Wake,
    /// Ask it to release memory.
    Reclaim,
    /// Ask it to replace its workers.
    RestartWorkers,
    /// End the process and resume the session in a new one.
    EndAndResume,
    /// Resume the session in a new process.
    Resume,
}

impl Action {
    /// The step for people, as it is taken.
    pub(crate) const fn describe(self) -> &'static str {
        match self {
            Self::Wake => "waking its process",
            Self::Reclaim => "asking it to release memory",
            Self::RestartWorkers => "asking it to restart its workers",
            Self::EndAndResume => "ending its process and resuming it in a new one",
            Self::Resume => "resuming it in a new process",
        }
    }

    const fn starts_a_process(self) -> bool {
        matches!(self, Self::EndAndResume | Self::Resume)
    }
}

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Nothing.
    Nothing,
    /// Verify the last step soon.
    Verify,
    /// Try this.
    Try(Action),
    /// The session has recovered after this time.
    Recovered(Duration),
    /// Too many new processes within an hour; reported once.
    GiveUp,
}

/// The recovery of one session.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recovery {
    /// When the trouble began.
    since: Option<Duration>,
    /// The steps taken since then, and the time of the last.
    tried: Vec<Action>,
    last: Duration,
    started: VecDeque<Duration>,
    given_up: bool,
}

impl Recovery {
    /// What to do about a session in this condition.
    pub(crate) fn next(&mut self, condition: &Condition, now: Duration) -> Next {
        let Some(steps) = self.steps(condition) else {
            return self.calm(condition, now);
        };
        self.since.get_or_insert(now);
        if !self.tried.is_empty() && now < self.last + VERIFY {
            return Next::Verify;
        }
        let untried = steps.iter().find(|step| !self.tried.contains(step));
        let Some(action) = untried.or(steps.last()).copied() else {
            return Next::Nothing;
        };
        if action.starts_a_process() && !self.permit(now) {
            let said = std::mem::replace(&mut self.given_up, true);
            return if said { Next::Nothing } else { Next::GiveUp };
        }
        self.tried.push(action);
        self.last = now;
        Next::Try(action)
    }

    /// Whether the last attempt is still to be verified.
    #[cfg(test)]
    fn is_open(&self) -> bool {
        !self.tried.is_empty() && !self.given_up
    }

    /// Processes started for it within the last hour.
    pub(crate) fn started(&self, now: Duration) -> usize {
        self.started.iter().filter(|at| **at + HOUR > now).count()
    }

    /// The steps in order. A process that the watch ended leaves a stopped session, which must be resumed.
    fn steps(&self, condition: &Condition) -> Option<&'static [Action]> {
        let stopped =
            matches!(condition, Condition::Over(how) if how == outcome_text(Outcome::Stopped));
        if stopped && self.tried.contains(&Action::EndAndResume) {
            return Some(&[Action::Resume]);
        }
        steps(condition)
    }

    fn calm(&mut self, condition: &Condition, now: Duration) -> Next {
        let since = self.since.take();
        let tried = !std::mem::take(&mut self.tried).is_empty();
        self.given_up = false;
        // A session that is gone or unreadable has not recovered.
        let helped = matches!(
            condition,
            Condition::Well | Condition::Paused(_) | Condition::Over(_)
        );
        match since.filter(|_| tried && helped) {
            Some(since) => Next::Recovered(now.saturating_sub(since)),
            None => Next::Nothing,
        }
    }

    fn permit(&mut self, now: Duration) -> bool {
        if self.started(now) >= MOST {
            return false;
        }
        self.given_up = false;
        self.started.push_back(now);
        while self.started.len() > MOST {
            self.started.pop_front();
        }
        true
    }
}

/// The steps in order; the last is repeated.
fn steps(condition: &Condition) -> Option<&'static [Action]> {
    use Action::{EndAndResume, Reclaim, RestartWorkers, Resume, Wake};
    match condition {
        Condition::Dead => Some(&[Resume]),
        Condition::Stopped => Some(&[Wake, EndAndResume]),
        Condition::Silent | Condition::Stalled => Some(&[Reclaim, RestartWorkers, EndAndResume]),
        Condition::Well
        | Condition::Paused(_)
        | Condition::Over(_)
        | Condition::Gone
        | Condition::Unreadable(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn one_step_follows_another_and_each_is_verified() {
        let mut recovery = Recovery::default();
        assert_eq!(recovery.next(&Condition::Well, at(0)), Next::Nothing);
        assert_eq!(
            recovery.next(&Condition::Silent, at(30)),
            Next::Try(Action::Reclaim)
        );
        assert!(recovery.is_open());
        assert_eq!(recovery.next(&Condition::Silent, at(35)), Next::Verify);
        let second = Next::Try(Action::RestartWorkers);
        assert_eq!(recovery.next(&Condition::Silent, at(40)), second);
        assert_eq!(
            recovery.next(&Condition::Silent, at(50)),
            Next::Try(Action::EndAndResume)
        );
        assert_eq!(
            recovery.next(&Condition::Well, at(52)),
            Next::Recovered(at(22))
        );
        assert!(!recovery.is_open());
        assert_eq!(recovery.next(&Condition::Well, at(60)), Next::Nothing);
        // A later trouble begins anew.
        assert_eq!(
            recovery.next(&Condition::Silent, at(90)),
            Next::Try(Action::Reclaim)
        );
    }

    #[test]
    fn a_process_that_was_ended_and_is_gone_is_followed_by_another() {
        let mut recovery = Recovery::default();
        assert_eq!(
            recovery.next(&Condition::Stopped, at(0)),
            Next::Try(Action::Wake)
        );
        assert_eq!(
            recovery.next(&Condition::Stopped, at(10)),
            Next::Try(Action::EndAndResume)
        );
        assert_eq!(
            recovery.next(&Condition::Dead, at(20)),
            Next::Try(Action::Resume)
        );
        assert_eq!(recovery.started(at(20)), 2);
    }

    #[test]
    fn a_process_that_was_stopped_while_it_was_asked_is_woken_before_anything_worse() {
        let mut recovery = Recovery::default();
        recovery.next(&Condition::Silent, at(0));
        assert_eq!(
            recovery.next(&Condition::Stopped, at(10)),
            Next::Try(Action::Wake)
        );
        assert_eq!(
            recovery.next(&Condition::Well, at(11)),
            Next::Recovered(at(11))
        );
    }

    #[test]
    fn a_session_whose_process_was_ended_in_vain_has_not_recovered() {
        let mut recovery = Recovery::default();
        recovery.next(&Condition::Stopped, at(0));
        recovery.next(&Condition::Stopped, at(10));
        let over = Condition::Over("stopped".to_owned());
        assert_eq!(recovery.next(&over, at(20)), Next::Try(Action::Resume));
        assert_eq!(
            recovery.next(&Condition::Well, at(22)),
            Next::Recovered(at(22))
        );
        // Somebody else stopped it.
        assert_eq!(recovery.next(&over, at(60)), Next::Nothing);
    }

    #[test]
    fn five_processes_an_hour_are_enough() {
        let mut recovery = Recovery::default();
        for attempt in 0..5 {
            let next = recovery.next(&Condition::Dead, at(100 * attempt));
            assert_eq!(next, Next::Try(Action::Resume));
        }
        assert_eq!(recovery.next(&Condition::Dead, at(500)), Next::GiveUp);
        assert_eq!(recovery.next(&Condition::Dead, at(600)), Next::Nothing);
        assert_eq!(
            recovery.next(&Condition::Dead, at(3600)),
            Next::Try(Action::Resume)
        );
    }

    #[test]
    fn a_folder_that_is_gone_is_no_recovery() {
        let mut recovery = Recovery::default();
        recovery.next(&Condition::Dead, at(0));
        assert_eq!(recovery.next(&Condition::Gone, at(10)), Next::Nothing);
    }
}
