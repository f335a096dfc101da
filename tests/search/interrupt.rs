//! A signal ends a search within a second, with a summary and the exit code of the signal; a second one at once.

use std::fs;
use std::time::{Duration, Instant};

use crate::common::program::{self, DEADLINE, Place, Run, Running};
use rustix::process::Signal;

/// The promise is one second; the rest is for a machine that is busy with other tests.
const SOON: Duration = Duration::from_secs(3);

/// A search that does not end by itself.
const ENDLESS: [&str; 3] = ["--prefix", "0123456789ABCDEF", "--json"];

fn interrupted(signal: Signal, words: &[&str]) -> Run {
    let place = Place::new();
    let running = place.start(place.command(words));
    let start = Instant::now();
    running.signal(signal);
    let run = running.end(DEADLINE);
    assert!(start.elapsed() < SOON, "{:?}: {}", start.elapsed(), run.err);
    run
}

fn ends_cleanly(signal: Signal, code: i32, words: &str) {
    let run = interrupted(signal, &ENDLESS);
    assert_eq!(run.code, Some(code), "{}", run.err);
    let summary = run.summary();
    assert_eq!(
        (&summary["ending"], &summary["found"]),
        (&"interrupted".into(), &0.into())
    );
    assert!(run.err.contains(words), "{}", run.err);
}

#[test]
fn an_interrupt_ends_it_with_130() {
    ends_cleanly(Signal::INT, 130, "Stopped by interrupt");
}

#[test]
fn a_terminate_ends_it_with_143() {
    ends_cleanly(Signal::TERM, 143, "Stopped by terminate");
}

/// Whether whoever started the tests ignores hang-ups (`nohup`), which the search then does, too: see proc(5).
fn hang_ups_are_ignored() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask & 1 == 1)
}

#[test]
fn a_hang_up_ends_it_with_129() {
    if hang_ups_are_ignored() {
        eprintln!("skipped a_hang_up_ends_it_with_129: hang-ups are ignored here");
        return;
    }
    ends_cleanly(Signal::HUP, 129, "Stopped by hang-up");
}

#[test]
fn an_interrupt_ends_slow_batches_as_soon() {
    let words = [
        "--prefix",
        "0123456789ABCDEF",
        "--batch-size",
        "100G",
        "--backend",
        "portable",
    ];
    assert_eq!(interrupted(Signal::INT, &words).code, Some(130));
}

#[test]
fn an_interrupt_ends_a_flood_of_keys_and_none_of_them_is_half() {
    let place = Place::new();
    let running = place.start(place.command(&["--prefix", "A", "-n", "all"]));
    let start = Instant::now();
    running.signal(Signal::INT);
    let run = running.end(DEADLINE);
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
    assert_eq!(run.code, Some(130));
    assert_eq!(run.lines().len(), place.pairs().len());
    assert_eq!(place.names().len(), 2 * place.pairs().len());
}

#[test]
fn a_hang_up_that_was_ignored_at_the_start_stays_ignored() {
    if !program::has("nohup", "nohup", &["true"]) {
        return;
    }
    let place = Place::new();
    let mut running = place.start(place.wrapped(&["nohup"], &["--prefix", "0123456789", "-v"]));
    running.signal(Signal::HUP);
    running.read_until("Completed");
    running.signal(Signal::TERM);
    let run = running.end(DEADLINE);
    assert_eq!(run.code, Some(143), "{}", run.err);
}

/// A search whose folders have all become unusable, so that it holds keys in memory.
fn holding(place: &Place) -> Running {
    let mut command = place.command(&["--prefix", "B00B5", "-n", "40"]);
    command
        .env("HOME", "/dev/null/home")
        .env("XDG_STATE_HOME", "/dev/null/state");
    let mut running = place.start(command);
    fs::rename(place.keys(), place.path("elsewhere")).unwrap();
    running.read_until("held in memory");
    running
}

#[test]
fn a_key_that_no_folder_takes_is_warned_of_and_kept_until_the_second_signal() {
    let place = Place::new();
    let mut running = holding(&place);
    running.signal(Signal::INT);
    running.read_until("not saved yet");
    let start = Instant::now();
    running.signal(Signal::TERM);
    let run = running.end(DEADLINE);
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
    assert!(run.err.contains("lost"), "{}", run.err);
    assert_ne!(run.code, Some(0));
}

#[test]
fn a_key_that_no_folder_took_is_saved_when_the_folder_is_back() {
    let place = Place::new();
    let mut running = holding(&place);
    running.signal(Signal::INT);
    running.read_until("not saved yet");
    fs::rename(place.path("elsewhere"), place.keys()).unwrap();
    let run = running.end(DEADLINE);
    place.assert_secret(&run);
    assert_eq!(run.code, Some(130), "{}", run.err);
    assert!(!run.err.contains("ERROR: lost"), "{}", run.err);
    assert!(!place.pairs().is_empty());
    assert_eq!(run.lines().len(), place.pairs().len());
}
