//! Patterns that get keys of their own each, and what is still wanted once some have theirs or node IDs are taken.

use std::collections::{BTreeSet, HashSet};

use super::digits::{Digits, KeyEnds};
use super::group::Group;
use super::line::PatternLine;
use super::request::Request;
use super::set::{DigitSet, Levels};
use super::wanted::{Wanted, describe_group};

/// A pattern that gets keys of its own.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// What it is, for people and for the journal of a session; no two are the same.
    pub text: String,
    part: Part,
}

/// Where it was asked for.
#[derive(Clone, Debug)]
enum Part {
    /// `--suffix` and `--vanity` without a `--prefix`.
    Group,
    Prefix(Digits),
    Match(PatternLine),
    Line(PatternLine),
}

/// The patterns of a search that can match, in the order in which they were asked for: `prefixes` with what else must
/// hold in their `group`, then the first `typed` patterns, then lines of files.
pub(super) fn items(
    prefixes: &[Digits],
    group: Option<&Group>,
    avoid: &DigitSet,
    patterns: &[PatternLine],
    typed: usize,
) -> Vec<Item> {
    let mut items = Vec::new();
    if let Some(group) = group {
        let alone = |prefix: &Digits| group.with_heads(&[*prefix]);
        let can =
            |group: &Group| group.count(avoid, Digits::ANY, Digits::ANY, &Levels::default()) != 0;
        let own = prefixes.iter().map(|prefix| (prefix, alone(prefix)));
        items.extend(
            own.filter(|(_, group)| can(group))
                .map(|(prefix, group)| Item {
                    text: describe_group(&group),
                    part: Part::Prefix(*prefix),
                }),
        );
        if prefixes.is_empty() {
            let (text, part) = (describe_group(group), Part::Group);
            items.push(Item { text, part });
        }
    }
    let (typed, lines) = patterns.split_at(typed);
    items.extend(typed.iter().map(|line| Item {
        text: format!("match {}", line.as_match()),
        part: Part::Match(line.clone()),
    }));
    // Several files may have the same line.
    let mut seen = HashSet::new();
    let new = lines
        .iter()
        .filter(|line| seen.insert((line.head, line.tail)));
    items.extend(new.map(|line| Item {
        text: line.described(),
        part: Part::Line(line.clone()),
    }));
    items
}

/// The request for these patterns; `suffixes` and `vanities` are what else must hold in the group.
pub(super) fn request<'a>(
    items: impl Iterator<Item = &'a Item>,
    suffixes: Vec<String>,
    vanities: Vec<u8>,
) -> Request {
    let mut request = Request::default();
    let mut has_group = false;
    for item in items {
        match &item.part {
            Part::Group => has_group = true,
            Part::Prefix(prefix) => request.prefixes.push(prefix.to_string()),
            Part::Match(line) => request.matches.push(line.as_match()),
            Part::Line(line) => request.lines.push(line.without_number()),
        }
    }
    if has_group || !request.prefixes.is_empty() {
        (request.suffixes, request.vanities) = (suffixes, vanities);
    }
    request
}

impl Item {
    /// What each of its keys begins with.
    pub(super) fn head(&self) -> Digits {
        match &self.part {
            Part::Group => Digits::ANY,
            Part::Prefix(prefix) => *prefix,
            Part::Match(line) | Part::Line(line) => line.head,
        }
    }

    /// Digits that it fixes, if a key with these ends fits it.
    fn digits_in(&self, ends: KeyEnds, group: Option<&Group>) -> Option<usize> {
        let in_group = || group.is_some_and(|group| group.holds(ends));
        match &self.part {
            Part::Group => in_group().then_some(0),
            Part::Prefix(prefix) => (prefix.begins(ends.head) && in_group()).then(|| prefix.len()),
            Part::Match(line) | Part::Line(line) => {
                line.holds(ends).then(|| line.head.len() + line.tail.len())
            }
        }
    }
}

impl Wanted {
    /// The most particular of the patterns `is_open` that this public key fits.
    pub(crate) fn fitting(
        &self,
        public: &[u8; 32],
        is_open: impl Fn(usize) -> bool,
    ) -> Option<usize> {
        let ends = KeyEnds::of(public);
        let open = self.each().iter().enumerate().filter(|(i, _)| is_open(*i));
        let fits = open.filter_map(|(i, item)| Some((item.digits_in(ends, self.group())?, i)));
        // Of equals the first.
        fits.max_by_key(|(digits, i)| (*digits, std::cmp::Reverse(*i)))
            .map(|(_, i)| i)
    }

    /// What is wanted of the patterns `is_open` (all, if keys are not for each) when these beginnings are taken;
    /// nothing where nothing is left.
    pub(crate) fn narrowed(
        &self,
        is_open: impl Fn(usize) -> bool,
        taken: &[Digits],
    ) -> Option<Self> {
        let mut all = self.to_request();
        if !self.each().is_empty() {
            let open = self.each().iter().enumerate().filter(|(i, _)| is_open(*i));
            let open = request(open.map(|(_, item)| item), all.suffixes, all.vanities);
            if open.has_no_pattern() {
                return None;
            }
            all = Request {
                avoid: all.avoid,
                ..open
            };
        }
        all.avoid_listed = taken.to_vec();
        Self::new(all).ok().map(|(wanted, _)| wanted)
    }

    /// How many node IDs of so many digits wanted keys that begin with `within` can have, but those that are `taken`; counting
    /// stops at `most`.
    pub(crate) fn free_ids(
        &self,
        within: Digits,
        digits: usize,
        taken: &BTreeSet<Digits>,
        most: u64,
    ) -> u64 {
        let heads = DigitSet::new(self.patterns().iter().map(|line| line.head).collect());
        let can = |head: Digits| {
            let avoid = self.avoid();
            let in_group =
                |group: &Group| group.count(avoid, head, Digits::ANY, &Levels::default()) != 0;
            !taken.contains(&head)
                && avoid.size_within(head) < head.size()
                && (heads.covering(head).is_some()
                    || !heads.within(head).is_empty()
                    || self.group().is_some_and(in_group))
        };
        count_below(within, digits, most, &can)
    }
}

fn count_below(head: Digits, digits: usize, most: u64, can: &dyn Fn(Digits) -> bool) -> u64 {
    if most == 0 || !can(head) {
        return 0;
    }
    if head.len() >= digits {
        return 1;
    }
    (0..16).fold(0, |found, digit| {
        found + count_below(head.child(digit), digits, most - found, can)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(request: Request) -> Wanted {
        let each = Request {
            each: true,
            ..request
        };
        Wanted::new(each).unwrap().0
    }

    fn lines(texts: &[&str]) -> Vec<PatternLine> {
        let line = |text: &&str| PatternLine::parse_line(text, 1).unwrap().unwrap();
        texts.iter().map(line).collect()
    }

    fn texts(wanted: &Wanted) -> Vec<&str> {
        wanted
            .each()
            .iter()
            .map(|item| item.text.as_str())
            .collect()
    }

    #[test]
    fn each_prefix_match_and_line_is_a_pattern_of_its_own_even_where_another_covers_it() {
        let request = Request {
            prefixes: vec!["F8,F801".into()],
            suffixes: vec!["BE".into()],
            matches: vec!["A1...".into()],
            lines: lines(&["A1...22|a node", "A1...22", "A1"]),
            avoid: vec!["C".into()],
            ..Request::default()
        };
        let wanted = wanted(request);
        let expected = [
            "prefix F8 and suffix BE",
            "prefix F801 and suffix BE",
            "match A1...",
            "A1...22 (a node)",
            "A1",
        ];
        assert_eq!(texts(&wanted), expected);
        let (again, notes) = Wanted::new(wanted.to_request()).unwrap();
        assert_eq!((texts(&again), notes), (texts(&wanted), Vec::new()));
        assert_eq!(again.probability(), wanted.probability());
        assert!(
            wanted
                .describe()
                .starts_with("each of prefix F8 and suffix BE, prefix F801")
        );
    }

    #[test]
    fn a_key_counts_for_the_most_particular_pattern_that_has_none_yet() {
        let wanted = wanted(Request {
            prefixes: vec!["F".into(), "F8".into(), "F80".into()],
            ..Request::default()
        });
        let mut public = [0; 32];
        (public[0], public[1]) = (0xF8, 0x11);
        assert_eq!(wanted.fitting(&public, |_| true), Some(1));
        assert_eq!(wanted.fitting(&public, |item| item != 1), Some(0));
        assert_eq!(wanted.fitting(&public, |item| item == 2), None);
    }

    #[test]
    fn what_is_left_is_what_the_open_patterns_want_outside_of_what_is_taken() {
        let wanted = wanted(Request {
            prefixes: vec!["F8".into(), "A".into()],
            suffixes: vec!["1".into()],
            lines: lines(&["B1"]),
            ..Request::default()
        });
        let chance = |open: &[usize], taken: &[&str]| {
            let taken: Vec<_> = taken.iter().map(|t| Digits::parse(t).unwrap()).collect();
            let left = wanted.narrowed(|item| open.contains(&item), &taken);
            left.map(|left| left.probability() * 4096.0)
        };
        assert_eq!(chance(&[0, 1, 2], &[]), Some(1.0 + 16.0 + 16.0));
        assert_eq!(chance(&[1, 2], &["A1", "B1"]), Some(15.0));
        assert_eq!(chance(&[2], &["A1"]), Some(16.0));
        assert_eq!(chance(&[0, 2], &["F8", "B1"]), None);
        assert_eq!(chance(&[], &[]), None);
    }

    #[test]
    fn ids_that_can_still_be_found_are_counted_exactly() {
        let free = |request: Request, digits, most| {
            let (wanted, _) = Wanted::new(request).unwrap();
            wanted.free_ids(Digits::ANY, digits, &BTreeSet::new(), most)
        };
        let any = Request {
            avoid: vec!["A1,B".into()],
            any_beginning: true,
            ..Request::default()
        };
        assert_eq!(free(any.clone(), 2, 1000), 254 - 17);
        assert_eq!(free(any, 4, u64::MAX), (254 - 17) * 256);
        let prefix = |prefix: &str| Request {
            prefixes: vec![prefix.into()],
            ..Request::default()
        };
        assert_eq!(free(prefix("F8"), 2, 1000), 1);
        assert_eq!(free(prefix("F8"), 4, 1000), 256);
        assert_eq!(free(prefix("F"), 2, 1000), 15, "FF is reserved");
        assert_eq!(free(prefix("F8"), 6, 1000), 1000);
        let ends = Request {
            suffixes: vec!["A1".into()],
            vanities: vec![2],
            lines: lines(&["B1...2", "B123", "...7"]),
            avoid: vec!["B12".into(), "C0".into()],
            ..Request::default()
        };
        assert_eq!(free(ends, 2, 1000), 253);
        let ends = Request {
            suffixes: vec!["A1".into()],
            vanities: vec![2],
            lines: lines(&["B1...2", "B123"]),
            ..Request::default()
        };
        assert_eq!(free(ends.clone(), 2, 1000), 3, "A1, its reverse and B1");
        let digits = |text| Digits::parse(text).unwrap();
        let (wanted, _) = Wanted::new(ends).unwrap();
        let within =
            |head, taken| wanted.free_ids(digits(head), 2, &BTreeSet::from([digits(taken)]), 9);
        assert_eq!(
            (within("A", "B1"), within("A", "A1"), within("B1", "B1")),
            (1, 0, 0)
        );
    }
}
