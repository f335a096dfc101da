//! What a searcher finds is right for plain arithmetic on every backend, and says so in each of its outputs.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use meshcore_keygen::engine::Backend;
use num_bigint::BigUint;
use serde_json::Value;

use super::{Both, scalar, scalars};
use crate::common::ed25519_reference::Curve;
use crate::common::program::{hex, unhex};

/// The scalar of a start beyond which a claim lies, by plain integers: `s + 8·o`.
fn beyond(start: &str, claim: &Value) -> [u8; 32] {
    let offset: BigUint = claim["offset"].as_str().unwrap().parse().unwrap();
    let hexed = BigUint::parse_bytes(claim["offset_hex"].as_str().unwrap().as_bytes(), 16);
    assert_eq!(hexed.unwrap(), offset);
    let sum = BigUint::from_bytes_le(&unhex(start)) + offset * 8u32;
    let mut bytes = sum.to_bytes_le();
    bytes.resize(32, 0);
    bytes.try_into().unwrap()
}

#[test]
fn on_every_backend_a_claim_is_the_key_at_its_offset_for_plain_arithmetic() {
    let curve = Curve::new();
    for backend in Backend::supported() {
        let both = Both::new();
        let starts = both.starts(1);
        let secret = scalars(&both.owner).remove(0);
        let name = backend.name();
        both.search(
            &starts,
            &[
                "--backend",
                name,
                "--prefix",
                "A",
                "--suffix",
                "7",
                "-n",
                "4",
            ],
        );
        let claims = both.claims();
        assert_eq!(claims.len(), 4, "{name}");
        for claim in claims {
            let public = claim["public_key"].as_str().unwrap();
            assert_eq!(claim["start"], starts[0].as_str());
            assert_eq!(
                hex(&curve.public_key(&beyond(&secret, &claim))),
                public,
                "{name}"
            );
            assert!(public.starts_with('a') && public.ends_with('7'));
            assert_eq!(claim["pattern"], "prefix A, suffix 7");
        }
        for file in both.claim_files() {
            assert_eq!(
                fs::metadata(file).unwrap().permissions().mode() & 0o777,
                0o644
            );
        }
    }
}

#[test]
fn a_thousand_starts_get_a_claim_each_and_all_their_keys_are_good_and_unrelated() {
    const KEYS: usize = 1000;
    let both = Both::new();
    let starts = both.starts(KEYS);
    both.search(&starts, &["--prefix", "B", "-n", "1000"]);
    let claimed: HashSet<_> = both
        .claims()
        .iter()
        .map(|claim| claim["start"].to_string())
        .collect();
    assert_eq!(claimed.len(), KEYS);
    let run = both.finish();
    assert_eq!(run.code, Some(0), "{}", run.err);
    let curve = Curve::new();
    let pairs = both.owner.pairs();
    assert_eq!(pairs.len(), KEYS);
    for pair in &pairs {
        let scalar: [u8; 32] = pair.private[..32].try_into().unwrap();
        assert_eq!(curve.public_key(&scalar), pair.public);
        assert_eq!(pair.public[0] >> 4, 0xB);
    }
    let mut scalars: Vec<_> = pairs.iter().map(scalar).collect();
    scalars.sort();
    // Of 1,000 scalars in a range of 2^254 two are nearer than 2^190 with a chance below 2^-44.
    let near = BigUint::from(1u32) << 190;
    assert!(scalars.windows(2).all(|two| &two[1] - &two[0] > near));
    let prefixes: HashSet<_> = pairs
        .iter()
        .map(|pair| pair.private[32..].to_vec())
        .collect();
    assert_eq!(prefixes.len(), KEYS);
    assert!(scalars_are_gone(&both));
}

fn scalars_are_gone(both: &Both) -> bool {
    scalars(&both.owner).is_empty()
}

#[test]
fn lines_of_standard_output_json_and_events_carry_the_whole_claim() {
    let both = Both::new();
    let starts = both.starts(2);
    let events = both.searcher.path("events").display().to_string();
    let run = both.search(
        &starts,
        &["--prefix", "C", "-n", "2", "--json", "--events", &events],
    );
    assert_eq!(run.summary()["found"], 2);
    let lines = run.json();
    for line in &lines[..2] {
        assert_eq!(line["kind"], "found");
        let file = fs::read_to_string(line["files"][0].as_str().unwrap()).unwrap();
        let file: Value = serde_json::from_str(&file).unwrap();
        for field in [
            "public_key",
            "start",
            "offset",
            "offset_hex",
            "pattern",
            "candidates",
            "check",
        ] {
            assert_eq!(line[field], file[field], "{field}");
        }
    }
    let told = fs::read_to_string(&events).unwrap();
    assert!(
        lines[..2]
            .iter()
            .all(|line| told.contains(line["offset"].as_str().unwrap()))
    );
    // What the search printed is what finish reads, from standard input.
    let mut command = both.owner.command(&["blind", "finish", "-", "--json"]);
    let printed = both.owner.write("printed", &run.out);
    command.stdin(fs::File::open(printed).unwrap());
    let finished = both.owner.finish(command);
    assert_eq!(
        (finished.code, finished.json().len()),
        (Some(0), 2),
        "{}",
        finished.err
    );
    assert_eq!(both.owner.pairs().len(), 2);
}

#[test]
fn a_line_of_text_has_public_key_file_start_and_offset() {
    let both = Both::new();
    let starts = both.starts(1);
    let run = both.search(&starts, &["--prefix", "D"]);
    let fields: Vec<_> = run.out.trim_end().split('\t').collect();
    let claim = both.claims().remove(0);
    let expected =
        ["public_key", "start", "offset", "offset_hex"].map(|name| claim[name].as_str().unwrap());
    assert_eq!([fields[0], fields[2], fields[3], fields[4]], expected);
    assert!(fields[1].ends_with(&both.searcher.names()[0]));
}

#[test]
fn a_command_on_found_gets_the_claim() {
    let both = Both::new();
    let starts = both.starts(1);
    let told = both.searcher.path("told");
    let line = format!(
        "printenv FOUND_START FOUND_OFFSET FOUND_PUBLIC_KEY FOUND_FILE > {}",
        told.display()
    );
    both.search(&starts, &["--prefix", "E", "--on-found", &line]);
    let told = fs::read_to_string(told).unwrap();
    let lines: Vec<_> = told.lines().collect();
    let claim = both.claims().remove(0);
    let expected = ["start", "offset", "public_key"].map(|name| claim[name].as_str().unwrap());
    assert_eq!(lines[..3], expected);
    assert_eq!(lines[3], both.claim_files()[0].to_str().unwrap());
}

#[test]
fn spot_checks_prove_a_blind_search_too() {
    let both = Both::new();
    let starts = both.starts(1);
    let first = [
        "--blind",
        &starts[0],
        "--workers",
        "1",
        "--prefix",
        "0123456789ABCDEF",
    ];
    let rest = ["--canary-bits", "16", "--candidates", "10M", "--json"];
    let run = both.searcher.run(&[&first[..], &rest].concat());
    assert_eq!(run.code, Some(3), "{}", run.err);
    let checks = &run.summary()["health"]["spot_checks"];
    assert!(checks["confirmed"].as_u64().unwrap() > 50, "{checks}");
    assert_eq!(checks["refuted"], 0);
}

#[test]
fn a_graphics_card_finds_claims_whose_keys_are_good() {
    let both = Both::new();
    if !both
        .searcher
        .run(&["doctor", "--json"])
        .out
        .contains("gpu:0 ")
    {
        eprintln!("skipped: no OpenCL device");
        return;
    }
    let starts = both.starts(20);
    // the worker on the processor is stopped by a fault, so that the device finds them
    let fault = "hang:worker=1,how=block";
    let words = [
        "--device", "gpu:0", "--prefix", "C0", "-n", "20", "--inject", fault,
    ];
    both.search(&starts, &words);
    assert_eq!(both.finish().code, Some(0));
    let curve = Curve::new();
    let pairs = both.owner.pairs();
    assert_eq!(pairs.len(), 20);
    for pair in pairs {
        let scalar = pair.private[..32].try_into().unwrap();
        assert_eq!(
            (curve.public_key(scalar), pair.public[0]),
            (pair.public, 0xC0)
        );
    }
}

#[test]
fn a_key_of_the_watchlist_is_a_claim_too() {
    let both = Both::new();
    let starts = both.starts(1);
    let list = both.searcher.write("list", "F1\n");
    both.search(&starts, &["--prefix", "A1B2", "--watchlist", &list, "-v"]);
    let names = both.searcher.names();
    assert!(
        names.iter().all(|name| name.starts_with("claim_")),
        "{names:?}"
    );
    assert!(names.iter().any(|name| name.starts_with("claim_A1B2")));
}
