//! Patterns and avoided beginnings come from files of every make and size.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs::File;
use std::time::Instant;

use crate::common::program::{Place, Run};

/// A search for five keys with a file; every key must begin and end with one of these pairs.
fn finds(contents: &[u8], wanted: &[(&str, &str)]) -> Run {
    let place = Place::new();
    let file = place.write("patterns.txt", contents);
    let run = place.finds(&["--pattern-file", &file, "-n", "5"]);
    for public in run.publics() {
        let fits = |(head, tail): &(&str, &str)| public.starts_with(head) && public.ends_with(tail);
        assert!(wanted.iter().any(fits), "{public}");
    }
    run
}

#[test]
fn lines_have_both_sides_one_side_or_a_bare_prefix() {
    finds(b"A1...B2\n", &[("a1", "b2")]);
    finds(b"C3...\n...D4\n", &[("c3", ""), ("", "d4")]);
    finds(b"e5f\n", &[("e5f", "")]);
}

#[test]
fn descriptions_comments_and_blank_lines_are_fine() {
    let text = b"# mine\n\nF8A1|north hill\n  F8A2 | south hill # really\nF8A3 # a comment\n";
    finds(text, &[("f8a1", ""), ("f8a2", ""), ("f8a3", "")]);
}

#[test]
fn a_file_made_on_windows_is_fine() {
    finds(
        b"\xef\xbb\xbfF8A\r\nA1\xe2\x80\xa6B2\r\n",
        &[("f8a", ""), ("a1", "b2")],
    );
}

#[test]
fn a_description_names_what_was_found() {
    let place = Place::new();
    let file = place.write("patterns.txt", "F8A|north hill\n");
    let run = place.finds(&["--pattern-file", &file, "--json"]);
    let pattern = run.json()[0]["pattern"].as_str().unwrap().to_owned();
    assert!(pattern.contains("north hill"), "{pattern}");
}

#[test]
fn lines_that_never_match_and_repeated_ones_are_a_warning() {
    let run = finds(b"00A1\nFF\nF8\nF8\n", &[("f8", "")]);
    assert!(run.err.contains("never match"), "{}", run.err);
    assert!(run.err.contains("patterns.txt"), "{}", run.err);
}

#[test]
fn malformed_lines_are_all_listed_and_nothing_is_done() {
    let place = Place::new();
    let file = place.write("bad.txt", "F8\nCOFFEE\nA1...B2...C3\n12345678901234567\n");
    let run = place.run(&["--pattern-file", &file]);
    assert_eq!(run.code, Some(2));
    for line in ["bad.txt:2", "bad.txt:3", "bad.txt:4"] {
        assert!(run.err.contains(line), "{}", run.err);
    }
    assert!(place.names().is_empty());
}

#[test]
fn a_file_without_a_pattern_is_an_error_and_not_the_default_search() {
    for contents in ["", "# nothing\n\n", "00AB\nFF\n"] {
        let place = Place::new();
        let file = place.write("empty.txt", contents);
        let run = place.run(&["--pattern-file", &file, "--candidates", "1"]);
        assert_eq!(run.code, Some(2), "{}", run.err);
        assert!(run.err.contains("empty.txt"), "{}", run.err);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_without_an_end_is_an_error() {
    let run = Place::new().run(&["--pattern-file", "/dev/zero"]);
    assert_eq!(run.code, Some(2));
    assert!(run.err.contains("/dev/zero"), "{}", run.err);
}

#[test]
fn patterns_come_from_standard_input() {
    let place = Place::new();
    let file = place.write("patterns.txt", "A1...B\n");
    let mut command = place.command(&["--pattern-file", "-", "-n", "3"]);
    command.stdin(File::open(file).unwrap());
    let run = place.finish(command);
    assert_eq!(run.code, Some(0), "{}", run.err);
    for public in run.publics() {
        assert!(
            public.starts_with("a1") && public.ends_with('b'),
            "{public}"
        );
    }
}

#[test]
fn avoided_beginnings_come_from_a_file_cut_to_the_node_id() {
    let place = Place::new();
    let mut list = String::new();
    for byte in 0..=255u8 {
        if byte != 0xf8 && byte != 0xa1 {
            writeln!(list, "{byte:02X}{} node {byte}, 3 hops", "5A".repeat(31)).unwrap();
        }
    }
    let file = place.write("nodes.txt", list);
    let run = place.finds(&["--avoid-file", &file, "-n", "2"]);
    let mut ids: Vec<String> = run.publics().iter().map(|key| key[..2].into()).collect();
    ids.sort_unstable();
    assert_eq!(ids, ["a1", "f8"], "no two keys of a run have one ID");
    let file = place.write("two.txt", "F8A1\nF8A2B3C4:17:-34\n");
    let words = [
        "--avoid-file",
        &file,
        "--id-bytes",
        "2",
        "--prefix",
        "F8A1,F8A2,F8A3",
    ];
    for public in place.finds(&words).publics() {
        assert!(public.starts_with("f8a3"), "{public}");
    }
}

/// 100,000 different prefixes of 4 to 12 digits (a linear congruential sequence), few short enough to be found.
fn many_lines() -> (String, HashSet<String>) {
    let mut state = 1u64;
    let (mut text, mut set) = (String::new(), HashSet::new());
    while set.len() < 100_000 {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let long = format!("a{:015x}", state >> 4);
        let digits = if set.len() % 1000 == 0 {
            6
        } else {
            8 + set.len() % 5
        };
        let line = long[..digits].to_owned();
        if set.insert(line.clone()) {
            writeln!(text, "{line}|number {}", set.len()).unwrap();
        }
    }
    (text, set)
}

#[test]
fn a_hundred_thousand_lines_are_normal() {
    let (text, set) = many_lines();
    let place = Place::new();
    let file = place.write("many.txt", text);
    let start = Instant::now();
    let run = place.finds(&["--pattern-file", &file, "-n", "5"]);
    assert!(start.elapsed().as_secs() < 30, "{:?}", start.elapsed());
    for public in run.publics() {
        let fits = |digits: usize| set.contains(&public[..digits]);
        assert!((6..=12).any(fits), "{public}");
    }
}

/// A limit in blocks of 512 bytes, under which a shell starts the program.
#[cfg(unix)]
fn with_file_size_limit(place: &Place, blocks: &str, words: &[&str]) -> Run {
    let script = "ulimit -f \"$0\" && exec \"$@\"";
    place.finish(place.wrapped(&["sh", "-c", script, blocks], words))
}

#[test]
#[cfg(unix)]
fn a_limit_on_file_sizes_is_an_error_of_the_folder_and_not_the_end_of_the_process() {
    let place = Place::new();
    let run = with_file_size_limit(&place, "0", &["--prefix", "F8"]);
    assert_eq!(run.code, Some(2), "{}", run.err);
    assert!(run.err.contains("cannot take key files"), "{}", run.err);
    assert!(place.names().is_empty());
}

#[test]
#[cfg(unix)]
fn keys_are_saved_though_a_limit_on_file_sizes_stops_the_file_of_events() {
    let place = Place::new();
    let events = place.write("events.jsonl", "");
    let words = ["--prefix", "F", "-n", "40", "--events", &events];
    let run = with_file_size_limit(&place, "8", &words);
    assert!(run.code.is_some(), "a signal ended it: {}", run.err);
    assert_eq!(place.pairs().len(), 40, "{}", run.err);
}
