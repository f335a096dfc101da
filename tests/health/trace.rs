//! The judgement on a trace of a real machine: nobody is restarted for its noise, and a worker that is slowed is seen.
//!
//! The trace was recorded on a shared virtual machine with two cores while compilers ran beside the search:
//! `TRACE=tests/data/trace.txt cargo test --release --test promises health::trace::record -- --ignored`. A line is a batch
//! report: milliseconds since the start, worker, candidates, microseconds of wall time and of processor time, spot checks by
//! lane, and the calibration samples in nanoseconds.

use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant, UNIX_EPOCH};

use crossbeam_channel::bounded;
use meshcore_keygen::engine::Backend;
use meshcore_keygen::engine::table::{DEFAULT_POINTS, Table};
use meshcore_keygen::testing::Event;
use meshcore_keygen::testing::HitSink;
use meshcore_keygen::testing::Instrumented;
use meshcore_keygen::testing::PatternTarget;
use meshcore_keygen::testing::RealClock;
use meshcore_keygen::testing::Shared;
use meshcore_keygen::testing::Supervisor;
use meshcore_keygen::testing::ThreadSample;
use meshcore_keygen::testing::WatchlistCounters;
use meshcore_keygen::testing::pattern::{Request, Wanted};
use meshcore_keygen::testing::spot_check_bits;
use meshcore_keygen::testing::{ActionTaken, Decision, Monitor, Thresholds, Verdict, Watched};
use meshcore_keygen::testing::{BatchReport, LaneCounts, WorkerId};
use meshcore_keygen::testing::{Pool, PoolContext};

/// How long a recording takes.
const RECORDING: Duration = Duration::from_secs(600);

/// Time between two ticks of the supervisor.
const TICK: u64 = 250;

/// Workers of the trace.
const WORKERS: usize = 2;

/// A report and the milliseconds since the start at which it came.
type Line = (u64, BatchReport);

fn write(line: &Line) -> String {
    let (at, report) = line;
    let numbers = |numbers: Vec<u64>| {
        let texts: Vec<_> = numbers.iter().map(u64::to_string).collect();
        texts.join(",")
    };
    let mut text = String::new();
    let spot_checks = report.lanes.iter().map(|lane| lane.spot_checks).collect();
    let calibration = report.calibration.iter().map(|t| t.as_nanos() as u64);
    write!(
        text,
        "{at} {} {} {} {} {} {}",
        report.id.worker,
        report.candidates,
        report.wall.as_micros(),
        report.processor.unwrap().as_micros(),
        numbers(spot_checks),
        numbers(calibration.collect()),
    )
    .unwrap();
    text
}

fn read(text: &str) -> Line {
    let fields: Vec<_> = text.split(' ').collect();
    let number = |at: usize| fields[at].parse::<u64>().unwrap();
    let numbers = |at: usize| -> Vec<u64> {
        let texts = fields[at].split(',').filter(|text| !text.is_empty());
        texts.map(|text| text.parse().unwrap()).collect()
    };
    let lane = |spot_checks| LaneCounts {
        spot_checks,
        ..LaneCounts::default()
    };
    let report = BatchReport {
        id: WorkerId {
            worker: number(1) as usize,
            generation: 0,
        },
        batches: 1,
        candidates: number(2),
        wall: Duration::from_micros(number(3)),
        processor: Some(Duration::from_micros(number(4))),
        lanes: numbers(5).into_iter().map(lane).collect(),
        calibration: numbers(6).into_iter().map(Duration::from_nanos).collect(),
        ..BatchReport::default()
    };
    (number(0), report)
}

fn trace() -> Vec<Line> {
    include_str!("../data/trace.txt")
        .lines()
        .map(read)
        .collect()
}

fn target() -> PatternTarget {
    let request = Request {
        prefixes: vec!["C0FFEE1234567".to_owned()],
        ..Request::default()
    };
    let (wanted, _) = Wanted::new(request).unwrap();
    PatternTarget::new(wanted, None, spot_check_bits(Backend::Avx512Ifma))
}

fn watched() -> Watched {
    Watched {
        workers: WORKERS,
        working: WORKERS,
        cards: 0,
        backend: Backend::Avx512Ifma,
        backends: vec![Backend::Avx512Ifma, Backend::Avx2, Backend::Portable],
        filter: "prefix".to_owned(),
        chance: target().filter().spot_check().probability(),
        judging: true,
    }
}

/// Restarts that the supervisor would order, each with its time in milliseconds, if worker 1 were slowed to a share of
/// its speed from a time on.
fn replay(trace: &[Line], slowed: Option<(u64, f64)>) -> Vec<(Verdict, u64)> {
    let mut monitor = Monitor::new(watched(), Thresholds::default(), Duration::ZERO, UNIX_EPOCH);
    let mut looks = [ThreadSample {
        beats: 0,
        processor: Some(Duration::ZERO),
        blocked: Some(false),
    }; WORKERS];
    let mut restarts = Vec::new();
    let mut next_tick = TICK;
    for (at, report) in trace {
        let mut decisions = Vec::new();
        while next_tick <= *at {
            let now = Duration::from_millis(next_tick);
            decisions.extend(monitor.tick(&looks, now, UNIX_EPOCH + now));
            next_tick += TICK;
        }
        let mut report = report.clone();
        let acts = |(from, _): &(u64, f64)| report.id.worker == 1 && at >= from;
        if let Some((_, factor)) = slowed.filter(acts) {
            report.candidates = (report.candidates as f64 * factor) as u64;
        }
        let look = &mut looks[report.id.worker - 1];
        look.beats += 1;
        look.processor = look.processor.zip(report.processor).map(|(a, b)| a + b);
        decisions.extend(monitor.report(&report, Duration::from_millis(*at)));
        restarts.extend(decisions.into_iter().filter_map(|decision| match decision {
            Decision::Report(finding)
                if matches!(finding.action, ActionTaken::Restarting { .. }) =>
            {
                Some((finding.verdict, *at))
            }
            _ => None,
        }));
    }
    restarts
}

#[test]
fn the_noise_of_a_real_machine_restarts_nobody() {
    let trace = trace();
    assert!(trace.last().unwrap().0 > 500_000, "the trace is too short");
    assert_eq!(replay(&trace, None), []);
}

/// The trace as it would have been without other programs: each worker's time is its processor time. What its speed
/// and its calibration did meanwhile stays.
///
/// In the trace itself the workers have a third of a processor, which is contention whatever else is wrong.
fn alone(trace: &[Line]) -> Vec<Line> {
    let mut clocks = [Duration::ZERO; WORKERS];
    let mut lines: Vec<Line> = (trace.iter())
        .map(|(_, report)| {
            let mut report = report.clone();
            report.wall = report.processor.unwrap();
            let clock = &mut clocks[report.id.worker - 1];
            *clock += report.wall;
            (clock.as_millis() as u64, report)
        })
        .collect();
    let both = clocks.into_iter().min().unwrap().as_millis() as u64;
    lines.retain(|(at, _)| *at <= both);
    lines.sort_by_key(|(at, _)| *at);
    lines
}

#[test]
fn a_worker_that_is_slowed_on_a_real_machine_is_seen() {
    let trace = alone(&trace());
    let last = trace.last().unwrap().0;
    assert!(last > 100_000, "only {last} ms");
    assert_eq!(replay(&trace, None), []);
    let onsets: Vec<u64> = (15_000..last - 30_000).step_by(750).collect();
    let mut times = Vec::new();
    for onset in &onsets {
        let restarts = replay(&trace, Some((*onset, 0.6)));
        let first = restarts.first();
        let seen = first.filter(|(verdict, at)| *verdict == Verdict::WorkerDegraded && at >= onset);
        times.extend(seen.map(|(_, at)| at - onset));
    }
    times.sort_unstable();
    let (seen, all) = (times.len(), onsets.len());
    let (median, longest) = (times.get(seen / 2), times.last());
    eprintln!("{seen} of {all} seen, after {median:?} ms in the median, {longest:?} at most");
    assert!(all >= 100 && seen * 100 >= all * 99, "{seen} of {all}");
}

#[test]
#[ignore = "records for ten minutes into the file that TRACE names"]
fn record() {
    let path = std::env::var_os("TRACE").unwrap();
    let shared = Arc::new(Shared::new(None, WatchlistCounters::new(0, 1)));
    let crew = PoolContext {
        target: Arc::new(target()),
        shared: Arc::clone(&shared),
        sink: HitSink::Discard,
        clock: Arc::new(RealClock::new()),
        batch_size: None,
    };
    let table = Arc::new(Table::new(DEFAULT_POINTS));
    let pool = Pool::start_on(&[Backend::detect(); WORKERS], &crew, move |_, backend| {
        Ok(Box::new(Instrumented::new(backend, Arc::clone(&table))?))
    })
    .unwrap();
    let (sender, events) = bounded(1024);
    Supervisor::new(Arc::clone(&shared))
        .start(pool, sender)
        .unwrap();
    let start = Instant::now();
    let mut lines = String::new();
    for event in events {
        if let Event::Batch(report) = event {
            let at = start.elapsed().as_millis() as u64;
            lines += &write(&(at, report));
            lines.push('\n');
        }
        if start.elapsed() > RECORDING {
            shared.stop();
        }
    }
    std::fs::write(path, lines).unwrap();
}
