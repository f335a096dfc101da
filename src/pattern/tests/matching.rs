//! Exact matches against a plain string comparison, labels, watchlists, and the work for 100,000 lines.

use super::super::{Filter, Wanted, Watchlist, file, work};
use super::*;

fn hex_of(public: &[u8; 32]) -> String {
    public.iter().map(|b| format!("{b:02X}")).collect()
}

fn key_of(hex: &str) -> [u8; 32] {
    std::array::from_fn(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap())
}

fn wanted(request: Request) -> Wanted {
    Wanted::new(request).unwrap().0
}

#[test]
fn a_key_matches_exactly_when_its_hex_text_does() {
    let mut random = Random(21);
    let mut found = 0;
    for _ in 0..1500 {
        let most = 2 + random.below(5);
        let request = random_request(&mut random, most);
        let Ok((wanted, _)) = Wanted::new(request.clone()) else {
            continue;
        };
        for _ in 0..20 {
            // digits from the same small choice, so that long values match now and then
            let side = |random: &mut Random| (0..8).map(|_| value(random, 1)).collect::<String>();
            let (first, last) = (side(&mut random), side(&mut random));
            let last = if random.below(3) == 0 {
                first.clone()
            } else {
                last
            };
            let public = key_of(&format!("{first}{}{last}", random.hex(48)));
            let expected = AsText::new(&request).wants(&first, &last);
            found += u32::from(expected);
            assert_eq!(
                wanted.is_match(&public),
                expected,
                "{} {request:?}",
                hex_of(&public)
            );
            assert_eq!(wanted.matches(&public).is_some(), expected);
        }
    }
    assert!(found > 1000, "{found}");
}

#[test]
fn values_of_sixteen_digits_match_the_whole_end() {
    let mut random = Random(22);
    for _ in 0..100 {
        let public = random.key();
        let hex = hex_of(&public);
        if public[0] == 0 || public[0] == 255 {
            continue;
        }
        for length in 2..=16 {
            let line = PatternLine {
                head: Digits::parse(&hex[..length]).unwrap(),
                tail: Digits::parse(&hex[64 - length..]).unwrap(),
                ..PatternLine::default()
            };
            let own = wanted(Request {
                lines: vec![line.clone()],
                ..Request::default()
            });
            assert!(own.is_match(&public));
            let mut other = public;
            other[31] ^= 1;
            assert!(!own.is_match(&other));
        }
    }
}

#[test]
fn labels_say_what_matched() {
    let lines = file::parse(b"AB...12|my node\nCD...34\nEE\n", "p")
        .unwrap()
        .0;
    let request = Request {
        prefixes: vec!["F8".into()],
        vanities: vec![2, 3],
        matches: vec!["...777".into()],
        lines,
        ..Request::default()
    };
    let wanted = wanted(request);
    let label = |head: &str, tail: &str| {
        wanted.matches(&key_of(&format!("{head}{}{tail}", "5".repeat(56))))
    };
    assert_eq!(
        label("F812", "00F8").as_deref(),
        Some("prefix F8, vanity 2")
    );
    assert_eq!(
        label("F812", "018F").as_deref(),
        Some("prefix F8, vanity 3")
    );
    assert_eq!(label("1234", "0777").as_deref(), Some("match ...777"));
    assert_eq!(label("AB34", "0012").as_deref(), Some("my node"));
    assert_eq!(label("CD34", "0034").as_deref(), Some("match CD...34"));
    assert_eq!(label("EE34", "0034").as_deref(), Some("prefix EE"));
    assert_eq!(label("1234", "0034"), None);
    assert_eq!(
        wanted.describe(),
        "prefix F8 and vanity 2 or 3; or match ...777; or any of 3 lines"
    );
}

#[test]
fn a_watchlist_names_every_line_that_matches_and_obeys_avoid() {
    let wanted = wanted(Request {
        prefixes: vec!["F8".into()],
        avoid: vec!["A7".into()],
        ..Request::default()
    });
    let lines = file::parse(b"A\nAB\nAB...1\nB\nA7\n...1\n", "w").unwrap().0;
    let (watchlist, notes) = Watchlist::new(lines, &wanted);
    assert_eq!(notes.len(), 1);
    let found = |hex: &str| -> Vec<String> {
        let public = key_of(&format!("{hex}{}1", "0".repeat(63 - hex.len())));
        watchlist
            .matches(&public)
            .into_iter()
            .map(|i| watchlist.line(i).unwrap().pattern())
            .collect()
    };
    assert_eq!(found("AB"), ["A", "AB", "AB...1", "...1"]);
    assert_eq!(found("A7"), Vec::<String>::new());
    assert_eq!(found("00"), Vec::<String>::new());
    assert_eq!(found("C0"), ["...1"]);
}

/// Steps of making everything that a search needs of a request.
fn steps(request: Request) -> u64 {
    work::of(|| {
        let wanted = wanted(request);
        let filter = Filter::compile(&wanted, None, 24);
        assert!(wanted.probability() > 0.0 && filter.spot_check().probability() > 0.0);
    })
}

#[test]
fn the_work_for_lines_of_a_file_grows_as_their_number_does() {
    let of_lines = |count: usize| {
        let mut random = Random(23);
        let mut text = String::new();
        for i in 0..count {
            let length = 8 + i % 5;
            text += &format!("{}{}", 1 + random.below(9), random.hex(length - 1));
            text += if i % 3 == 0 {
                "...A1|with a description\n"
            } else {
                " # comment\n"
            };
        }
        let (lines, _) = file::parse(text.as_bytes(), "big").unwrap();
        steps(Request {
            lines,
            ..Request::default()
        })
    };
    let (half, all) = (of_lines(50_000), of_lines(100_000));
    assert!(all < 20 * 100_000 && all < 3 * half, "{half} {all}");
}

#[test]
fn a_survivor_of_a_hundred_thousand_prefixes_is_compared_with_few() {
    let mut random = Random(24);
    let lines: Vec<PatternLine> = (0..100_000)
        .map(|_| Digits::parse(&format!("{}{}", 1 + random.below(9), random.hex(7))).unwrap())
        .map(|head| PatternLine {
            head,
            ..PatternLine::default()
        })
        .collect();
    let request = Request {
        lines,
        ..Request::default()
    };
    let filter = Filter::compile(&wanted(request), None, 24);
    const SURVIVORS: u64 = 1 << 16;
    let steps = work::of(|| {
        for _ in 0..SURVIVORS {
            let _ = filter.plausible(random.next() >> 16, random.next() >> 17 << 16);
        }
    });
    assert!(steps < 4 * SURVIVORS, "{steps}");
}

#[test]
fn the_work_for_lines_of_every_kind_beside_vanities_stays_bounded() {
    let mut random = Random(25);
    let mut value = |length: usize| format!("{}{}", 1 + random.below(9), random.hex(length - 1));
    let mut lines = Vec::new();
    for i in 0..100_000 {
        let text = match i % 4 {
            0 => value(4 + i % 6),
            1 => format!("...{}", value(5 + i % 6)),
            _ => format!("{}...{}", value(1 + i % 7), value(2 + i % 5)),
        };
        lines.push(PatternLine::parse_line(&text, i).unwrap().unwrap());
    }
    let prefixes: Vec<String> = (0..500)
        .map(|i| format!("{:04X}", 0x1000 + 37 * i))
        .collect();
    let requests = [
        Request {
            lines: lines.clone(),
            ..Request::default()
        },
        Request {
            lines: lines.clone(),
            vanities: vec![8],
            ..Request::default()
        },
        Request {
            lines: lines.clone(),
            vanities: vec![4, 6],
            prefixes: prefixes.clone(),
            ..Request::default()
        },
        Request {
            vanities: (2..=16).collect(),
            prefixes: prefixes.clone(),
            ..Request::default()
        },
        Request {
            suffixes: prefixes.clone(),
            vanities: vec![6],
            prefixes,
            ..Request::default()
        },
    ];
    let steps = requests.map(steps);
    // A hundred a line; each line with each would be ten thousand times as many.
    assert!(steps.iter().all(|steps| *steps < 10_000_000), "{steps:?}");
}

#[test]
fn what_threads_share_can_be_shared() {
    fn shared<T: Clone + Send + Sync + 'static>() {}
    shared::<Wanted>();
    shared::<Watchlist>();
    shared::<Filter>();
}
