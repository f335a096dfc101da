//! A backend that fails its known answers when a search starts.

use crate::common::program::{Place, Run};

/// What `keygen --version` says of the backends, those of this processor in the order in which they are chosen.
fn supported(place: &Place) -> Vec<String> {
    let run = place.run(&["--version"]);
    let line = run.out.lines().find(|line| line.starts_with("backends: "));
    let names = line.unwrap().trim_start_matches("backends: ").split(", ");
    let here = names.filter(|name| !name.contains("not on this processor"));
    here.map(str::to_owned).collect()
}

fn search(place: &Place, more: &[&str]) -> Run {
    place.run(&[&["--prefix", "A"], more].concat())
}

#[test]
fn a_backend_that_fails_is_reported_and_the_next_one_searches() {
    let place = Place::new();
    let supported = supported(&place);
    let [first, next, ..] = &supported[..] else {
        eprintln!("skipped: this processor has one backend only");
        return;
    };
    let fault = format!("answers:backend={first}");
    let run = search(
        &place,
        &["-v", "--inject", &fault, "--events", "events.jsonl"],
    );
    assert_eq!(run.code, Some(0), "{}", run.err);
    let reported = format!("wrong-arithmetic: backend {first} computes wrong results");
    assert!(run.err.contains(&reported), "{}", run.err);
    let used = format!("it is not used, the search runs on {next}");
    assert!(run.err.contains(&used), "{}", run.err);
    assert!(run.err.contains(&format!("({next})")), "{}", run.err);
    let events = std::fs::read_to_string(place.keys().join("events.jsonl")).unwrap();
    let is_told = |line: &str| line.contains("wrong-arithmetic") && line.contains(first);
    assert!(events.lines().any(is_told), "{events}");
}

#[test]
fn without_a_backend_that_computes_right_nothing_is_searched() {
    let place = Place::new();
    let faults: Vec<_> = supported(&place)
        .iter()
        .map(|name| format!("answers:backend={name}"))
        .collect();
    let words: Vec<_> = faults
        .iter()
        .flat_map(|fault| ["--inject", fault])
        .collect();
    let run = search(&place, &words);
    assert_eq!(run.code, Some(1), "{}", run.err);
    assert!(
        run.err.contains("no backend gives its known answers"),
        "{}",
        run.err
    );
    assert!(run.out.is_empty() && place.pairs().is_empty());
}

#[test]
fn a_backend_that_was_asked_for_is_not_replaced_in_silence() {
    let place = Place::new();
    let fault = "answers:backend=portable";
    let run = search(&place, &["--backend", "portable", "--inject", fault]);
    assert_eq!(run.code, Some(1), "{}", run.err);
    assert!(
        run.err.contains("portable computes wrong results"),
        "{}",
        run.err
    );
    assert!(run.err.contains("--backend auto"), "{}", run.err);
    assert!(place.pairs().is_empty());
}
