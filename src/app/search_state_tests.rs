//! Tests of endings and totals, in simulated time.

use std::path::PathBuf;
use std::time::UNIX_EPOCH;

use super::*;
use crate::batch::{LaneCounts, WorkerId};
use crate::engine::Backend;
use crate::health::Verdict;
use crate::health::proof::SpotChecks;
use crate::health::state::Status;
use crate::report::summary::Summary;

const ID: WorkerId = WorkerId {
    worker: 1,
    generation: 0,
};

/// A moment by the second since the process began to search.
fn at(second: u64) -> Moment {
    let now = Duration::from_secs(second);
    Moment {
        now,
        wall: UNIX_EPOCH,
        reading: Reading {
            awake: now,
            always: now,
            wall: Timestamp::from_second(second as i64).unwrap(),
            busy: None,
        },
    }
}

fn state(limits: Limits) -> SearchState {
    let identity = Identity {
        odds: Odds(0.001),
        spot_check_chance: 0.5,
        ..Identity::default()
    };
    SearchState::new(identity, limits, Default::default(), &at(100))
}

fn one() -> SearchState {
    state(Limits {
        count: Some(1),
        ..Limits::default()
    })
}

fn after(state: &mut SearchState, events: Vec<Event>) -> Summary {
    let now = at(104);
    events
        .iter()
        .for_each(|event| drop(state.event(event, &now)));
    state.conclude(0);
    state.summary(now.now, 0)
}

fn found(fallback: bool) -> Event {
    Event::Found(Box::new(Found {
        kind: FoundKind::Wanted,
        pattern: String::new(),
        public: [0; 32],
        files: vec![PathBuf::from("a")],
        fallback,
        trouble: Vec::new(),
        mode_kept: true,
        candidates: 40,
        at: Duration::ZERO,
        private: None,
        again: false,
        chance_left: None,
        claim: None,
    }))
}

fn ended(end: WorkerEnd) -> Event {
    Event::WorkerEnded { id: ID, end }
}

fn batch(candidates: u64) -> Event {
    Event::Batch(BatchReport {
        id: ID,
        batches: 1,
        batch_size: None,
        candidates,
        sweeps: 1,
        wall: Duration::from_secs(1),
        processor: None,
        lanes: vec![LaneCounts {
            spot_checks: 3,
            refuted: 1,
            ..LaneCounts::default()
        }],
        skipped: 2,
        buffer_bytes: 0,
        calibration: Vec::new(),
        repeats: Vec::new(),
    })
}

#[test]
fn enough_keys_end_the_search_as_found() {
    let mut state = one();
    assert!(!state.should_stop());
    let summary = after(&mut state, vec![found(false), Event::Enough]);
    assert!(state.should_stop());
    assert_eq!((summary.ending, summary.totals.found), (Ending::Found, 1));
}

#[test]
fn a_key_in_a_fallback_folder_has_an_ending_of_its_own() {
    let summary = after(&mut one(), vec![found(true), Event::Enough]);
    assert_eq!(summary.ending, Ending::FoundInFallback);
}

#[test]
fn a_limit_of_time_ends_the_search_and_a_key_that_was_on_its_way_still_counts() {
    let mut state = state(Limits {
        count: Some(1),
        time: Some(Duration::from_secs(3)),
        ..Limits::default()
    });
    state.check_time(&at(102));
    assert!(!state.should_stop());
    state.check_time(&at(103));
    assert!(state.should_stop());
    let without = state.summary(Duration::from_secs(103), 0);
    assert_eq!(without.ending, Ending::Limit(LimitKind::Time));
    let with = after(&mut state, vec![found(false), Event::Enough]);
    assert_eq!(with.ending, Ending::Found);
}

#[test]
fn neither_gaps_nor_pauses_use_up_the_time() {
    let mut state = state(Limits {
        time: Some(Duration::from_secs(3)),
        ..Limits::default()
    });
    let stopped = state.look(0, &at(150));
    assert_eq!((stopped.len(), state.idle()), (1, Duration::from_secs(50)));
    (150..152).for_each(|second| drop(state.look(0, &at(second))));
    let gaps = state.pause(PauseReason::User, "asked".to_owned(), &at(152));
    assert!(gaps.is_empty());
    let hot = PauseReason::Verdict(Verdict::Hot);
    state.pause(hot, "95 °C".to_owned(), &at(153));
    assert!(state.unpause(PauseReason::User, &at(154)).is_empty());
    state.check_time(&at(500));
    assert!(!state.should_stop() && state.is_paused());
    let pause = state.unpause(hot, &at(500));
    assert_eq!(pause.len(), 1);
    assert_eq!(pause[0].length(), Duration::from_secs(348));
    assert_eq!(state.idle(), Duration::from_secs(398));
    state.check_time(&at(500));
    assert!(!state.should_stop());
    state.check_time(&at(501));
    assert!(state.should_stop());
    assert_eq!(state.totals(at(501).now).working_seconds, 3.0);
}

#[test]
fn candidates_that_are_spent_are_a_limit() {
    let summary = after(
        &mut one(),
        vec![ended(WorkerEnd::BudgetSpent), Event::WorkersDone],
    );
    assert_eq!(summary.ending, Ending::Limit(LimitKind::Candidates));
}

#[test]
fn all_keys_until_a_limit_is_success_if_there_were_any() {
    let spent = || ended(WorkerEnd::BudgetSpent);
    let all = || state(Limits::default());
    assert_eq!(
        after(&mut all(), vec![found(false), spent()]).ending,
        Ending::Found
    );
    let none = after(&mut all(), vec![spent()]);
    assert_eq!(none.ending, Ending::Limit(LimitKind::Candidates));
}

#[test]
fn a_signal_is_the_ending_even_if_keys_were_found() {
    let mut state = state(Limits::default());
    state.interrupt(Signal::Terminate);
    state.interrupt(Signal::Interrupt);
    let summary = after(&mut state, vec![found(false)]);
    assert_eq!(summary.ending, Ending::Interrupted(Signal::Terminate));
    assert!(state.is_interrupted());
}

#[test]
fn a_search_whose_workers_all_died_has_none_left() {
    let dead = || ended(WorkerEnd::Panicked("oh".to_owned()));
    let summary = after(&mut one(), vec![dead(), dead(), Event::WorkersDone]);
    assert_eq!(summary.ending, Ending::NoWorkerLeft);
}

#[test]
fn a_generator_that_fails_is_a_failure() {
    let failed = ended(WorkerEnd::NoRandomness("no entropy".to_owned()));
    assert_eq!(
        after(&mut one(), vec![failed, Event::WorkersDone]).ending,
        Ending::Failed
    );
}

#[test]
fn totals_are_sums_of_reports_and_the_count_of_the_workers() {
    let done = Event::SaverDone { skipped: 5 };
    let refused = Event::Refused {
        id: ID,
        reason: String::new(),
    };
    let mut state = one();
    state.look(150, &at(101));
    let summary = after(&mut state, vec![batch(100), batch(50), refused, done]);
    assert_eq!(summary.totals.candidates, 150);
    assert_eq!(
        (
            summary.totals.spot_checks,
            summary.totals.refuted,
            summary.totals.skipped
        ),
        (6, 2, 9)
    );
    assert_eq!((summary.refused, summary.lost), (1, 0));
    assert_eq!(summary.totals.spot_checks_expected, 75.0);
    assert_eq!(summary.totals.working_seconds, 4.0);
}

#[test]
fn the_time_stands_still_once_the_workers_are_done() {
    let mut state = one();
    state.event(&Event::WorkersDone, &at(103));
    assert_eq!(
        state.working(Duration::from_secs(200)),
        Duration::from_secs(3)
    );
}

#[test]
fn the_chance_by_now_counts_from_the_last_key() {
    let mut state = state(Limits::default());
    state.event(&found(false), &at(101));
    state.look(140, &at(102));
    let snapshot = state.snapshot(&at(102));
    assert_eq!((snapshot.candidates, snapshot.since_key()), (140, 100));
}

#[test]
fn unsaved_keys_are_remembered_until_they_are_saved() {
    let mut state = one();
    let unsaved = Event::Unsaved {
        reason: String::new(),
        held: 2,
        retry: Duration::from_secs(5),
    };
    state.event(&unsaved, &at(101));
    assert_eq!(state.held(), 2);
    state.event(&Event::AllSaved, &at(102));
    assert_eq!(state.held(), 0);
}

/// The health of a process in which one of two workers was restarted and missing for so long.
fn health(verdict: &str, lost_seconds: f64) -> Event {
    Event::HealthSummary(Box::new(HealthSummary {
        totals: HealthTotals {
            restarts: [(verdict.to_owned(), 1)].into(),
            lost_seconds,
            worker_seconds: 20.0,
            ..HealthTotals::default()
        },
        spot_checks: SpotChecks::default(),
        backend_at_start: Backend::Portable,
        backends: Vec::new(),
        state: Status::Healthy,
    }))
}

#[test]
fn the_health_at_the_end_is_that_of_all_runs() {
    let mut first = one();
    let unresponsive = health("worker-unresponsive", 4.0);
    after(&mut first, vec![batch(100), unresponsive]);
    let snapshot = first.snapshot(&at(104));
    let before = (snapshot.totals, snapshot.health_totals);
    let mut second = SearchState::new(Identity::default(), Limits::default(), before, &at(100));
    let summary = after(&mut second, vec![batch(50), health("worker-dead", 1.0)]);
    let health = summary.health.unwrap();
    let restarts = &health.totals.restarts;
    assert_eq!(restarts.len(), 2, "{restarts:?}");
    assert_eq!(health.totals.lost_seconds, 5.0);
    assert_eq!(health.totals.availability(), 0.875);
    assert_eq!(
        (health.spot_checks.confirmed, health.spot_checks.refuted),
        (6, 2)
    );
}

#[test]
fn a_card_is_told_with_what_it_did_in_all_generations_and_its_share() {
    let mut state = state(Limits::default());
    state.identity.cards = [(2, ("gpu:0".to_owned(), "H200".to_owned()))].into();
    let report = |worker, generation, candidates| {
        Event::Batch(BatchReport {
            id: WorkerId { worker, generation },
            candidates,
            wall: Duration::from_secs(1),
            ..BatchReport::default()
        })
    };
    assert_eq!(state.snapshot(&at(101)).cards[0].rate, None);
    let events = vec![report(1, 0, 100), report(2, 0, 500), report(2, 1, 400)];
    let cards = after(&mut state, events).cards;
    assert_eq!((cards[0].worker, cards[0].candidates), (2, 900));
    assert_eq!((cards[0].rate, cards[0].share), (Some(450.0), Some(0.9)));
    assert_eq!(cards[0].name, "H200");
}
