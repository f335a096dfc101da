//! The command line as a black box: bad input and likely slips.

use std::fs;

use crate::common::plain::{keygen, keygen_in};

/// Checks that a call ends with 2, says all these words on standard error, prints nothing, and writes nothing.
fn refuses(words: &[&str], said: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("list.txt"), "F8\n").unwrap();
    let output = keygen_in(folder.path(), words);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{words:?}: {error}");
    assert!(output.stdout.is_empty(), "{words:?}");
    assert!(error.starts_with("error: "), "{words:?}: {error}");
    for part in said {
        assert!(
            error.contains(part),
            "{words:?} should say {part:?}: {error}"
        );
    }
    let left: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left, ["list.txt"], "{words:?}");
}

#[test]
fn a_folder_whose_name_breaks_lines_ends_with_2() {
    refuses(
        &["--output", "keys\nmore"],
        &["--output", "control character", "Choose"],
    );
}

#[test]
fn numbers_and_times_that_cannot_be_right_end_with_2() {
    refuses(&["-n", "0"], &["--count 0", "at least 1", "500K", "all"]);
    refuses(&["-n", "none"], &["--count none", "not a number"]);
    refuses(&["--candidates", "0"], &["--candidates 0", "at least 1"]);
    refuses(&["--candidates", "-5"], &["--candidates -5", "negative"]);
    refuses(&["--candidates", "1.5"], &["not a whole number"]);
    refuses(
        &["--candidates", "5X"],
        &["\"X\" is not a unit", "K, M, G or B"],
    );
    refuses(&["--candidates", "1,000"], &["comma", "1_000_000"]);
    refuses(&["--keys", "0"], &["--keys 0", "millions"]);
    refuses(
        &["--time", "0"],
        &["--time 0", "longer than zero", "1h 30m"],
    );
    refuses(&["--time", "-2"], &["--time -2", "negative"]);
    refuses(
        &["--time", "5 parsecs"],
        &["\"parsecs\" is not a unit of time"],
    );
    refuses(&["--time", "1:75"], &["00 to 59"]);
    refuses(
        &["--until", "25:00"],
        &["--until 25:00", "no such time of day", "23:59"],
    );
    refuses(&["--workers", "0"], &["--workers 0", "processors"]);
    refuses(&["--workers", "-1"], &["--workers -1"]);
    refuses(&["--batch-size", "0"], &["--batch-size 0"]);
    refuses(&["--watchlist-max", "0"], &["--watchlist-max 0"]);
    refuses(
        &["odds", "--rate", "fast"],
        &["--rate fast", "not a number"],
    );
    refuses(&["bench", "--seconds", "0"], &["--seconds 0"]);
    refuses(&["--test-distribution", "0"], &["--test-distribution 0"]);
}

#[test]
fn words_that_are_not_among_the_allowed_ones_end_with_2() {
    refuses(
        &["--backend", "sse2"],
        &["sse2", "auto, avx512ifma, avxifma, avx2, neon, portable"],
    );
    refuses(&["--priority", "high"], &["high", "low, normal"]);
    refuses(&["--format", "xml"], &["xml", "text, json"]);
    refuses(&["completions", "tcsh"], &["tcsh", "bash", "zsh"]);
    refuses(
        &["key", "export", "--format", "pdf", "a"],
        &["pdf", "text, json, serial"],
    );
    refuses(&["--vanity", "1"], &["--vanity 1", "2 to 16"]);
    refuses(&["--vanity", "17"], &["--vanity 17", "2 to 16"]);
    refuses(
        &["--avoid-file", "list.txt", "--id-bytes", "4"],
        &["--id-bytes 4", "1, 2 and 3"],
    );
}

#[test]
fn a_value_or_an_option_twice_ends_with_2() {
    refuses(
        &["--prefix", "F8", "--prefix", "f8"],
        &["--prefix f8", "twice"],
    );
    refuses(&["--prefix", "A1,B2,A1"], &["--prefix A1", "twice"]);
    refuses(&["--suffix", "A1,A1"], &["--suffix A1", "twice"]);
    refuses(&["--match", "A1...B2", "--match", "a1...b2"], &["twice"]);
    refuses(&["--vanity", "8", "--vanity-8"], &["--vanity 8", "twice"]);
    refuses(&["--vanity-8", "--pattern-8"], &["multiple times"]);
    refuses(
        &["--avoid", "01", "--avoid", "01"],
        &["--avoid 01", "twice"],
    );
    refuses(
        &["--pattern-file", "list.txt", "--pattern-file", "list.txt"],
        &["list.txt", "twice"],
    );
    refuses(
        &["--workers", "1", "--workers", "1"],
        &["--workers", "multiple times"],
    );
    refuses(&["key", "verify", "list.txt", "list.txt"], &["twice"]);
}

#[test]
fn a_missing_file_ends_with_2_and_is_named() {
    for option in ["--pattern-file", "--avoid-file", "--watchlist"] {
        refuses(
            &[option, "missing.txt"],
            &[option, "missing.txt", "no such file", "Check the name"],
        );
    }
    refuses(&["--pattern-file", "."], &["--pattern-file .", "directory"]);
}

#[test]
fn options_that_exclude_one_another_end_with_2() {
    refuses(
        &["--quiet", "-v"],
        &["--quiet", "cannot be used with", "--verbose"],
    );
    refuses(
        &["--health-check", "--no-health-check"],
        &["cannot be used with"],
    );
    refuses(
        &["--keys", "1", "--candidates", "1M"],
        &["cannot be used with"],
    );
    refuses(
        &["--pattern-file", "-", "--avoid-file", "-"],
        &["both read standard input"],
    );
    refuses(
        &["--pattern-file", "-", "--watchlist", "-"],
        &["both read standard input"],
    );
    refuses(&["key", "verify", "-", "-"], &["both read standard input"]);
    refuses(&["--simple"], &["--simple needs --first-two"]);
    refuses(
        &["--simple", "--first-two", "F8", "--vanity-4"],
        &["--simple", "another pattern"],
    );
    refuses(
        &["--first-two", "F8", "--prefix", "F8A1"],
        &["both say how the key begins"],
    );
    refuses(&["--first-two", "F8A"], &["exactly two digits"]);
    refuses(&["--id-bytes", "2"], &["--id-bytes", "--avoid-file"]);
    refuses(
        &["--test-compatibility", "--prefix", "F8"],
        &["self-test does not search"],
    );
}

#[test]
fn private_keys_are_not_printed_where_nobody_reads() {
    refuses(&["--show-private"], &["--show-private", "not a terminal"]);
    refuses(
        &["key", "show", "--private", "list.txt"],
        &["--private", "not a terminal"],
    );
}

#[test]
fn patterns_that_cannot_be_read_or_fulfilled_end_with_2() {
    refuses(
        &["--prefix", "COFFEE"],
        &["--prefix COFFEE", "O is not hex", "position 2"],
    );
    refuses(
        &["--suffix", "12G4"],
        &["--suffix 12G4", "position 3", "not hex"],
    );
    refuses(
        &["--first-two", "FG"],
        &["--first-two FG", "position 2", "not hex"],
    );
    refuses(
        &["--prefix", "0123456789ABCDEF0"],
        &["17 digits", "1 to 16"],
    );
    refuses(&["--match", "ABCD"], &["--match ABCD"]);
    refuses(&["--match", "..."], &["--match ..."]);
    refuses(&["--prefix", "00AB"], &["00AB", "reserves"]);
    refuses(&["--prefix", "FF"], &["FF", "reserves"]);
    refuses(
        &["--prefix", "AB", "--suffix", "CD", "--vanity-2"],
        &["never hold together"],
    );
    refuses(&["--prefix", "A1", "--avoid", "A"], &["avoid"]);
    refuses(&["--avoid", "0,1,2,3,4,5,6,7,8,9,A,B,C,D,E,F"], &["avoid"]);
    refuses(&["odds", "--prefix", "XY"], &["--prefix XY", "not hex"]);
    refuses(&["bench", "--prefix", "XY"], &["--prefix XY", "not hex"]);
}

#[test]
fn every_malformed_line_of_every_file_is_listed() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.txt"), "F8\nGG\n12...3X|mine\n").unwrap();
    fs::write(folder.path().join("b.txt"), "no hex here\n").unwrap();
    let output = keygen_in(
        folder.path(),
        &["--pattern-file", "a.txt", "--avoid-file", "b.txt"],
    );
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{error}");
    for place in ["a.txt:2: GG", "a.txt:3: 12...3X", "b.txt:1: "] {
        assert!(error.contains(place), "{place}: {error}");
    }
    let output = keygen_in(folder.path(), &["--watchlist", "a.txt"]);
    assert!(
        output.status.code() == Some(2)
            && String::from_utf8_lossy(&output.stderr).contains("a.txt:2: GG")
    );
}

#[test]
fn likely_slips_get_a_hint() {
    refuses(&["F8A1"], &["did you mean `--prefix F8A1`?"]);
    refuses(
        &["COFFEE"],
        &["O is not hex (position 2", "--prefix C0FFEE"],
    );
    refuses(&["AB...CD"], &["did you mean `--match 'AB...CD'`?"]);
    refuses(&["--prefx", "F8"], &["--prefix"]);
    refuses(&["bnech"], &["bench"]);
    refuses(&["--prefix", "F8", "odds"], &["'odds' comes first"]);
    refuses(&["--prefix"], &["a value is required for '--prefix <HEX>'"]);
    refuses(&["--prefix", "F8,"], &["a value is empty"]);
    refuses(&["--vanity", ""], &["from 2 to 16"]);
    refuses(&["--vanity-5"], &["did you mean `--vanity 5`?"]);
    refuses(&["--pattern-7"], &["did you mean `--vanity 7`?"]);
    refuses(&["--threads", "4"], &["did you mean `--workers`?"]);
    refuses(&["--prefix", "F8", "more"], &["'more' stands alone"]);
    refuses(&["--first-two", "ff"], &["--first-two ff can never match"]);
}

#[test]
fn a_private_key_on_the_command_line_is_not_repeated() {
    let key = "4a".repeat(64);
    for words in [vec![key.as_str()], vec!["key", "verify", &key]] {
        refuses(&words, &["other users can see it"]);
        assert!(!String::from_utf8_lossy(&keygen(&words).stderr).contains(&key));
    }
}
