//! Tests of replacement with real threads and scripted engines.

use std::collections::VecDeque;
use std::sync::Mutex;

use crossbeam_channel::{Receiver, bounded, unbounded};

use super::*;
use crate::clock::RealClock;
use crate::engine::coarse::Coarse;
use crate::engine::{Centre, EngineError, Survivor};
use crate::health::Verdict;
use crate::health::probe::Readings;
use crate::search::fakes::{OneAnswer, SWEEP, ScriptedEngine};
use crate::search::hit::HitSink;
use crate::search::pool::{Pool, PoolContext};
use crate::search::shared::Shared;
use crate::search::sweep::Sweep;
use crate::search::watchlist_counters::WatchlistCounters;
use crate::supervisor::thread::Supervisor;

/// A probe that can read nothing.
struct Blind;

impl Probe for Blind {
    fn resident(&mut self) -> Option<u64> {
        None
    }

    fn read(&mut self) -> Readings {
        Readings::default()
    }
}

/// A scripted engine that blocks in its third sweep for as long as the other end of its channel lives.
struct Blocking(ScriptedEngine, Option<Receiver<()>>, u32);

impl Sweep for Blocking {
    fn lanes(&self) -> usize {
        self.0.lanes()
    }

    fn candidates_per_sweep(&self) -> u64 {
        self.0.candidates_per_sweep()
    }

    fn set_start(&mut self, lane: usize, start: &Centre) -> Result<(), EngineError> {
        self.0.set_start(lane, start)
    }

    fn sweep(
        &mut self,
        coarse: &Coarse,
        accept: &mut dyn FnMut(Survivor),
    ) -> Result<(), EngineError> {
        self.2 += 1;
        if let Some(blocked) = self.1.as_ref().filter(|_| self.2 == 3) {
            blocked.iter().for_each(drop);
        }
        self.0.sweep(coarse, accept)
    }

    fn buffer_bytes(&self) -> usize {
        0
    }
}

fn crew(candidates: u64, target: OneAnswer) -> PoolContext {
    PoolContext {
        target: Arc::new(target),
        shared: Arc::new(Shared::new(Some(candidates), WatchlistCounters::default())),
        sink: HitSink::Discard,
        clock: Arc::new(RealClock::new()),
        batch_size: Some(SWEEP),
    }
}

/// A beat of any age is fine.
const LONG: Duration = Duration::from_secs(600);

/// A beat of this age is suspicious.
const SHORT: Duration = Duration::from_millis(500);

/// Runs one worker, and those that replace it, to the end; returns all events. The n-th engine is the n-th of these,
/// and then a healthy one; the backends they were asked for go into `asked`.
fn run<S>(
    crew: &PoolContext,
    engines: Vec<S>,
    asked: &Arc<Mutex<Vec<Backend>>>,
    healthy: fn() -> S,
    beat_age: Duration,
) -> Vec<Event>
where
    S: Sweep + Send + 'static,
{
    let engines = Mutex::new(VecDeque::from(engines));
    let noted = Arc::clone(asked);
    let build = move |_, backend| {
        noted.lock().unwrap().push(backend);
        let next = engines.lock().unwrap().pop_front();
        Ok(Box::new(next.unwrap_or_else(healthy)) as Box<dyn Sweep>)
    };
    let pool = Pool::start_on(&[Backend::Avx512Ifma], crew, build).unwrap();
    let watched = Watched {
        workers: 1,
        working: 1,
        cards: 0,
        backend: Backend::Avx512Ifma,
        backends: vec![Backend::Avx512Ifma, Backend::Avx2, Backend::Portable],
        filter: String::new(),
        chance: 1e-9,
        judging: true,
    };
    let thresholds = Thresholds {
        alive_interval: Duration::from_millis(2),
        beat_age,
        clock_jump: Duration::from_secs(3600),
        ..Thresholds::default()
    };
    let core = SupervisorCore::new(
        watched,
        thresholds,
        Box::new(Blind),
        Arc::clone(&crew.clock),
    );
    let (sender, receiver) = unbounded();
    let supervisor = Supervisor::with_core(Arc::clone(&crew.shared), core);
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

fn restarts(events: &[Event]) -> Vec<(String, u64)> {
    let summary = events.iter().find_map(|event| match event {
        Event::HealthSummary(summary) => Some(summary),
        _ => None,
    });
    summary
        .unwrap()
        .totals
        .restarts
        .clone()
        .into_iter()
        .collect()
}

#[test]
fn a_worker_that_panics_is_replaced_and_what_it_tested_still_counts() {
    let panicking = || ScriptedEngine {
        panics_in: Some(4),
        ..ScriptedEngine::default()
    };
    let crew = crew(20 * SWEEP, OneAnswer::default());
    let asked = Arc::default();
    let events = run(
        &crew,
        vec![panicking(), panicking()],
        &asked,
        ScriptedEngine::default,
        LONG,
    );
    assert_eq!(
        restarts(&events),
        [(Verdict::WorkerDead.name().to_owned(), 2)]
    );
    assert_eq!(candidates(&events), 18 * SWEEP);
    assert_eq!(crew.shared.tested(), 18 * SWEEP);
    assert_eq!(*asked.lock().unwrap(), [Backend::Avx512Ifma; 3]);
}

#[test]
fn a_worker_that_blocks_is_left_behind_and_its_late_counts_are_ignored() {
    let (keep, blocked) = bounded(0);
    let hung = Blocking(ScriptedEngine::default(), Some(blocked), 0);
    let crew = crew(50 * SWEEP, OneAnswer::default());
    let events = run(
        &crew,
        vec![hung],
        &Arc::default(),
        || Blocking(ScriptedEngine::default(), None, 0),
        SHORT,
    );
    assert_eq!(
        restarts(&events),
        [(Verdict::WorkerUnresponsive.name().to_owned(), 1)]
    );
    assert_eq!(candidates(&events), 49 * SWEEP);
    drop(keep);
}

#[test]
fn refuted_hits_move_the_worker_to_the_next_backend_gracefully() {
    let wrong = ScriptedEngine::yielding(&[(0, 3, 1 << 20), (1, 4, 1 << 20)]);
    let crew = crew(u64::MAX, OneAnswer::spot_check());
    let asked = Arc::default();
    let shared = Arc::clone(&crew.shared);
    let noted: Arc<Mutex<Vec<Backend>>> = Arc::clone(&asked);
    let stopper = std::thread::spawn(move || {
        while noted.lock().unwrap().len() < 2 {
            std::thread::yield_now();
        }
        shared.stop();
    });
    let events = run(&crew, vec![wrong], &asked, ScriptedEngine::default, LONG);
    stopper.join().unwrap();
    assert_eq!(
        restarts(&events),
        [(Verdict::WrongArithmetic.name().to_owned(), 1)]
    );
    assert_eq!(*asked.lock().unwrap(), [Backend::Avx512Ifma, Backend::Avx2]);
    assert_eq!(candidates(&events), crew.shared.tested());
}

#[cfg(target_os = "linux")]
#[test]
fn a_worker_that_hangs_when_the_search_ends_does_not_delay_its_end() {
    let (keep, blocked) = bounded(0);
    let hung = Blocking(ScriptedEngine::default(), Some(blocked), 0);
    let crew = crew(u64::MAX, OneAnswer::default());
    let shared = Arc::clone(&crew.shared);
    let stopper = std::thread::spawn(move || {
        // Taken once the worker is in the sweep that it hangs in: between two sweeps it would end as it was told.
        keep.send(()).unwrap();
        shared.stop();
        keep
    });
    let healthy = || Blocking(ScriptedEngine::default(), None, 0);
    let events = run(&crew, vec![hung], &Arc::default(), healthy, LONG);
    let keep = stopper.join().unwrap();
    let left = |event: &Event| matches!(event, Event::Health(f) if f.verdict == Verdict::WorkerUnresponsive);
    assert_eq!(events.iter().filter(|event| left(event)).count(), 1);
    drop(keep);
}
