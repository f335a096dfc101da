//! `keygen bench --overhead`: what supervision costs, measured within one process by switching it on and off.
//!
//! Slices come in the order off, on, on, off, so that a machine that becomes steadily faster or slower favours
//! neither; each ratio is of two neighbours. Supervision that is off takes no calibration samples, recomputes no
//! spot checks, looks at nothing and judges nothing; reports go on, and the spot check stays in the vector compare.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

use super::ratio::Median;
use super::threads::{self, Times};
use super::toggled::{Part, Toggled};
use crate::clock::RealClock;
use crate::engine::Backend;
use crate::engine::table::{DEFAULT_POINTS, Table};
use crate::event::Event;
use crate::health::probe::SystemProbe;
use crate::health::{Thresholds, Watched};
use crate::pattern::Wanted;
use crate::search::hit::HitSink;
use crate::search::instrument::Instrumented;
use crate::search::pool::{Pool, PoolContext};
use crate::search::shared::Shared;
use crate::search::target::spot_check_bits;
use crate::search::target::{PatternTarget, Target};
use crate::search::watchlist_counters::WatchlistCounters;
use crate::supervisor::core::SupervisorCore;
use crate::supervisor::thread::Supervisor;

/// Supervision is switched after this time.
pub(crate) const SLICE: Duration = Duration::from_millis(50);

/// Slices that a measurement has at least.
pub(crate) const LEAST_SLICES: u64 = 400;

/// Time after the start that is left out: baselines are learned and the machine is read for the first time.
const WARM_UP: Duration = Duration::from_secs(2);

/// Time with supervision on over which the processor time of all threads is compared.
const THREADS_SPAN: Duration = Duration::from_secs(10);

/// Events that may wait, and how often they are taken.
const EVENTS: usize = 1024;
const TICK: Duration = Duration::from_millis(50);

/// What supervision costs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Overhead {
    /// The arithmetic.
    pub backend: Backend,
    /// Workers at the same time.
    pub workers: usize,
    /// What the filter looked for.
    pub pattern: String,
    /// Slices that were measured.
    pub slices: u64,
    /// Candidates a second of the workers' processor time, with supervision over without.
    pub by_processor: Option<Median>,
    /// Candidates a second of wall time, with supervision over without.
    pub by_wall: Option<Median>,
    /// Processor time of all threads but the workers as a share of all, with supervision; `None`: unknown here.
    pub others_share: Option<f64>,
}

/// Measures for about `time`, and for at least 400 slices.
///
/// # Errors
/// The system refuses a thread.
pub(crate) fn measure(
    wanted: &Wanted,
    backend: Backend,
    workers: usize,
    time: Duration,
) -> anyhow::Result<Overhead> {
    let failed = |error| anyhow::anyhow!("the measurement could not start: {error}");
    let shared = Arc::new(Shared::new(None, WatchlistCounters::default()));
    let phase = Arc::new(AtomicU64::new(0));
    let (sender, parts) = unbounded();
    let events = start(wanted, backend, workers, &shared, (&phase, sender)).map_err(failed)?;
    drain_for(&events, WARM_UP);
    let before = threads::read();
    drain_for(&events, THREADS_SPAN);
    let others_share = others_share(before, threads::read());
    let slices = toggle(&shared, &phase, &events, time);
    shared.stop();
    drain_for(&events, Duration::MAX);
    let parts: Vec<Part> = parts
        .try_iter()
        .filter(|p| (1..=slices).contains(&p.phase))
        .collect();
    Ok(Overhead {
        backend,
        workers,
        pattern: wanted.describe(),
        slices,
        by_processor: ratios(&parts, slices, |part| part.processor),
        by_wall: ratios(&parts, slices, |part| Some(part.wall)),
        others_share,
    })
}

fn others_share(before: Option<Times>, after: Option<Times>) -> Option<f64> {
    after?.others_share(before?)
}

/// Switches supervision; phases count from 1. Returns how many there were.
fn toggle(shared: &Shared, phase: &AtomicU64, events: &Receiver<Event>, time: Duration) -> u64 {
    let begin = Instant::now();
    let mut slice = 0;
    while slice < LEAST_SLICES || (begin.elapsed() < time || !slice.is_multiple_of(4)) {
        slice += 1;
        shared.set_supervised(is_supervised(slice));
        phase.store(slice, Ordering::Relaxed);
        drain_for(events, SLICE);
    }
    phase.store(slice + 1, Ordering::Relaxed);
    shared.set_supervised(true);
    drain_for(events, SLICE);
    slice
}

/// Off, on, on, off, from slice 1 on.
fn is_supervised(slice: u64) -> bool {
    matches!(slice % 4, 2 | 3)
}

/// Takes events for so long, or until the last one.
fn drain_for(events: &Receiver<Event>, time: Duration) {
    let begin = Instant::now();
    while let Some(left) = time
        .checked_sub(begin.elapsed())
        .filter(|left| !left.is_zero())
    {
        match events.recv_timeout(left.min(TICK)) {
            Ok(Event::WorkersDone) => return,
            Err(error) if error.is_disconnected() => return,
            _ => {}
        }
    }
}

/// The median over pairs of neighbours of the rate with supervision over that without.
fn ratios(parts: &[Part], slices: u64, time: fn(&Part) -> Option<Duration>) -> Option<Median> {
    let mut sums = vec![(0.0, 0.0); usize::try_from(slices).ok()? + 1];
    for part in parts {
        let sum = sums.get_mut(usize::try_from(part.phase).ok()?)?;
        sum.0 += part.candidates as f64;
        sum.1 += time(part)?.as_secs_f64();
    }
    let rate = |slice: u64| {
        let (candidates, seconds) = *sums.get(usize::try_from(slice).ok()?)?;
        (seconds > 0.0 && candidates > 0.0).then(|| candidates / seconds)
    };
    let ratio = |pair: u64| {
        let (first, second) = (2 * pair + 1, 2 * pair + 2);
        let (a, b) = (rate(first)?, rate(second)?);
        Some(if is_supervised(first) { a / b } else { b / a })
    };
    Median::of((0..slices / 2).filter_map(ratio).collect())
}

/// Starts the threads of a supervised search without a saver.
fn start(
    wanted: &Wanted,
    backend: Backend,
    workers: usize,
    shared: &Arc<Shared>,
    (phase, parts): (&Arc<AtomicU64>, Sender<Part>),
) -> io::Result<Receiver<Event>> {
    let target = PatternTarget::new(wanted.clone(), None, spot_check_bits(backend));
    let watched = Watched {
        workers,
        working: workers,
        backend,
        backends: Backend::supported(),
        filter: format!("{:?}", target.coarse()),
        chance: target.filter().spot_check().probability(),
        judging: true,
    };
    let crew = PoolContext {
        target: Arc::new(target),
        shared: Arc::clone(shared),
        sink: HitSink::Discard,
        clock: Arc::new(RealClock::new()),
        batch_size: None,
    };
    let probe = Box::new(SystemProbe::new(std::env::temp_dir()));
    let core = SupervisorCore::new(
        watched,
        Thresholds::default(),
        probe,
        Arc::clone(&crew.clock),
    );
    let table = Arc::new(Table::new(DEFAULT_POINTS));
    let phase = Arc::clone(phase);
    let build = move |_, backend| {
        let engine = Instrumented::new(backend, Arc::clone(&table))?;
        Ok(Toggled::new(engine, Arc::clone(&phase), parts.clone()))
    };
    let (sender, events) = bounded(EVENTS);
    let pool = Pool::start_on(backend, workers, &crew, build)?;
    let started = Supervisor::with_core(Arc::clone(shared), core).start(pool, sender);
    started.inspect_err(|_| shared.stop())?;
    Ok(events)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(phase: u64, candidates: u64) -> Part {
        Part {
            phase,
            candidates,
            wall: SLICE,
            processor: Some(SLICE),
        }
    }

    #[test]
    fn a_ratio_is_of_two_neighbours_whatever_the_machine_does_meanwhile() {
        // The machine becomes faster by the slice, and supervision takes 1 %.
        let speed = |slice: u64| 1_000_000.0 * (1.0 + 0.001 * (slice / 2 * 2) as f64);
        let cost = |slice| if is_supervised(slice) { 0.99 } else { 1.0 };
        let candidates = |slice: u64| (speed((slice - 1) / 2) * cost(slice)) as u64;
        let parts: Vec<_> = (1..=400)
            .flat_map(|slice| {
                [
                    part(slice, candidates(slice)),
                    part(slice, candidates(slice)),
                ]
            })
            .collect();
        let median = ratios(&parts, 400, |part| part.processor).unwrap();
        assert!((median.value - 0.99).abs() < 1e-3, "{median:?}");
        assert!(median.low <= 0.9901 && median.high >= 0.9899, "{median:?}");
    }

    #[test]
    fn slices_come_in_an_order_that_favours_neither() {
        let order: Vec<bool> = (1..=8).map(is_supervised).collect();
        assert_eq!(order, [false, true, true, false, false, true, true, false]);
    }

    #[test]
    fn where_processor_time_is_not_known_there_is_no_ratio() {
        let unknown = Part {
            processor: None,
            ..part(1, 10)
        };
        assert_eq!(ratios(&[unknown], 400, |part| part.processor), None);
    }
}
