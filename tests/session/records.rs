//! What a search leaves on disk beside its keys: session, history, events, log; and that trouble with any of them never
//! stops it or costs a key.

use std::fs;
use std::path::{Path, PathBuf};

use crate::common::program::{self, DEADLINE, Place, Run, has};
use crate::common::searches::SEARCH;
use crate::common::wait::wait_until;
#[cfg(feature = "history")]
use rusqlite::Connection;
use rustix::process::Signal;
use serde_json::Value;

fn objects(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn searches(place: &Place, words: &[&str]) -> Run {
    place.run(&[&SEARCH[..4], words].concat())
}

#[test]
#[cfg_attr(not(feature = "history"), ignore = "without the feature history")]
fn events_history_and_status_agree_about_a_search() {
    let place = Place::new();
    let events = place.path("events");
    let words = [
        "--session",
        "t",
        "--time",
        "3s",
        "--interval",
        "1s",
        "--events",
    ];
    let run = searches(&place, &[&words[..], &[events.to_str().unwrap()]].concat());
    assert_eq!(run.code, Some(3), "{}", run.err);
    let events = objects(&fs::read_to_string(events).unwrap());
    let named = |name: &str| {
        events
            .iter()
            .filter(|e| e["event"] == name)
            .collect::<Vec<_>>()
    };
    assert_eq!((named("started").len(), named("ended").len()), (1, 1));
    assert!(named("vitals").len() >= 2, "{events:?}");
    assert!(
        events
            .iter()
            .all(|e| e["v"] == 1 && e["session"] == "t" && e["run"] == 1)
    );
    let report = objects(
        &place
            .finds(&["health", "report", "--json", "--session", "t"])
            .out,
    )
    .remove(0);
    let status = objects(&place.finds(&["status", "t", "--json"]).out).remove(0);
    let tested = &named("ended")[0]["candidates"];
    assert_eq!(
        (&report["runs"][0]["candidates"], &status["candidates"]),
        (tested, tested)
    );
    assert_eq!(report["runs"][0]["ending"], "limit");
    let rates = report["measured"].as_array().unwrap();
    assert!(
        rates
            .iter()
            .any(|m| m["resource_id"] == "t" && m["metric_name"] == "rate")
    );
    assert!(status["health"].is_string());
    let copy = place.path("copy.db");
    place.finds(&["health", "backup", copy.to_str().unwrap()]);
    let copied = place.finds(&[
        "health",
        "metrics",
        "--json",
        "--history-db",
        copy.to_str().unwrap(),
    ]);
    assert!(copied.out.lines().count() > 3);
}

/// Every file below a folder, with what it holds.
fn files_below(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_below(&path));
        } else {
            found.push((path.clone(), fs::read(&path).unwrap()));
        }
    }
    found
}

#[test]
fn a_private_key_and_the_start_that_led_to_it_are_in_its_own_file_and_nowhere_else() {
    let place = Place::new();
    let (events, watchlist) = (place.path("events"), place.write("watch", "A\n"));
    let words = [
        "--prefix",
        "F8",
        "-n",
        "5",
        "-v",
        "--json",
        "--session",
        "t",
        "--interval",
        "1s",
        "--watchlist",
        &watchlist,
        "--events",
        events.to_str().unwrap(),
    ];
    let run = place.finds(&words);
    let place_files = files_below(&place.path("."));
    let pairs = place.pairs();
    assert!(pairs.len() >= 5);
    for pair in &pairs {
        // A lane's start differs from the scalar that it led to by 8 times the steps between them, so only in the low ten
        // bytes: what is above them betrays start and scalar alike. The other half is the signing prefix.
        for half in [&pair.private[10..32], &pair.private[32..]] {
            let (hex, backwards) = (
                program::hex(half),
                half.iter().rev().copied().collect::<Vec<_>>(),
            );
            let upper = hex.to_uppercase();
            let needles = [hex.as_bytes(), upper.as_bytes(), half, &backwards];
            let holds = |bytes: &[u8]| {
                needles
                    .iter()
                    .any(|n| bytes.windows(n.len()).any(|w| w == *n))
            };
            assert!(!holds(run.out.as_bytes()) && !holds(run.err.as_bytes()));
            for (path, bytes) in &place_files {
                assert!(
                    *path == pair.file || same(path, &pair.file) || !holds(bytes),
                    "{}",
                    path.display()
                );
            }
        }
    }
    for (path, _) in place_files
        .iter()
        .filter(|(path, _)| !path.ends_with("watch"))
    {
        let mode =
            std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).unwrap().permissions());
        assert_eq!(mode & 0o077, 0, "{}", path.display());
    }
}

fn same(one: &Path, other: &Path) -> bool {
    fs::canonicalize(one).unwrap() == fs::canonicalize(other).unwrap()
}

#[test]
fn a_user_signal_tells_the_status_and_the_search_goes_on() {
    let place = Place::new();
    let mut running = place.start(place.command(&[&SEARCH[..4], &["--session", "t"]].concat()));
    running.signal(Signal::USR1);
    running.read_until("t: running");
    running.signal(Signal::TERM);
    let run = running.end(DEADLINE);
    assert_eq!(run.code, Some(143), "{}", run.err);
    assert!(run.err.contains("keygen resume t"), "{}", run.err);
}

#[test]
fn a_search_in_the_background_can_be_looked_at_and_stopped() {
    let place = Place::new();
    let run = searches(&place, &["--session", "t", "--background"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    let status = || objects(&place.finds(&["status", "t", "--json"]).out).remove(0);
    let seen = status();
    assert_eq!(seen["state"], "running");
    let process =
        rustix::process::Pid::from_raw(seen["process"]["id"].as_i64().unwrap() as i32).unwrap();
    assert!(
        run.out
            .contains(&format!("process {}", seen["process"]["id"])),
        "{}",
        run.out
    );
    rustix::process::kill_process(process, Signal::TERM).unwrap();
    wait_until("the end", || status()["state"] != "running");
    assert_eq!(
        (&status()["state"], &status()["reason"]),
        (&"finished".into(), &"stopped".into())
    );
    let log = place.path("state/meshcore-keygen/sessions/t/log");
    let log = fs::read_to_string(log).unwrap();
    assert!(
        log.contains("Searching for") && log.contains("Stopped by terminate"),
        "{log}"
    );
    let refused = place.run(&["--prefix", "F8", "--session", "a/b", "--background"]);
    assert_eq!(refused.code, Some(2), "{}", refused.err);
}

#[test]
fn a_program_whose_threads_hang_restarts_itself_into_its_session() {
    let place = Place::new();
    let words = [
        "--session",
        "t",
        "--workers",
        "1",
        "--inject",
        "hang:worker=1,at=1s",
        "-v",
    ];
    let mut running = place.start(place.command(&[&SEARCH[..4], &words].concat()));
    running.read_until("Restarting the program");
    running.read_until("Session t resumed (run 2)");
    let seen = objects(&place.finds(&["status", "t", "--json"]).out).remove(0);
    assert_eq!(
        (&seen["state"], &seen["process"]["id"]),
        (&"running".into(), &running.id().into())
    );
    assert!(seen["candidates"].as_u64().unwrap() > 0);
    running.signal(Signal::TERM);
    let run = running.end(DEADLINE);
    assert_eq!(run.code, Some(143), "{}", run.err);
}

#[test]
#[cfg_attr(not(feature = "history"), ignore = "without the feature history")]
fn a_state_folder_that_can_not_be_used_stops_only_those_who_asked_for_it() {
    let place = Place::new();
    let file = place.write("file", "");
    let mut command = place.command(&["--prefix", "F8"]);
    command.env("XDG_STATE_HOME", &file);
    let run = place.finish(command);
    assert_eq!((run.code, place.pairs().len()), (Some(0), 1), "{}", run.err);
    for words in [
        ["--state-dir", &file],
        ["--events", "/dev/null/e"],
        ["--history-db", "/dev/null/h"],
    ] {
        let run = place.run(&[&["--prefix", "F8", "--session", "t"], &words[..]].concat());
        assert_eq!(run.code, Some(2), "{words:?} {}", run.err);
    }
    assert_eq!(place.pairs().len(), 1);
    let listed = place.finds(&["session", "list"]).out;
    assert!(listed.contains("There are no sessions"), "{listed}");
}

#[cfg(feature = "history")]
#[test]
fn a_history_of_a_newer_program_or_of_another_one_is_refused_before_any_work() {
    let place = Place::new();
    let path = place.path("h.db");
    let database = Connection::open(&path).unwrap();
    database.execute_batch("CREATE TABLE a (b)").unwrap();
    let words = ["--prefix", "F8", "--history-db", path.to_str().unwrap()];
    let run = place.run(&words);
    assert!(
        run.code == Some(2) && run.err.contains("another program's"),
        "{}",
        run.err
    );
    database
        .execute_batch("DROP TABLE a; PRAGMA application_id = 1262961998; PRAGMA user_version = 99")
        .unwrap();
    let run = place.run(&words);
    assert!(
        run.code == Some(2) && run.err.contains("newer keygen"),
        "{}",
        run.err
    );
    assert!(place.pairs().is_empty());
}

#[cfg(feature = "history")]
#[test]
fn a_history_that_another_process_locks_is_said_and_delays_nobody() {
    let place = Place::new();
    let path = place.path("h.db");
    let path = path.to_str().unwrap();
    let words = ["--history-db", path, "--interval", "1s", "--time", "1s"];
    assert_eq!(searches(&place, &words).code, Some(3));
    let other = Connection::open(path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let words = ["--history-db", path, "--interval", "1s", "--time", "4s"];
    let run = searches(&place, &words);
    assert_eq!(run.code, Some(3), "{}", run.err);
    assert!(
        run.err.contains("the history can't be written"),
        "{}",
        run.err
    );
    assert!(
        run.err.contains("records of the history were not written"),
        "{}",
        run.err
    );
}

#[test]
fn a_state_folder_that_is_deleted_while_it_runs_costs_no_key() {
    let place = Place::new();
    let command = place.command(&[
        "--prefix",
        "A",
        "-n",
        "all",
        "--session",
        "t",
        "--backend",
        "portable",
    ]);
    let mut running = place.start(command);
    // The search writes meanwhile, and a folder in which a file appears can't be removed.
    wait_until("the folder's end", || {
        fs::remove_dir_all(place.path("state")).is_ok()
    });
    running.read_until("journal can't be written");
    running.signal(Signal::INT);
    let run = running.end(DEADLINE);
    assert_eq!(run.code, Some(130), "{}", run.err);
    assert_eq!(run.lines().len(), place.pairs().len());
}

#[test]
fn a_state_folder_on_a_full_disk_costs_no_key() {
    let inside = [
        "--user",
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        "mount -t tmpfs -o size=64k tmpfs /mnt",
    ];
    if !has(
        "a_state_folder_on_a_full_disk_costs_no_key",
        "unshare",
        &inside,
    ) {
        return;
    }
    let place = Place::new();
    let state = place.path("state");
    fs::create_dir(&state).unwrap();
    let script = "mount -t tmpfs -o size=192k tmpfs \"$0\" && shift 0 && exec \"$@\"";
    let wrapper = [
        "unshare",
        "--user",
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        script,
        state.to_str().unwrap(),
    ];
    let words = [
        "--prefix",
        "A",
        "-n",
        "500",
        "--session",
        "t",
        "--backend",
        "portable",
    ];
    let run = place.finish(place.wrapped(&wrapper, &words));
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert_eq!((run.lines().len(), place.pairs().len()), (500, 500));
    assert!(run.err.contains("journal can't be written"), "{}", run.err);
}
