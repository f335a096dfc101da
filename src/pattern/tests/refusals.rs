//! What is refused with an error, and what is dropped with a note.

use super::super::{PatternError, Wanted};
use super::*;

fn list(text: &str) -> Vec<String> {
    text.split(' ')
        .filter(|t| !t.is_empty())
        .map(str::to_owned)
        .collect()
}

fn group(prefixes: &str, suffixes: &str, vanities: &[u8]) -> Request {
    Request {
        prefixes: list(prefixes),
        suffixes: list(suffixes),
        vanities: vanities.to_vec(),
        ..Request::default()
    }
}

fn refused(request: Request) -> String {
    match Wanted::new(request.clone()) {
        Ok((wanted, _)) => panic!("{} was accepted: {request:?}", wanted.describe()),
        Err(error) => error.to_string(),
    }
}

fn notes(request: Request) -> (Wanted, Vec<String>) {
    let (wanted, notes) = Wanted::new(request).unwrap();
    (wanted, notes)
}

#[test]
fn values_that_are_not_hex_say_where_and_what_is_allowed() {
    let text = refused(group("C0FFEE COFFEE", "", &[]));
    let expected = "--prefix COFFEE: O is not hex (position 2; did you mean 0?); allowed are 1 to 16 digits 0-9, A-F";
    assert_eq!(text, expected);
    for (request, part) in [
        (
            group("12345678901234567", "", &[]),
            "17 digits are too many; allowed are 1 to 16",
        ),
        (group("A,,B", "", &[]), "--prefix : no hex digits"),
        (group("0xAB", "", &[]), "leave out 0x"),
        (
            group("", "Z", &[]),
            "--suffix Z: Z is not hex (position 1; did you mean 2?)",
        ),
        (group("", "", &[1]), "allowed are 2 to 16"),
        (group("", "", &[17]), "allowed are 2 to 16"),
        (
            Request {
                matches: list("ABCD"),
                ..Request::default()
            },
            "there is no ... in it",
        ),
        (
            Request {
                matches: list("ABCD...EFGH"),
                ..Request::default()
            },
            "G is not hex (position 3",
        ),
        (
            Request {
                matches: list("..."),
                ..Request::default()
            },
            "both sides of ... are empty",
        ),
        (
            Request {
                avoid: list("X"),
                ..Request::default()
            },
            "--avoid X: X is not hex",
        ),
    ] {
        let text = refused(request);
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn a_value_typed_twice_is_refused_whatever_its_case() {
    for request in [
        group("ab AB", "", &[]),
        group("AB,AC,AB", "", &[]),
        group("", "1 1", &[]),
        group("", "", &[4, 4]),
        Request {
            matches: list("A...B a…b"),
            ..Request::default()
        },
        Request {
            avoid: list("A1 A1"),
            ..Request::default()
        },
    ] {
        let error = Wanted::new(request).unwrap_err();
        assert!(matches!(error, PatternError::Twice { .. }), "{error}");
    }
}

#[test]
fn what_can_only_give_reserved_keys_is_refused() {
    for request in [
        group("00", "", &[]),
        group("AB ff12", "", &[]),
        Request {
            matches: list("00A...12"),
            ..Request::default()
        },
    ] {
        let text = refused(request);
        assert!(
            text.contains("MeshCore reserves public keys that begin with 00 or FF"),
            "{text}"
        );
    }
    let text = refused(group("", "00", &[2]));
    assert!(
        text.contains("only keys that begin with 00 or FF would have them"),
        "{text}"
    );
    assert_eq!(notes(group("0 F", "", &[])).1, Vec::<String>::new());
}

#[test]
fn conditions_that_contradict_each_other_are_refused() {
    let text = refused(group("A1", "22", &[2]));
    assert!(
        text.starts_with("prefix A1, suffix 22 and vanity 2 can never hold together"),
        "{text}"
    );
    for request in [
        group("A1", "B2C3", &[4]),
        group("12345678", "87654320", &[8]),
        group("A1 B2", "33 44", &[2, 3]),
        Request {
            avoid: list("F8"),
            ..group("F8 F81", "", &[])
        },
        Request {
            avoid: list("F"),
            ..group("F8", "", &[])
        },
        Request {
            avoid: list("12"),
            ..group("", "12", &[3])
        },
        Request {
            avoid: (1..15)
                .map(|n| format!("{n:X}"))
                .chain(list("0 F"))
                .collect(),
            ..Request::default()
        },
        Request {
            avoid: list("A"),
            matches: list("A1...2"),
            ..Request::default()
        },
    ] {
        let described = format!("{request:?}");
        match Wanted::new(request) {
            Err(PatternError::Contradiction { .. } | PatternError::AllAvoided { .. }) => {}
            // a suffix 12 with vanity 3 leaves x12 and 21x, of which only the beginnings with 12 are avoided
            Ok((wanted, _)) => {
                assert!(described.contains("vanities: [3]") && wanted.probability() > 0.0)
            }
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn a_part_that_contradicts_the_others_is_dropped_with_a_note() {
    let (wanted, notes) = notes(group("A1 B2", "1A 77", &[2]));
    assert_eq!(wanted.describe(), "prefix A1 and suffix 1A and vanity 2");
    assert_eq!(notes.len(), 2, "{notes:?}");
    let (wanted, notes) = self::notes(Request {
        avoid: list("B"),
        ..group("A1 B2", "", &[])
    });
    assert_eq!(wanted.describe(), "prefix A1, not B");
    assert_eq!(notes.len(), 1);
}

#[test]
fn a_value_that_another_covers_is_dropped_with_a_note() {
    let lines = crate::pattern::file::parse(b"A123\nB...12\nC\n", "p")
        .unwrap()
        .0;
    let request = Request {
        matches: list("AB...3 B...2"),
        lines,
        ..group("A AB", "", &[])
    };
    let (wanted, notes) = notes(request);
    assert_eq!(
        notes,
        [
            "--prefix AB is left out: A covers it",
            "--match AB...3 is left out: another pattern covers it",
            "--pattern-file: left out 2 lines (1, 2) that other patterns cover",
        ]
    );
    assert_eq!(wanted.describe(), "prefix A; or match B...2; or line C");
    let (_, notes) = self::notes(group("", "B AB", &[]));
    assert_eq!(notes, ["--suffix AB is left out: B covers it"]);
    assert!(self::notes(group("", "A AB", &[])).1.is_empty());
}

#[test]
fn lines_that_can_never_match_are_one_note_and_an_error_only_when_nothing_is_left() {
    let lines: Vec<PatternLine> = ["00", "FF12", "A1...2", "B"]
        .map(|t| PatternLine::parse_line(t, 7).unwrap().unwrap())
        .to_vec();
    let (_, notes) = notes(Request {
        lines: lines.clone(),
        avoid: list("A"),
        ..Request::default()
    });
    assert_eq!(notes.len(), 1, "{notes:?}");
    let text = refused(Request {
        lines: lines[..3].to_vec(),
        avoid: list("A"),
        ..Request::default()
    });
    assert!(text.contains("none of the 3 lines"), "{text}");
}

#[test]
fn no_pattern_at_all_means_vanity_8_and_says_so() {
    let (wanted, notes) = notes(Request::default());
    assert_eq!((wanted.describe().as_str(), notes.len()), ("vanity 8", 1));
    let (wanted, _) = self::notes(Request {
        any_beginning: true,
        ..Request::default()
    });
    assert_eq!(wanted.describe(), "any free beginning");
}
