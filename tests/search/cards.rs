//! Searches on OpenCL devices. Where there is none these tests are skipped; PoCL makes one of the processor.

use std::process::Command;

use crate::common::ed25519_reference::Curve;
use crate::common::program::{NEVER, Place, Run};

/// A place, where there is an OpenCL device.
fn place() -> Option<Place> {
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

#[test]
fn a_device_finds_keys_and_every_one_is_valid() {
    let Some(place) = place() else { return };
    // the worker on the processor is stopped by a fault, so that the device finds them
    let run = search(
        &place,
        &[
            "--prefix",
            "F8A",
            "--count",
            "30",
            "--inject",
            "hang:worker=1,how=block",
        ],
    );
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
fn a_device_that_is_lost_or_hangs_or_computes_wrong_is_replaced_and_the_search_goes_on() {
    let Some(place) = place() else { return };
    for (fault, verdict) in [
        ("lost:worker=2,at=1s", "worker-dead"),
        ("panic:worker=2,at=1s", "worker-dead"),
        ("hang:worker=2,at=1s,how=block", "worker-unresponsive"),
        ("wrong:worker=2,at=1s", "wrong-arithmetic"),
    ] {
        let run = search(
            &place,
            &[
                "--prefix",
                NEVER,
                "--time",
                "20s",
                "--inject",
                fault,
                "--canary-bits",
                "16",
            ],
        );
        let summary = run.summary();
        let restarts = &summary["health"]["restarts"];
        assert!(
            restarts[verdict].as_u64() > Some(0),
            "{fault}: {restarts} {}",
            run.err
        );
    }
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
    let found = run(&["--prefix", "F8", "--device", "all"]);
    assert_eq!(found.code, Some(0), "{}", found.err);
}
