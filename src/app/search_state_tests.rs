//! Tests of endings and totals, in simulated time.

use std::path::PathBuf;
use std::time::UNIX_EPOCH;

use super::*;
use crate::batch::{LaneCounts, WorkerId};

const ID: WorkerId = WorkerId {
    worker: 1,
    generation: 0,
};

fn control(limits: Limits) -> Control {
    Control::new(limits, Odds(0.001), 0.5, Duration::from_secs(100))
}

fn one() -> Control {
    control(Limits {
        count: Some(1),
        ..Limits::default()
    })
}

fn after(control: &mut Control, events: Vec<Event>) -> Summary {
    let now = Duration::from_secs(104);
    events.iter().for_each(|event| control.event(event, now));
    control.summary(now, 0)
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
    let mut control = one();
    assert!(!control.should_stop());
    let summary = after(&mut control, vec![found(false), Event::Enough]);
    assert!(control.should_stop());
    assert_eq!((summary.ending, summary.found), (Ending::Found, 1));
}

#[test]
fn a_key_in_a_fallback_folder_has_an_ending_of_its_own() {
    let summary = after(&mut one(), vec![found(true), Event::Enough]);
    assert_eq!(summary.ending, Ending::FoundInFallback);
}

#[test]
fn a_limit_of_time_ends_the_search_and_a_key_that_was_on_its_way_still_counts() {
    let mut control = control(Limits {
        count: Some(1),
        time: Some(Duration::from_secs(3)),
        ..Limits::default()
    });
    control.check_time(Duration::from_secs(102), UNIX_EPOCH);
    assert!(!control.should_stop());
    control.check_time(Duration::from_secs(103), UNIX_EPOCH);
    assert!(control.should_stop());
    let without = control.summary(Duration::from_secs(103), 0);
    assert_eq!(without.ending, Ending::Limit(LimitKind::Time));
    let with = after(&mut control, vec![found(false), Event::Enough]);
    assert_eq!(with.ending, Ending::Found);
}

#[test]
fn neither_gaps_nor_pauses_use_up_the_time() {
    let mut control = control(Limits {
        time: Some(Duration::from_secs(3)),
        ..Limits::default()
    });
    let at = Duration::from_secs;
    control.skip(at(50));
    assert_eq!(control.pause(at(152), true), None);
    control.check_time(at(500), UNIX_EPOCH);
    assert!(!control.should_stop() && control.is_paused());
    assert_eq!(control.pause(at(500), false), Some(at(348)));
    control.check_time(at(500), UNIX_EPOCH);
    assert!(!control.should_stop());
    control.check_time(at(501), UNIX_EPOCH);
    assert!(control.should_stop());
    assert_eq!(control.session_totals(at(501)).working_seconds, 3.0);
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
    let all = || control(Limits::default());
    assert_eq!(
        after(&mut all(), vec![found(false), spent()]).ending,
        Ending::Found
    );
    let none = after(&mut all(), vec![spent()]);
    assert_eq!(none.ending, Ending::Limit(LimitKind::Candidates));
}

#[test]
fn a_signal_is_the_ending_even_if_keys_were_found() {
    let mut control = control(Limits::default());
    control.interrupt(Signal::Terminate);
    control.interrupt(Signal::Interrupt);
    let summary = after(&mut control, vec![found(false)]);
    assert_eq!(summary.ending, Ending::Interrupted(Signal::Terminate));
    assert!(control.is_interrupted());
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
fn totals_are_sums_of_reports() {
    let lost = Event::SaverDone(SaverEnd {
        skipped: 5,
        lost: 1,
    });
    let refused = Event::Refused {
        id: ID,
        reason: String::new(),
    };
    let summary = after(&mut one(), vec![batch(100), batch(50), refused, lost]);
    assert_eq!(summary.candidates, 150);
    assert_eq!(
        (summary.spot_checks, summary.refuted, summary.skipped),
        (6, 2, 9)
    );
    assert_eq!((summary.refused, summary.lost), (1, 1));
    assert_eq!(summary.spot_checks_expected, 75.0);
    assert_eq!(summary.elapsed, Duration::from_secs(4));
}

#[test]
fn the_time_stands_still_once_the_workers_are_done() {
    let mut control = one();
    control.event(&Event::WorkersDone, Duration::from_secs(103));
    assert_eq!(
        control.elapsed(Duration::from_secs(200)),
        Duration::from_secs(3)
    );
}

#[test]
fn the_chance_by_now_counts_from_the_last_key() {
    let mut control = control(Limits::default());
    control.event(&found(false), Duration::from_secs(101));
    let progress = control.progress(Duration::from_secs(102), UNIX_EPOCH, 140);
    assert_eq!((progress.candidates, progress.since_key), (140, 100));
}

#[test]
fn unsaved_keys_are_remembered_until_they_are_saved() {
    let mut control = one();
    let unsaved = Event::Unsaved {
        reason: String::new(),
        held: 2,
        retry: Duration::from_secs(5),
    };
    control.event(&unsaved, Duration::from_secs(101));
    assert_eq!(control.held(), 2);
    control.event(&Event::AllSaved, Duration::from_secs(102));
    assert_eq!(control.held(), 0);
}
