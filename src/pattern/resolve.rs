//! Turns a request into what is wanted: drops what can't match or is covered, and refuses contradictions.

use super::cover::{Rect, Step, walk};
use super::digits::Digits;
use super::error::{Note, PatternError};
use super::file::counted_lines;
use super::group::Group;
use super::levels::Levels;
use super::line::PatternLine;
use super::read::Values;
use super::set::DigitSet;

/// The group of the values, without those that can't hold together with any of the others.
///
/// Nothing when no prefix, suffix or vanity was asked for.
pub(super) fn group(values: &Values, notes: &mut Vec<Note>) -> Result<Option<Group>, PatternError> {
    let Values {
        prefixes,
        suffixes,
        vanities,
        avoid,
        ..
    } = values;
    if prefixes.is_empty() && suffixes.is_empty() && vanities.is_empty() {
        return Ok(None);
    }
    let group = Group::new(prefixes, suffixes, vanities);
    let can = |group: Group| group.count(avoid, Digits::ANY, Digits::ANY, &Levels::default()) != 0;
    if !can(group.clone()) {
        return Err(impossible(values, can(group.with_ends(&[], suffixes))));
    }
    let prefixes = possible(prefixes, "--prefix", notes, |one| {
        can(group.with_ends(one, suffixes))
    });
    let suffixes = possible(suffixes, "--suffix", notes, |one| {
        can(group.with_ends(&prefixes, one))
    });
    let vanities = possible(vanities, "--vanity", notes, |one| {
        can(Group::new(&prefixes, &suffixes, one))
    });
    Ok(Some(Group::new(&prefixes, &suffixes, &vanities)))
}

fn possible<T: Copy + ToString>(
    values: &[T],
    option: &str,
    notes: &mut Vec<Note>,
    can: impl Fn(&[T]) -> bool,
) -> Vec<T> {
    let check = |value: &T| {
        let holds = can(&[*value]);
        if !holds {
            let text = "is left out: with the other conditions it can never match";
            notes.push(Note::new(format!("{option} {} {text}", value.to_string())));
        }
        holds
    };
    values.iter().copied().filter(check).collect()
}

fn impossible(values: &Values, without_prefixes: bool) -> PatternError {
    let what = named(values);
    let avoided = |p: &Digits| values.avoid.size_within(*p) == p.size();
    if !values.prefixes.is_empty() && values.prefixes.iter().all(avoided) {
        return PatternError::AllAvoided { what };
    }
    let reserved_only = DigitSet::new(super::read::reserved().to_vec());
    let group = Group::new(&values.prefixes, &values.suffixes, &values.vanities);
    let counted =
        |avoid: &DigitSet| group.count(avoid, Digits::ANY, Digits::ANY, &Levels::default());
    let why = if counted(&reserved_only) != 0 {
        return PatternError::AllAvoided { what };
    } else if counted(&DigitSet::default()) != 0 {
        ": only keys that begin with 00 or FF would have them, and MeshCore reserves those"
    } else if without_prefixes {
        ": the last digits must repeat the first ones, and they differ"
    } else {
        ""
    };
    PatternError::Contradiction {
        what,
        why: why.to_owned(),
    }
}

fn named(values: &Values) -> String {
    let mut parts = Vec::new();
    let texts = |digits: &[Digits]| digits.iter().map(ToString::to_string).collect::<Vec<_>>();
    for (name, values) in [
        ("prefix", texts(&values.prefixes)),
        ("suffix", texts(&values.suffixes)),
        (
            "vanity",
            values.vanities.iter().map(u8::to_string).collect(),
        ),
    ] {
        if !values.is_empty() {
            parts.push(format!("{name} {}", some_of(&values, " or ")));
        }
    }
    match parts.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => parts.concat(),
    }
}

/// The first few of a list of texts, and how many more there are.
pub(super) fn some_of(texts: &[String], separator: &str) -> String {
    const SHOWN: usize = 4;
    let shown = texts
        .iter()
        .take(SHOWN)
        .cloned()
        .collect::<Vec<_>>()
        .join(separator);
    match texts.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} … ({more} more)"),
    }
}

/// The typed matches that some key outside `avoid` can have.
pub(super) fn matches(values: &Values, notes: &mut Vec<Note>) -> Vec<PatternLine> {
    let mut kept = values.matches.clone();
    kept.retain(|m| {
        let free = values.avoid.size_within(m.head) < m.head.size();
        if !free {
            notes.push(Note::new(format!(
                "--match {} is left out: all its keys are avoided",
                m.as_match()
            )));
        }
        free
    });
    kept
}

/// The lines that some key outside `avoid` can have; one note about the others.
pub(super) fn lines(
    mut lines: Vec<PatternLine>,
    avoid: &DigitSet,
    notes: &mut Vec<Note>,
) -> Vec<PatternLine> {
    let mut dropped = Vec::new();
    lines.retain(|line| {
        let free = avoid.size_within(line.head) < line.head.size();
        if !free {
            dropped.push(line.line);
        }
        free
    });
    if !dropped.is_empty() {
        let text = format!(
            "--pattern-file: left out {} that can never match: reserved (00, FF) or avoided",
            counted_lines(&dropped)
        );
        notes.push(Note::new(text));
    }
    lines
}

/// Drops the patterns that the group or another pattern covers: one note for each typed one, one for all lines.
///
/// The first `typed` patterns were typed, the others are lines; the number of typed ones that are left comes back.
/// `visit` sees what is left, as in [`walk`].
pub(super) fn without_covered(
    patterns: Vec<PatternLine>,
    typed: usize,
    group: Option<&Group>,
    notes: &mut Vec<Note>,
    visit: impl FnMut(&Step<'_>),
) -> (Vec<PatternLine>, usize) {
    let in_group = |r: &Rect| group.is_some_and(|g| g.covers(r.head, r.tail));
    let (covered, others): (Vec<Rect>, Vec<Rect>) = rects(&patterns).partition(in_group);
    let dropped = covered.iter().map(|r| r.index).chain(walk(others, visit));
    let mut keep = vec![true; patterns.len()];
    dropped.for_each(|index| keep[index as usize] = false);
    note_covered(&patterns, typed, &keep, notes);
    let typed = keep.iter().take(typed).filter(|keep| **keep).count();
    let mut keep = keep.into_iter();
    (
        patterns
            .into_iter()
            .filter(|_| keep.next().unwrap_or(true))
            .collect(),
        typed,
    )
}

fn note_covered(patterns: &[PatternLine], typed: usize, keep: &[bool], notes: &mut Vec<Note>) {
    let dropped = || {
        patterns
            .iter()
            .zip(keep)
            .enumerate()
            .filter(|(_, (_, keep))| !**keep)
    };
    for (_, (pattern, _)) in dropped().filter(|(i, _)| *i < typed) {
        notes.push(Note::new(format!(
            "--match {} is left out: another pattern covers it",
            pattern.as_match()
        )));
    }
    let numbers: Vec<usize> = dropped()
        .filter(|(i, _)| *i >= typed)
        .map(|(_, (p, _))| p.line)
        .collect();
    if !numbers.is_empty() {
        notes.push(Note::new(format!(
            "--pattern-file: left out {} that other patterns cover",
            counted_lines(&numbers)
        )));
    }
}

/// The patterns as rectangles, numbered in order.
pub(super) fn rects(patterns: &[PatternLine]) -> impl Iterator<Item = Rect> + '_ {
    let rect = |(index, line): (usize, &PatternLine)| Rect {
        head: line.head,
        tail: line.tail.reversed(),
        index: index as u32,
    };
    patterns.iter().enumerate().map(rect)
}
