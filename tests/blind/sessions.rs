//! A blind search is a session as any other: it resumes with its starts, and makes no claim of a start twice.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::Both;
use crate::common::program::{DEADLINE, NEVER};

/// The promise is one second; the rest is for a machine that is busy with other tests.
const SOON: Duration = Duration::from_secs(3);

#[test]
fn a_resumed_session_goes_on_with_the_starts_that_have_no_claim() {
    let both = Both::new();
    let starts = both.starts(3);
    both.search(&starts, &["--prefix", "A", "--session", "night", "-n", "1"]);
    let other = both.starts(1).remove(0);
    let wrong = both
        .searcher
        .run(&["--blind", &other, "--session", "night"]);
    assert_eq!(wrong.code, Some(2));
    assert!(
        wrong.err.contains("searches from other starts"),
        "{}",
        wrong.err
    );
    both.searcher.finds(&["resume", "night", "-n", "3"]);
    let claims = both.claims();
    let claimed: HashSet<_> = claims
        .iter()
        .map(|claim| claim["start"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(claimed, starts.into_iter().collect::<HashSet<_>>());
    assert_eq!(claims.len(), 3);
    // Over and announced once: the same command lists the claims again.
    let again = both.searcher.finds(&["resume", "night"]);
    let lines: Vec<_> = again.out.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(
        lines.iter().all(|line| line.split('\t').count() == 5),
        "{lines:?}"
    );
}

#[test]
fn a_session_of_keys_does_not_become_a_blind_one() {
    let both = Both::new();
    let starts = both.starts(1);
    both.searcher
        .finds(&["--prefix", "A", "--workers", "1", "--session", "own"]);
    let run = both
        .searcher
        .run(&["--blind", &starts[0], "--session", "own"]);
    assert_eq!(run.code, Some(2));
    assert!(run.err.contains("keys of its own"), "{}", run.err);
}

#[test]
fn a_terminate_ends_it_with_143_and_it_resumes() {
    let both = Both::new();
    let starts = both.starts(1);
    let words = [
        "--blind",
        &starts[0],
        "--prefix",
        NEVER,
        "--workers",
        "1",
        "--session",
        "s",
        "--json",
    ];
    let running = both.searcher.start(both.searcher.command(&words));
    let begun = Instant::now();
    running.signal(Signal::TERM);
    let run = running.end(DEADLINE);
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    assert_eq!(
        (run.code, &run.summary()["ending"]),
        (Some(143), &"interrupted".into())
    );
    let resumed = both.searcher.start(both.searcher.command(&["resume", "s"]));
    assert!(
        resumed.said().contains("From a public start"),
        "{}",
        resumed.said()
    );
    resumed.signal(Signal::TERM);
    assert_eq!(resumed.end(DEADLINE).code, Some(143));
}

#[test]
fn a_killed_session_keeps_its_claims_and_loses_none() {
    let both = Both::new();
    let starts = both.starts(2);
    let pattern = format!("A,{NEVER}");
    let list = starts.join(",");
    let words = [
        "--blind",
        &list,
        "--prefix",
        &pattern,
        "-n",
        "2",
        "--each",
        "--workers",
        "1",
        "--session",
        "s",
    ];
    let running = both.searcher.start(both.searcher.command(&words));
    crate::common::wait::wait_until("the first claim", || !both.claim_files().is_empty());
    running.signal(Signal::KILL);
    running.end(DEADLINE);
    let first = both.claim_files();
    let run = both.searcher.run(&["resume", "s", "--candidates", "1M"]);
    assert!([Some(0), Some(3)].contains(&run.code), "{}", run.err);
    let now = both.claim_files();
    assert!(first.iter().all(|file| now.contains(file)));
    let claims = both.claims();
    let of = |start: &String| {
        claims
            .iter()
            .filter(|claim| claim["start"] == start.as_str())
            .count()
    };
    assert!(starts.iter().all(|start| of(start) <= 2), "{claims:?}");
}
