//! A watchlist is served on the side: its keys are saved and reported, and change neither the count nor the exit code.

use std::fs;

use crate::common::program::{Place, hex};

/// How many keys of the watchlist are in the folder, by the names of their files.
fn watched(place: &Place) -> Vec<String> {
    let names = place.names().into_iter();
    names
        .filter(|name| name.starts_with("watchlist_") && name.ends_with("_private.txt"))
        .collect()
}

#[test]
fn a_watched_key_is_saved_under_its_lines_name_and_told_on_standard_error() {
    let place = Place::new();
    let list = place.write("list.txt", "AB...\n...C\nD...1|mine\n");
    let run = place.finds(&["--prefix", "F8A1", "-n", "3", "--watchlist", &list]);
    assert_eq!(
        run.lines().len(),
        3,
        "standard output has what was asked for"
    );
    let names = watched(&place);
    assert_eq!(names.len(), 3, "one a line: {names:?}");
    for start in ["watchlist_AB_any_AB", "watchlist_any_C_", "watchlist_D_1_D"] {
        assert!(
            names.iter().any(|name| name.starts_with(start)),
            "{start}: {names:?}"
        );
    }
    assert!(run.err.contains("mine"), "{}", run.err);
    for pair in place.pairs() {
        let name = pair.file.file_name().unwrap().to_str().unwrap();
        let digits = hex(&pair.public[..4]).to_uppercase();
        assert!(name.contains(&digits), "{name}");
    }
}

#[test]
fn watched_keys_are_objects_of_their_own_kind() {
    let place = Place::new();
    let list = place.write("list.txt", "AB\n");
    let words = [
        "--prefix",
        "F8A1",
        "-n",
        "2",
        "--watchlist",
        &list,
        "--json",
    ];
    let run = place.finds(&words);
    let kinds: Vec<_> = run
        .json()
        .iter()
        .map(|line| line["kind"].to_string())
        .collect();
    let count = |kind: &str| kinds.iter().filter(|other| other.contains(kind)).count();
    assert_eq!(
        (count("found"), count("watchlist"), count("summary")),
        (2, 1, 1)
    );
    assert_eq!(run.summary()["found"], 2);
}

#[test]
fn at_most_so_many_keys_a_line_are_saved() {
    let place = Place::new();
    let list = place.write("list.txt", "AB\nCD\n");
    let words = [
        "--prefix",
        "F8A1",
        "-n",
        "3",
        "--watchlist",
        &list,
        "--watchlist-max",
        "4",
    ];
    place.finds(&words);
    let names = watched(&place);
    let of = |start: &str| names.iter().filter(|name| name.starts_with(start)).count();
    assert_eq!(
        (of("watchlist_AB_any"), of("watchlist_CD_any")),
        (4, 4),
        "{names:?}"
    );
}

#[test]
fn a_watched_key_is_no_reason_to_end_or_to_end_with_0() {
    let place = Place::new();
    let list = place.write("list.txt", "AB\n");
    let words = [
        "--prefix",
        "0123456789ABCD",
        "--candidates",
        "3M",
        "--watchlist",
        &list,
    ];
    let run = place.run(&words);
    assert_eq!(run.code, Some(3), "{}", run.err);
    assert_eq!((watched(&place).len(), run.out.as_str()), (1, ""));
}

#[test]
fn watchlist_txt_in_the_current_folder_is_read_and_this_is_said() {
    let place = Place::new();
    fs::write(place.keys().join("watchlist.txt"), "AB\n").unwrap();
    let run = place.run(&["--prefix", "0123456789ABCD", "--candidates", "3M"]);
    assert!(run.err.contains("watchlist.txt"), "{}", run.err);
    assert_eq!(watched(&place).len(), 1);
    let other = place.write("list.txt", "CD\n");
    let run = place.run(&[
        "--prefix",
        "0123456789ABCD",
        "--candidates",
        "3M",
        "--watchlist",
        &other,
    ]);
    assert!(!run.err.contains("watchlist.txt"), "{}", run.err);
    assert!(
        watched(&place)
            .iter()
            .any(|name| name.starts_with("watchlist_CD"))
    );
}
