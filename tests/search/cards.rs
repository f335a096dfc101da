//! Searches on OpenCL devices. Where there is none these tests are skipped; PoCL makes one of the processor.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::common::ed25519_reference::Curve;
use crate::common::program::{DEADLINE, NEVER, Place, Run};
use crate::common::wait::wait_for;

/// A place, where there is an OpenCL device.
pub(super) fn place() -> Option<Place> {
    let place = Place::new();
    let doctor = place.run(&["doctor", "--json"]);
    let there = doctor.out.contains("gpu:0 ");
    if !there {
        eprintln!("skipped: no OpenCL device");
    }
    there.then_some(place)
}

/// A search on the device and one worker beside it, until a limit.
fn search(place: &Place, words: &[&str]) -> Run {
    let all = [&["--device", "gpu:0", "--workers", "1", "--json"], words].concat();
    place.run(&all)
}

/// Lets the device find keys, and checks each of them; the worker on the processor is stopped by a fault.
fn finds_valid_keys(more: &[&str]) {
    let Some(place) = place() else { return };
    let words = "--prefix F8A --count 30 --inject hang:worker=1,how=block";
    let words: Vec<_> = words.split(' ').chain(more.iter().copied()).collect();
    let run = search(&place, &words);
    assert_eq!(run.code, Some(0), "{}", run.err);
    let curve = Curve::new();
    let pairs = place.pairs();
    assert_eq!(pairs.len(), 30);
    for pair in pairs {
        let scalar = pair.private[..32].try_into().unwrap();
        assert_eq!(curve.public_key(scalar), pair.public);
    }
}

#[test]
fn a_device_finds_keys_and_every_one_is_valid() {
    finds_valid_keys(&[]);
}

#[test]
fn a_device_that_reports_after_every_sweep_finds_keys() {
    finds_valid_keys(&["--batch-size", "1"]);
}

#[test]
fn a_device_that_is_lost_or_hangs_or_computes_wrong_is_replaced_and_the_search_goes_on() {
    let Some(_place) = place() else { return };
    let faults = [
        ("lost:worker=2,at=1s", "worker-dead"),
        ("panic:worker=2,at=1s", "worker-dead"),
        ("hang:worker=2,at=1s,how=block", "worker-unresponsive"),
        ("wrong:worker=2,at=1s", "wrong-arithmetic"),
    ];
    std::thread::scope(|scope| {
        for (fault, verdict) in faults {
            let place = Place::new();
            scope.spawn(move || {
                let words = [
                    "--prefix",
                    NEVER,
                    "--time",
                    "15s",
                    "--canary-bits",
                    "16",
                    "--beat-age",
                    "2s",
                    "--inject",
                    fault,
                ];
                let run = search(&place, &words);
                let restarts = &run.summary()["health"]["restarts"];
                assert!(
                    restarts[verdict].as_u64() > Some(0),
                    "{fault}: {restarts} {}",
                    run.err
                );
            });
        }
    });
}

#[test]
fn a_card_is_in_the_status_of_its_search_and_in_the_summary() {
    let Some(place) = place() else { return };
    let words = "--device gpu:0 --workers 1 --json --session c --prefix";
    let words: Vec<_> = words.split(' ').chain([NEVER]).collect();
    let running = place.start(place.command(&words));
    let card = wait_for("the card's rate", || {
        let status = place.run(&["status", "c", "--json"]);
        let status: serde_json::Value = serde_json::from_str(&status.out).ok()?;
        let card = status["cards"][0].clone();
        (card["rate"].as_f64() > Some(0.0) && card["state"].is_string()).then_some(card)
    });
    assert_eq!(card["device"], "gpu:0");
    assert_eq!(card["worker"], 2);
    let told = place.run(&["status", "c"]);
    assert!(told.out.contains("\n  Card: gpu:0 "), "{}", told.out);
    running.signal(Signal::TERM);
    let run = running.end(DEADLINE);
    let (summary, told) = (run.summary(), run.err);
    let card = &summary["cards"][0];
    assert_eq!(card["device"], "gpu:0");
    let (own, all) = (card["candidates"].as_u64(), summary["candidates"].as_u64());
    assert!(own > Some(0) && own < all, "{summary}");
    assert!(told.contains("\nCard gpu:0 "), "{told}");
}

#[test]
fn what_is_not_there_is_refused_with_what_there_is() {
    let Some(place) = place() else { return };
    let run = place.run(&["--prefix", "F8", "--device", "gpu:77"]);
    assert_eq!(run.code, Some(2));
    assert!(run.err.contains("gpu:0"), "{}", run.err);
}

#[test]
fn without_a_driver_a_device_is_refused_and_all_searches_on_processors() {
    let place = Place::new();
    let run = |words: &[&str]| -> Run {
        let mut command: Command = place.wrapped(&[], words);
        command.env("OCL_ICD_VENDORS", place.path("no drivers"));
        place.finish(command)
    };
    let refused = run(&["--prefix", "F8", "--device", "gpu"]);
    assert_eq!(refused.code, Some(2), "{}", refused.err);
    assert!(refused.err.contains("OpenCL"), "{}", refused.err);
    let refused = run(&["--prefix", "F8", "--backend", "gpu"]);
    assert_eq!(refused.code, Some(2), "{}", refused.err);
    assert!(refused.err.contains("--backend gpu"), "{}", refused.err);
    let found = run(&["--prefix", "F8", "--device", "all"]);
    assert_eq!(found.code, Some(0), "{}", found.err);
}

/// A library that fails its n-th call, or all from there on; nothing where there is no C compiler.
fn stub(place: &Place) -> Option<String> {
    let library = place.path("libstub.so").to_str().unwrap().to_owned();
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/opencl_stub.c");
    let made = Command::new("cc")
        .args(["-shared", "-fPIC", "-w", "-o", &library, source])
        .status();
    let made = made.is_ok_and(|status| status.success());
    if !made {
        eprintln!("skipped: no C compiler");
    }
    made.then_some(library)
}

#[test]
fn whatever_call_of_a_broken_library_fails_the_program_says_so_and_ends_in_order() {
    let place = Place::new();
    let Some(library) = stub(&place) else { return };
    for on in [false, true] {
        for call in 0..90 {
            let mut command = place.wrapped(&[], &["--prefix", "F8", "--device", "gpu"]);
            command.env("OPENCL_DYLIB_PATH", &library);
            command.env("FAIL_AT", call.to_string());
            if on {
                command.env("FAIL_ON", "1");
            }
            let run = place.finish(command);
            // a card that computes nothing never counts
            assert_eq!(run.code, Some(2), "call {call}: {}", run.err);
            assert!(run.err.contains("--device"), "call {call}: {}", run.err);
        }
    }
    assert_eq!(place.pairs().len(), 0);
}

#[test]
fn with_all_cards_a_broken_one_is_left_out_and_the_processors_search() {
    let place = Place::new();
    let Some(library) = stub(&place) else { return };
    for call in [0, 1, 2, 5, 20, 40] {
        let mut command = place.wrapped(&[], &["--prefix", "F8", "--device", "all"]);
        command.env("OPENCL_DYLIB_PATH", &library);
        command.env("FAIL_AT", call.to_string());
        let run = place.finish(command);
        assert_eq!(run.code, Some(0), "call {call}: {}", run.err);
        assert!(
            run.err.contains("left out") || run.err.contains("No card"),
            "{}",
            run.err
        );
    }
}

/// Faults of the long test.
const FAULTS: usize = 100;

#[test]
#[ignore = "ten minutes: a hundred faults of a device in one search"]
fn a_search_survives_a_hundred_faults_of_its_device_and_loses_no_key() {
    let Some(place) = place() else { return };
    // each new engine of the device has the next one
    let kinds = [
        "lost:worker=2,at=1s",
        "panic:worker=2,at=1s",
        "hang:worker=2,at=1s,how=block",
    ];
    let faults = kinds.iter().cycle().take(FAULTS);
    let words = "--prefix F8AABB -n all --device gpu:0 --workers 1 --json --events ../events --restarts 1000000 \
                 --breaker-restarts 1000000 --zombie-share off";
    let words = words.split_whitespace();
    let words: Vec<_> = words
        .chain(faults.flat_map(|fault| ["--inject", fault]))
        .collect();
    let running = place.start(place.command(&words));
    let patience = Duration::from_secs(1800);
    let begin = Instant::now();
    let restarts = || {
        let events = fs::read_to_string(place.path("events")).unwrap();
        events.matches("\"step\":\"restarting\"").count()
    };
    while restarts() < FAULTS {
        assert!(begin.elapsed() < patience, "{} restarts", restarts());
        std::thread::sleep(Duration::from_secs(1));
    }
    running.signal(Signal::TERM);
    let run = running.end(DEADLINE);
    place.assert_secret(&run);
    assert_eq!(run.code, Some(143), "{}", run.err);
    let curve = Curve::new();
    for pair in place.pairs() {
        let scalar = pair.private[..32].try_into().unwrap();
        assert_eq!(curve.public_key(scalar), pair.public);
    }
    let announced = run
        .json()
        .into_iter()
        .filter(|line| line["kind"] == "found")
        .count();
    let summary = run.summary();
    eprintln!(
        "{announced} keys, {} candidates, {} in {:?}",
        summary["candidates"],
        summary["health"]["restarts"],
        begin.elapsed()
    );
    assert!(announced > 0);
    assert_eq!(announced, place.pairs().len());
}
