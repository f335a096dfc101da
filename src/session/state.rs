//! What state a session is in and what to do with it: pure functions of what is on disk, who holds the lock, and time.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;

use super::checkpoint::{Checkpoint, INTERVAL, Outcome, Stage};
use super::lock::Holder;
use crate::exit::{Ending, LimitKind};
use crate::limits::Limits;
use crate::status::Totals;

/// A process that holds the lock and wrote nothing for so long does not respond.
pub(crate) const SILENCE: Duration = Duration::from_secs(3 * INTERVAL.as_secs());

/// The state of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// A process holds it and says nothing any more.
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
    #[must_use]
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Running { .. } => "running",
            Self::Paused { .. } => "paused",
            Self::Unresponsive { .. } => "unresponsive",
            Self::Interrupted => "interrupted",
            Self::Finished(_) => "finished",
        }
    }

    /// The process that holds it.
    #[must_use]
    pub(crate) fn process(&self) -> Option<u32> {
        match self {
            Self::Running { process }
            | Self::Paused { process, .. }
            | Self::Unresponsive { process, .. } => *process,
            Self::Interrupted | Self::Finished(_) => None,
        }
    }

    /// Whether a process holds it.
    #[must_use]
    pub(crate) fn is_held(&self) -> bool {
        !matches!(self, Self::Interrupted | Self::Finished(_))
    }
}

/// The state of a session with this checkpoint, whose lock `holder` has; `stopped`: the system says that this process
/// is stopped.
#[must_use]
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

/// What the limits leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Left {
    /// Something.
    Open,
    /// All keys are found.
    Found,
    /// A limit is used up.
    Limit(LimitKind),
}

/// What these limits leave after these totals.
#[must_use]
pub(crate) fn left(limits: &Limits, totals: &Totals, now: Timestamp) -> Left {
    let is_spent = |limit: Option<u64>, spent| limit.is_some_and(|limit| spent >= limit);
    if is_spent(limits.count, totals.found) {
        Left::Found
    } else if is_spent(limits.candidates, totals.candidates) {
        Left::Limit(LimitKind::Candidates)
    } else if limits
        .time
        .is_some_and(|time| totals.working_seconds >= time.as_secs_f64())
    {
        Left::Limit(LimitKind::Time)
    } else if limits
        .until
        .is_some_and(|until| SystemTime::from(now) >= until)
    {
        Left::Limit(LimitKind::Until)
    } else {
        Left::Open
    }
}

/// Who asks.
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
    /// Go on with it.
    Continue,
    /// A process runs it: an error for a search.
    Refuse(State),
    /// A process runs it, which is what the user wanted.
    RunsAlready(State),
    /// Wake the process that is paused.
    Unpause(State),
    /// It is over: list its keys and end like this.
    List(Ending),
}

/// What to do with a session in this state, `None`: there is none; `left` is by the limits as they are to be now.
#[must_use]
pub(crate) fn decide(
    state: Option<State>,
    left: Left,
    totals: &Totals,
    purpose: Purpose,
) -> Decision {
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
    match left {
        Left::Open => Decision::Continue,
        Left::Found if totals.fallback > 0 => Decision::List(Ending::FoundInFallback),
        Left::Found => Decision::List(Ending::Found),
        Left::Limit(limit) => Decision::List(Ending::Limit(limit)),
    }
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
        let check = |limits: Limits| left(&limits, &totals, after(0));
        assert_eq!(check(none), Left::Open);
        let count = |n| Limits {
            count: Some(n),
            ..none
        };
        assert_eq!(
            (check(count(2)), check(count(3))),
            (Left::Found, Left::Open)
        );
        let candidates = Limits {
            candidates: Some(100),
            ..none
        };
        assert_eq!(check(candidates), Left::Limit(LimitKind::Candidates));
        let seconds = Limits {
            time: Some(Duration::from_secs(50)),
            ..none
        };
        assert_eq!(check(seconds), Left::Limit(LimitKind::Time));
        let until = Limits {
            until: Some(after(0).into()),
            ..none
        };
        assert_eq!(check(until), Left::Limit(LimitKind::Until));
    }

    #[test]
    fn every_state_has_its_decision() {
        use Decision::{Begin, Continue, List, Refuse, RunsAlready, Unpause};
        let totals = Totals::default();
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
        let time = Left::Limit(LimitKind::Time);
        let rows = [
            (None, Left::Open, Begin, Begin),
            (Some(State::Interrupted), Left::Open, Continue, Continue),
            (Some(stopped), Left::Open, Continue, Continue),
            // A finished one with new limits goes on.
            (
                Some(State::Finished(Outcome::Found)),
                Left::Open,
                Continue,
                Continue,
            ),
            (
                Some(State::Finished(Outcome::Found)),
                Left::Found,
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
                Left::Open,
                Refuse(running.clone()),
                RunsAlready(running),
            ),
            (
                Some(paused.clone()),
                Left::Open,
                Refuse(paused.clone()),
                Unpause(paused),
            ),
            (
                Some(silent.clone()),
                Left::Open,
                Refuse(silent.clone()),
                RunsAlready(silent),
            ),
        ];
        for (state, left, search, resume) in rows {
            assert_eq!(
                decide(state.clone(), left, &totals, Purpose::Search),
                search
            );
            assert_eq!(decide(state, left, &totals, Purpose::Resume), resume);
        }
    }
}
