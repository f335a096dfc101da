//! How several keys are spread: so many for each pattern, and node IDs that differ, over all runs of a session.

use std::collections::BTreeSet;

use crate::common::program::{NEVER, Place, hex};

/// The first so many digits of each key.
fn beginnings(publics: &[String], digits: usize) -> BTreeSet<String> {
    publics
        .iter()
        .map(|public| public[..digits].to_owned())
        .collect()
}

#[test]
fn keys_that_are_to_differ_have_different_ids() {
    let place = Place::new();
    let publics = place
        .finds(&["--distinct", "--prefix", "A,B", "-n", "32"])
        .publics();
    assert_eq!((publics.len(), beginnings(&publics, 2).len()), (32, 32));
    let words = [
        "--distinct",
        "--id-bytes",
        "2",
        "--prefix",
        "F8A",
        "-n",
        "16",
    ];
    let publics = place.finds(&words).publics();
    assert_eq!((publics.len(), beginnings(&publics, 4).len()), (16, 16));
}

#[test]
fn all_ids_that_there_are_end_a_search_for_all() {
    let place = Place::new();
    let run = place.finds(&["--distinct", "--prefix", "F", "-n", "all"]);
    let ids = beginnings(&run.publics(), 2);
    assert_eq!((run.publics().len(), ids.len()), (15, 15), "FF is reserved");
    assert!(
        run.err.contains("Every node ID") && run.err.contains("--id-bytes 2"),
        "{}",
        run.err
    );
}

#[test]
fn more_keys_than_there_are_ids_are_refused_before_any_work() {
    let place = Place::new();
    for words in [
        &["--distinct", "--prefix", "F8", "-n", "2"][..],
        &["--distinct", "--each", "--prefix", "F8,F801"][..],
        &["--distinct", "--each", "--prefix", "F8,A", "-n", "2"][..],
    ] {
        let run = place.run(words);
        assert_eq!(run.code, Some(2), "{words:?} {}", run.err);
        for part in [
            "IDs that differ",
            "only 1 one-byte ID",
            "--id-bytes 2",
            "keygen ids",
        ] {
            assert!(run.err.contains(part), "{words:?} {part}: {}", run.err);
        }
    }
    assert!(place.pairs().is_empty());
}

#[test]
fn an_id_that_the_patterns_share_is_missed_before_the_search() {
    let place = Place::new();
    let run = place.run(&["--distinct", "--each", "--prefix", "A1,A1B2,C"]);
    assert_eq!(run.code, Some(2), "{}", run.err);
    let said = "2 more keys with IDs that differ are wanted for prefix A1, prefix A1B2, and only 1 one-byte ID";
    assert!(run.err.contains(said), "{}", run.err);
    assert!(place.pairs().is_empty());
}

#[test]
fn no_key_takes_the_only_id_of_another_pattern() {
    for _ in 0..5 {
        let place = Place::new();
        let prefixes = "F,F1,F2,F3,F4,F5,F6,F7,F8,F9,FA,FB,FC,FD,FE12";
        let run = place.finds(&["--distinct", "--each", "--prefix", prefixes]);
        let publics = run.publics();
        assert_eq!((publics.len(), beginnings(&publics, 2).len()), (15, 15));
        assert!(
            publics.iter().any(|key| key.starts_with("fe12"))
                && publics.iter().any(|key| key.starts_with("f0"))
        );
    }
}

#[test]
fn beginnings_to_avoid_make_the_keys_differ_in_as_many_bytes_as_the_longest_has() {
    let place = Place::new();
    let publics = place.finds(&["--avoid", "A1,B2", "-n", "60"]).publics();
    assert_eq!((publics.len(), beginnings(&publics, 2).len()), (60, 60));
    let words = ["--prefix", "F8", "--avoid", "F801", "-n", "60"];
    let publics = Place::new().finds(&words).publics();
    assert_eq!((publics.len(), beginnings(&publics, 4).len()), (60, 60));
    let run = place.run(&["--prefix", "F8", "--avoid", "A1", "-n", "2"]);
    assert_eq!(run.code, Some(2), "{}", run.err);
    assert!(run.err.contains("--id-bytes 2"), "{}", run.err);
    place.finds(&[
        "--prefix",
        "F8",
        "--avoid",
        "A1",
        "-n",
        "2",
        "--id-bytes",
        "2",
    ]);
}

#[test]
fn a_session_with_beginnings_to_avoid_never_finds_an_id_twice_either() {
    let place = Place::new();
    let words = [
        "--session",
        "s",
        "--avoid",
        "A1",
        "--prefix",
        "A",
        "-n",
        "8",
    ];
    let first = place.finds(&words).publics();
    let second = place.finds(&["resume", "s", "-n", "15"]).publics();
    let all = [first, second].concat();
    assert_eq!((all.len(), beginnings(&all, 2).len()), (15, 15));
    assert_eq!(place.run(&["resume", "s", "-n", "16"]).code, Some(2));
}

#[test]
fn a_watched_key_takes_no_id_and_is_not_reported_under_one_that_is_taken() {
    let place = Place::new();
    let list = place.write("list.txt", "A1...1\nB...2\n");
    let words = [
        "--distinct",
        "--prefix",
        "A1,A2C",
        "-n",
        "2",
        "--watchlist",
        &list,
        "--watchlist-max",
        "9",
    ];
    let run = place.finds(&words);
    let publics = run.publics();
    assert_eq!(beginnings(&publics, 2).len(), 2);
    let watched: Vec<_> = place
        .pairs()
        .into_iter()
        .map(|pair| hex(&pair.public))
        .filter(|key| !publics.contains(key))
        .collect();
    let first = publics.iter().position(|key| key.starts_with("a1"));
    assert!(
        first.is_some() && watched.iter().any(|key| key.starts_with('b')),
        "{watched:?}"
    );
}

#[test]
fn a_session_never_finds_an_id_twice_in_all_its_runs() {
    let place = Place::new();
    let words = ["--session", "s", "--distinct", "--prefix", "A", "-n", "8"];
    let first = place.finds(&words).publics();
    let second = place.finds(&["resume", "s", "-n", "16"]).publics();
    let all = [first, second].concat();
    assert_eq!((all.len(), beginnings(&all, 2).len()), (16, 16));
    let run = place.run(&["resume", "s", "-n", "17"]);
    assert_eq!(run.code, Some(2), "{}", run.err);
    assert!(
        run.err.contains("1 more key") && run.err.contains("every one-byte ID"),
        "{}",
        run.err
    );
}

#[test]
fn each_pattern_gets_its_keys() {
    let place = Place::new();
    let list = place.write("list.txt", "C...1|a node\nD1\n");
    let words = [
        "--each",
        "-n",
        "2",
        "--prefix",
        "F8,F801",
        "--match",
        "A1...2",
        "--pattern-file",
        &list,
    ];
    let run = place.finds(&words);
    let publics = run.publics();
    let count = |fits: &dyn Fn(&str) -> bool| publics.iter().filter(|key| fits(key)).count();
    assert_eq!(publics.len(), 10);
    assert_eq!(count(&|key| key.starts_with("f801")), 2);
    assert_eq!(count(&|key| key.starts_with("f8")), 4);
    assert_eq!(count(&|key| key.starts_with("a1") && key.ends_with('2')), 2);
    assert_eq!(count(&|key| key.starts_with('c') && key.ends_with('1')), 2);
    assert_eq!(count(&|key| key.starts_with("d1")), 2);
    assert!(
        run.err
            .contains("each of prefix F8, prefix F801, match A1...2"),
        "{}",
        run.err
    );
}

#[test]
fn a_resumed_session_looks_only_for_patterns_that_have_no_key() {
    let place = Place::new();
    let prefixes = format!("F8,A1,{NEVER}");
    let words = [
        "--session",
        "s",
        "--each",
        "--prefix",
        &prefixes,
        "--candidates",
        "3M",
    ];
    let run = place.run(&words);
    assert_eq!((run.code, run.publics().len()), (Some(3), 2), "{}", run.err);
    assert!(run.err.contains("found 2 of 3 keys"), "{}", run.err);
    assert!(
        run.err.contains("1 in 1.84e19"),
        "the odds of what is left: {}",
        run.err
    );
    let run = place.run(&["resume", "s", "--candidates", "6M"]);
    assert_eq!((run.code, run.out.as_str()), (Some(3), ""), "{}", run.err);
    assert!(run.err.contains("found 2 of 3 keys"), "{}", run.err);
}

#[test]
fn each_without_patterns_or_without_an_end_is_refused() {
    let place = Place::new();
    for (words, said) in [
        (&["--each"][..], "Give --prefix, --match or --pattern-file"),
        (
            &["--each", "--vanity", "4"][..],
            "Give --prefix, --match or --pattern-file",
        ),
        (
            &["--each", "--prefix", "F8", "-n", "all"][..],
            "-n all has no end",
        ),
        (
            &["--id-bytes", "2", "--prefix", "F8"][..],
            "--avoid-file or --distinct",
        ),
    ] {
        let run = place.run(words);
        assert!(
            run.code == Some(2) && run.err.contains(said),
            "{words:?} {}",
            run.err
        );
    }
}
