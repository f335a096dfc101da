//! Tests of the monitor under contention: who is to blame is asked first, and an adaptive pool shrinks and grows back.

use std::time::{Duration, UNIX_EPOCH};

use super::fixtures::report;
use super::monitor::{Monitor, Watched};
use super::probe::User;
use super::slot_health::ThreadSample;
use super::state::Status;
use super::state::WorkerState;
use super::thresholds::{Band, Thresholds};
use super::verdict::{ActionTaken, Decision, Verdict};
use crate::batch::WorkerId;
use crate::engine::Backend;

/// A monitor of two workers, fed second by second.
struct Bench {
    monitor: Monitor,
    second: u64,
}

impl Bench {
    fn new(adaptive: Option<Band>) -> Self {
        let watched = Watched {
            workers: 2,
            working: 2,
            cards: 0,
            backend: Backend::Portable,
            backends: Backend::ALL.to_vec(),
            filter: String::new(),
            chance: 1e-6,
            judging: true,
        };
        let t = Thresholds {
            adaptive,
            ..Thresholds::default()
        };
        Self {
            monitor: Monitor::new(watched, t, Duration::ZERO, UNIX_EPOCH),
            second: 0,
        }
    }

    /// Lets `seconds` pass in which every worker that works gets this share of a core.
    fn run(&mut self, seconds: u64, share: f64) -> Vec<Decision> {
        let mut decisions = Vec::new();
        for _ in 0..seconds {
            self.second += 1;
            let now = Duration::from_secs(self.second);
            for worker in 1..=2 {
                if self.monitor.states()[worker - 1] == WorkerState::Paused {
                    continue;
                }
                let id = WorkerId {
                    worker,
                    generation: 0,
                };
                let mut report = report(id, (1e6 * share) as u64, 1.0);
                report.processor = Some(Duration::from_secs_f64(share));
                decisions.extend(self.monitor.report(&report, now));
            }
            let look = ThreadSample {
                beats: self.second,
                ..ThreadSample::default()
            };
            decisions.extend(self.monitor.tick(&[look; 2], now, UNIX_EPOCH + now));
        }
        decisions
    }
}

fn rests(decisions: &[Decision]) -> Vec<(usize, bool)> {
    let rest = |decision: &Decision| match decision {
        Decision::Rest { worker, rest } => Some((*worker, *rest)),
        _ => None,
    };
    decisions.iter().filter_map(rest).collect()
}

#[test]
fn contention_is_reported_with_the_programs_that_cause_it() {
    let mut bench = Bench::new(None);
    bench.run(10, 1.0);
    let mut first = bench.run(4, 0.3);
    first.retain(|decision| *decision != Decision::Calibrate { worker: 1 });
    assert_eq!(first, [Decision::SampleProcesses]);
    let user = User {
        name: "make (7)".to_owned(),
        share: 1.4,
    };
    bench
        .monitor
        .users(vec![user], Duration::from_secs(bench.second));
    let reported = bench.run(1, 0.3);
    let about = |decision: &Decision| match decision {
        Decision::Report(finding) => Some((finding.verdict, finding.detail.clone())),
        _ => None,
    };
    let reported: Vec<_> = reported.iter().filter_map(about).collect();
    assert_eq!(reported.len(), 2);
    assert_eq!(reported[0].0, Verdict::Contention);
    assert!(
        reported[0].1.contains("make (7) uses 140%"),
        "{}",
        reported[0].1
    );
}

#[test]
fn contention_is_reported_soon_even_if_its_cause_is_unknown() {
    let mut bench = Bench::new(None);
    bench.run(10, 1.0);
    let reported = bench.run(7, 0.3);
    let unknown = |decision: &Decision| matches!(decision, Decision::Report(f) if f.detail.contains("unknown"));
    assert_eq!(
        reported.iter().filter(|decision| unknown(decision)).count(),
        2
    );
}

#[test]
fn an_adaptive_pool_sends_a_worker_to_rest_and_brings_it_back() {
    let mut bench = Bench::new(Some(Band { least: 1, most: 2 }));
    assert!(rests(&bench.run(30, 1.0)).is_empty());
    let decisions = bench.run(20, 0.4);
    assert_eq!(rests(&decisions), [(2, true)]);
    let action = ActionTaken::Resized { workers: 1 };
    let told = |decision: &Decision| matches!(decision, Decision::Report(f) if f.action == action);
    assert!(decisions.iter().any(told));
    assert_eq!(bench.monitor.states()[1], WorkerState::Paused);
    assert_eq!(rests(&bench.run(50, 1.0)), []);
    let now = Duration::from_secs(bench.second);
    assert_eq!(bench.monitor.summary(now).state, Status::Healthy);
    assert_eq!(rests(&bench.run(30, 1.0)), [(2, false)]);
    assert!(bench.monitor.states().iter().all(|state| state.works()));
}

#[test]
fn a_pool_that_is_not_adaptive_keeps_its_size() {
    let mut bench = Bench::new(None);
    assert!(rests(&bench.run(100, 0.4)).is_empty());
}
