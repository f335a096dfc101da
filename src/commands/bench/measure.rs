//! One measurement: the search's own pool, workers and supervisor, with engines that are cut into slices.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded, unbounded};

use super::core_clock::CoreClock;
use super::slice::{Slice, Sliced};
use crate::batch::WorkerEnd;
use crate::clock::RealClock;
use crate::engine::table::{DEFAULT_POINTS, Table};
use crate::engine::{Backend, Sweeper};
use crate::event::Event;
use crate::pattern::Wanted;
use crate::search::hit::HitSink;
use crate::search::pool::{Pool, PoolContext};
use crate::search::shared::Shared;
use crate::search::target::PatternTarget;
use crate::search::target::spot_check_bits;
use crate::search::watchlist_counters::WatchlistCounters;
use crate::supervisor::thread::Supervisor;

/// Slices of every worker that a measurement needs, however little time it is given.
const LEAST_SLICES: usize = 3;

/// Events that may wait.
const EVENTS: usize = 1024;

/// How often the measurement looks at the time.
const TICK: Duration = Duration::from_millis(10);

/// What one measurement came to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Figure {
    /// The arithmetic.
    pub backend: Backend,
    /// Workers at the same time.
    pub workers: usize,
    /// What the filter looked for.
    pub pattern: String,
    /// Candidates a second of wall time: the sum over the workers of each one's median slice.
    pub candidates_per_second: f64,
    /// The core's clock in cycles a second: the median slice; `None` where it can't be measured.
    pub clock_hz: Option<f64>,
    /// Cycles of the core a candidate, by processor time: the median slice; `None` without a clock.
    pub cycles_per_candidate: Option<f64>,
}

/// Lets `workers` workers search for `wanted` for about `time`; no key is kept.
///
/// # Errors
/// The system refuses a thread, a worker ends by itself, or the engine computes something wrong.
pub(crate) fn measure(
    wanted: &Wanted,
    backend: Backend,
    workers: usize,
    time: Duration,
) -> anyhow::Result<Figure> {
    let shared = Arc::new(Shared::new(None, WatchlistCounters::default()));
    let (sender, slices) = unbounded();
    let events = start(wanted, backend, workers, &shared, sender)
        .map_err(|error| anyhow::anyhow!("the measurement could not start: {error}"))?;
    let begin = Instant::now();
    let mut taken = Vec::new();
    let mut done = false;
    while !done {
        taken.extend(slices.try_iter());
        if begin.elapsed() >= time && have_enough(&taken, workers) {
            shared.stop();
        }
        match events.recv_timeout(TICK) {
            Ok(event) => done = is_last(&event, &shared)?,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    taken.extend(slices.try_iter());
    summarise(&taken, backend, workers, wanted.describe())
}

/// Starts the threads of a search without a saver.
fn start(
    wanted: &Wanted,
    backend: Backend,
    workers: usize,
    shared: &Arc<Shared>,
    slices: Sender<Slice>,
) -> io::Result<Receiver<Event>> {
    let crew = PoolContext {
        target: Arc::new(PatternTarget::new(
            wanted.clone(),
            None,
            spot_check_bits(backend),
        )),
        shared: Arc::clone(shared),
        sink: HitSink::Discard,
        clock: Arc::new(RealClock::new()),
        batch_size: None,
    };
    let table = Arc::new(Table::new(DEFAULT_POINTS));
    let clock = CoreClock::detect();
    let number = AtomicUsize::new(0);
    let build = move || {
        let engine = Sweeper::new(backend, Arc::clone(&table))?;
        let number = number.fetch_add(1, Ordering::Relaxed);
        Ok(Sliced::new(engine, number, clock, slices.clone()))
    };
    let (event_sender, events) = bounded(EVENTS);
    let pool = Pool::start(workers, &crew, build)?;
    let started = Supervisor::new(workers, Arc::clone(shared)).start(pool, event_sender);
    started.inspect_err(|_| shared.stop())?;
    Ok(events)
}

/// Whether all workers have ended as they were told to; anything that spoils the measurement stops it.
fn is_last(event: &Event, shared: &Shared) -> anyhow::Result<bool> {
    let trouble = match event {
        Event::WorkersDone => return Ok(true),
        Event::WorkerEnded {
            end: WorkerEnd::Stopped,
            ..
        } => return Ok(false),
        Event::WorkerEnded { id, end } => format!("worker {} ended by itself: {end:?}", id.worker),
        Event::EngineError { lane, count, .. } => {
            format!("the engine computed something wrong: {count} hits of lane {lane} were refuted")
        }
        _ => return Ok(false),
    };
    shared.stop();
    Err(anyhow::Error::msg(trouble))
}

fn have_enough(slices: &[Slice], workers: usize) -> bool {
    let of = |engine| slices.iter().filter(|slice| slice.engine == engine).count();
    (0..workers).all(|engine| of(engine) >= LEAST_SLICES)
}

fn summarise(
    slices: &[Slice],
    backend: Backend,
    workers: usize,
    pattern: String,
) -> anyhow::Result<Figure> {
    let rate_of = |engine| {
        let own = slices.iter().filter(|slice| slice.engine == engine);
        median(own.map(Slice::rate).collect())
    };
    let rates: Option<Vec<f64>> = (0..workers).map(rate_of).collect();
    let rates = rates.ok_or_else(|| anyhow::anyhow!("a worker measured nothing"))?;
    Ok(Figure {
        backend,
        workers,
        pattern,
        candidates_per_second: rates.iter().sum(),
        clock_hz: median(slices.iter().filter_map(|slice| slice.clock_hz).collect()),
        cycles_per_candidate: median(slices.iter().filter_map(Slice::cycles).collect()),
    })
}

/// The median, or `None` of nothing.
fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let upper = values.get(values.len() / 2)?;
    let lower = values.get(values.len().saturating_sub(1) / 2)?;
    Some((lower + upper) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slice(engine: usize, candidates: u64) -> Slice {
        Slice {
            engine,
            candidates,
            wall: Duration::from_secs(1),
            processor: Some(Duration::from_millis(500)),
            clock_hz: Some(2e9),
        }
    }

    #[test]
    fn the_median_of_an_even_number_lies_between_the_two_in_the_middle() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![5.0, 1.0, 3.0]), Some(3.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 9.0]), Some(3.0));
    }

    #[test]
    fn rates_of_workers_add_up_and_cycles_do_not() {
        let slices = [
            slice(0, 100),
            slice(1, 300),
            slice(0, 100),
            slice(1, 300),
            slice(1, 1),
        ];
        let figure = summarise(&slices, Backend::Portable, 2, String::new()).unwrap();
        assert_eq!(figure.candidates_per_second, 400.0);
        assert_eq!(figure.clock_hz, Some(2e9));
        assert_eq!(figure.cycles_per_candidate, Some(1e7));
    }

    #[test]
    fn a_worker_without_a_slice_is_no_measurement() {
        assert!(summarise(&[slice(0, 1)], Backend::Portable, 2, String::new()).is_err());
        assert!(!have_enough(&[slice(0, 1); 9], 2));
        assert!(have_enough(&[slice(0, 1); 9], 1));
    }
}
