//! Tests of the monitor as a whole: samples and time in, decisions out.

use std::time::{Duration, UNIX_EPOCH};

use super::fixtures::{ID, report};
use super::monitor::{Monitor, Watched};
use super::slot_health::ThreadSample;
use super::state::Status;
use super::state::WorkerState;
use super::thresholds::Thresholds;
use super::verdict::{ActionTaken, Decision, Verdict};
use crate::batch::{WorkerEnd, WorkerId};
use crate::engine::Backend;

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn monitor(workers: usize, judging: bool) -> Monitor {
    let watched = Watched {
        workers,
        working: workers,
        cards: 0,
        backend: Backend::Avx512Ifma,
        backends: vec![Backend::Avx512Ifma, Backend::Avx2, Backend::Portable],
        filter: "prefix".to_owned(),
        chance: 1e-6,
        judging,
    };
    Monitor::new(watched, Thresholds::default(), ms(0), UNIX_EPOCH)
}

/// Ticks every 250 ms over these milliseconds, with the same look at every worker.
fn ticks(
    monitor: &mut Monitor,
    from: u64,
    to: u64,
    look: impl Fn(u64) -> ThreadSample,
) -> Vec<Decision> {
    let workers = monitor.slots().len();
    (from..=to)
        .step_by(250)
        .flat_map(|at| monitor.tick(&vec![look(at); workers], ms(at), UNIX_EPOCH + ms(at)))
        .collect()
}

fn alive(at: u64) -> ThreadSample {
    ThreadSample {
        beats: at + 1,
        ..ThreadSample::default()
    }
}

fn spins(at: u64) -> ThreadSample {
    ThreadSample {
        beats: 0,
        processor: Some(ms(at)),
        blocked: Some(false),
    }
}

fn replacements(decisions: &[Decision]) -> Vec<(usize, Backend, bool)> {
    let replace = |decision: &Decision| match decision {
        Decision::Replace {
            worker,
            backend,
            abandon,
        } => Some((*worker, *backend, *abandon)),
        _ => None,
    };
    decisions.iter().filter_map(replace).collect()
}

fn verdicts(decisions: &[Decision]) -> Vec<(Verdict, ActionTaken)> {
    let reported = |decision: &Decision| match decision {
        Decision::Report(finding) => Some((finding.verdict, finding.action)),
        _ => None,
    };
    decisions.iter().filter_map(reported).collect()
}

const fn died() -> WorkerEnd {
    WorkerEnd::EngineFailed(String::new())
}

const IFMA: Backend = Backend::Avx512Ifma;

#[test]
fn a_hung_worker_is_abandoned_and_replaced_within_five_and_a_half_seconds() {
    let mut monitor = monitor(1, true);
    assert!(ticks(&mut monitor, 250, 5000, spins).is_empty());
    let decisions = ticks(&mut monitor, 5250, 5500, spins);
    assert_eq!(replacements(&decisions), [(1, IFMA, true)]);
    assert_eq!(
        verdicts(&decisions)[0].1,
        ActionTaken::Restarting { restart: 1, of: 5 }
    );
    assert_eq!(monitor.states(), [WorkerState::Restarting]);
}

#[test]
fn a_worker_that_gets_no_processor_is_never_abandoned() {
    let mut monitor = monitor(1, true);
    let starved = |_| ThreadSample {
        processor: Some(ms(10)),
        blocked: Some(false),
        ..ThreadSample::default()
    };
    let decisions = ticks(&mut monitor, 250, 120_000, starved);
    assert_eq!(
        verdicts(&decisions),
        [(Verdict::Contention, ActionTaken::Reported)]
    );
}

#[test]
fn a_panic_is_replaced_at_once_and_the_sixth_retires() {
    let mut monitor = monitor(2, true);
    for generation in 0..6 {
        let id = WorkerId { generation, ..ID };
        let now = ms(100_000 * u64::from(generation));
        let decisions = monitor.ended(id, &died(), now);
        if generation == 5 {
            assert_eq!(
                decisions[1],
                Decision::Retire {
                    worker: 1,
                    abandon: false
                }
            );
            continue;
        }
        assert_eq!(replacements(&decisions), [(1, IFMA, false)]);
        let next = WorkerId {
            generation: generation + 1,
            ..ID
        };
        monitor.replaced(next, IFMA, now + ms(3));
    }
    let summary = monitor.summary(ms(500_000));
    assert_eq!(summary.totals.restarts["worker-dead"], 5);
    assert_eq!(summary.totals.lost_seconds, 0.015);
    assert_eq!(summary.state, Status::Critical);
}

#[test]
fn five_restarts_within_a_minute_open_the_breaker_and_one_follows_after_a_minute() {
    let mut monitor = monitor(6, true);
    let id = |worker| WorkerId {
        worker,
        generation: 0,
    };
    for worker in 1..=5 {
        let decisions = monitor.ended(id(worker), &died(), ms(worker as u64));
        assert_eq!(replacements(&decisions).len(), 1);
    }
    let decisions = monitor.ended(id(6), &died(), ms(100));
    assert_eq!(
        verdicts(&decisions),
        [(Verdict::WorkerDead, ActionTaken::Waiting)]
    );
    assert!(replacements(&ticks(&mut monitor, 250, 60_000, alive)).is_empty());
    let decisions = ticks(&mut monitor, 60_250, 60_250, alive);
    assert_eq!(replacements(&decisions), [(6, IFMA, false)]);
}

#[test]
fn a_silent_lane_moves_the_worker_to_the_next_backend() {
    let mut monitor = monitor(1, true);
    let mut quiet = report(ID, 10_000_000, 0.25);
    quiet.lanes[1].spot_checks = 0;
    let decisions: Vec<_> = (0..5)
        .flat_map(|n| monitor.report(&quiet, ms(250 * n)))
        .collect();
    assert_eq!(replacements(&decisions), [(1, Backend::Avx2, false)]);
    monitor.replaced(
        WorkerId {
            generation: 1,
            ..ID
        },
        Backend::Avx2,
        ms(2000),
    );
    let mut last = report(ID, 10_000_000, 0.25);
    last.lanes[0].refuted = 5;
    assert!(monitor.report(&last, ms(2001)).is_empty());
    assert_eq!(monitor.summary(ms(2001)).backends, [Backend::Avx2]);
}

#[test]
fn the_second_refuted_hit_replaces_even_when_nobody_judges() {
    let mut monitor = monitor(1, false);
    let mut wrong = report(ID, 1000, 0.25);
    wrong.lanes[0].refuted = 1;
    assert!(monitor.report(&wrong, ms(0)).is_empty());
    let decisions = monitor.report(&wrong, ms(1_800_000));
    assert_eq!(replacements(&decisions), [(1, Backend::Avx2, false)]);
}

#[test]
fn without_judging_a_hung_or_slow_worker_is_left_alone() {
    let mut monitor = monitor(1, false);
    assert!(ticks(&mut monitor, 250, 60_000, spins).is_empty());
}

#[test]
fn a_suspension_is_reported_and_restarts_nobody() {
    let mut monitor = monitor(1, true);
    ticks(&mut monitor, 250, 1000, alive);
    let late = monitor.tick(&[alive(1000)], ms(3_600_000), UNIX_EPOCH + ms(3_600_000));
    assert_eq!(
        verdicts(&late),
        [(Verdict::ClockJump, ActionTaken::Reported)]
    );
}

#[test]
fn when_all_workers_are_slowed_it_is_the_machine() {
    let mut monitor = monitor(2, true);
    let mut reported = Vec::new();
    for n in 0..40u64 {
        let slow = n >= 10;
        for worker in 1..=2 {
            let id = WorkerId {
                worker,
                generation: 0,
            };
            let mut report = report(id, if slow { 600_000 } else { 1_000_000 }, 1.0);
            let time = if slow { 33_333 } else { 20_000 };
            report.calibration = vec![Duration::from_nanos(time); 8];
            reported.extend(monitor.report(&report, ms(1000 * n)));
        }
        let from = 1000 * n;
        reported.extend(ticks(&mut monitor, from, from + 750, alive));
    }
    let mut names: Vec<_> = verdicts(&reported).into_iter().map(|(v, _)| v).collect();
    names.dedup();
    assert_eq!(names, [Verdict::ProcessorSlowed, Verdict::MachineSlowed]);
    assert!(replacements(&reported).is_empty());
}

#[test]
fn a_worker_that_has_nothing_left_to_do_is_not_missed() {
    let mut monitor = monitor(1, true);
    assert!(monitor.ended(ID, &WorkerEnd::Stopped, ms(100)).is_empty());
    assert!(ticks(&mut monitor, 250, 60_000, spins).is_empty());
    assert_eq!(monitor.summary(ms(60_000)).state, Status::Healthy);
}

#[test]
fn two_zombies_of_two_workers_ask_for_a_new_process_once() {
    let mut monitor = monitor(2, true);
    let decisions = ticks(&mut monitor, 250, 8000, spins);
    assert_eq!(replacements(&decisions).len(), 2);
    let restarts = decisions.iter().filter(|d| **d == Decision::RestartProcess);
    assert_eq!(restarts.count(), 1);
}

#[test]
fn an_abandoned_worker_is_shown_as_a_zombie_until_another_takes_its_place_or_its_thread_ends() {
    let shown = |monitor: &Monitor| monitor.vitals(ms(5600)).workers[0].state;
    let mut monitor = monitor(4, true);
    ticks(&mut monitor, 250, 5500, spins);
    assert_eq!(shown(&monitor), WorkerState::Zombie);
    assert_eq!(monitor.vitals(ms(5600)).zombies, 4);
    assert!(monitor.ended(ID, &WorkerEnd::Stopped, ms(5600)).is_empty());
    assert_eq!(shown(&monitor), WorkerState::Restarting);
    assert_eq!(monitor.vitals(ms(5600)).zombies, 3);
    let next = WorkerId {
        generation: 1,
        ..ID
    };
    monitor.replaced(next, IFMA, ms(5700));
    assert_eq!(shown(&monitor), WorkerState::Starting);
}

#[test]
fn refuted_hits_are_reported_with_the_time_in_which_they_are_counted() {
    let mut monitor = monitor(1, false);
    monitor.t.refutation_span = ms(60_000);
    let mut wrong = report(ID, 1000, 0.25);
    wrong.lanes[0].refuted = 2;
    let decisions = monitor.report(&wrong, ms(0));
    let reported = |decision: &Decision| match decision {
        Decision::Report(finding) => Some(finding.detail.clone()),
        _ => None,
    };
    let details: Vec<_> = decisions.iter().filter_map(reported).collect();
    assert_eq!(details, ["2 hits within 1 min were refuted on avx512ifma"]);
}
