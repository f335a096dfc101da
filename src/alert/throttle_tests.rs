//! Tests of what passes a gate and when, in seconds that nobody waits for.

use serde_json::Value;

use super::*;
use crate::alert::{KeyFacts, Over};

fn at() -> Timestamp {
    Timestamp::UNIX_EPOCH
}

fn alert(name: &'static str, status: Status) -> Alert {
    Alert {
        name,
        subject: Subject::Worker(1),
        status,
        message: "it happened".to_owned(),
        details: Value::Null,
        key: None,
        at: at(),
    }
}

fn raised(name: &'static str) -> Change {
    Change::Raised(alert(name, Status::Degraded))
}

fn over(name: &'static str) -> Change {
    Change::Over(Over {
        name,
        subject: Subject::Worker(1),
        status: Some(Status::Degraded),
        message: "it is over".to_owned(),
        at: at(),
    })
}

fn found(wanted: bool) -> Change {
    let key = KeyFacts {
        public_key: "ab".repeat(32),
        file: "/k/a".to_owned(),
        pattern: "AB".to_owned(),
        wanted,
    };
    Change::Noted(Alert {
        key: Some(key),
        ..alert("found", Status::Healthy)
    })
}

fn gate(minimum: Severity) -> Gate {
    Gate::new(minimum, COOLDOWN)
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Names that are told at these seconds, with what was held back before each.
fn told(gate: &mut Gate, changes: &[(u64, Change)]) -> Vec<(&'static str, u64)> {
    let notices = changes
        .iter()
        .filter_map(|(at, change)| gate.take(change, seconds(*at)));
    notices
        .map(|notice| (notice.change.key().0, notice.held_back))
        .collect()
}

#[test]
fn the_same_alert_is_told_once_in_300_seconds_and_the_next_one_says_how_many_were_held_back() {
    let mut gate = gate(Severity::Info);
    let noted = Change::Noted(alert("worker-dead", Status::Unhealthy));
    let changes = [0, 1, 299, 300].map(|at| (at, noted.clone()));
    assert_eq!(
        told(&mut gate, &changes),
        [("worker-dead", 0), ("worker-dead", 2)]
    );
}

#[test]
fn another_worker_is_another_alert() {
    let mut gate = gate(Severity::Info);
    let mut second = alert("contention", Status::Degraded);
    second.subject = Subject::Worker(2);
    let changes = [(0, raised("contention")), (1, Change::Raised(second))];
    assert_eq!(told(&mut gate, &changes).len(), 2);
}

#[test]
fn ten_an_hour_pass_and_the_next_that_does_says_how_many_did_not() {
    let mut gate = Gate::new(Severity::Info, Duration::ZERO);
    let noted = Change::Noted(alert("worker-dead", Status::Unhealthy));
    let many: Vec<_> = (0..25).map(|at| (at, noted.clone())).collect();
    assert_eq!(told(&mut gate, &many).len(), AN_HOUR);
    assert_eq!(told(&mut gate, &[(3_599, noted.clone())]), []);
    assert_eq!(told(&mut gate, &[(3_600, noted)]), [("worker-dead", 16)]);
}

#[test]
fn critical_ones_and_found_keys_always_pass() {
    let mut gate = gate(Severity::Critical);
    let critical = Change::Raised(alert("disk-low", Status::Critical));
    let changes: Vec<_> = (0..30)
        .flat_map(|at| [(at, critical.clone()), (at, found(true))])
        .collect();
    assert_eq!(told(&mut gate, &changes).len(), 60);
}

#[test]
fn a_channel_gets_its_severity_and_what_is_above_and_keys_that_were_searched_for() {
    let mut gate = gate(Severity::Warning);
    let info = Change::Noted(alert("clock-jump", Status::Healthy));
    let changes = [
        (0, info),
        (0, found(false)),
        (0, found(true)),
        (0, raised("hot")),
    ];
    assert_eq!(told(&mut gate, &changes), [("found", 0), ("hot", 0)]);
}

#[test]
fn an_end_is_told_to_whom_the_beginning_was_told_and_to_nobody_else() {
    let mut gate = gate(Severity::Info);
    let flapping = [
        (0, over("hot")),
        (1, raised("hot")),
        (2, over("hot")),
        (3, raised("hot")),
        (4, over("hot")),
    ];
    assert_eq!(told(&mut gate, &flapping), [("hot", 0), ("hot", 0)]);
}

#[test]
fn what_was_held_back_and_still_holds_is_told_after_the_cooldown() {
    let mut gate = gate(Severity::Info);
    let flapping = [(0, raised("hot")), (1, over("hot")), (2, raised("hot"))];
    assert_eq!(told(&mut gate, &flapping).len(), 2);
    assert!(gate.waits() && gate.tick(seconds(299), at()).is_empty());
    let late = gate.tick(seconds(300), at());
    assert_eq!((late.len(), late[0].held_back), (1, 0));
    assert_eq!(told(&mut gate, &[(301, over("hot"))]), [("hot", 0)]);
    assert!(!gate.waits());
}

#[test]
fn what_is_over_before_it_could_be_told_is_only_counted() {
    let mut gate = gate(Severity::Info);
    let flapping = [
        (0, raised("hot")),
        (1, over("hot")),
        (2, raised("hot")),
        (3, over("hot")),
    ];
    told(&mut gate, &flapping);
    assert!(gate.tick(seconds(3_601), at()).is_empty());
    let late = gate.tick(seconds(3_602), at());
    assert_eq!(
        (late[0].change.key().0, late[0].held_back),
        ("held-back", 1)
    );
    assert!(gate.tick(seconds(9_000), at()).is_empty());
}

#[test]
fn an_end_that_finds_no_room_waits_and_is_dropped_if_it_begins_again() {
    let mut gate = Gate::new(Severity::Info, Duration::ZERO);
    told(&mut gate, &[(0, raised("hot"))]);
    let noted = Change::Noted(alert("worker-dead", Status::Unhealthy));
    let many: Vec<_> = (1..10).map(|at| (at, noted.clone())).collect();
    told(&mut gate, &many);
    assert_eq!(
        told(&mut gate, &[(10, over("hot")), (11, raised("hot"))]),
        []
    );
    assert_eq!(told(&mut gate, &[(12, over("hot"))]), []);
    let late = gate.tick(seconds(3_600), at());
    assert!(matches!(&late[0].change, Change::Over(over) if over.name == "hot"));
}
