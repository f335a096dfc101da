//! Tests of cards: heat, throttling, and memory that grows.

use std::time::UNIX_EPOCH;

use meshcore_keygen_gpu::Throttle;

use super::*;
use crate::batch::WorkerId;
use crate::engine::Backend;
use crate::health::fixtures::watched;
use crate::health::probe::Readings;

fn monitor(t: Thresholds) -> Monitor {
    Monitor::new(watched(1, 1), t, Duration::ZERO, UNIX_EPOCH)
}

fn pausing() -> Thresholds {
    Thresholds {
        gpu_pause_above: Some(80.0),
        ..Thresholds::default()
    }
}

fn at(celsius: f64) -> CardReadings {
    CardReadings {
        device: "gpu:0".to_owned(),
        celsius: Some(celsius),
        ..CardReadings::default()
    }
}

fn read(monitor: &mut Monitor, card: CardReadings, second: u64) -> Vec<String> {
    let readings = Readings {
        cards: vec![card],
        ..Readings::default()
    };
    let told = |decision: &Decision| match decision {
        Decision::Report(finding) => {
            assert_eq!(finding.worker, Some(2));
            format!("{} {}", finding.verdict, finding.action.name())
        }
        Decision::Rest { worker: 2, rest } => format!("rest {rest}"),
        Decision::Replace { worker: 2, .. } => "replace".to_owned(),
        other => format!("{other:?}"),
    };
    let decisions = monitor.readings(readings, Duration::from_secs(second));
    decisions.iter().map(told).collect()
}

#[test]
fn a_hot_card_pauses_alone_and_continues_five_degrees_below() {
    let mut monitor = monitor(pausing());
    assert!(read(&mut monitor, at(80.0), 1).is_empty());
    assert_eq!(read(&mut monitor, at(81.0), 2), ["hot paused", "rest true"]);
    assert_eq!(
        monitor.states(),
        [WorkerState::Starting, WorkerState::Paused]
    );
    assert!(read(&mut monitor, at(76.0), 3).is_empty());
    // what can't be read any more is not cool
    let unknown = CardReadings {
        celsius: None,
        ..at(0.0)
    };
    assert_eq!(read(&mut monitor, unknown, 4), ["hot unreadable"]);
    assert_eq!(
        read(&mut monitor, at(75.0), 5),
        ["hot resumed", "rest false"]
    );
    assert_eq!(monitor.states(), [WorkerState::Starting; 2]);
}

#[test]
fn a_new_worker_of_a_hot_card_rests_too_and_a_pause_of_all_outlasts_the_heat() {
    let mut monitor = monitor(pausing());
    read(&mut monitor, at(90.0), 1);
    let id = WorkerId {
        worker: 2,
        generation: 1,
    };
    monitor.replaced(id, Backend::OpenCl, Duration::from_secs(2));
    assert_eq!(read(&mut monitor, at(79.0), 3), ["hot over", "rest true"]);
    monitor.pause_by_user(true, Duration::from_secs(4));
    assert_eq!(
        read(&mut monitor, at(60.0), 5),
        ["hot resumed", "rest false"]
    );
    assert_eq!(monitor.states(), [WorkerState::Paused; 2]);
    monitor.pause_by_user(false, Duration::from_secs(6));
    assert_eq!(monitor.states(), [WorkerState::Starting; 2]);
}

#[test]
fn heat_is_told_by_the_cards_own_limit_once_and_without_flapping() {
    let mut monitor = monitor(Thresholds::default());
    let card = |celsius| CardReadings {
        slowdown_celsius: Some(98.0),
        ..at(celsius)
    };
    let seen: Vec<_> = [90.0, 93.0, 92.0, 93.0, 98.0, 94.0, 88.0, 87.9]
        .into_iter()
        .zip(1..)
        .map(|(celsius, second)| read(&mut monitor, card(celsius), second).join(","))
        .collect();
    assert_eq!(
        seen,
        ["", "hot said", "", "", "hot said", "", "", "hot over"]
    );
    assert_eq!(monitor.states(), [WorkerState::Starting; 2]);
}

#[test]
fn a_card_that_its_driver_slows_is_reported_with_the_reason_and_never_restarted_for_it() {
    let mut monitor = monitor(Thresholds::default());
    let slow = CardReadings {
        clock_mhz: Some(900.0),
        most_mhz: Some(1800.0),
        throttled: Some(vec![Throttle::PowerCap, Throttle::Heat]),
        ..at(70.0)
    };
    let capped = CardReadings {
        throttled: Some(vec![Throttle::PowerCap]),
        ..slow.clone()
    };
    let mut tick = |card: CardReadings, second: u64| {
        read(&mut monitor, card, second);
        monitor.slots[1].history.slow = 9;
        monitor.slots[1].alive(Duration::from_secs(second));
        let now = Duration::from_secs(second);
        let decisions = monitor.judge(1, now);
        monitor.slots[1].history.slow = 0;
        (decisions, monitor.states()[1])
    };
    let (told, state) = tick(slow, 1);
    assert!(
        matches!(&told[..], [Decision::Report(finding)] if finding.verdict == Verdict::ProcessorSlowed
            && finding.detail.contains("gpu:0 (heat): 70 °C, 900 of 1800 MHz")),
        "{told:?}"
    );
    assert_eq!(state, WorkerState::Degraded);
    // a power limit explains nothing
    let (told, _) = tick(capped, 2);
    assert!(
        told.iter()
            .any(|told| matches!(told, Decision::Replace { .. })),
        "{told:?}"
    );
}

#[test]
fn memory_of_this_process_that_grows_on_the_card_replaces_its_worker() {
    let mut monitor = monitor(Thresholds::default());
    let holds = |own: u64| CardReadings {
        own_memory: Some(own),
        memory_used: Some(10 * own),
        ..at(50.0)
    };
    let growth = Thresholds::default().gpu_memory_growth;
    assert!(read(&mut monitor, holds(1 << 30), 1).is_empty());
    assert!(read(&mut monitor, holds((1 << 30) + growth - 1), 2).is_empty());
    assert_eq!(
        read(&mut monitor, holds((1 << 30) + growth), 3),
        ["memory-growth restarting", "replace"]
    );
    let id = WorkerId {
        worker: 2,
        generation: 1,
    };
    monitor.replaced(id, Backend::OpenCl, Duration::from_secs(4));
    assert!(read(&mut monitor, holds((1 << 30) + growth), 5).is_empty());
}

#[test]
fn nothing_is_judged_of_what_is_unknown() {
    let mut monitor = monitor(Thresholds::default());
    let unknown = CardReadings::unreadable("gpu:0".to_owned(), "no library".to_owned());
    assert!(read(&mut monitor, unknown.clone(), 1).is_empty());
    let mut monitor = self::monitor(pausing());
    assert_eq!(read(&mut monitor, unknown.clone(), 1), ["hot unreadable"]);
    assert!(read(&mut monitor, unknown, 2).is_empty());
}
