//! The state of a session and what to do with it: pure functions of its files, the holder of its lock, and time.

use std::time::Duration;

use jiff::Timestamp;

use super::checkpoint::{Checkpoint, INTERVAL, Outcome, Stage};
use super::lock::Holder;
use crate::exit::{Ending, LimitKind};
use crate::limits::Limits;
use crate::status::Totals;

/// A process that holds the lock and has written nothing for this long is unresponsive.
pub(crate) const SILENCE: Duration = Duration::from_secs(3 * INTERVAL.as_secs());

/// The state of a session.
#[derive(Clone, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub(crate) enum State {
    /// A process searches.
    Running {
        /// Its id.
        process: Option<u32>,
    },
    /// A process holds it and does not search.
    Paused {
        /// Its id.
        process: Option<u32>,
        /// Why.
        why: String,
        /// Whether the process itself is stopped (SIGSTOP, Ctrl-Z).
        stopped: bool,
    },
    /// A process holds it and no longer writes.
    Unresponsive {
        /// Its id.
        process: Option<u32>,
        /// For how long.
        silent: Duration,
    },
    /// Its process is gone without an end.
    Interrupted,
    /// It ended.
    Finished(Outcome),
}

impl State {
    /// Its name, for people and programs.
    pub(crate) fn name(&self) -> &'static str {
        self.into()
    }

    /// The process that holds it.
    pub(crate) fn process(&self) -> Option<u32> {
        match self {
            Self::Running { process }
            | Self::Paused { process, .. }
            | Self::Unresponsive { process, .. } => *process,
            Self::Interrupted | Self::Finished(_) => None,
        }
    }

    /// Whether it can go on as it is: in a new process, or once its stopped process is woken.
    pub(crate) fn continues(&self) -> bool {
        matches!(
            self,
            Self::Interrupted
                | Self::Paused { stopped: true, .. }
                | Self::Finished(Outcome::Stopped | Outcome::Failed)
        )
    }

    /// Whether a process holds it.
    pub(crate) fn is_held(&self) -> bool {
        !matches!(self, Self::Interrupted | Self::Finished(_))
    }
}

/// The state of a session with this checkpoint, whose lock `holder` has; `stopped`: the system says that this process
/// is stopped.
pub(crate) fn observe(
    checkpoint: &Checkpoint,
    holder: Option<Holder>,
    stopped: bool,
    now: Timestamp,
) -> State {
    let Some(Holder { process }) = holder else {
        return match checkpoint.stage {
            Stage::Ended { outcome, .. } => State::Finished(outcome),
            _ => State::Interrupted,
        };
    };
    let paused = |why: &str| State::Paused {
        process,
        why: why.to_owned(),
        stopped,
    };
    let silent = Duration::try_from(now.duration_since(checkpoint.updated)).unwrap_or_default();
    match &checkpoint.stage {
        _ if stopped => paused("the process is stopped"),
        Stage::Paused { why, .. } => paused(why),
        // A process that begins or ends has the lock while an end is on disk.
        Stage::Running if silent > SILENCE => State::Unresponsive { process, silent },
        _ => State::Running { process },
    }
}

/// The ending that these limits mean after these totals; `None`: they leave something to do.
pub(crate) fn limit_reached(limits: &Limits, totals: &Totals, now: Timestamp) -> Option<Ending> {
    let is_spent = |limit: Option<u64>, spent| limit.is_some_and(|limit| spent >= limit);
    if is_spent(limits.count, totals.found) {
        let in_fallback = totals.fallback > 0;
        return Some(if in_fallback {
            Ending::FoundInFallback
        } else {
            Ending::Found
        });
    }
    if is_spent(limits.candidates, totals.candidates) {
        return Some(Ending::Limit(LimitKind::Candidates));
    }
    let limit = limits.reached(totals.working(), now.into());
    limit.map(Ending::Limit)
}

/// The command that asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// `keygen --session NAME …`
    Search,
    /// `keygen resume [NAME]`
    Resume,
}

/// What to do with a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// It does not exist: begin it.
    Begin,
    /// Resume it.
    Continue,
    /// A process runs it: an error for a search.
    Refuse(State),
    /// A process runs it, which is what the user wants.
    RunsAlready(State),
    /// Wake the process that is paused.
    Unpause(State),
    /// It has ended: list its keys and end like this.
    List(Ending),
}

/// What to do with a session in this state, `None`: there is none; `reached` is by the limits as they are to be now.
pub(crate) fn decide(state: Option<State>, reached: Option<Ending>, purpose: Purpose) -> Decision {
    let Some(state) = state else {
        return Decision::Begin;
    };
    if state.is_held() {
        return match (&state, purpose) {
            (_, Purpose::Search) => Decision::Refuse(state),
            (State::Paused { .. }, Purpose::Resume) => Decision::Unpause(state),
            (_, Purpose::Resume) => Decision::RunsAlready(state),
        };
    }
    reached.map_or(Decision::Continue, Decision::List)
}

#[cfg(test)]
mod tests {
    use super::super::checkpoint::tests::sample;
    use super::*;

    const HOLDER: Option<Holder> = Some(Holder { process: Some(77) });

    fn after(seconds: u64) -> Timestamp {
        sample().updated + Duration::from_secs(seconds)
    }

    fn ended(outcome: Outcome) -> Checkpoint {
        let stage = Stage::Ended {
            outcome,
            code: 0,
            at: after(0),
        };
        Checkpoint { stage, ..sample() }
    }

    #[test]
    fn a_session_without_a_process_was_interrupted_unless_it_ended() {
        assert_eq!(
            observe(&sample(), None, false, after(1)),
            State::Interrupted
        );
        let finished = observe(&ended(Outcome::Time), None, false, after(1));
        assert_eq!(finished, State::Finished(Outcome::Time));
    }

    #[test]
    fn a_session_with_a_process_runs_until_it_is_silent_or_stopped() {
        let process = Some(77);
        let at = |seconds, stopped| observe(&sample(), HOLDER, stopped, after(seconds));
        assert_eq!(at(9, false), State::Running { process });
        assert!(matches!(at(100, false), State::Unresponsive { .. }));
        assert!(matches!(at(100, true), State::Paused { stopped: true, .. }));
        let begins = observe(&ended(Outcome::Stopped), HOLDER, false, after(100));
        assert_eq!(begins, State::Running { process });
    }

    #[test]
    fn a_paused_search_says_why_however_long_it_lasts() {
        let stage = Stage::Paused {
            why: "disk full".to_owned(),
            since: after(0),
        };
        let checkpoint = Checkpoint { stage, ..sample() };
        let state = observe(&checkpoint, HOLDER, false, after(1000));
        assert!(matches!(&state, State::Paused { why, .. } if why == "disk full"));
    }

    #[test]
    fn limits_count_over_all_runs() {
        let totals = Totals {
            found: 2,
            candidates: 100,
            working_seconds: 50.0,
            ..Totals::default()
        };
        let none = Limits::default();
        let check = |limits: Limits| limit_reached(&limits, &totals, after(0));
        assert_eq!(check(none), None);
        let count = |n| Limits {
            count: Some(n),
            ..none
        };
        assert_eq!(
            (check(count(2)), check(count(3))),
            (Some(Ending::Found), None)
        );
        let candidates = Limits {
            candidates: Some(100),
            ..none
        };
        assert_eq!(
            check(candidates),
            Some(Ending::Limit(LimitKind::Candidates))
        );
        let seconds = Limits {
            time: Some(Duration::from_secs(50)),
            ..none
        };
        assert_eq!(check(seconds), Some(Ending::Limit(LimitKind::Time)));
        let until = Limits {
            until: Some(after(0).into()),
            ..none
        };
        assert_eq!(check(until), Some(Ending::Limit(LimitKind::Until)));
    }

    #[test]
    fn every_state_has_its_decision() {
        use Decision::{Begin, Continue, List, Refuse, RunsAlready, Unpause};
        let running = State::Running { process: Some(1) };
        let paused = State::Paused {
            process: Some(1),
            why: String::new(),
            stopped: true,
        };
        let silent = State::Unresponsive {
            process: Some(1),
            silent: SILENCE,
        };
        let stopped = State::Finished(Outcome::Stopped);
        let time = Some(Ending::Limit(LimitKind::Time));
        let rows = [
            (None, None, Begin, Begin),
            (Some(State::Interrupted), None, Continue, Continue),
            (Some(stopped), None, Continue, Continue),
            // A finished one with new limits continues.
            (
                Some(State::Finished(Outcome::Found)),
                None,
                Continue,
                Continue,
            ),
            (
                Some(State::Finished(Outcome::Found)),
                Some(Ending::Found),
                List(Ending::Found),
                List(Ending::Found),
            ),
            (
                Some(State::Finished(Outcome::Time)),
                time,
                List(Ending::Limit(LimitKind::Time)),
                List(Ending::Limit(LimitKind::Time)),
            ),
            (
                Some(running.clone()),
                None,
                Refuse(running.clone()),
                RunsAlready(running),
            ),
            (
                Some(paused.clone()),
                None,
                Refuse(paused.clone()),
                Unpause(paused),
            ),
            (
                Some(silent.clone()),
                None,
                Refuse(silent.clone()),
                RunsAlready(silent),
            ),
        ];
        for (state, reached, search, resume) in rows {
            assert_eq!(decide(state.clone(), reached, Purpose::Search), search);
            assert_eq!(decide(state, reached, Purpose::Resume), resume);
        }
    }
}
