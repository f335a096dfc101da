//! The checked and complete pattern of a search: exact match, exact odds, and a description for people.

use super::digits::{Digits, KeyEnds};
use super::each::{self, Item};
use super::error::PatternError;
use super::group::Group;
use super::line::PatternLine;
use super::rect::{RectTable, Step, rects};
use super::request::{self, DEFAULT_VANITY, Request};
use super::resolve::{self, conditions, some_of};
use super::set::{DigitSet, Levels};

/// The keys that a search reports.
#[derive(Clone, Debug)]
pub struct Wanted {
    group: Option<Group>,
    /// Typed matches, then lines of files.
    patterns: Vec<PatternLine>,
    typed: usize,
    table: RectTable,
    avoid: DigitSet,
    avoided: Vec<Digits>,
    pairs: u128,
    /// The patterns that get keys of their own; none where any key will do.
    each: Vec<Item>,
}

impl Wanted {
    /// Checks a request; notes say what was dropped.
    ///
    /// # Errors
    /// A value that can't be read, is given twice or can only give reserved keys; conditions that contradict each other;
    /// nothing left to look for.
    pub fn new(mut request: Request) -> Result<(Self, Vec<String>), PatternError> {
        let mut notes = Vec::new();
        if request.has_no_pattern() && !request.wants_any() {
            request.vanities.push(DEFAULT_VANITY);
            notes.push(format!(
                "No pattern is given: looking for --vanity-{DEFAULT_VANITY}"
            ));
        }
        let values = request::read(&request, &mut notes)?;
        if values.avoid.size_within(Digits::ANY) == Digits::ANY.size() {
            return Err(PatternError::AllAvoided {
                what: "--avoid".to_owned(),
            });
        }
        let any = request.wants_any().then(|| Group::new(&[], &[], &[]));
        let group = resolve::group(&values, &mut notes)?.or(any);
        let mut patterns = resolve::matches(&values, &mut notes);
        let typed = patterns.len();
        let lines = request.lines.len();
        patterns.extend(resolve::lines(request.lines, &values.avoid, &mut notes));
        if group.is_none() && patterns.is_empty() {
            return Err(nothing_left(&request.matches, lines));
        }
        let avoid = &values.avoid;
        let each = match request.each {
            true => each::items(&values.prefixes, group.as_ref(), avoid, &patterns, typed),
            false => Vec::new(),
        };
        let mut pairs = group.as_ref().map_or(0, |g| {
            g.count(avoid, Digits::ANY, Digits::ANY, &Levels::default())
        });
        let add =
            |step: &Step<'_>| pairs = pairs.wrapping_add(pairs_added(step, group.as_ref(), avoid));
        let mut covered = Vec::new();
        let (patterns, typed) =
            resolve::without_covered(patterns, typed, group.as_ref(), &mut covered, add);
        if !request.each {
            notes.append(&mut covered);
        }
        let table = RectTable::new(rects(&patterns));
        let request::Values { avoid, avoided, .. } = values;
        Ok((
            Self {
                group,
                patterns,
                typed,
                table,
                avoid,
                avoided,
                pairs,
                each,
            },
            notes,
        ))
    }

    /// What matched, if this public key is wanted: "prefix F8", "vanity 8", "match ABCD...EF12" or a line's description.
    pub fn matches(&self, public: &[u8; 32]) -> Option<String> {
        let ends = KeyEnds::of(public);
        if self.is_avoided(ends) {
            return None;
        }
        let group = self.group.as_ref().filter(|group| group.holds(ends));
        let line = || {
            self.table
                .find(ends)
                .min()
                .map(|i| self.patterns[i as usize].label())
        };
        group.map(|group| label(group, ends)).or_else(line)
    }

    /// Whether this public key is wanted.
    pub fn is_match(&self, public: &[u8; 32]) -> bool {
        let ends = KeyEnds::of(public);
        let found = || self.group.as_ref().is_some_and(|group| group.holds(ends));
        !self.is_avoided(ends) && (found() || self.table.find(ends).next().is_some())
    }

    /// The chance that a random public key is wanted: exact but for the rounding of one division.
    pub fn probability(&self) -> f64 {
        self.pairs as f64 / 2f64.powi(128)
    }

    /// One line for people: what is looked for, and how much is avoided.
    pub fn describe(&self) -> String {
        let each: Vec<String> = self.each.iter().map(|item| item.text.clone()).collect();
        let looked_for = match each.is_empty() {
            true => self.describe_any().join("; or "),
            false => format!("each of {}", some_of(&each, ", ")),
        };
        let avoided: Vec<String> = self.avoided.iter().map(Digits::to_string).collect();
        match avoided.is_empty() {
            true => looked_for,
            false => format!("{looked_for}, not {}", some_of(&avoided, ", ")),
        }
    }

    /// The alternatives of which a key must have one.
    fn describe_any(&self) -> Vec<String> {
        let mut parts: Vec<String> = self.group.iter().map(describe_group).collect();
        let (typed, lines) = self.patterns.split_at(self.typed);
        if !typed.is_empty() {
            parts.push(format!("match {}", some_of(&texts(typed), " or ")));
        }
        match lines {
            [] => {}
            [line] => parts.push(format!("line {line}")),
            _ => parts.push(format!("any of {} lines", lines.len())),
        }
        parts
    }

    /// A request that gives the same again, for example to be stored: only what was kept, without line numbers.
    pub fn to_request(&self) -> Request {
        let (typed, lines) = self.patterns.split_at(self.typed);
        let group = self.group.as_ref();
        let avoid = self.avoided.iter().map(Digits::to_string).collect();
        let suffixes = group.map_or_else(Vec::new, |g| g.tails.texts(Digits::reversed));
        let vanities = group.map_or_else(Vec::new, |g| g.vanities.clone());
        if !self.each.is_empty() {
            return Request {
                avoid,
                each: true,
                ..each::request(self.each.iter(), suffixes, vanities)
            };
        }
        Request {
            prefixes: group.map_or_else(Vec::new, |g| g.heads.texts(|d| d)),
            suffixes,
            vanities,
            matches: texts(typed),
            lines: lines.iter().map(PatternLine::without_number).collect(),
            avoid,
            avoid_listed: Vec::new(),
            any_beginning: group.is_some_and(|g| g.covers(Digits::ANY, Digits::ANY)),
            each: false,
        }
    }

    /// The patterns that get keys of their own; none where it does not matter which pattern a key fits.
    pub(crate) fn each(&self) -> &[Item] {
        &self.each
    }

    /// Number of matches and lines.
    pub(crate) fn len(&self) -> usize {
        self.patterns.len()
    }

    /// The group of prefixes, suffixes and vanity lengths, if any was asked for.
    pub(super) fn group(&self) -> Option<&Group> {
        self.group.as_ref()
    }

    /// The matches and lines.
    pub(super) fn patterns(&self) -> &[PatternLine] {
        &self.patterns
    }

    /// The beginnings that are never reported, the reserved ones among them.
    pub(super) fn avoid(&self) -> &DigitSet {
        &self.avoid
    }

    fn is_avoided(&self, ends: KeyEnds) -> bool {
        self.avoid.find(ends.head).is_some()
    }
}

fn nothing_left(matches: &[String], lines: usize) -> PatternError {
    match matches {
        [] => PatternError::NothingLeft { lines },
        _ => PatternError::AllAvoided {
            what: format!("--match {}", some_of(matches, " or ")),
        },
    }
}

/// Pairs of 16-digit ends that one beginning's rectangles add to shorter beginnings and to the group, without `avoid`.
fn pairs_added(step: &Step<'_>, group: Option<&Group>, avoid: &DigitSet) -> u128 {
    let free = step.head.size() - avoid.size_within(step.head);
    let mut total = 0u128;
    for (rect, added) in step.kept.iter().zip(step.added) {
        let shared = group.map_or(0, |g| g.count(avoid, step.head, rect.tail, step.active));
        total = total
            .wrapping_add(free.wrapping_mul(*added))
            .wrapping_sub(shared);
    }
    total
}

fn label(group: &Group, ends: KeyEnds) -> String {
    let head = group.heads.find(ends.head).filter(|d| !d.is_empty());
    let tail = group.tails.find(ends.tail).filter(|d| !d.is_empty());
    let parts = [
        head.map(|d| format!("prefix {d}")),
        tail.map(|d| format!("suffix {}", d.reversed())),
        group.vanity(ends).map(|n| format!("vanity {n}")),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() {
        "free beginning".to_owned()
    } else {
        parts.join(", ")
    }
}

pub(super) fn describe_group(group: &Group) -> String {
    let (heads, tails) = (
        group.heads.texts(|d| d),
        group.tails.texts(Digits::reversed),
    );
    let parts = conditions(heads, tails, &group.vanities);
    if parts.is_empty() {
        "any free beginning".to_owned()
    } else {
        parts.join(" and ")
    }
}

fn texts(lines: &[PatternLine]) -> Vec<String> {
    lines.iter().map(PatternLine::as_match).collect()
}
