//! Resolves a request: drops what can't match or is covered, and refuses contradictions.

use super::digits::Digits;
use super::error::PatternError;
use super::file::counted_lines;
use super::group::Group;
use super::line::PatternLine;
use super::rect::{Rect, Step, rects, walk};
use super::request::{self, Values};
use super::set::{DigitSet, Levels};

/// The group of the values, without those that can't hold together with any of the others.
///
/// Nothing when no prefix, suffix or vanity was asked for.
pub(super) fn group(
    values: &Values,
    notes: &mut Vec<String>,
) -> Result<Option<Group>, PatternError> {
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
    notes: &mut Vec<String>,
    can: impl Fn(&[T]) -> bool,
) -> Vec<T> {
    let check = |value: &T| {
        let holds = can(&[*value]);
        if !holds {
            let text = "is left out: with the other conditions it can never match";
            notes.push(format!("{option} {} {text}", value.to_string()));
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
    let reserved_only = DigitSet::new(request::reserved().to_vec());
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
    let texts = |digits: &[Digits]| digits.iter().map(ToString::to_string).collect();
    let (prefixes, suffixes) = (texts(&values.prefixes), texts(&values.suffixes));
    let parts = conditions(prefixes, suffixes, &values.vanities);
    match parts.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => parts.concat(),
    }
}

/// The conditions that must hold together, such as "prefix F8 or A1" and "vanity 8".
pub(super) fn conditions(
    prefixes: Vec<String>,
    suffixes: Vec<String>,
    vanities: &[u8],
) -> Vec<String> {
    let vanities = vanities.iter().map(u8::to_string).collect();
    let kinds = [
        ("prefix", prefixes),
        ("suffix", suffixes),
        ("vanity", vanities),
    ];
    let kinds = kinds.into_iter().filter(|(_, values)| !values.is_empty());
    kinds
        .map(|(name, values)| format!("{name} {}", some_of(&values, " or ")))
        .collect()
}

/// The first few of a list of texts, and how many more there are.
pub(super) fn some_of(texts: &[String], separator: &str) -> String {
    const SHOWN: usize = 4;
    let shown = texts[..texts.len().min(SHOWN)].join(separator);
    match texts.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} … ({more} more)"),
    }
}

/// The typed matches that some key outside `avoid` can have.
pub(super) fn matches(values: &Values, notes: &mut Vec<String>) -> Vec<PatternLine> {
    let mut kept = values.matches.clone();
    kept.retain(|m| {
        let free = values.avoid.size_within(m.head) < m.head.size();
        if !free {
            notes.push(format!(
                "--match {} is left out: all its keys are avoided",
                m.as_match()
            ));
        }
        free
    });
    kept
}

/// The lines that some key outside `avoid` can have; one note about the others.
pub(super) fn lines(
    mut lines: Vec<PatternLine>,
    avoid: &DigitSet,
    notes: &mut Vec<String>,
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
        notes.push(text);
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
    notes: &mut Vec<String>,
    visit: impl FnMut(&Step<'_>),
) -> (Vec<PatternLine>, usize) {
    let in_group = |r: &Rect| group.is_some_and(|g| g.covers(r.head, r.tail));
    let (covered, others): (Vec<Rect>, Vec<Rect>) = rects(&patterns).partition(in_group);
    let dropped = covered.iter().map(|r| r.index).chain(walk(others, visit));
    let mut keep = vec![true; patterns.len()];
    dropped.for_each(|index| keep[index as usize] = false);
    note_covered(&patterns, typed, &keep, notes);
    let typed = keep.iter().take(typed).filter(|keep| **keep).count();
    let kept = patterns.into_iter().zip(keep).filter(|(_, keep)| *keep);
    (kept.map(|(pattern, _)| pattern).collect(), typed)
}

fn note_covered(patterns: &[PatternLine], typed: usize, keep: &[bool], notes: &mut Vec<String>) {
    let dropped = (0..).zip(patterns).filter(|(index, _)| !keep[*index]);
    let (of_options, of_files): (Vec<_>, Vec<_>) = dropped.partition(|(index, _)| *index < typed);
    for (_, pattern) in of_options {
        let text = pattern.as_match();
        notes.push(format!(
            "--match {text} is left out: another pattern covers it"
        ));
    }
    let numbers: Vec<usize> = of_files.iter().map(|(_, line)| line.line).collect();
    if !numbers.is_empty() {
        notes.push(format!(
            "--pattern-file: left out {} that other patterns cover",
            counted_lines(&numbers)
        ));
    }
}
