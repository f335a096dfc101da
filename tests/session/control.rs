//! Steering a search that runs, from another process: pause, stop, look, replace; and abuse of the socket.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use crate::common::program::{DEADLINE, Place, Run, Running, has};
use crate::common::searches::{SEARCH, socket, status};
use crate::common::wait::{wait_for, wait_until};
use rustix::process::Signal;
use serde_json::Value;

/// A named search that listens.
fn searching(place: &Place, name: &str, more: &[&str]) -> Running {
    let words = [&SEARCH[..4], &["--workers", "2", "--session", name], more].concat();
    let running = place.start(place.command(&words));
    // It listens as soon as its loop runs.
    wait_until("the socket", || socket(place, name).exists());
    running
}

fn says(run: &Run, words: &str) {
    assert!(
        run.out.contains(words),
        "{words} in {} {}",
        run.out,
        run.err
    );
}

/// Candidates that the process itself counts.
fn candidates(place: &Place, name: &str) -> u64 {
    let run = place.finds(&["session", "check", name, "--json"]);
    let value: Value = serde_json::from_str(run.out.trim()).unwrap();
    value["standing"]["candidates"].as_u64().unwrap()
}

#[test]
fn a_paused_search_tests_nothing_until_it_goes_on_and_stop_ends_it_with_code_4() {
    let place = Place::new();
    let running = searching(&place, "t", &[]);
    wait_until("progress", || candidates(&place, "t") > 0);
    says(&place.finds(&["pause", "t"]), "t is paused");
    says(&place.finds(&["pause"]), "t is paused already");
    wait_until("the state paused", || {
        status(&place, "t")["state"] == "paused"
    });
    assert_eq!(status(&place, "t")["reason"], "paused by command");
    assert_eq!(status(&place, "t")["process"]["state"], "healthy");
    let check = || place.finds(&["session", "check", "t", "--full"]).out;
    // A sweep that had begun ends before its worker answers.
    wait_until("answers of both workers", || {
        check().matches("known answers right").count() == 2
    });
    let before = candidates(&place, "t");
    check();
    assert_eq!(candidates(&place, "t"), before);
    says(&place.finds(&["resume", "t"]), "t continues");
    wait_until("progress", || candidates(&place, "t") > before);
    says(&place.finds(&["unpause", "t"]), "t is not paused");
    says(
        &place.finds(&["stop", "t"]),
        "t is stopped; keygen resume t",
    );
    let run = running.end(DEADLINE);
    assert_eq!(run.code, Some(4), "{}", run.err);
    assert!(run.err.contains("stopped, as asked"), "{}", run.err);
    let over = status(&place, "t");
    assert_eq!(
        (&over["state"], &over["reason"]),
        (&"finished".into(), &"stopped".into())
    );
    assert!(!socket(&place, "t").exists());
    let again = place.run(&["resume", "t", "--candidates", "1"]);
    assert_eq!(again.code, Some(3), "{}", again.err);
}

#[test]
fn a_search_that_was_paused_when_its_program_was_executed_anew_pauses_again() {
    let place = Place::new();
    let words = [&SEARCH[..4], &["--workers", "1", "--session", "t"]].concat();
    let mut command = place.command(&words);
    // What a program leaves to the one that it executes.
    command
        .env("MESHCORE_KEYGEN_CONTINUES", "t")
        .env("MESHCORE_KEYGEN_PAUSED", "1");
    let running = place.start(command);
    wait_until("the socket", || socket(&place, "t").exists());
    wait_until("the state paused", || {
        status(&place, "t")["state"] == "paused"
    });
    assert_eq!(status(&place, "t")["reason"], "paused by command");
    says(&place.finds(&["unpause", "t"]), "t continues");
    let before = candidates(&place, "t");
    wait_until("progress", || candidates(&place, "t") > before);
    running.signal(Signal::TERM);
    assert_eq!(running.end(DEADLINE).code, Some(143));
}

#[test]
fn a_check_says_how_the_process_and_each_worker_are() {
    let place = Place::new();
    let running = searching(&place, "t", &[]);
    let mode = std::fs::metadata(socket(&place, "t"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    // A worker that is only being built gives no answer.
    let value = wait_for("answers of both workers", || {
        let full = place.finds(&["session", "check", "--full", "--json"]);
        let value: Value = serde_json::from_str(full.out.trim()).unwrap();
        let workers = value["workers"].as_array().unwrap();
        let answered = |worker: &Value| worker["answered_ms"].as_f64() > Some(0.0);
        (workers.len() == 2 && workers.iter().all(answered)).then_some(value)
    });
    let process = &value["process"];
    assert_eq!(
        (&process["state"], process["id"].as_u64()),
        (&"healthy".into(), Some(running.id().into()))
    );
    assert!(process["memory"].as_u64().unwrap() > 1 << 20, "{process}");
    assert!(process["threads"].as_u64().unwrap() >= 4, "{process}");
    assert!(process["response_ms"].as_f64().unwrap() > 0.0, "{process}");
    running.signal(Signal::KILL);
    running.end(DEADLINE);
    assert_eq!(status(&place, "t")["process"]["state"], "dead");
    let refused = place.run(&["session", "check", "t"]);
    assert_eq!(refused.code, Some(2), "{}", refused.err);
    assert!(refused.err.contains("is not running"), "{}", refused.err);
}

#[test]
fn workers_are_replaced_and_memory_is_given_back_while_counts_go_on() {
    let place = Place::new();
    let mut running = searching(&place, "t", &[]);
    says(
        &place.finds(&["session", "restart-workers", "t", "--worker", "2"]),
        "t replaces worker 2",
    );
    running.read_until("Worker 2 is being replaced, as requested");
    let generation = |value: &Value| value["standing"]["workers"][1]["generation"].as_u64();
    let check = || -> Value {
        serde_json::from_str(place.finds(&["session", "check", "t", "--json"]).out.trim()).unwrap()
    };
    wait_until("generation 1", || generation(&check()) == Some(1));
    let restarts = &check()["standing"]["workers"][1]["restarts"];
    assert_eq!(restarts, &serde_json::json!({"command": 1}));
    says(
        &place.finds(&["session", "restart-workers"]),
        "t replaces 2 workers",
    );
    wait_until("generation 2", || generation(&check()) == Some(2));
    let wrong = place.run(&["session", "restart-workers", "t", "--worker", "3"]);
    assert_eq!(wrong.code, Some(1), "{}", wrong.err);
    assert!(wrong.err.contains("allowed are 1 to 2"), "{}", wrong.err);
    says(
        &place.finds(&["session", "reclaim", "t"]),
        "gives freed memory back",
    );
    says(&place.finds(&["stop", "--all"]), "t is stopped");
    let run = running.end(DEADLINE);
    assert_eq!(run.code, Some(4), "{}", run.err);
    let restarts = status(&place, "t")["restarts"].clone();
    assert_eq!(restarts, 0, "what people ask for is no degradation");
}

#[test]
fn the_status_of_a_search_that_has_only_begun_is_what_its_process_says() {
    let place = Place::new();
    let running = searching(&place, "t", &[]);
    wait_until("progress", || candidates(&place, "t") > 0);
    let seen = status(&place, "t");
    assert!(seen["candidates"].as_u64() > Some(0), "{seen}");
    assert!(seen["working_seconds"].as_f64() > Some(0.0), "{seen}");
    let text = place.finds(&["status", "t"]).out;
    assert!(!text.contains(" 0 candidates"), "{text}");
    place.finds(&["stop", "t"]);
    running.end(DEADLINE);
}

#[test]
fn a_worker_that_was_given_up_and_whose_thread_still_runs_is_a_zombie() {
    let place = Place::new();
    let hang = [
        "--inject",
        "hang:worker=1",
        "--beat-age",
        "1s",
        "--beat-processor",
        "100ms",
    ];
    let for_good = ["--restarts", "0", "--zombie-share", "off"];
    let running = searching(&place, "t", &[&hang[..], &for_good].concat());
    let states = || {
        let run = place.finds(&["session", "check", "t", "--json"]);
        let value: Value = serde_json::from_str(run.out.trim()).unwrap();
        [0, 1].map(|worker| value["workers"][worker]["state"].clone())
    };
    wait_until("a zombie", || states()[0] == "zombie");
    assert_ne!(states()[1], "zombie");
    running.signal(Signal::TERM);
    assert_eq!(running.end(DEADLINE).code, Some(143));
}

#[test]
fn several_sessions_must_be_named_and_none_is_said() {
    let place = Place::new();
    let none = place.run(&["stop"]);
    assert_eq!(none.code, Some(2));
    assert!(none.err.contains("no session is running"), "{}", none.err);
    let unknown = place.run(&["pause", "nigt"]);
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.err.contains("no session"), "{}", unknown.err);
    let (first, second) = (searching(&place, "a", &[]), searching(&place, "b", &[]));
    let several = place.run(&["pause"]);
    assert_eq!(several.code, Some(2));
    assert!(several.err.contains("a, b"), "{}", several.err);
    let all = place.finds(&["stop", "--all"]);
    assert_eq!(all.out.matches("is stopped").count(), 2, "{}", all.out);
    for running in [first, second] {
        assert_eq!(running.end(DEADLINE).code, Some(4));
    }
}

#[test]
fn a_stopped_process_is_paused_and_one_that_hangs_is_unresponsive_within_seconds() {
    let place = Place::new();
    let running = searching(&place, "t", &[]);
    running.signal(Signal::STOP);
    wait_until("the state paused", || {
        status(&place, "t")["state"] == "paused"
    });
    let begin = Instant::now();
    let silent = place.run(&["session", "check", "t"]);
    assert_eq!(silent.code, Some(1), "{}", silent.err);
    assert!(
        silent.err.contains("did not answer within 5 s"),
        "{}",
        silent.err
    );
    assert!(begin.elapsed() < Duration::from_secs(30));
    says(&place.finds(&["resume", "t"]), "continues");
    wait_until("the state running", || {
        status(&place, "t")["state"] == "running"
    });
    place.finds(&["stop", "t"]);
    assert_eq!(running.end(DEADLINE).code, Some(4));
}

#[test]
fn a_thousand_connections_and_rubbish_neither_stop_the_search_nor_learn_anything() {
    let place = Place::new();
    let running = searching(&place, "t", &[]);
    let path = socket(&place, "t");
    let mut crowd = Vec::new();
    for number in 0..1000 {
        let Ok(mut stream) = UnixStream::connect(&path) else {
            continue;
        };
        let rubbish: &[u8] = match number % 5 {
            0 => b"\xFF\xFE\x00\n",
            1 => b"{\"v\":1,\"command\":\"stop\"",
            2 => b"{\"v\":9,\"command\":\"stop\"}\n",
            3 => &[b'{'; 9000],
            _ => b"",
        };
        let _ = stream.write_all(rubbish);
        crowd.push(stream);
    }
    let before = candidates(&place, "t");
    wait_until("progress", || candidates(&place, "t") > before);
    drop(crowd);
    let mut stream = UnixStream::connect(&path).unwrap();
    stream
        .write_all(b"{\"v\":9,\"command\":\"stop\"}\n")
        .unwrap();
    let mut reply = String::new();
    BufReader::new(&mut stream).read_line(&mut reply).unwrap();
    assert!(reply.contains("speaks version 1"), "{reply}");
    // Half a line is dropped after a while, and its connection closed.
    let mut half = UnixStream::connect(&path).unwrap();
    half.write_all(b"{\"v\":1,\"command\":\"stop\"}").unwrap();
    half.set_read_timeout(Some(DEADLINE)).unwrap();
    assert_eq!(half.read(&mut [0; 64]).unwrap(), 0);
    assert_eq!(status(&place, "t")["state"], "running");
    place.finds(&["stop", "t"]);
    assert_eq!(running.end(DEADLINE).code, Some(4));
}

#[test]
fn another_user_is_refused_and_told_how_to_ask() {
    let name = "another_user_is_refused_and_told_how_to_ask";
    if !rustix::process::geteuid().is_root() || !has(name, "setpriv", &["--version"]) {
        eprintln!("skipped {name}: needs root and setpriv");
        return;
    }
    let place = Place::new();
    let running = searching(&place, "t", &[]);
    let wrapper = [
        "setpriv",
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
    ];
    let mut command = place.wrapped(&wrapper, &["stop", "t"]);
    command.current_dir("/");
    let refused = place.finish(command);
    assert_ne!(refused.code, Some(0), "{}", refused.out);
    assert_eq!(status(&place, "t")["state"], "running");
    place.finds(&["stop", "t"]);
    assert_eq!(running.end(DEADLINE).code, Some(4));
}

#[test]
fn a_search_whose_only_worker_is_given_up_ends_with_code_5() {
    let place = Place::new();
    let words = [
        "--workers",
        "1",
        "--restarts",
        "0",
        "--inject",
        "panic:worker=1",
    ];
    let run = place.run(&[&SEARCH[..4], &words[..]].concat());
    assert_eq!(run.code, Some(5), "{}", run.err);
    assert!(run.err.contains("worker-retired"), "{}", run.err);
}

#[test]
fn a_session_goes_on_with_the_numbers_it_was_begun_with() {
    let place = Place::new();
    let words = ["--restart-policy", "always", "--pause-above", "150"];
    let running = searching(&place, "t", &words);
    place.finds(&["stop", "t"]);
    running.end(DEADLINE);
    let file = place.path("state/meshcore-keygen/sessions/t/session.json");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(
        text.contains("restart-policy") && text.contains("always"),
        "{text}"
    );
    place.run(&["resume", "t", "--candidates", "1"]);
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("always") && text.contains("150"), "{text}");
}
