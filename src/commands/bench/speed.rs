//! The speed of a search: candidates a second, and cycles of the core a candidate.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use anyhow::Context;
use meshcore_keygen_gpu::Device;
use serde::{Deserialize, Serialize};

use super::UNKNOWN;
use super::core_clock::CoreClock;
use super::median::{MedianInterval, median};
use super::search::MeasuredSearch;
use super::slices::{Boundary, Slice};
use crate::engine::Backend;
use crate::pattern::Wanted;
use crate::text::number;

/// Slices that a measurement needs of every worker, however short its time.
const LEAST_SLICES: usize = 3;

/// Time between two checks of the elapsed time.
const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// The result of one measurement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Speed {
    pub backend: Cow<'static, str>,
    /// The device, such as "gpu:0", where it is none of the processors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
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
    /// The same median with its 95 % interval; `None` of fewer than six slices too.
    pub cycles_interval: Option<MedianInterval>,
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
) -> anyhow::Result<Speed> {
    let boundary = Boundary::Length(CoreClock::detect());
    let search = MeasuredSearch::plain(wanted, backend, workers, boundary)?;
    take(search, wanted, (backend, None), workers, time)
}

/// The same of a device, whose clock and cycles are not the core's.
///
/// # Errors
/// The device fails or computes wrong results; and see [`measure`].
pub(super) fn measure_device(
    wanted: &Wanted,
    device: &Device,
    time: Duration,
) -> anyhow::Result<Speed> {
    let search = MeasuredSearch::on_device(wanted, device)?;
    take(
        search,
        wanted,
        (Backend::OpenCl, Some(device.word())),
        1,
        time,
    )
}

fn take(
    search: MeasuredSearch,
    wanted: &Wanted,
    (backend, device): (Backend, Option<String>),
    workers: usize,
    time: Duration,
) -> anyhow::Result<Speed> {
    let begin = Instant::now();
    let mut slices = Vec::new();
    while begin.elapsed() < time || !have_enough(&slices, workers) {
        if !search.run_for(POLL_INTERVAL)? {
            break;
        }
        slices.extend(search.slices.try_iter().filter(is_warm));
    }
    slices.extend(search.finish()?.into_iter().filter(is_warm));
    let (candidates_per_second, clock_hz, cycles_per_candidate) =
        summarise(&slices, workers).context("a worker measured nothing")?;
    Ok(Speed {
        backend: backend.name().into(),
        device,
        workers,
        pattern: wanted.describe(),
        candidates_per_second,
        clock_hz,
        cycles_per_candidate,
        cycles_interval: MedianInterval::of(slices.iter().filter_map(Slice::cycles).collect()),
    })
}

/// In a worker's first slice the core wakes up and memory is touched for the first time.
fn is_warm(slice: &Slice) -> bool {
    slice.phase > 0
}

fn have_enough(slices: &[Slice], workers: usize) -> bool {
    let of = |worker| slices.iter().filter(|slice| slice.worker == worker).count();
    (1..=workers).all(|worker| of(worker) >= LEAST_SLICES)
}

/// Candidates a second, clock and cycles a candidate; `None` if a worker has no slice.
fn summarise(slices: &[Slice], workers: usize) -> Option<(f64, Option<f64>, Option<f64>)> {
    let rate_of = |worker| {
        let own = slices.iter().filter(|slice| slice.worker == worker);
        median(&mut own.map(Slice::rate).collect::<Vec<_>>())
    };
    let rates: Option<Vec<f64>> = (1..=workers).map(rate_of).collect();
    let over_all = |figure: fn(&Slice) -> Option<f64>| {
        median(&mut slices.iter().filter_map(figure).collect::<Vec<_>>())
    };
    Some((
        rates?.iter().sum(),
        over_all(|slice| slice.clock_hz),
        over_all(Slice::cycles),
    ))
}

impl Speed {
    /// Its line in the table.
    pub(super) fn row(&self) -> String {
        let known = |text: Option<String>| text.unwrap_or_else(|| UNKNOWN.to_owned());
        let clock = self.clock_hz.map(|hertz| format!("{:.2} GHz", hertz / 1e9));
        let cycles = self.cycles_per_candidate;
        let cycles = cycles.map(|cycles| format!("{cycles:.1}"));
        let rate = number::rate(self.candidates_per_second);
        row([
            self.device.as_deref().unwrap_or(&self.backend),
            &self.workers.to_string(),
            &rate,
            &known(clock),
            &known(cycles),
        ])
    }
}

/// The heading of the table.
pub(super) fn heading() -> String {
    row([
        "backend",
        "workers",
        "candidates",
        "core clock",
        "cycles a candidate",
    ])
}

fn row([backend, workers, rate, clock, cycles]: [&str; 5]) -> String {
    format!("{backend:<12}{workers:>7}{rate:>18}{clock:>14}{cycles:>21}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slice(worker: usize, candidates: u64) -> Slice {
        Slice {
            worker,
            phase: 1,
            candidates,
            wall: Duration::from_secs(1),
            processor: Some(Duration::from_millis(500)),
            clock_hz: Some(2e9),
        }
    }

    #[test]
    fn rates_of_workers_add_up_and_cycles_do_not() {
        let slices = [
            slice(1, 100),
            slice(2, 300),
            slice(1, 100),
            slice(2, 300),
            slice(2, 1),
        ];
        let (rate, clock_hz, cycles) = summarise(&slices, 2).unwrap();
        assert_eq!(rate, 400.0);
        assert_eq!(clock_hz, Some(2e9));
        assert_eq!(cycles, Some(1e7));
    }

    #[test]
    fn a_worker_without_a_slice_is_no_measurement() {
        assert!(summarise(&[slice(1, 1)], 2).is_none());
        assert!(!have_enough(&[slice(1, 1); 9], 2));
        assert!(have_enough(&[slice(1, 1); 9], 1));
    }

    #[test]
    fn what_is_not_known_is_called_unknown_and_null_in_json() {
        let unknown = Speed {
            backend: "avx2".into(),
            device: None,
            workers: 2,
            pattern: "prefix F8".to_owned(),
            candidates_per_second: 1.5e8,
            clock_hz: None,
            cycles_per_candidate: None,
            cycles_interval: None,
        };
        assert_eq!(unknown.row().matches(UNKNOWN).count(), 2);
        let json = serde_json::to_value(&unknown).unwrap();
        assert!(json["clock_hz"].is_null() && json["cycles_per_candidate"].is_null());
        assert_eq!(json["candidates_per_second"], 1.5e8);
        let known = Speed {
            clock_hz: Some(2.5e9),
            cycles_per_candidate: Some(18.04),
            ..unknown.clone()
        };
        assert_eq!(
            [known.row().len(), unknown.row().len()],
            [heading().len(); 2]
        );
    }
}
