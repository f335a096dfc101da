//! The compiled filter against a plain string match: no key is missed, whatever the sweep's words leave out.

mod survivors;

use super::*;
use crate::engine::coarse::{EARLY_SHORT, HIGH_TOLERANCE, LOW_MASK, WordRule};
use crate::pattern::{PatternLine, Request};

/// A small generator of random numbers (xorshift64*), so that runs repeat.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() >> 11) as usize % limit
    }

    pub fn key(&mut self) -> [u8; 32] {
        std::array::from_fn(|_| (self.next() >> 32) as u8)
    }

    pub fn hex(&mut self, digits: usize) -> String {
        (0..digits)
            .map(|_| char::from(b"0123456789ABCDEF"[self.below(16)]))
            .collect()
    }
}

/// The words of a key as the sweep's documentation has them, from single bits.
fn words_of(public: &[u8; 32]) -> (u64, u64) {
    let bit = |n: usize| u64::from(public[n / 8] >> (n % 8) & 1);
    let low = (0..48).map(|n| bit(n) << n).sum();
    let high = (208..255).map(|n| bit(n) << (n - 208 + 16)).sum();
    (low, high)
}

/// What a backend accepts, by the documentation of the coarse rules.
fn accepts(coarse: &Coarse, low: u64, high: u64) -> bool {
    let wrapped = (high + HIGH_TOLERANCE) % (1 << 63);
    let rule = |rule: &WordRule, word: u64, is_low: bool| match rule {
        WordRule::Never => false,
        WordRule::Masked { mask, value } => word & mask == *value,
        WordRule::Bitmap(bitmap) => {
            let bits = bitmap.first.bits();
            let index = if is_low { low } else { word >> (63 - bits) };
            bitmap.first.contains(index)
                && bitmap.further.iter().all(|look| is_low && look.holds(low))
                && bitmap.early.iter().all(|look| {
                    let shown = |short: u64| look.holds(low.wrapping_sub(short));
                    [0, 1, EARLY_SHORT / 3, EARLY_SHORT].into_iter().all(shown)
                })
        }
    };
    let ends = |repeat: Repeat| repeat.may_hold(&Words::new(low, high));
    rule(&coarse.low, low, true)
        || [high, wrapped]
            .into_iter()
            .any(|word| rule(&coarse.high, word, false))
        || coarse
            .ends
            .forward
            .iter()
            .any(|&n| ends(Repeat::forward(n)))
        || coarse
            .ends
            .reversed
            .iter()
            .any(|&n| ends(Repeat::reversed(n)))
}

/// Every way in which a sweep may show this key: the high word exact, or lower within the tolerance.
fn shown_words(public: &[u8; 32], random: &mut Random) -> Vec<(u64, u64)> {
    let (low, high) = words_of(public);
    let step = 1 << 16;
    let some = random.next() % (HIGH_TOLERANCE / step) * step;
    let lowered = |by: u64| (low, high.wrapping_sub(by) % (1 << 63));
    vec![
        (low, high),
        lowered(step),
        lowered(some),
        lowered(HIGH_TOLERANCE),
    ]
}

/// Fails unless the filter lets every appearance of a matching key through, and the spot check's.
fn check(
    filter: &Filter,
    wanted: &Wanted,
    watchlist: Option<&Watchlist>,
    public: &[u8; 32],
    random: &mut Random,
) {
    for (low, high) in shown_words(public, random) {
        let plausible = filter.plausible(low, high);
        let hex = || {
            format!(
                "{:02x?} low {low:x} high {high:x} {:?}",
                public,
                wanted.describe()
            )
        };
        let expected = Plausible {
            wanted: wanted.is_match(public),
            watched: watchlist.is_some_and(|w| !w.matches(public).is_empty()),
            spot_check: filter.spot_check().matches(public),
        };
        assert!(
            plausible.wanted || !expected.wanted,
            "wanted missed: {}",
            hex()
        );
        assert!(
            plausible.watched || !expected.watched,
            "watched missed: {}",
            hex()
        );
        assert!(
            plausible.spot_check || !expected.spot_check,
            "spot check missed: {}",
            hex()
        );
        assert!(
            expected == Plausible::default() || accepts(filter.coarse(), low, high),
            "coarse: {}",
            hex()
        );
    }
}

fn put_head(public: &mut [u8; 32], digits: Digits) {
    let head = u64::from_be_bytes(std::array::from_fn(|i| public[i]));
    let head = (head & !digits.mask()) | digits.aligned();
    public[..8].copy_from_slice(&head.to_be_bytes());
}

fn put_tail(public: &mut [u8; 32], digits: Digits) {
    let tail = crate::pattern::digits::KeyEnds::of(public).tail;
    let tail = (tail & !digits.reversed().mask()) | digits.reversed().aligned();
    let bytes = super::super::digits::swap_nibbles(tail).to_le_bytes();
    public[24..].copy_from_slice(&bytes);
}

fn wanted(request: Request) -> Wanted {
    Wanted::new(request).unwrap().0
}

/// A key that begins and ends as asked, the rest random; `vanity` digits of the end repeat the start.
fn key_with(
    head: Digits,
    tail: Digits,
    vanity: Option<(u8, bool)>,
    random: &mut Random,
) -> [u8; 32] {
    let mut public = random.key();
    put_head(&mut public, head);
    put_tail(&mut public, tail);
    if let Some((length, reversed)) = vanity {
        let first = Digits::of_word(
            crate::pattern::digits::KeyEnds::of(&public).head,
            usize::from(length),
        );
        put_tail(&mut public, if reversed { first.reversed() } else { first });
    }
    public
}

fn digits(text: &str) -> Digits {
    if text.is_empty() {
        Digits::ANY
    } else {
        Digits::parse(text).unwrap()
    }
}

#[test]
fn single_prefixes_and_suffixes_of_every_length_are_never_missed() {
    let mut random = Random(1);
    for length in 1..=16 {
        for spot_check_bits in [10, 17, 22, 24, 33, 40] {
            let (head, tail) = (format!("7{}", random.hex(length - 1)), random.hex(length));
            for (prefix, suffix) in [
                (&head, &String::new()),
                (&String::new(), &tail),
                (&head, &tail),
            ] {
                let list = |text: &String| {
                    if text.is_empty() {
                        vec![]
                    } else {
                        vec![text.clone()]
                    }
                };
                let wanted = wanted(Request {
                    prefixes: list(prefix),
                    suffixes: list(suffix),
                    ..Request::default()
                });
                let filter = Filter::compile(&wanted, None, spot_check_bits);
                for _ in 0..20 {
                    let public = key_with(digits(prefix), digits(suffix), None, &mut random);
                    assert!(wanted.is_match(&public) || matches!(public[0], 0 | 255));
                    check(&filter, &wanted, None, &public, &mut random);
                }
            }
        }
    }
}

#[test]
fn vanities_of_every_length_are_never_missed() {
    let mut random = Random(2);
    for length in 2..=16 {
        for other in 2..=16 {
            let vanities = if other == length {
                vec![length]
            } else {
                vec![length, other]
            };
            let prefixes = if other % 3 == 0 {
                vec!["3".to_owned(), "12AB".to_owned()]
            } else {
                vec![]
            };
            let head = if prefixes.is_empty() { "" } else { "12AB" };
            let wanted = wanted(Request {
                vanities,
                prefixes,
                ..Request::default()
            });
            let filter = Filter::compile(&wanted, None, 10 + u32::from(length + other) % 31);
            for round in 0..20 {
                let public = key_with(
                    digits(head),
                    Digits::ANY,
                    Some((length, round % 2 == 0)),
                    &mut random,
                );
                assert!(wanted.is_match(&public) || matches!(public[0], 0 | 255));
                check(&filter, &wanted, None, &public, &mut random);
            }
        }
    }
}

/// A pattern with up to `most` digits a side, its beginning not reserved.
fn random_line(random: &mut Random, shortest: usize, most: usize) -> PatternLine {
    let length = |random: &mut Random| shortest + random.below(most + 1 - shortest);
    let (h, t) = (length(random), length(random));
    let head = digits(&format!("{}{}", 1 + random.below(9), random.hex(h - 1)));
    let tail = digits(&random.hex(t));
    let (head, tail) = match random.below(3) {
        0 => (head, Digits::ANY),
        1 => (Digits::ANY, tail),
        _ => (head, tail),
    };
    PatternLine {
        head,
        tail,
        ..PatternLine::default()
    }
}

#[test]
fn sets_of_every_size_and_shape_are_never_missed() {
    let mut random = Random(3);
    for (count, shortest, most) in [
        (1, 1, 16),
        (2, 1, 16),
        (7, 3, 5),
        (60, 2, 16),
        (1000, 1, 16),
        (1000, 6, 12),
        (100_000, 8, 12),
    ] {
        let lines: Vec<PatternLine> = (0..count)
            .map(|_| random_line(&mut random, shortest, most))
            .collect();
        let watched: Vec<PatternLine> = (0..count / 2)
            .map(|_| random_line(&mut random, shortest, most))
            .collect();
        let wanted = wanted(Request {
            lines: lines.clone(),
            avoid: vec!["12".into(), "3456".into()],
            ..Request::default()
        });
        let watchlist = Watchlist::new(watched.clone(), &wanted).0;
        let filter = Filter::compile(&wanted, Some(&watchlist), 22);
        for line in lines.iter().chain(&watched).take(4000) {
            let public = key_with(line.head, line.tail, None, &mut random);
            check(&filter, &wanted, Some(&watchlist), &public, &mut random);
        }
    }
}

#[test]
fn groups_of_many_prefixes_and_suffixes_with_and_without_vanity_are_never_missed() {
    let mut random = Random(4);
    for (prefixes, suffixes, vanities) in [
        (3, 2, vec![]),
        (300, 400, vec![]),
        (40, 0, vec![4, 5]),
        (0, 40, vec![6]),
        (20, 20, vec![2]),
    ] {
        let heads: Vec<String> = (0..prefixes)
            .map(|i| format!("{:04X}{}", 0x1000 + i * 31, random.hex(i % 8)))
            .collect();
        let tails: Vec<String> = (0..suffixes)
            .map(|i| format!("{}{:03X}", random.hex(i % 9), i * 5))
            .collect();
        let request = Request {
            prefixes: heads.clone(),
            suffixes: tails.clone(),
            vanities: vanities.clone(),
            ..Request::default()
        };
        let Ok((wanted, _)) = Wanted::new(request) else {
            continue;
        };
        let filter = Filter::compile(&wanted, None, 24);
        for round in 0..2000 {
            let head = heads
                .get(random.below(heads.len().max(1)))
                .map_or(Digits::ANY, |t| digits(t));
            let tail = tails
                .get(random.below(tails.len().max(1)))
                .map_or(Digits::ANY, |t| digits(t));
            let vanity = vanities.first().map(|n| (*n, round % 2 == 0));
            let public = key_with(head, tail, vanity, &mut random);
            check(&filter, &wanted, None, &public, &mut random);
        }
    }
}

#[test]
fn a_search_for_any_free_beginning_accepts_everything_but_what_is_avoided() {
    let mut random = Random(5);
    let wanted = wanted(Request {
        avoid: vec!["A1".into(), "7".into()],
        ..Request::default()
    });
    let filter = Filter::compile(&wanted, None, 24);
    for _ in 0..1000 {
        let public = random.key();
        let (low, high) = words_of(&public);
        assert_eq!(filter.plausible(low, high).wanted, wanted.is_match(&public));
        check(&filter, &wanted, None, &public, &mut random);
    }
}
