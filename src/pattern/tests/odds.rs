//! Exact odds against known values, against trying every end, and against counted hits.

use serde_json::Value;

use super::super::{Wanted, digits::KeyEnds};
use super::*;

fn probability(request: Request) -> f64 {
    Wanted::new(request).unwrap().0.probability()
}

#[test]
fn odds_agree_with_the_vectors() {
    let data: Value =
        serde_json::from_str(include_str!("../../../tests/data/patterns.json")).unwrap();
    let odds = data["odds"].as_array().unwrap();
    assert!(odds.len() > 10);
    for case in odds {
        let request = match case["pattern"].as_str().unwrap() {
            "vanity" => Request {
                vanities: vec![case["n"].as_u64().unwrap() as u8],
                ..Request::default()
            },
            _ => Request {
                prefixes: vec![case["prefix"].as_str().unwrap().to_owned()],
                ..Request::default()
            },
        };
        let one_in = 1.0 / probability(request);
        let expected = case["one_in"].as_f64().unwrap();
        assert!((one_in / expected - 1.0).abs() < 1e-14, "{case}: {one_in}");
    }
}

/// The share of keys that `request` wants, by trying every beginning and end of `N` digits.
fn tried<const N: usize>(request: &Request) -> f64 {
    let text = AsText::new(request);
    let ends: Vec<String> = (0..1u32 << (4 * N)).map(|n| format!("{n:0N$X}")).collect();
    let count = |first: &String| ends.iter().filter(|last| text.wants(first, last)).count();
    let found: usize = ends.iter().map(count).sum();
    found as f64 / 256f64.powi(N as i32)
}

fn check<const N: usize>(random: &mut Random) -> bool {
    let request = random_request(random, N);
    let expected = tried::<N>(&request);
    match Wanted::new(request.clone()) {
        Ok((wanted, _)) => {
            assert_eq!(wanted.probability(), expected, "{request:?}");
            let again = Wanted::new(wanted.to_request()).unwrap().0;
            assert_eq!(again.probability(), expected, "{request:?}");
            assert_eq!(again.describe(), wanted.describe());
            true
        }
        Err(error) => {
            // only a part that can't match is refused: the rest alone may have a chance
            let harmless = Request {
                matches: vec![],
                lines: vec![],
                ..request.clone()
            };
            let refused_for_value = request
                .prefixes
                .iter()
                .chain(&request.matches)
                .any(|v| v.starts_with("00") || v.starts_with("FF"));
            let left = if harmless.has_no_pattern() {
                expected
            } else {
                tried::<N>(&harmless)
            };
            assert!(refused_for_value || left == 0.0, "{error} {request:?}");
            false
        }
    }
}

#[test]
fn odds_of_any_combination_agree_with_trying_every_two_digit_end() {
    let mut random = Random(11);
    let fine = (0..150).filter(|_| check::<2>(&mut random)).count();
    assert!(fine > 50, "{fine}");
}

#[test]
fn odds_of_any_combination_agree_with_trying_every_three_digit_end() {
    let mut random = Random(12);
    let vanity = |random: &mut Random| {
        let request = Request {
            vanities: vec![2, 3],
            prefixes: vec!["A".into(), "B0".into(), "0AB".into()],
            suffixes: vec!["A".into(), "0B".into(), "F".into()],
            lines: (0..6).map(|_| line(random, 3)).collect(),
            avoid: vec![value(random, 3), "AB0".into()],
            ..Request::default()
        };
        let wanted = Wanted::new(request.clone()).unwrap().0;
        assert_eq!(wanted.probability(), tried_fast(&request), "{request:?}");
    };
    (0..30).for_each(|_| vanity(&mut random));
}

#[test]
fn odds_of_many_values_agree_with_trying_every_three_digit_end() {
    let mut random = Random(15);
    for round in 0..6 {
        let mut values = |count: usize| -> Vec<String> {
            let mut list = Vec::new();
            (0..count).for_each(|_| {
                add(
                    &mut list,
                    format!("{}{}", 1 + random.below(9), random.hex(2)),
                )
            });
            list
        };
        let (heads, tails) = (values(60), values(300));
        let (both, prefixes, suffixes) = (values(300), values(200), values(200));
        let side = |text: &str| Digits::parse(text).unwrap();
        let line = |head, tail| PatternLine {
            head,
            tail,
            line: 1,
            ..PatternLine::default()
        };
        let mut lines: Vec<PatternLine> = heads
            .iter()
            .map(|h| line(cut(side(h), 2), Digits::ANY))
            .collect();
        lines.extend(tails.iter().map(|t| line(Digits::ANY, side(t))));
        lines.extend(
            both.iter()
                .map(|b| line(cut(side(b), 1), side(b).reversed())),
        );
        lines.extend(both.iter().map(|b| line(side(b), cut(side(b), 2))));
        let request = Request {
            vanities: if round % 2 == 0 { vec![3] } else { vec![2, 3] },
            prefixes: if round < 3 { prefixes } else { vec![] },
            suffixes: if round % 3 == 0 { suffixes } else { vec![] },
            lines,
            ..Request::default()
        };
        let wanted = Wanted::new(request.clone()).unwrap().0;
        assert_eq!(wanted.probability(), tried_fast(&request), "round {round}");
    }
}

/// As [`tried`] with 3 digits, by words instead of texts.
fn tried_fast(request: &Request) -> f64 {
    let digits = |list: &[String]| {
        list.iter()
            .map(|v| Digits::parse(v).unwrap())
            .collect::<Vec<_>>()
    };
    let (prefixes, suffixes, avoid) = (
        digits(&request.prefixes),
        digits(&request.suffixes),
        digits(&request.avoid),
    );
    let suffixes: Vec<Digits> = suffixes.into_iter().map(Digits::reversed).collect();
    let mut found = 0u64;
    for head in (1..4096u64)
        .map(|h| h << 52)
        .filter(|h| !matches!(h >> 56, 0 | 255))
    {
        if avoid.iter().any(|a| a.begins(head)) {
            continue;
        }
        let first = prefixes.is_empty() || prefixes.iter().any(|p| p.begins(head));
        let mut in_lines = vec![false; 4096];
        for line in request.lines.iter().filter(|l| l.head.begins(head)) {
            let tail = line.tail.reversed();
            let (first, last) = (tail.aligned() >> 52, tail.last_word() >> 52);
            in_lines[first as usize..=last as usize].fill(true);
        }
        for tail in (0..4096u64).map(|t| t << 52) {
            let equal = |n: usize| {
                let (a, b) = (Digits::of_word(head, n), Digits::of_word(tail, n));
                a == b || a == b.reversed()
            };
            let repeats = || request.vanities.iter().any(|n| equal(usize::from(*n)));
            let ends = |list: &[Digits]| list.is_empty() || list.iter().any(|s| s.begins(tail));
            let group = || first && ends(&suffixes) && repeats();
            found += u64::from(in_lines[(tail >> 52) as usize] || group());
        }
    }
    found as f64 / 2f64.powi(24)
}

#[test]
fn odds_agree_with_counted_hits() {
    let mut random = Random(13);
    let keys = 1_000_000;
    for round in 0..12 {
        let request = random_request(&mut random, 2);
        let Ok((wanted, _)) = Wanted::new(request) else {
            continue;
        };
        let found = (0..keys).filter(|_| wanted.is_match(&random.key())).count() as f64;
        let expected = f64::from(keys) * wanted.probability();
        let spread = (expected * (1.0 - wanted.probability())).sqrt().max(1.0);
        assert!(
            (found - expected).abs() < 6.5 * spread,
            "round {round}: {found} found, {expected} expected"
        );
    }
}

#[test]
fn a_prefix_is_as_likely_as_its_sixteen_continuations_together() {
    let mut random = Random(14);
    for _ in 0..200 {
        let head = format!(
            "{}{}",
            1 + random.below(9),
            random.hex(random.0 as usize % 12)
        );
        let vanities: Vec<u8> = (2..=16).filter(|_| random.below(3) == 0).collect();
        let suffixes = if random.below(2) == 0 {
            vec![]
        } else {
            vec![head[..1].to_owned()]
        };
        let children: Vec<String> = (0..16).map(|d| format!("{head}{d:X}")).collect();
        let with = |prefixes: Vec<String>| {
            let (suffixes, vanities) = (suffixes.clone(), vanities.clone());
            Wanted::new(Request {
                prefixes,
                suffixes,
                vanities,
                ..Request::default()
            })
            .unwrap()
            .0
            .probability()
        };
        let (whole, parts) = (with(vec![head.clone()]), with(children));
        assert_eq!(whole, parts, "{head} {suffixes:?} {vanities:?}");
    }
}

#[test]
fn without_a_pattern_any_free_beginning_has_the_odds_of_what_is_left() {
    let avoid = vec!["A".to_owned(), "B1".to_owned(), "00".to_owned()];
    assert_eq!(
        probability(Request {
            avoid,
            ..Request::default()
        }),
        (254.0 - 17.0) / 256.0
    );
    assert_eq!(
        probability(Request {
            any_beginning: true,
            ..Request::default()
        }),
        254.0 / 256.0
    );
    let vanity = Request {
        vanities: vec![8],
        ..Request::default()
    };
    assert_eq!(probability(Request::default()), probability(vanity));
}

#[test]
fn the_ends_of_a_key_repeat_as_the_vectors_say() {
    let data: Value =
        serde_json::from_str(include_str!("../../../tests/data/patterns.json")).unwrap();
    for case in data["vanity"].as_array().unwrap() {
        let hex = case["public"].as_str().unwrap();
        let public =
            std::array::from_fn(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap());
        let n = case["n"].as_u64().unwrap() as u8;
        let wanted = Wanted::new(Request {
            vanities: vec![n],
            ..Request::default()
        })
        .unwrap()
        .0;
        assert_eq!(
            wanted.is_match(&public),
            case["matches"].as_bool().unwrap(),
            "{case}"
        );
        assert_eq!(format!("{:016x}", KeyEnds::of(&public).head), hex[..16]);
    }
}

/// The first `len` digits, or all if there are fewer.
fn cut(digits: Digits, len: usize) -> Digits {
    Digits::of_word(digits.aligned(), len.min(digits.len()))
}
