//! Simulated hours of noise: no healthy worker is ever restarted, and a worker that is really slow is seen.

use super::simulator::Machine;
use super::verdict::Verdict;

/// Simulates `hours` in pieces of ten; returns restarts and suspensions.
fn noise(hours: u64) -> (usize, usize) {
    let (mut restarts, mut suspensions) = (0, 0);
    for seed in 0..hours.div_ceil(10) {
        let mut machine = Machine::new(seed);
        machine.run(36_000.0);
        if !machine.outcome.restarts.is_empty() {
            eprintln!("seed {seed}: {:?}", machine.outcome);
        }
        restarts += machine.outcome.restarts.len();
        suspensions += machine.outcome.suspensions;
    }
    (restarts, suspensions)
}

/// Slows a worker to `factor` at a random moment, once a seed; returns how many were restarted for it within so many
/// windows, and the longest time in windows.
fn slow_downs(seeds: u64, factor: f64, windows: u64) -> (u64, u64) {
    let (mut detected, mut longest) = (0, 0);
    for seed in 0..seeds {
        let mut machine = Machine::new(seed);
        machine.run(60.0 + (seed * 37 % 240) as f64 * 1.01);
        machine.slow_down(factor);
        machine.run(60.0);
        match machine.outcome.restarts[..] {
            [(Verdict::WorkerDegraded, after)] => {
                longest = longest.max(after);
                detected += u64::from(after <= windows);
            }
            ref other => eprintln!("seed {seed}: {other:?}"),
        }
    }
    (detected, longest)
}

#[test]
fn a_hundred_hours_of_noise_restart_nobody() {
    let (restarts, suspensions) = noise(100);
    assert_eq!(restarts, 0);
    assert!(suspensions > 20, "{suspensions}");
}

#[test]
fn a_worker_that_is_slowed_to_60_percent_is_seen_within_four_windows() {
    let (detected, longest) = slow_downs(1000, 0.6, 4);
    println!("{detected} of 1000 within 4 windows, the longest {longest}");
    assert!(detected >= 990, "{detected} of 1000, longest {longest}");
}

#[test]
fn a_worker_that_is_slowed_to_a_third_is_seen_as_soon() {
    let (detected, _) = slow_downs(100, 0.33, 4);
    assert_eq!(detected, 100);
}

#[test]
#[ignore = "takes minutes: cargo test --release -- --ignored ten_thousand_hours"]
fn ten_thousand_hours_of_noise_restart_nobody() {
    assert_eq!(noise(10_000).0, 0);
    let (detected, longest) = slow_downs(100_000, 0.6, 4);
    println!("{detected} of 100000 slow-downs within 4 windows, the longest {longest}");
    assert!(detected >= 99_000, "{detected}");
}
