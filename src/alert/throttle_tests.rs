//! Tests of what passes and when, in seconds that nobody waits for.

use super::*;
use crate::alert::KeyFacts;

fn at() -> Timestamp {
    Timestamp::UNIX_EPOCH
}

fn occurred(name: &'static str, status: Status) -> Change {
    let message = "it happened".to_owned();
    Change::occurred(name, Subject::Worker(1), status, message, at())
}

fn raised(name: &'static str) -> Change {
    Change {
        state: State::Raised,
        ..occurred(name, Status::Degraded)
    }
}

fn over(name: &'static str) -> Change {
    Change {
        state: State::Resolved,
        ..occurred(name, Status::Degraded)
    }
}

fn found(wanted: bool) -> Change {
    let key = KeyFacts {
        claim: None,
        public_key: "ab".repeat(32),
        file: "/k/a".to_owned(),
        pattern: "AB".to_owned(),
        wanted,
    };
    Change {
        key: Some(key),
        ..occurred("found", Status::Healthy)
    }
}

fn throttle(minimum: Severity) -> Throttle {
    Throttle::new(minimum, COOLDOWN)
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Names that are sent at these seconds, with the number held back before each.
fn told(throttle: &mut Throttle, changes: &[(u64, Change)]) -> Vec<(&'static str, u64)> {
    let notices = changes
        .iter()
        .filter_map(|(at, change)| throttle.take(change, seconds(*at)));
    notices
        .map(|notice| (notice.change.name, notice.held_back))
        .collect()
}

#[test]
fn the_same_alert_is_sent_once_in_300_seconds_and_the_next_one_has_the_number_held_back() {
    let mut throttle = throttle(Severity::Info);
    let noted = occurred("worker-dead", Status::Unhealthy);
    let changes = [0, 1, 299, 300].map(|at| (at, noted.clone()));
    assert_eq!(
        told(&mut throttle, &changes),
        [("worker-dead", 0), ("worker-dead", 2)]
    );
}

#[test]
fn another_worker_is_another_alert() {
    let mut throttle = throttle(Severity::Info);
    let mut second = raised("contention");
    second.subject = Subject::Worker(2);
    let changes = [(0, raised("contention")), (1, second)];
    assert_eq!(told(&mut throttle, &changes).len(), 2);
}

#[test]
fn ten_an_hour_pass_and_the_next_one_has_the_number_held_back() {
    let mut throttle = Throttle::new(Severity::Info, Duration::ZERO);
    let noted = occurred("worker-dead", Status::Unhealthy);
    let many: Vec<_> = (0..25).map(|at| (at, noted.clone())).collect();
    assert_eq!(told(&mut throttle, &many).len(), AN_HOUR);
    assert_eq!(told(&mut throttle, &[(3_599, noted.clone())]), []);
    assert_eq!(
        told(&mut throttle, &[(3_600, noted)]),
        [("worker-dead", 16)]
    );
}

#[test]
fn critical_ones_and_found_keys_always_pass() {
    let mut throttle = throttle(Severity::Critical);
    let critical = Change {
        status: Some(Status::Critical),
        ..raised("disk-low")
    };
    let changes: Vec<_> = (0..30)
        .flat_map(|at| [(at, critical.clone()), (at, found(true))])
        .collect();
    assert_eq!(told(&mut throttle, &changes).len(), 60);
}

#[test]
fn a_channel_gets_its_severity_and_above_and_keys_that_were_searched_for() {
    let mut throttle = throttle(Severity::Warning);
    let info = occurred("clock-jump", Status::Healthy);
    let changes = [
        (0, info),
        (0, found(false)),
        (0, found(true)),
        (0, raised("hot")),
    ];
    assert_eq!(told(&mut throttle, &changes), [("found", 0), ("hot", 0)]);
}

#[test]
fn the_end_of_an_alert_is_sent_only_where_its_beginning_was_sent() {
    let mut throttle = throttle(Severity::Info);
    let flapping = [
        (0, over("hot")),
        (1, raised("hot")),
        (2, over("hot")),
        (3, raised("hot")),
        (4, over("hot")),
    ];
    assert_eq!(told(&mut throttle, &flapping), [("hot", 0), ("hot", 0)]);
}

#[test]
fn an_alert_that_was_held_back_and_still_holds_is_sent_after_the_cooldown() {
    let mut throttle = throttle(Severity::Info);
    let flapping = [(0, raised("hot")), (1, over("hot")), (2, raised("hot"))];
    assert_eq!(told(&mut throttle, &flapping).len(), 2);
    assert!(throttle.waits() && throttle.tick(seconds(299), at()).is_empty());
    let late = throttle.tick(seconds(300), at());
    assert_eq!((late.len(), late[0].held_back), (1, 0));
    assert_eq!(told(&mut throttle, &[(301, over("hot"))]), [("hot", 0)]);
    assert!(!throttle.waits());
}

#[test]
fn an_alert_that_ends_before_it_could_be_sent_is_only_counted() {
    let mut throttle = throttle(Severity::Info);
    let flapping = [
        (0, raised("hot")),
        (1, over("hot")),
        (2, raised("hot")),
        (3, over("hot")),
    ];
    told(&mut throttle, &flapping);
    assert!(throttle.tick(seconds(3_601), at()).is_empty());
    let late = throttle.tick(seconds(3_602), at());
    assert_eq!((late[0].change.name, late[0].held_back), ("held-back", 1));
    assert!(throttle.tick(seconds(9_000), at()).is_empty());
}

#[test]
fn an_end_beyond_the_hourly_limit_waits_and_is_dropped_if_the_alert_is_raised_again() {
    let mut throttle = Throttle::new(Severity::Info, Duration::ZERO);
    told(&mut throttle, &[(0, raised("hot"))]);
    let noted = occurred("worker-dead", Status::Unhealthy);
    let many: Vec<_> = (1..10).map(|at| (at, noted.clone())).collect();
    told(&mut throttle, &many);
    assert_eq!(
        told(&mut throttle, &[(10, over("hot")), (11, raised("hot"))]),
        []
    );
    assert_eq!(told(&mut throttle, &[(12, over("hot"))]), []);
    let late = throttle.tick(seconds(3_600), at());
    assert_eq!(
        (late[0].change.state, late[0].change.name),
        (State::Resolved, "hot")
    );
}
