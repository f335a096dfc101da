//! Standard output has results and nothing else; what people read goes to standard error.

use std::fs;

use crate::common::program::{Place, hex};

#[test]
fn standard_output_has_one_line_a_key_with_its_file() {
    let place = Place::new();
    let run = place.finds(&["--prefix", "F8", "-n", "3"]);
    assert_eq!(run.lines().len(), 3);
    for (public, file) in run.lines() {
        assert!(file.is_absolute() && file.is_file());
        assert!(public.starts_with("f8") && public.len() == 64);
    }
    assert!(run.err.contains("Searching for prefix F8"), "{}", run.err);
    let folder = fs::canonicalize(place.keys()).unwrap();
    assert!(run.err.contains(folder.to_str().unwrap()), "{}", run.err);
    assert!(run.err.contains("Done: found 3 keys"), "{}", run.err);
}

#[test]
fn json_has_an_object_a_key_and_a_summary() {
    let place = Place::new();
    let run = place.finds(&["--prefix", "F8", "-n", "2", "--json"]);
    let lines = run.json();
    assert_eq!(lines.len(), 3);
    for line in &lines[..2] {
        let text = |name: &str| line[name].as_str().unwrap();
        assert_eq!((text("kind"), text("pattern")), ("found", "prefix F8"));
        assert!(
            place
                .pairs()
                .iter()
                .any(|pair| hex(&pair.public) == text("public_key"))
        );
        for file in line["files"].as_array().unwrap() {
            assert!(fs::exists(file.as_str().unwrap()).unwrap());
        }
        assert!(line["candidates"].as_u64().unwrap() > 0);
        assert!(line["seconds"].as_f64().unwrap() > 0.0);
        assert_eq!(line.as_object().unwrap().len(), 6, "nothing else: {line}");
    }
    let summary = run.summary();
    assert_eq!(
        (&summary["ending"], &summary["found"]),
        (&"found".into(), &2.into())
    );
    let fields: Vec<_> = summary
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let named = [
        "candidates",
        "ending",
        "found",
        "health",
        "kind",
        "rate",
        "seconds",
    ];
    assert_eq!(fields, named, "nothing else: {summary}");
}

#[test]
fn quiet_leaves_only_results() {
    let place = Place::new();
    let run = place.finds(&["--prefix", "F8", "--quiet"]);
    assert_eq!((run.lines().len(), run.err.as_str()), (1, ""));
}

#[test]
fn verbose_says_completed_batches_with_true_counts() {
    let place = Place::new();
    let words = [
        "--prefix",
        "0123456789",
        "--candidates",
        "20M",
        "-v",
        "--json",
    ];
    let run = place.run(&words);
    let total = |line: &str| -> u64 {
        let number = line.rsplit("Total: ").next().unwrap();
        number.trim().replace(',', "").parse().unwrap()
    };
    let mut last = std::collections::BTreeMap::new();
    for line in run.err.lines().filter(|line| line.contains("Completed")) {
        let worker = line.split(':').next().unwrap().to_owned();
        assert!(line.starts_with("Worker "), "{line}");
        last.insert(worker, total(line));
    }
    assert!(!last.is_empty(), "{}", run.err);
    let sum: u64 = last.values().sum();
    assert!(
        sum <= run.summary()["candidates"].as_u64().unwrap(),
        "{}",
        run.err
    );
}

#[test]
fn without_a_terminal_there_are_no_control_sequences_and_no_guide() {
    let run = Place::new().finds(&["--prefix", "F8"]);
    assert!(!run.err.contains('\u{1b}') && !run.err.contains('\r'));
    assert!(!run.err.contains("set prv.key"));
}

#[test]
fn a_search_that_takes_more_than_a_day_says_so_at_the_start() {
    let words = ["--prefix", "0123456789ABCDEF", "--candidates", "1M"];
    let run = Place::new().run(&words);
    assert!(run.err.to_lowercase().contains("year"), "{}", run.err);
}
