//! Tests of the open alerts.

use super::*;
use crate::alert::Severity;
use crate::batch::WorkerId;
use crate::engine::Backend;
use crate::health::probe::Readings;
use crate::health::proof::SpotChecks;
use crate::health::{ActionTaken, Finding, HealthTotals, WorkerVitals};

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
        card: None,
    };
    Vitals {
        state: Status::of_search(&[state], Status::Healthy),
        workers: vec![worker],
        readings: Readings::default(),
        zombies: 0,
        spot_checks: SpotChecks::default(),
        totals: HealthTotals::default(),
        learned: Vec::new(),
    }
}

fn take(alerts: &mut ActiveAlerts, event: &Event) -> Vec<Change> {
    alerts.event(event, Duration::ZERO, at())
}

fn names(alerts: &ActiveAlerts) -> Vec<String> {
    alerts
        .active()
        .into_iter()
        .map(|alert| alert.name)
        .collect()
}

#[test]
fn an_alert_is_open_until_it_is_resolved_and_its_end_has_its_severity() {
    let mut alerts = ActiveAlerts::default();
    take(
        &mut alerts,
        &finding(Verdict::DiskLow, None, ActionTaken::Paused),
    );
    assert_eq!(alerts.active()[0].severity, "critical");
    let changes = take(
        &mut alerts,
        &finding(Verdict::DiskLow, None, ActionTaken::Resumed),
    );
    assert!(
        matches!(&changes[..], [over] if over.state == State::Resolved && over.status == Some(Status::Critical)),
        "{changes:?}"
    );
    assert!(alerts.active().is_empty());
}

#[test]
fn a_restart_leaves_nothing_open() {
    let mut alerts = ActiveAlerts::default();
    let step = ActionTaken::Restarting { restart: 1, of: 5 };
    let changes = take(&mut alerts, &finding(Verdict::WorkerDead, Some(2), step));
    assert!(
        matches!(&changes[..], [alert] if alert.state == State::Occurred && alert.details["restart"] == 1),
        "{changes:?}"
    );
    assert!(alerts.active().is_empty());
}

#[test]
fn keys_that_no_folder_takes_are_critical_until_all_are_saved() {
    let mut alerts = ActiveAlerts::default();
    let unsaved = Event::Unsaved {
        reason: "full".to_owned(),
        held: 1,
        retry: Duration::from_secs(5),
    };
    let changes = take(&mut alerts, &unsaved);
    assert!(
        matches!(&changes[..], [a] if a.state == State::Raised && a.severity() == Severity::Critical && a.name == judge::UNSAVED)
    );
    take(&mut alerts, &Event::AllSaved);
    assert!(alerts.active().is_empty());
}

#[test]
fn an_alert_whose_end_no_event_reports_is_resolved_after_a_healthy_minute() {
    let mut alerts = ActiveAlerts::default();
    take(
        &mut alerts,
        &finding(Verdict::Contention, Some(1), ActionTaken::Reported),
    );
    let mut look = |state, second| {
        let glance = Event::Glance(Box::new(vitals(state)));
        alerts
            .event(&glance, Duration::from_secs(second), at())
            .len()
    };
    let (well, slow) = (WorkerState::Healthy, WorkerState::Degraded);
    assert_eq!([look(well, 0), look(well, 59), look(slow, 60)], [0, 0, 0]);
    assert_eq!(
        [look(well, 61), look(well, 120), look(well, 121)],
        [0, 0, 1]
    );
    assert!(alerts.active().is_empty());
}

#[test]
fn the_end_of_the_process_resolves_all_alerts_except_those_about_the_output() {
    let mut alerts = ActiveAlerts::default();
    for event in [
        finding(Verdict::DiskLow, None, ActionTaken::Reported),
        finding(Verdict::WorkerRetired, Some(1), ActionTaken::Reported),
        finding(Verdict::Hot, None, ActionTaken::Reported),
    ] {
        take(&mut alerts, &event);
    }
    assert_eq!(alerts.end(at()).len(), 2);
    assert_eq!(names(&alerts), ["disk-low"]);
}

#[test]
fn a_pause_by_a_user_is_an_alert_once_and_other_pauses_are_alerts_already() {
    let mut alerts = ActiveAlerts::default();
    let pause = |reason| Pause {
        reason,
        why: "by command".to_owned(),
        since: at(),
    };
    let hot = || pause(PauseReason::Verdict(Verdict::Hot));
    let both = || vec![hot(), pause(PauseReason::User)];
    let mut changes = |pauses| take(&mut alerts, &Event::PausesChanged(pauses));
    let states = |changes: Vec<Change>| -> Vec<State> { changes.iter().map(|c| c.state).collect() };
    assert!(changes(vec![hot()]).is_empty());
    assert_eq!(states(changes(both())), [State::Raised]);
    assert!(changes(both()).is_empty());
    assert_eq!(states(changes(vec![hot()])), [State::Resolved]);
}

#[test]
fn the_history_records_a_thousand_found_keys_and_no_more() {
    let mut alerts = ActiveAlerts::default();
    let key = judge::of_end(crate::exit::Ending::Found, "", at());
    assert!((0..2 * KEYS_RECORDED).all(|_| alerts.is_recorded(&key)));
    let found = Change { name: FOUND, ..key };
    let recorded = (0..2 * KEYS_RECORDED).filter(|_| alerts.is_recorded(&found));
    assert_eq!(recorded.count(), KEYS_RECORDED);
}
