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
        add(&mut request.matches, line(random, most).pattern_with_dots());
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

impl PatternLine {
    fn pattern_with_dots(&self) -> String {
        format!("{}...{}", self.head, self.tail)
    }
}

/// Whether a public key in hex is wanted: plain string comparison, of a key's first and last digits.
fn wanted_as_text(request: &Request, first: &str, last: &str) -> bool {
    let all = |list: &[String]| list.iter().map(|v| v.to_uppercase()).collect::<Vec<_>>();
    let begins = |v: &String| first.starts_with(v.as_str());
    let mirror = |n: usize| last[last.len() - n..].chars().rev().collect::<String>();
    let repeats = |n: &u8| {
        let n = usize::from(*n);
        first[..n] == last[last.len() - n..] || first[..n] == mirror(n)
    };
    if first.starts_with("00") || first.starts_with("FF") || all(&request.avoid).iter().any(begins)
    {
        return false;
    }
    let (prefixes, suffixes) = (all(&request.prefixes), all(&request.suffixes));
    let group = !(prefixes.is_empty() && suffixes.is_empty() && request.vanities.is_empty())
        && (prefixes.is_empty() || prefixes.iter().any(begins))
        && (suffixes.is_empty() || suffixes.iter().any(|v| last.ends_with(v.as_str())))
        && (request.vanities.is_empty() || request.vanities.iter().any(repeats));
    let both = |text: &String| {
        let (head, tail) = text.split_once("...").unwrap();
        first.starts_with(head) && last.ends_with(tail)
    };
    let lines: Vec<String> = request
        .lines
        .iter()
        .map(PatternLine::pattern_with_dots)
        .collect();
    group || all(&request.matches).iter().any(both) || lines.iter().any(both) || request.wants_any()
}
