//! A search ends at the first limit that it reaches, with 3, and says in a summary how far it came.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use rustix::process::Signal;

use crate::common::program::{DEADLINE, NEVER, Place, Run};

fn limited(words: &[&str]) -> Run {
    let all = [&["--prefix", NEVER, "--json"], words].concat();
    let run = Place::new().run(&all);
    assert_eq!(run.code, Some(3), "{words:?}: {}", run.err);
    let summary = run.summary();
    assert_eq!(summary["ending"], "limit");
    assert_eq!(summary["found"], 0);
    run
}

fn candidates(run: &Run) -> u64 {
    run.summary()["candidates"].as_u64().unwrap()
}

#[test]
fn candidates_end_it_after_that_many_rounded_up_to_whole_sweeps() {
    for (text, number) in [("1", 1), ("500K", 500_000), ("2m", 2_000_000)] {
        let run = limited(&["--candidates", text]);
        let counted = candidates(&run);
        assert!(
            counted >= number && counted < number + 1_000_000,
            "{text}: {counted}"
        );
        assert!(run.err.contains("Reached --candidates"), "{}", run.err);
    }
}

#[test]
fn a_bare_number_of_keys_means_millions() {
    let counted = candidates(&limited(&["--keys", "3"]));
    assert!((3_000_000..4_000_000).contains(&counted), "{counted}");
}

#[test]
fn time_ends_it_after_that_long() {
    let run = limited(&["--time", "1s"]);
    let seconds = run.summary()["seconds"].as_f64().unwrap();
    assert!((1.0..2.0).contains(&seconds), "{seconds}");
    assert!(run.err.contains("Reached --time"), "{}", run.err);
}

#[test]
fn a_crowd_of_workers_ends_with_its_limit() {
    let run = limited(&["--workers", "999", "--time", "1s"]);
    let seconds = run.summary()["seconds"].as_f64().unwrap();
    assert!((1.0..4.0).contains(&seconds), "{seconds}");
}

/// Time passes while the process is stopped: as long as another search takes that ends after a while.
#[test]
fn time_in_which_the_process_is_stopped_is_not_used_up() {
    let place = Place::new();
    let command = place.command(&["--prefix", NEVER, "--json", "--time", "4s"]);
    let running = place.start(command);
    running.signal(Signal::STOP);
    limited(&["--time", "8s"]);
    let woken = Instant::now();
    running.signal(Signal::CONT);
    let run = running.end(DEADLINE);
    assert_eq!(run.code, Some(3), "{}", run.err);
    let seconds = run.summary()["seconds"].as_f64().unwrap();
    assert!((4.0..8.0).contains(&seconds), "{seconds}");
    assert!(
        woken.elapsed().as_secs_f64() > 0.5,
        "it still had time to search"
    );
}

/// A time zone in which it is ten seconds before a full minute, and that minute there (POSIX allows seconds in TZ).
fn nearly_a_minute() -> (String, String) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let now = now.as_secs();
    let ahead = (60 + 50 - now % 60) % 60;
    let minute = (now + ahead) / 60 + 1;
    let clock = format!("{:02}:{:02}", minute / 60 % 24, minute % 60);
    (format!("XYZ-00:00:{ahead:02}"), clock)
}

#[test]
fn a_clock_time_ends_it() {
    let (zone, clock) = nearly_a_minute();
    let place = Place::new();
    let mut command = place.command(&["--prefix", NEVER, "--json", "--until", &clock]);
    command.env("TZ", zone);
    let run = place.finish(command);
    assert_eq!(run.code, Some(3), "{}", run.err);
    assert!(run.err.contains("Reached --until"), "{}", run.err);
    let seconds = run.summary()["seconds"].as_f64().unwrap();
    assert!((0.5..30.0).contains(&seconds), "{seconds}");
}

#[test]
fn the_first_of_two_limits_ends_it() {
    let run = limited(&["--time", "1h", "--candidates", "1M", "--until", "23:59"]);
    assert!(run.err.contains("Reached --candidates"), "{}", run.err);
}

#[test]
fn a_limit_that_is_not_reached_does_not_matter() {
    let place = Place::new();
    let run = place.finds(&[
        "--prefix",
        "F8",
        "--time",
        "1h",
        "--candidates",
        "10G",
        "--json",
    ]);
    assert_eq!(run.summary()["ending"], "found");
    assert_eq!(run.summary()["found"], 1);
}

/// With "all" what was asked for is what there is up to the limit; none at all is not.
#[test]
fn all_goes_on_to_the_limit_and_ends_with_0_if_there_was_a_key() {
    let place = Place::new();
    let words = ["-n", "all", "--candidates", "3M", "--json"];
    let run = place.finds(&[&words[..], &["--prefix", "F8A"]].concat());
    let found = run.summary()["found"].as_u64().unwrap();
    assert!(found > 1);
    assert_eq!(place.pairs().len() as u64, found);
    assert!(candidates(&run) >= 3_000_000, "{}", run.err);
    assert_eq!(candidates(&limited(&words[..4])) / 1_000_000, 3);
}

#[test]
fn exactly_as_many_keys_are_found_as_were_asked_for() {
    for count in ["1", "2", "7", "33"] {
        let place = Place::new();
        let run = place.finds(&["--prefix", "A", "-n", count, "--json"]);
        assert_eq!(run.summary()["found"].to_string(), count);
        assert_eq!(place.pairs().len().to_string(), count);
    }
}
