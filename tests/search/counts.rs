//! The number of candidates that a search reports is the number of public keys that it really looked at.

use crate::common::program::Place;

/// The chance below which a count is called wrong: never by accident.
const NEVER: f64 = 1e-9;

/// Ends a search after about forty keys of five digits. With a number of keys instead, workers go on until the last one
/// is saved, which takes seconds on a busy machine, and what they find meanwhile is rightly not counted as found.
const LIMIT: [&str; 4] = ["-n", "all", "--candidates", "40M"];

/// The probability of exactly `count` hits where `expected` are to be expected (Poisson).
fn probability(count: u64, expected: f64) -> f64 {
    let logarithm: f64 = (1..=count).map(|i| (expected / i as f64).ln()).sum();
    (logarithm - expected).exp()
}

/// Checks that so many hits are neither too few nor too many for what was to be expected.
fn assert_likely(found: u64, expected: f64) {
    let at_most: f64 = (0..=found).map(|count| probability(count, expected)).sum();
    let below: f64 = (0..found).map(|count| probability(count, expected)).sum();
    let text = format!("{found} found, {expected:.1} expected");
    assert!(at_most > NEVER, "too few: {text}");
    assert!(1.0 - below > NEVER, "too many: {text}");
}

/// Searches and compares what was found with what the reported candidates let expect.
fn check(prefix: &str, words: &[&str]) {
    let place = Place::new();
    let all = [
        &[
            "--prefix",
            prefix,
            "--json",
            "--quiet",
            "--priority",
            "normal",
        ],
        words,
    ]
    .concat();
    let run = place.run(&all);
    let summary = run.summary();
    let found = summary["found"].as_u64().unwrap();
    let candidates = summary["candidates"].as_u64().unwrap();
    assert_eq!(run.json().len() as u64, found + 1);
    assert_eq!(place.pairs().len() as u64, found);
    assert_likely(found, candidates as f64 / 16f64.powi(prefix.len() as i32));
    let rate = summary["rate"].as_f64().unwrap();
    let seconds = summary["seconds"].as_f64().unwrap();
    assert!((rate * seconds / candidates as f64 - 1.0).abs() < 1e-6);
}

#[test]
fn keys_of_six_digits_need_the_candidates_that_are_reported() {
    check("C0FFE1", &["-n", "25"]);
}

/// Every backend counts as it searches; five digits keep the slow ones short.
#[test]
fn every_backend_finds_as_many_keys_as_its_candidates_let_expect() {
    for backend in ["avx512ifma", "avx2", "portable"] {
        let place = Place::new();
        let probe = ["--backend", backend, "--prefix", "A"];
        if place.run(&probe).code == Some(2) {
            println!("skipped: counts of {backend}: this processor does not have it");
            continue;
        }
        check(
            "B00B5",
            &["-n", "all", "--candidates", "30M", "--backend", backend],
        );
    }
}

#[test]
fn one_worker_counts_as_truly_as_two() {
    check("B00B5", &[&LIMIT[..], &["--workers", "1"]].concat());
}

#[test]
fn small_batches_count_as_truly_as_large_ones() {
    check("B00B5", &[&LIMIT[..], &["--batch-size", "1"]].concat());
    check("B00B5", &[&LIMIT[..], &["--batch-size", "1G"]].concat());
}
