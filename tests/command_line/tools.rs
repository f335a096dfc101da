//! The tools beside the search as a black box: odds, bench, key, self-test, and the Python tool's self-tests.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

const PRIVATE: &str = "c07041899743b09b5ff87235b2a8fcaacbdaf7c6d9e79b4ff1548742130e8c6e\
                       7d0a89726be4eb5a39f533247792cb4d11be69c38616aa16937609a40600e815";
const PUBLIC: &str = "9777e76a05051e0a162c876ea163854b4a59d9a6a73fb44ac38e04c37920c7e1";

/// Runs `keygen` with these words in `folder`, and `input` on standard input.
fn keygen_in(folder: &Path, words: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_keygen"))
        .args(words)
        .current_dir(folder)
        .env("HOME", folder)
        .env("XDG_STATE_HOME", folder.join("state"))
        // OpenCL on the processor keeps a cache of its own as soon as it is asked what there is
        .env("POCL_CACHE_DIR", env!("CARGO_TARGET_TMPDIR"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    child.wait_with_output().unwrap()
}

/// Exit code, standard output and standard error of a call that must leave no file behind.
fn keygen(words: &[&str]) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let output = keygen_in(folder.path(), words, "");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "{words:?}");
    texts(&output)
}

fn texts(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

/// The JSON object that a successful call prints.
fn json_of(words: &[&str]) -> Value {
    let (code, out, err) = keygen(words);
    assert_eq!(code, Some(0), "{words:?}: {err}");
    serde_json::from_str(&out).unwrap()
}

fn close(value: &Value, expected: f64) {
    let value = value.as_f64().unwrap();
    assert!(
        (value / expected - 1.0).abs() < 1e-3,
        "{value} is not {expected}"
    );
}

#[test]
fn odds_of_a_prefix_are_exact_at_a_given_rate() {
    let odds = json_of(&[
        "odds", "--prefix", "F8A1", "--rate", "65536", "--time", "2s", "--json",
    ]);
    assert_eq!(odds["probability"].as_f64(), Some(1.0 / 65_536.0));
    assert_eq!(odds["expected_candidates"].as_f64(), Some(65_536.0));
    assert_eq!(odds["expected_seconds"].as_f64(), Some(1.0));
    assert_eq!(odds["rate_measured"].as_bool(), Some(false));
    close(&odds["seconds"]["50"], 2_f64.ln());
    close(&odds["seconds"]["99"], 100_f64.ln());
    close(&odds["within"]["chance"], 1.0 - (-2_f64).exp());
}

#[test]
fn odds_of_a_reserved_beginning_leave_out_what_is_never_reported() {
    let odds = json_of(&["odds", "--prefix", "F", "--rate", "1", "--json"]);
    assert_eq!(odds["probability"].as_f64(), Some(15.0 / 256.0));
}

#[test]
fn odds_measure_the_rate_of_this_machine() {
    let odds = json_of(&["odds", "--vanity", "8", "--json"]);
    assert_eq!(odds["rate_measured"].as_bool(), Some(true));
    assert!(odds["rate"].as_f64().unwrap() > 1e4);
    let (code, out, _) = keygen(&["odds", "--prefix", "ABC"]);
    assert_eq!(code, Some(0));
    for part in [
        "prefix ABC",
        "1 in 4,096",
        "measured now",
        "50 %",
        "90 %",
        "99 %",
    ] {
        assert!(out.contains(part), "{part}: {out}");
    }
}

#[test]
fn odds_without_a_pattern_are_a_table() {
    let (code, out, err) = keygen(&["odds", "--rate", "1M", "--time", "1h"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    for part in [
        "prefix A ",
        "prefix ABCDEF123456",
        "vanity 2 ",
        "vanity 12",
        "in 1 h",
    ] {
        assert!(out.contains(part), "{part}: {out}");
    }
    let table = json_of(&["odds", "--rate", "1M", "--json"]);
    assert_eq!(table["table"].as_array().unwrap().len(), 23);
    assert_eq!(table["rate"].as_f64(), Some(1e6));
}

#[test]
fn bench_measures_every_backend_of_this_processor() {
    let bench = json_of(&["bench", "--seconds", "0.1", "--json"]);
    let results = bench["results"].as_array().unwrap();
    assert!(results.iter().any(|result| result["backend"] == "portable"));
    let rows = |result: &Value| {
        result
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    let mut names = [
        "backend",
        "workers",
        "pattern",
        "candidates_per_second",
        "clock_hz",
        "cycles_per_candidate",
        "cycles_interval",
    ];
    names.sort_unstable();
    for result in results {
        let mut found = rows(result);
        found.sort_unstable();
        assert_eq!(found, names);
        assert_eq!(result["pattern"], "prefix C0FFEE1234");
        assert!(result["candidates_per_second"].as_f64().unwrap() > 1e4);
        let cycles = &result["cycles_per_candidate"];
        assert!(cycles.is_null() || (1.0..1e4).contains(&cycles.as_f64().unwrap()));
    }
}

#[test]
fn bench_takes_a_pattern_and_one_backend() {
    let words = [
        "bench",
        "--vanity-4",
        "--backend",
        "portable",
        "--seconds",
        "0.1",
    ];
    let (code, out, err) = keygen(&words);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(out.starts_with("pattern: vanity 4"), "{out}");
    assert!(
        out.contains("\nportable") && !out.contains("\navx"),
        "{out}"
    );
}

#[test]
fn bench_goes_on_while_nearly_every_candidate_is_a_hit() {
    let words = [
        "bench",
        "--avoid",
        "AB",
        "--backend",
        "auto",
        "--seconds",
        "0.1",
        "--json",
    ];
    let result = &json_of(&words)["results"][0];
    assert!(result["candidates_per_second"].as_f64().unwrap() > 0.0);
}

#[test]
fn what_the_processor_lacks_is_said_by_name() {
    let supported = |name: &str| {
        let names = meshcore_keygen::engine::Backend::supported();
        names.iter().any(|backend| backend.name() == name)
    };
    for name in ["avx512ifma", "avxifma", "avx2", "neon", "portable"] {
        let (code, _, err) = keygen(&["bench", "--backend", name, "--seconds", "0.05"]);
        if supported(name) {
            assert_eq!(code, Some(0), "{err}");
        } else {
            assert_eq!(code, Some(2));
            assert!(err.contains(name) && err.contains("portable"), "{err}");
        }
    }
}

#[test]
fn bench_refuses_what_can_not_be() {
    for words in [
        &["bench", "--seconds", "0"][..],
        &["bench", "--backend", "sse9"],
        &["bench", "--prefix", "XY"],
        &["odds", "--rate", "-1"],
    ] {
        let (code, out, err) = keygen(words);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{words:?}");
        assert!(err.starts_with("error: "), "{words:?}: {err}");
    }
}

#[test]
fn the_self_test_has_a_line_for_every_backend() {
    let (code, out, err) = keygen(&["self-test"]);
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    for part in [
        "engine avx512ifma",
        "engine avx2",
        "engine portable",
        "known keys",
        "patterns",
    ] {
        assert!(out.contains(part), "{part}: {out}");
    }
    assert!(
        out.lines()
            .all(|line| line.starts_with("ok") || line.starts_with("skipped"))
    );
}

#[test]
fn every_test_of_the_python_tool_has_a_statistic_and_a_verdict() {
    let tests: [&[&str]; 4] = [
        &["--test-compatibility"],
        &["--test-distribution", "0.1"],
        &["--test-entropy", "0.5"],
        &["--test-meshcore-id"],
    ];
    for words in tests {
        let (code, out, err) = keygen(words);
        assert_eq!((code, err.as_str()), (Some(0), ""), "{words:?}: {out}");
        assert!(
            out.contains("p = ") && out.contains("PASS"),
            "{words:?}: {out}"
        );
    }
}

#[test]
fn tests_of_the_python_tool_say_how_many_keys_they_really_took() {
    let words = [
        "--test-distribution",
        "0.07",
        "--test-meshcore-id",
        "3K",
        "--test-entropy",
        "0.1",
    ];
    let (code, out, _) = keygen(&words);
    assert_eq!(code, Some(0));
    for part in ["70,000 keys", "3,000 keys", "100 keys"] {
        assert!(out.contains(part), "{part}: {out}");
    }
}

#[test]
fn a_saved_key_is_verified_shown_and_exported() {
    let folder = tempfile::tempdir().unwrap();
    let file = "meshcore_9777E76A.json";
    let json = format!("{{\"public_key\": \"{PUBLIC}\", \"private_key\": \"{PRIVATE}\"}}");
    fs::write(folder.path().join(file), json).unwrap();
    let run = |words: &[&str]| texts(&keygen_in(folder.path(), words, ""));
    let (code, out, _) = run(&["key", "verify", file]);
    assert_eq!(code, Some(0));
    assert!(out.starts_with("ok") && out.contains(PUBLIC), "{out}");
    let (code, out, _) = run(&["key", "show", file]);
    assert_eq!(code, Some(0));
    assert!(
        out.contains("97, 9777, 9777E7") && !out.contains(PRIVATE),
        "{out}"
    );
    let (code, out, _) = run(&["key", "export", "--format", "serial", file]);
    assert_eq!((code, out), (Some(0), format!("set prv.key {PRIVATE}\n")));
    let (code, out, err) = run(&["key", "show", "--private", file]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(err.contains("terminal") && !err.contains(PRIVATE), "{err}");
}

#[test]
fn a_key_comes_from_standard_input_and_a_bad_one_fails() {
    let folder = tempfile::tempdir().unwrap();
    let run = |words: &[&str], input: &str| texts(&keygen_in(folder.path(), words, input));
    let (code, out, _) = run(&["key", "verify", "-"], PRIVATE);
    assert_eq!(code, Some(0));
    assert!(out.contains("ok") && out.contains(PUBLIC), "{out}");
    let pair = format!("{}\n{PRIVATE}\n", "11".repeat(32));
    let (code, out, _) = run(&["key", "verify", "-"], &pair);
    assert_eq!(code, Some(1));
    assert!(out.contains("FAILED") && !out.contains(PRIVATE), "{out}");
    let (code, out, err) = run(&["key", "export", "-"], &pair);
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(err.contains("not exported"), "{err}");
    let (code, out, err) = run(&["key", "verify", "missing.txt"], "");
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(err.contains("missing.txt"), "{err}");
}

#[test]
fn a_reader_that_goes_away_ends_a_tool_without_a_failure() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_keygen"))
        .args(["odds", "--rate", "1"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(texts(&output), (Some(0), String::new(), String::new()));
}

/// The findings of `keygen doctor --json` about one thing.
fn found_by_doctor(answer: &Value, about: &str) -> Vec<Value> {
    let all = answer["findings"].as_array().unwrap().iter();
    all.filter(|found| found["about"] == about)
        .cloned()
        .collect()
}

#[test]
fn the_doctor_names_program_machine_folders_and_settings_and_creates_nothing() {
    let answer = json_of(&["doctor", "--json"]);
    assert_eq!(answer["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(answer["fine"], true, "{answer:#}");
    for about in [
        "program",
        "processor",
        "engine portable",
        "known keys",
        "rate",
        "settings",
        "memory",
        "disk for keys",
        "folder for keys",
        "state folder",
        "serial port",
        "clock",
        "sleep",
    ] {
        assert!(!found_by_doctor(&answer, about).is_empty(), "{about}");
    }
    let (code, out, err) = keygen(&["doctor"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(out.contains("\n0 wrong, "), "{out}");
}

#[test]
fn the_doctor_says_why_a_search_would_be_refused() {
    let folder = tempfile::tempdir().unwrap();
    let settings = folder.path().join("settings.toml");
    let settings = settings.to_str().unwrap();
    let examined = |text: &str| {
        fs::write(settings, text).unwrap();
        let words = ["doctor", "--json", "--config", settings];
        let (code, out, _) = texts(&keygen_in(folder.path(), &words, ""));
        (code, serde_json::from_str::<Value>(&out).unwrap())
    };
    let (code, answer) = examined("workers = \"many\"");
    assert_eq!(code, Some(1));
    let found = found_by_doctor(&answer, "settings");
    assert_eq!(found[0]["grade"], "wrong");
    assert!(found[0]["found"].as_str().unwrap().contains("workers"));
    let (code, answer) = examined("workers = 1");
    assert_eq!(code, Some(0));
    let found = found_by_doctor(&answer, "setting");
    let said = found[0]["found"].as_str().unwrap();
    assert_eq!(said, format!("workers = 1 (file {settings}:1)"));
}
