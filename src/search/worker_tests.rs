//! Tests of a worker's loop with a scripted engine.

use super::*;
use crate::batch::LaneCounts;
use crate::blind::{Origin, Unchecked};
use crate::engine::Survivor;
use crate::engine::point::Point;
use crate::search::fakes::{Bench, OneAnswer, SWEEP, ScriptedEngine, task};
use crate::search::hit::HitKind;

/// Runs a worker over so many sweeps; returns the sum of its reports.
fn run(
    target: OneAnswer,
    engine: ScriptedEngine,
    sweeps: u64,
    room: usize,
) -> (BatchReport, Bench) {
    let (task, bench) = task(target, sweeps * SWEEP, room);
    let mut worker = Worker::new(task, Box::new(engine)).unwrap();
    assert_eq!(worker.run().unwrap(), Finished::BudgetSpent);
    let mut reports = bench.reports.try_iter();
    let mut sum = reports.next().unwrap();
    reports.for_each(|report| sum.absorb(report));
    assert_eq!(worker.last_report(), None);
    (sum, bench)
}

#[test]
fn what_a_worker_reports_is_what_it_tested() {
    let (sum, bench) = run(OneAnswer::default(), ScriptedEngine::default(), 5, 1);
    assert_eq!(sum.candidates, 5 * SWEEP);
    assert_eq!(
        (sum.sweeps, sum.batches, sum.batch_size),
        (5, 5, Some(SWEEP))
    );
    assert_eq!(bench.shared.tested(), 5 * SWEEP);
    assert_eq!(bench.heartbeat.beats(), 5);
    assert!(sum.buffer_bytes >= 1000);
}

#[test]
fn a_batch_that_was_not_completed_is_in_the_last_report() {
    let (mut task, bench) = task(OneAnswer::default(), 3 * SWEEP, 1);
    task.batch_size = Some(2 * SWEEP);
    let mut worker = Worker::new(task, Box::new(ScriptedEngine::default())).unwrap();
    worker.run().unwrap();
    assert_eq!(
        bench.reports.try_iter().map(|r| r.candidates).sum::<u64>(),
        2 * SWEEP
    );
    assert_eq!(worker.last_report().map(|r| r.candidates), Some(SWEEP));
}

#[test]
fn very_many_lanes_are_counted_in_groups_of_neighbours_and_by_what_their_lists_hold() {
    let engine = ScriptedEngine {
        lanes: 3 * 64 - 1,
        ..ScriptedEngine::yielding(&[(0, 1, 0), (2, 1, 0), (3, 1, 0), (190, 1, 0)])
    };
    let (sum, _bench) = run(OneAnswer::wanted(), engine, 2, 9);
    let hits: Vec<_> = sum.lanes.iter().map(|row| row.hits).collect();
    assert_eq!((hits.len(), hits.iter().sum::<u64>()), (64, 4));
    assert_eq!((hits[0], hits[1], hits[63]), (2, 1, 1));
    assert!(sum.buffer_bytes >= 1000 + 4 * size_of::<Survivor>());
}

#[test]
fn a_worker_that_is_told_to_stop_sweeps_no_more() {
    let (task, bench) = task(OneAnswer::default(), 1_000 * SWEEP, 1);
    bench.heartbeat.stop();
    let mut worker = Worker::new(task, Box::new(ScriptedEngine::default())).unwrap();
    assert_eq!(worker.run().unwrap(), Finished::Stopped);
    assert_eq!(bench.shared.tested(), 0);
}

#[test]
fn a_hit_carries_its_private_key_and_what_was_tested_by_then() {
    let engine = ScriptedEngine::yielding(&[(1, -7, 0)]);
    let (sum, bench) = run(OneAnswer::wanted(), engine, 3, 1);
    let hit = bench.hits.try_recv().unwrap();
    assert!(matches!(&hit.found, Unchecked::Key(key) if key.public() == hit.public));
    assert_eq!(
        hit.kind,
        HitKind::Wanted {
            pattern: "all".to_owned()
        }
    );
    assert_eq!(hit.candidates, SWEEP);
    assert_eq!(hit.at, bench.clock.now());
    assert_eq!(
        sum.lanes[1],
        LaneCounts {
            hits: 1,
            ..LaneCounts::default()
        }
    );
}

#[test]
fn after_a_hit_its_lane_takes_a_fresh_start_and_further_hits_of_the_old_one_are_dropped() {
    let engine = ScriptedEngine::yielding(&[(0, 3, 0), (0, 4, 0), (0, 5, 0)]);
    let starts = Arc::clone(&engine.starts);
    let (sum, bench) = run(OneAnswer::wanted(), engine, 2, 8);
    assert_eq!(bench.hits.try_iter().count(), 1);
    assert_eq!(
        sum.lanes[0],
        LaneCounts {
            hits: 1,
            dropped: 2,
            ..LaneCounts::default()
        }
    );
    let starts = starts.lock().unwrap().clone();
    assert_eq!(
        starts.iter().map(|(lane, _)| *lane).collect::<Vec<_>>(),
        [0, 1, 0]
    );
    assert_ne!(starts[0].1, starts[2].1);
}

#[test]
fn hits_of_different_lanes_are_all_handed_over() {
    let engine = ScriptedEngine::yielding(&[(0, 3, 0), (1, 3, 0)]);
    let (sum, bench) = run(OneAnswer::wanted(), engine, 1, 8);
    assert_eq!(bench.hits.try_iter().count(), 2);
    assert_eq!(sum.hits().hits, 2);
}

#[test]
fn words_that_the_exact_key_contradicts_are_an_error_of_the_engine_and_no_hit() {
    let engine = ScriptedEngine::yielding(&[(0, 3, 1 << 20)]);
    let (sum, bench) = run(OneAnswer::wanted(), engine, 1, 8);
    assert!(bench.hits.is_empty());
    assert_eq!(
        sum.lanes[0],
        LaneCounts {
            refuted: 1,
            ..LaneCounts::default()
        }
    );
}

#[test]
fn a_wrong_spot_check_is_an_error_of_the_engine_and_a_right_one_is_counted() {
    let engine = ScriptedEngine::yielding(&[(0, 3, 1 << 20), (0, 4, 0), (1, -4, 0)]);
    let (sum, bench) = run(OneAnswer::spot_check(), engine, 1, 8);
    assert!(bench.hits.is_empty());
    assert_eq!(
        sum.lanes[0],
        LaneCounts {
            refuted: 1,
            spot_checks: 1,
            ..LaneCounts::default()
        }
    );
    assert_eq!(
        sum.lanes[1],
        LaneCounts {
            spot_checks: 1,
            ..LaneCounts::default()
        }
    );
}

#[test]
fn a_lane_whose_point_is_not_that_of_its_scalar_ends_the_worker_at_its_first_spot_check() {
    let mut target = OneAnswer::wanted();
    target.plausible.spot_check = true;
    let engine = ScriptedEngine::yielding(&[(0, 4, 0), (1, -4, 0)]);
    let starts = Arc::clone(&engine.starts);
    let (task, bench) = task(target, SWEEP, 8);
    let mut worker = Worker::new(task, Box::new(engine)).unwrap();
    let public = starts.lock().unwrap()[0].1;
    let point = Point::decompress(&public).unwrap();
    worker.lanes[0].origin = Origin::own().unwrap().at_point(point);
    let Err(WorkerError::Engine(error)) = worker.run() else {
        panic!("nobody noticed");
    };
    assert!(error.to_string().contains("lane 0"), "{error}");
    // That of the other lane, and that of the wrong start, which its check refuses.
    let hits: Vec<_> = bench.hits.try_iter().collect();
    let checked = hits.into_iter().map(|hit| hit.found.check(&hit.public));
    let checked: Vec<_> = checked.map(|result| result.is_ok()).collect();
    assert_eq!(checked, [false, true]);
    let report = worker.last_report().unwrap();
    let refuted: Vec<_> = report.lanes.iter().map(|lane| lane.refuted).collect();
    assert_eq!(refuted, [1, 0]);
}

#[test]
fn a_hit_that_the_words_could_not_decide_is_an_ordinary_miss() {
    let target = OneAnswer {
        class: Default::default(),
        ..OneAnswer::wanted()
    };
    let (sum, bench) = run(
        target,
        ScriptedEngine::yielding(&[(0, 3, 0), (0, 9, 0)]),
        1,
        8,
    );
    assert!(bench.hits.is_empty());
    assert_eq!(
        sum.lanes[0],
        LaneCounts {
            misses: 2,
            ..LaneCounts::default()
        }
    );
}

#[test]
fn while_the_saver_has_no_room_hits_are_skipped_and_their_start_is_kept() {
    let mut engine = ScriptedEngine::yielding(&[(0, 3, 0)]);
    engine.script.insert(2, vec![(1, 3, 0), (1, 4, 0)]);
    let starts = Arc::clone(&engine.starts);
    let (sum, bench) = run(OneAnswer::wanted(), engine, 2, 1);
    assert_eq!(bench.hits.try_iter().count(), 1);
    assert_eq!(sum.skipped, 2);
    assert_eq!(bench.shared.keys_in_flight(), 1);
    assert_eq!(starts.lock().unwrap().len(), 3);
}

#[test]
fn a_line_of_the_watchlist_is_saved_as_often_as_allowed_and_then_only_counted() {
    let mut engine = ScriptedEngine::yielding(&[(0, 3, 0)]);
    engine.script.insert(2, vec![(0, 30, 0), (1, 3, 0)]);
    let (_, bench) = run(OneAnswer::watched(), engine, 2, 8);
    let kinds: Vec<_> = bench.hits.try_iter().map(|hit| hit.kind).collect();
    assert_eq!(kinds, [HitKind::Watched { line: 0 }]);
    assert_eq!(bench.shared.watch.seen(0), 3);
}

#[test]
fn a_watched_hit_that_finds_no_room_gives_its_place_back() {
    let (task, bench) = task(OneAnswer::watched(), SWEEP, 0);
    let mut worker = Worker::new(task, Box::new(ScriptedEngine::yielding(&[(0, 3, 0)]))).unwrap();
    worker.run().unwrap();
    assert!(!bench.shared.watch.is_full(0));
    assert_eq!(bench.shared.keys_in_flight(), 0);
}

#[test]
fn more_survivors_than_a_lane_holds_are_dropped_and_counted() {
    let many: Vec<_> = (0..100).map(|offset| (0, offset, 0)).collect();
    let (sum, bench) = run(OneAnswer::wanted(), ScriptedEngine::yielding(&many), 1, 8);
    assert_eq!(bench.hits.try_iter().count(), 1);
    assert_eq!(
        sum.lanes[0],
        LaneCounts {
            hits: 1,
            dropped: 99,
            ..LaneCounts::default()
        }
    );
}

#[test]
fn a_measurement_takes_hits_as_a_search_does_but_puts_no_key_together() {
    let (mut task, bench) = task(OneAnswer::wanted(), SWEEP, 8);
    task.sink = HitSink::Discard;
    let engine = ScriptedEngine::yielding(&[(0, 3, 0)]);
    let starts = Arc::clone(&engine.starts);
    Worker::new(task, Box::new(engine)).unwrap().run().unwrap();
    assert!(bench.hits.is_empty());
    assert_eq!(starts.lock().unwrap().len(), 3);
}

#[test]
fn a_target_that_is_published_is_what_the_next_sweep_looks_for() {
    let engine = ScriptedEngine::yielding(&[(0, 4, 0), (1, -4, 0)]);
    let (task, bench) = task(OneAnswer::wanted(), 2 * SWEEP, 4);
    bench
        .shared
        .retarget
        .0
        .publish(Arc::new(OneAnswer::spot_check()));
    let mut worker = Worker::new(task, Box::new(engine)).unwrap();
    worker.run().unwrap();
    let spot_checks: u64 = bench.reports.try_iter().map(|r| r.hits().spot_checks).sum();
    assert!(bench.hits.is_empty() && spot_checks > 0);
}
