//! Tests of the account of open alerts.

use super::*;
use crate::app::pauses::USER;
use crate::batch::WorkerId;
use crate::engine::Backend;
use crate::health::probe::Readings;
use crate::health::proof::SpotChecks;
use crate::health::{ActionTaken, Finding, WorkerVitals};

fn at() -> Timestamp {
    Timestamp::UNIX_EPOCH
}

fn finding(verdict: Verdict, worker: Option<usize>, action: ActionTaken) -> Event {
    Event::Health(Finding {
        verdict,
        worker,
        detail: "a fact".to_owned(),
        action,
    })
}

fn vitals(state: WorkerState) -> Vitals {
    let worker = WorkerVitals {
        id: WorkerId {
            worker: 1,
            generation: 0,
        },
        backend: Backend::Portable,
        state,
        score: 100,
        rate: None,
        performance: None,
        processor: None,
        restarts: 0,
    };
    Vitals {
        state: WholeState::of(&[state], WholeState::Healthy),
        workers: vec![worker],
        readings: Readings::default(),
        zombies: 0,
        spot_checks: SpotChecks::default(),
        learned: Vec::new(),
    }
}

fn take(desk: &mut Desk, event: &Event) -> Vec<Change> {
    desk.event(event, Duration::ZERO, at())
}

fn names(desk: &Desk) -> Vec<String> {
    desk.active().into_iter().map(|alert| alert.name).collect()
}

#[test]
fn an_alert_is_open_until_it_is_over_and_its_end_has_its_severity() {
    let mut desk = Desk::default();
    take(
        &mut desk,
        &finding(Verdict::DiskLow, None, ActionTaken::Paused),
    );
    assert_eq!(desk.active()[0].severity, "critical");
    let changes = take(
        &mut desk,
        &finding(Verdict::DiskLow, None, ActionTaken::Resumed),
    );
    assert!(
        matches!(&changes[..], [Change::Over(over)] if over.status == Some(Status::Critical)),
        "{changes:?}"
    );
    assert!(desk.active().is_empty());
}

#[test]
fn a_restart_leaves_nothing_open() {
    let mut desk = Desk::default();
    let action = ActionTaken::Restarting { restart: 1, of: 5 };
    let changes = take(&mut desk, &finding(Verdict::WorkerDead, Some(2), action));
    assert!(
        matches!(&changes[..], [Change::Noted(alert)] if alert.details["restart"] == 1),
        "{changes:?}"
    );
    assert!(desk.active().is_empty());
}

#[test]
fn keys_that_no_folder_takes_are_critical_until_all_are_saved() {
    let mut desk = Desk::default();
    let unsaved = Event::Unsaved {
        reason: "full".to_owned(),
        held: 1,
        retry: Duration::from_secs(5),
    };
    let changes = take(&mut desk, &unsaved);
    assert!(
        matches!(&changes[..], [Change::Raised(a)] if a.severity() == Severity::Critical && a.name == judge::UNSAVED)
    );
    take(&mut desk, &Event::AllSaved);
    assert!(desk.active().is_empty());
}

#[test]
fn what_ends_without_a_word_is_over_after_a_minute_of_calm() {
    let mut desk = Desk::default();
    take(
        &mut desk,
        &finding(Verdict::Contention, Some(1), ActionTaken::Said),
    );
    let mut look = |state, second| {
        let glance = Event::Glance(Box::new(vitals(state)));
        desk.event(&glance, Duration::from_secs(second), at()).len()
    };
    let (well, slow) = (WorkerState::Healthy, WorkerState::Degraded);
    assert_eq!([look(well, 0), look(well, 59), look(slow, 60)], [0, 0, 0]);
    assert_eq!(
        [look(well, 61), look(well, 120), look(well, 121)],
        [0, 0, 1]
    );
    assert!(desk.active().is_empty());
}

#[test]
fn the_end_of_the_process_ends_all_but_what_is_wrong_with_the_output() {
    let mut desk = Desk::default();
    for event in [
        finding(Verdict::DiskLow, None, ActionTaken::Said),
        finding(Verdict::WorkerRetired, Some(1), ActionTaken::Said),
        finding(Verdict::Hot, None, ActionTaken::Said),
    ] {
        take(&mut desk, &event);
    }
    assert_eq!(desk.end(at()).len(), 2);
    assert_eq!(names(&desk), ["disk-low"]);
}

#[test]
fn a_pause_that_somebody_asked_for_is_an_alert_once_and_others_are_alerts_already() {
    let mut desk = Desk::default();
    let pause = |reason: &str| Pause {
        reason: reason.to_owned(),
        why: "by command".to_owned(),
        since: at(),
    };
    assert!(desk.pauses(&[pause("hot")], USER, at()).is_none());
    let both = [pause("hot"), pause(USER)];
    assert!(matches!(
        desk.pauses(&both, USER, at()),
        Some(Change::Raised(_))
    ));
    assert!(desk.pauses(&both, USER, at()).is_none());
    assert!(matches!(
        desk.pauses(&[pause("hot")], USER, at()),
        Some(Change::Over(_))
    ));
}

#[test]
fn the_history_records_a_thousand_found_keys_and_no_more() {
    let mut desk = Desk::default();
    let key = judge::of_end(crate::exit::Ending::Found, "", at());
    assert!((0..2 * KEYS_RECORDED).all(|_| desk.is_recorded(&key)));
    let Change::Noted(alert) = key else {
        return;
    };
    let found = Change::Noted(Alert {
        name: FOUND,
        ..alert
    });
    let recorded = (0..2 * KEYS_RECORDED).filter(|_| desk.is_recorded(&found));
    assert_eq!(recorded.count(), KEYS_RECORDED);
}
