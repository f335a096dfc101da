//! The pattern language as a whole: what is refused and noted, exact odds, exact matches, speed.

mod matching;
mod odds;
mod refusals;

use super::{Digits, PatternLine, Request};
use crate::pattern::filter::Random;

/// A request with values of at most `most` digits a side, contradictions and all.
fn random_request(random: &mut Random, most: usize) -> Request {
    let mut request = Request::default();
    let kinds = random.below(63) + 1;
    let few = |random: &mut Random, kind: usize| {
        if kinds >> kind & 1 == 1 {
            1 + random.below(3)
        } else {
            0
        }
    };
    for _ in 0..few(random, 0) {
        add(&mut request.prefixes, value(random, most));
    }
    for _ in 0..few(random, 1) {
        add(&mut request.suffixes, value(random, most));
    }
    for _ in 0..few(random, 2) {
        add(&mut request.vanities, 2 + random.below(most - 1) as u8);
    }
    for _ in 0..few(random, 3) {
        add(&mut request.matches, line(random, most).as_match());
    }
    for _ in 0..few(random, 4) * 3 {
        request.lines.push(line(random, most));
    }
    for _ in 0..few(random, 5) {
        add(&mut request.avoid, value(random, most));
    }
    request
}

fn add<T: PartialEq>(list: &mut Vec<T>, value: T) {
    if !list.contains(&value) {
        list.push(value);
    }
}

/// Digits from a small choice, so that values often cover or repeat one another.
fn value(random: &mut Random, most: usize) -> String {
    let length = 1 + random.below(most);
    (0..length)
        .map(|_| ['A', 'B', '0', 'F'][random.below(4)])
        .collect()
}

fn line(random: &mut Random, most: usize) -> PatternLine {
    let side = |random: &mut Random| match random.below(3) {
        0 => Digits::ANY,
        _ => Digits::parse(&value(random, most)).unwrap(),
    };
    let (head, tail) = (side(random), side(random));
    match head.is_empty() && tail.is_empty() {
        true => line(random, most),
        false => PatternLine {
            head,
            tail,
            line: 1,
            ..PatternLine::default()
        },
    }
}

/// A request as plain text.
struct AsText {
    request: Request,
    pairs: Vec<(String, String)>,
}

impl AsText {
    fn new(request: &Request) -> Self {
        let lines = request.lines.iter().map(PatternLine::as_match);
        let both = |text: String| {
            text.split_once("...")
                .map(|(a, b)| (a.to_owned(), b.to_owned()))
        };
        let pairs = request
            .matches
            .iter()
            .cloned()
            .chain(lines)
            .filter_map(both)
            .collect();
        Self {
            request: request.clone(),
            pairs,
        }
    }

    /// Whether a public key in hex is wanted: plain string comparison of its first and last digits.
    fn wants(&self, first: &str, last: &str) -> bool {
        let request = &self.request;
        let begins = |v: &String| first.starts_with(v.as_str());
        let ends = |v: &String| last.ends_with(v.as_str());
        let repeats = |n: &u8| {
            let (head, tail) = (
                &first[..usize::from(*n)],
                &last[last.len() - usize::from(*n)..],
            );
            head == tail || head.bytes().eq(tail.bytes().rev())
        };
        if first.starts_with("00") || first.starts_with("FF") || request.avoid.iter().any(begins) {
            return false;
        }
        let Request {
            prefixes,
            suffixes,
            vanities,
            ..
        } = request;
        let group = !(prefixes.is_empty() && suffixes.is_empty() && vanities.is_empty())
            && (prefixes.is_empty() || prefixes.iter().any(begins))
            && (suffixes.is_empty() || suffixes.iter().any(ends))
            && (vanities.is_empty() || vanities.iter().any(repeats));
        group || self.pairs.iter().any(|(h, t)| begins(h) && ends(t)) || request.wants_any()
    }
}
