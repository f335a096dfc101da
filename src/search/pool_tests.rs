//! Tests of the workers' threads and of the supervisor that reads their reports.

use super::*;
use crate::clock::RealClock;
use crate::engine::Backend;
use crate::event::Event;
use crate::search::fakes::{OneAnswer, SWEEP, ScriptedEngine};
use crate::search::watchlist_counters::WatchlistCounters;
use crate::supervisor::thread::Supervisor;

fn crew(candidates: u64) -> PoolContext {
    PoolContext {
        target: Arc::new(OneAnswer::default()),
        shared: Arc::new(Shared::new(Some(candidates), WatchlistCounters::default())),
        sink: HitSink::Discard,
        clock: Arc::new(RealClock::new()),
        batch_size: Some(SWEEP),
    }
}

/// Runs a pool to its end under a supervisor; returns all events.
fn events<F>(workers: usize, crew: &PoolContext, build: F) -> Vec<Event>
where
    F: Fn() -> Result<ScriptedEngine, EngineError> + Send + Sync + 'static,
{
    let backends = vec![Backend::Portable; workers];
    let pool = Pool::start_on(&backends, crew, move |_, _| Ok(Box::new(build()?))).unwrap();
    let (sender, receiver) = unbounded();
    let supervisor = Supervisor::new(Arc::clone(&crew.shared));
    supervisor.start(pool, sender).unwrap().join().unwrap();
    receiver.into_iter().collect()
}

fn candidates(events: &[Event]) -> u64 {
    let of = |event: &Event| match event {
        Event::Batch(report) => report.candidates,
        _ => 0,
    };
    events.iter().map(of).sum()
}

fn ends(events: &[Event]) -> Vec<&WorkerEnd> {
    let mut ends = Vec::new();
    for event in events {
        if let Event::WorkerEnded { end, .. } = event {
            ends.push(end);
        }
    }
    ends
}

#[test]
fn workers_share_a_budget_and_every_candidate_is_reported_once() {
    let crew = crew(1000 * SWEEP + 1);
    let events = events(3, &crew, || Ok(ScriptedEngine::default()));
    assert_eq!(candidates(&events), 1001 * SWEEP);
    assert_eq!(crew.shared.tested(), 1001 * SWEEP);
    assert_eq!(ends(&events), [&WorkerEnd::BudgetSpent; 3]);
    assert!(matches!(events.last(), Some(Event::WorkersDone)));
}

#[test]
fn a_worker_that_panics_is_noticed_and_what_it_tested_still_counts() {
    let crew = crew(u64::MAX);
    let build = || {
        Ok(ScriptedEngine {
            panics_in: Some(4),
            ..ScriptedEngine::default()
        })
    };
    let events = events(1, &crew, build);
    assert_eq!(candidates(&events), 3 * SWEEP);
    let [WorkerEnd::Panicked(text)] = ends(&events)[..] else {
        panic!("{events:?}")
    };
    assert!(text.contains("scripted panic"));
}

#[test]
fn an_engine_that_can_not_be_built_is_a_dead_worker_with_a_reason() {
    let crew = crew(u64::MAX);
    let events = events(1, &crew, || Err(EngineError::Unsupported(Backend::Avx2)));
    let [WorkerEnd::EngineFailed(text)] = ends(&events)[..] else {
        panic!("{events:?}")
    };
    assert!(text.contains("avx2"));
}

#[test]
fn workers_that_are_told_to_stop_do() {
    let crew = crew(u64::MAX);
    crew.shared.stop();
    let events = events(2, &crew, || Ok(ScriptedEngine::default()));
    assert_eq!(ends(&events), [&WorkerEnd::Stopped; 2]);
}

#[test]
fn hits_that_the_engine_got_wrong_are_told_apart_from_the_totals() {
    let mut crew = crew(SWEEP);
    crew.target = Arc::new(OneAnswer::spot_check());
    let events = events(1, &crew, || Ok(ScriptedEngine::yielding(&[(1, 2, 1)])));
    assert!(events.iter().any(|e| matches!(
        e,
        Event::EngineError {
            lane: 1,
            count: 1,
            ..
        }
    )));
}
