//! `keygen bench --overhead`: what supervision costs, measured within one process by switching it on and off.
//!
//! Slices come in the order off, on, on, off, so that a machine that becomes steadily faster or slower favours
//! neither; each ratio is of two neighbours. Supervision that is off takes no calibration samples, recomputes no
//! spot checks, samples nothing and judges nothing; workers still report, and the spot check stays in the vector compare.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde::Serialize;

use super::UNKNOWN;
use super::median::MedianInterval;
use super::search::MeasuredSearch;
use super::slices::{Boundary, Slice};
use crate::engine::Backend;
use crate::pattern::Wanted;

/// Supervision is switched after this time.
const SLICE: Duration = Duration::from_millis(50);

/// Slices that a measurement has at least.
const LEAST_SLICES: u64 = 400;

/// Time after the start that is left out: baselines are learned and the machine is read for the first time.
const WARM_UP: Duration = Duration::from_secs(2);

/// Time with supervision on over which the processor time of all threads is compared.
const THREADS_SPAN: Duration = Duration::from_secs(10);

/// What supervision costs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Overhead {
    pub backend: &'static str,
    /// Workers at the same time.
    pub workers: usize,
    /// What the filter looked for.
    pub pattern: String,
    /// Slices that were measured.
    pub slices: u64,
    /// Candidates a second of the workers' processor time, with supervision over without.
    pub ratio_by_processor: Option<MedianInterval>,
    /// Candidates a second of wall time, with supervision over without.
    pub ratio_by_wall: Option<MedianInterval>,
    /// Processor time of all threads but the workers as a share of all, with supervision; `None`: unknown here.
    pub other_threads_share: Option<f64>,
}

/// Measures for about `time`, and for at least 400 slices.
///
/// # Errors
/// The system refuses a thread, a worker ends by itself, or the engine computes something wrong.
pub(super) fn measure(
    wanted: &Wanted,
    backend: Backend,
    workers: usize,
    time: Duration,
) -> anyhow::Result<Overhead> {
    let phase = Arc::new(AtomicU64::new(0));
    let boundary = Boundary::Phase(Arc::clone(&phase));
    let search = MeasuredSearch::supervised(wanted, backend, workers, boundary)?;
    search.run_for(WARM_UP)?;
    let before = thread_times();
    search.run_for(THREADS_SPAN)?;
    let times = before.zip(thread_times());
    let others = times.and_then(|(before, after)| after.others_share(before));
    let phases = toggle(&search, &phase, time)?;
    let mut slices = search.finish()?;
    slices.retain(|slice| (1..=phases).contains(&slice.phase));
    Ok(Overhead {
        backend: backend.name(),
        workers,
        pattern: wanted.describe(),
        slices: phases,
        ratio_by_processor: ratios(&slices, phases, |slice| slice.processor),
        ratio_by_wall: ratios(&slices, phases, |slice| Some(slice.wall)),
        other_threads_share: others,
    })
}

/// Switches supervision; phases count from 1. Returns how many there were.
fn toggle(search: &MeasuredSearch, phase: &AtomicU64, time: Duration) -> anyhow::Result<u64> {
    let begin = Instant::now();
    let mut current = 0;
    while current < LEAST_SLICES || begin.elapsed() < time || !current.is_multiple_of(4) {
        current += 1;
        search.shared.set_supervised(is_supervised(current));
        phase.store(current, Ordering::Relaxed);
        search.run_for(SLICE)?;
    }
    phase.store(current + 1, Ordering::Relaxed);
    search.shared.set_supervised(true);
    search.run_for(SLICE)?;
    Ok(current)
}

/// Off, on, on, off, from phase 1 on.
fn is_supervised(phase: u64) -> bool {
    matches!(phase % 4, 2 | 3)
}

/// The median over pairs of neighbours of the rate with supervision over that without.
fn ratios(
    slices: &[Slice],
    phases: u64,
    time: fn(&Slice) -> Option<Duration>,
) -> Option<MedianInterval> {
    let mut sums = vec![(0.0, 0.0); usize::try_from(phases).ok()? + 1];
    for slice in slices {
        let sum = sums.get_mut(usize::try_from(slice.phase).ok()?)?;
        sum.0 += slice.candidates as f64;
        sum.1 += time(slice)?.as_secs_f64();
    }
    let rate = |phase: u64| {
        let (candidates, seconds) = *sums.get(usize::try_from(phase).ok()?)?;
        (seconds > 0.0 && candidates > 0.0).then(|| candidates / seconds)
    };
    let ratio = |pair: u64| {
        let (first, second) = (2 * pair + 1, 2 * pair + 2);
        let (a, b) = (rate(first)?, rate(second)?);
        Some(if is_supervised(first) { a / b } else { b / a })
    };
    MedianInterval::of((0..phases / 2).filter_map(ratio).collect())
}

impl fmt::Display for Overhead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (by_processor, by_wall) = (
            ratio_text(self.ratio_by_processor),
            ratio_text(self.ratio_by_wall),
        );
        let share = self.other_threads_share;
        let share = share.map_or(UNKNOWN.to_owned(), |share| {
            format!("{:.3} %", 100.0 * share)
        });
        writeln!(f, "pattern: {}", self.pattern)?;
        writeln!(
            f,
            "{}, workers: {}, {} slices of {} ms, supervision off, on, on, off, ...\n",
            self.backend,
            self.workers,
            self.slices,
            SLICE.as_millis()
        )?;
        writeln!(
            f,
            "candidates a processor second, with supervision over without: {by_processor}"
        )?;
        writeln!(
            f,
            "candidates a second, with supervision over without:           {by_wall}"
        )?;
        write!(
            f,
            "processor time of all threads but the workers:                {share} of the total"
        )
    }
}

fn ratio_text(interval: Option<MedianInterval>) -> String {
    interval.map_or_else(
        || UNKNOWN.to_owned(),
        |i| format!("{:.4} (95 %: {:.4} to {:.4})", i.median, i.low, i.high),
    )
}

/// Processor time of this process's threads so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct ThreadTimes {
    /// Of threads that search.
    workers: Duration,
    /// Of all others.
    others: Duration,
}

impl ThreadTimes {
    /// The others' share of all since `earlier`.
    fn others_share(self, earlier: Self) -> Option<f64> {
        let others = self.others.saturating_sub(earlier.others).as_secs_f64();
        let workers = self.workers.saturating_sub(earlier.workers).as_secs_f64();
        (others + workers > 0.0).then(|| others / (others + workers))
    }
}

/// The times of all threads that live, by /proc/self/task/TID/schedstat, whose first figure is nanoseconds on a
/// processor (see the kernel's documentation of scheduler statistics); `None` where the system has no such file.
fn thread_times() -> Option<ThreadTimes> {
    let mut times = ThreadTimes::default();
    for entry in std::fs::read_dir("/proc/self/task").ok()? {
        let folder = entry.ok()?.path();
        // The thread has ended meanwhile.
        let Ok(text) = std::fs::read_to_string(folder.join("schedstat")) else {
            continue;
        };
        let name = std::fs::read_to_string(folder.join("comm")).unwrap_or_default();
        let used = Duration::from_nanos(text.split_whitespace().next()?.parse().ok()?);
        if name.starts_with(crate::search::pool::THREAD_NAME) {
            times.workers += used;
        } else {
            times.others += used;
        }
    }
    (times != ThreadTimes::default()).then_some(times)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slice(phase: u64, candidates: u64) -> Slice {
        Slice {
            worker: 1,
            phase,
            candidates,
            wall: SLICE,
            processor: Some(SLICE),
            clock_hz: None,
        }
    }

    #[test]
    fn a_ratio_is_of_two_neighbours_whatever_the_machine_does_meanwhile() {
        // The machine becomes faster by the slice, and supervision takes 1 %.
        let speed = |pair: u64| 1_000_000.0 * (1.0 + 0.001 * (pair / 2 * 2) as f64);
        let cost = |phase| if is_supervised(phase) { 0.99 } else { 1.0 };
        let candidates = |phase: u64| (speed((phase - 1) / 2) * cost(phase)) as u64;
        let slices: Vec<_> = (1..=400)
            .flat_map(|phase| {
                [
                    slice(phase, candidates(phase)),
                    slice(phase, candidates(phase)),
                ]
            })
            .collect();
        let interval = ratios(&slices, 400, |slice| slice.processor).unwrap();
        assert!((interval.median - 0.99).abs() < 1e-3, "{interval:?}");
        assert!(
            interval.low <= 0.9901 && interval.high >= 0.9899,
            "{interval:?}"
        );
    }

    #[test]
    fn slices_come_in_an_order_that_favours_neither() {
        let order: Vec<bool> = (1..=8).map(is_supervised).collect();
        assert_eq!(order, [false, true, true, false, false, true, true, false]);
    }

    #[test]
    fn where_processor_time_is_not_known_there_is_no_ratio() {
        let unknown = Slice {
            processor: None,
            ..slice(1, 10)
        };
        assert_eq!(ratios(&[unknown], 400, |slice| slice.processor), None);
    }

    #[test]
    fn the_share_of_the_others_is_of_the_time_since_then() {
        let times = |workers, others| ThreadTimes {
            workers: Duration::from_secs(workers),
            others: Duration::from_secs(others),
        };
        assert_eq!(times(109, 3).others_share(times(10, 2)), Some(0.01));
        assert_eq!(times(10, 2).others_share(times(10, 2)), None);
    }
}
