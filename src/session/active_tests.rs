//! Tests of running sessions in simulated time.

use std::fs;

use super::*;
use crate::clock::gap::{Gap, GapKind};
use crate::event::{Pause, PauseReason};
use crate::exit::Ending;
use crate::health::Verdict;
use crate::session::checkpoint::Outcome;
use crate::session::definition;
use crate::session::inspect::{look, look_at};
use crate::session::state::State;
use crate::status::Totals;

fn reading(second: u64) -> Reading {
    let time = Duration::from_secs(second);
    Reading {
        awake: time,
        always: time,
        wall: Timestamp::from_second(1_800_000_000 + second as i64).unwrap(),
        busy: None,
    }
}

fn place() -> (tempfile::TempDir, StateFolder, SessionName) {
    let top = tempfile::tempdir().unwrap();
    let place = StateFolder::choose(Some(top.path()), None, None).unwrap();
    (top, place, SessionName::parse("night").unwrap())
}

/// Totals after so many seconds of searching.
fn snapshot(seconds: u64) -> Snapshot {
    Snapshot {
        totals: Totals {
            candidates: 100 * seconds,
            working_seconds: seconds as f64,
            ..Totals::default()
        },
        ..Snapshot::default()
    }
}

fn begin(place: &StateFolder, name: &SessionName) -> ActiveSession {
    let definition = definition::tests::sample();
    ActiveSession::begin(place.clone(), name.clone(), definition, reading(0)).unwrap()
}

/// Searches through these seconds; a reading each.
fn search(session: &mut ActiveSession, seconds: std::ops::RangeInclusive<u64>) {
    for second in seconds {
        session.tick(reading(second), &snapshot(second));
    }
}

#[test]
fn a_named_session_is_on_disk_at_once_and_runs() {
    let (_top, place, name) = place();
    let session = begin(&place, &name);
    let seen = look_at(&place, "night", reading(1).wall).unwrap();
    assert!(
        matches!(seen.state, State::Running { process } if process == Some(std::process::id()))
    );
    assert_eq!(seen.folder, session.folder().unwrap());
    let definition = definition::tests::sample();
    let second = ActiveSession::begin(place, name, definition, reading(1));
    assert!(matches!(second, Err(StartError::Lock { .. })));
}

#[test]
fn a_checkpoint_every_ten_seconds_is_all_that_a_kill_can_cost() {
    let (_top, place, name) = place();
    let mut session = begin(&place, &name);
    assert!(session.was_gone().is_none());
    search(&mut session, 1..=39);
    drop(session);
    let seen = look_at(&place, "night", reading(60).wall).unwrap();
    assert_eq!(seen.state, State::Interrupted);
    assert_eq!(seen.checkpoint.totals.candidates, 3000);
    assert_eq!(seen.checkpoint.totals.working_seconds, 30.0);
    let definition = seen.definition.clone();
    let (mut session, keys) =
        ActiveSession::resume(place.clone(), seen, definition, reading(100)).unwrap();
    assert!(keys.is_empty());
    assert_eq!(
        session.was_gone().unwrap().length(),
        Duration::from_secs(70)
    );
    assert_eq!(
        (session.checkpoint.run, session.checkpoint.totals.candidates),
        (2, 3000)
    );
    search(&mut session, 101..=105);
    session.end(reading(106), &snapshot(36), Ending::Found);
    drop(session);
    let seen = look_at(&place, "night", reading(200).wall).unwrap();
    assert_eq!(seen.state, State::Finished(Outcome::Found));
    assert_eq!(seen.checkpoint.totals.working_seconds, 36.0);
    assert_eq!(seen.checkpoint.gaps.count, 1);
    assert_eq!(
        seen.checkpoint.gaps.latest[0].length(),
        Duration::from_secs(70)
    );
}

#[test]
fn a_search_without_a_name_leaves_nothing_when_it_is_over_soon() {
    let (top, place, name) = place();
    let definition = definition::tests::sample();
    let mut session = ActiveSession::later(place.clone(), name.clone(), definition, reading(0));
    search(&mut session, 1..=9);
    assert!(
        session
            .end(reading(9), &snapshot(1), Ending::Found)
            .is_empty()
    );
    assert_eq!(fs::read_dir(top.path()).unwrap().count(), 0);
    let definition = definition::tests::sample();
    let mut session = ActiveSession::later(place.clone(), name.clone(), definition, reading(0));
    search(&mut session, 1..=10);
    assert!(look(&place, &name, reading(10).wall).unwrap().is_some());
}

#[test]
fn a_state_folder_that_takes_nothing_is_reported_once_and_the_search_continues() {
    let top = tempfile::tempdir().unwrap();
    let file = top.path().join("file");
    fs::write(&file, "").unwrap();
    let place = StateFolder::choose(Some(&file), None, None).unwrap();
    let name = SessionName::parse("night").unwrap();
    let definition = definition::tests::sample();
    let mut session = ActiveSession::later(place.clone(), name, definition, reading(0));
    let said: Vec<_> = (1..=60)
        .flat_map(|second| session.tick(reading(second), &snapshot(1)))
        .collect();
    assert_eq!(said.len(), 1);
    assert!(said[0].contains("The search continues"), "{}", said[0]);
    fs::remove_file(&file).unwrap();
    let said = session.tick(reading(70), &snapshot(1));
    assert!(said[0].contains("written to disk again"), "{said:?}");
}

#[test]
fn a_session_whose_folder_was_deleted_while_it_ran_is_reported_once() {
    let (_top, place, name) = place();
    let mut session = begin(&place, &name);
    fs::remove_dir_all(place.session(&name)).unwrap();
    let said: Vec<_> = (1..=60)
        .flat_map(|second| session.tick(reading(second), &snapshot(1)))
        .collect();
    assert_eq!(said.len(), 1, "{said:?}");
}

#[test]
fn gaps_are_on_disk_with_the_next_checkpoint_and_a_pause_at_once() {
    let (_top, place, name) = place();
    let mut session = begin(&place, &name);
    search(&mut session, 1..=10);
    session.event(
        &Event::Gap(Gap {
            kind: GapKind::Stopped,
            from: reading(10).wall,
            to: reading(100).wall,
        }),
        reading(100),
    );
    let pause = Pause {
        reason: PauseReason::Verdict(Verdict::DiskLow),
        why: "disk-low: 10 MB free".to_owned(),
        since: reading(101).wall,
    };
    session.event(&Event::PausesChanged(vec![pause]), reading(101));
    session.tick(reading(101), &snapshot(11));
    let seen = look_at(&place, "night", reading(102).wall).unwrap();
    assert_eq!(seen.checkpoint.gaps.latest[0].kind, GapKind::Stopped);
    assert!(matches!(seen.state, State::Paused { why, .. } if why.contains("10 MB")));
    session.event(&Event::PausesChanged(Vec::new()), reading(200));
    session.tick(reading(200), &snapshot(11));
    let seen = look_at(&place, "night", reading(201).wall).unwrap();
    assert!(matches!(seen.state, State::Running { .. }));
}
