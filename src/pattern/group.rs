//! The conditions that must hold together: any of the prefixes, any of the suffixes, any of the vanity lengths.

use super::digits::{Digits, KeyEnds};
use super::set::{DigitSet, Levels};
use super::terms::Terms;
use super::work;

/// Up to this many members are counted one by one; more are narrowed down first, which passes over contradictions.
const FEW: usize = 32;

/// Any of the prefixes AND any of the suffixes AND any of the vanity lengths; an empty list asks for nothing.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// Beginnings; a member without digits stands for any.
    pub heads: DigitSet,
    /// Ends, from the last digit backwards; a member without digits stands for any.
    pub tails: DigitSet,
    /// Vanity lengths in hex digits, ascending; none: not asked for.
    pub vanities: Vec<u8>,
    terms: Terms,
}

impl Group {
    /// The group of these conditions; suffixes as they are read. All lists empty stands for every key.
    pub(super) fn new(prefixes: &[Digits], suffixes: &[Digits], vanities: &[u8]) -> Self {
        let mut vanities = vanities.to_vec();
        vanities.sort_unstable();
        vanities.dedup();
        let terms = match vanities.is_empty() {
            true => Terms::every_key(),
            false => Terms::vanity(&vanities),
        };
        let everything = DigitSet::everything();
        Self {
            heads: everything.clone(),
            tails: everything,
            vanities,
            terms,
        }
        .with_ends(prefixes, suffixes)
    }

    /// The group with the same vanity lengths, but these prefixes and suffixes.
    pub(super) fn with_ends(&self, prefixes: &[Digits], suffixes: &[Digits]) -> Self {
        let or_any = |values: Vec<Digits>| match values.is_empty() {
            true => DigitSet::everything(),
            false => DigitSet::new(values),
        };
        Self {
            heads: or_any(prefixes.to_vec()),
            tails: or_any(suffixes.iter().map(|s| s.reversed()).collect()),
            ..self.clone()
        }
    }

    /// The group with the same ends and vanity lengths, but these prefixes.
    pub(super) fn with_heads(&self, prefixes: &[Digits]) -> Self {
        Self {
            heads: DigitSet::new(prefixes.to_vec()),
            ..self.clone()
        }
    }

    /// Whether a key with these ends is in the group.
    pub(super) fn holds(&self, ends: KeyEnds) -> bool {
        self.heads.find(ends.head).is_some()
            && self.tails.find(ends.tail).is_some()
            && (self.vanities.is_empty() || self.vanity(ends).is_some())
    }

    /// The longest of the vanity lengths that these ends have.
    pub(super) fn vanity(&self, ends: KeyEnds) -> Option<u8> {
        let mut longest_first = self.vanities.iter().rev().copied();
        longest_first.find(|length| repeats(ends, *length))
    }

    /// Whether every key with this beginning and this end (last digit first) is in the group.
    pub(super) fn covers(&self, head: Digits, tail: Digits) -> bool {
        self.vanities.is_empty()
            && self.heads.covering(head).is_some()
            && self.tails.covering(tail).is_some()
    }

    /// How many pairs of ends are in the group, begin with `head` and with none of `avoid`, and end with `tail` (last
    /// digit first), but in none of `active`.
    pub(super) fn count(
        &self,
        avoid: &DigitSet,
        head: Digits,
        tail: Digits,
        active: &Levels,
    ) -> u128 {
        if !self.terms.can_hold(head, tail) {
            return 0;
        }
        let members = match self.heads.covering(head) {
            Some(_) => std::slice::from_ref(&head),
            None => self.heads.within(head),
        };
        if members.len() > FEW {
            return sum((0..16).map(|digit| self.count(avoid, head.child(digit), tail, active)));
        }
        sum(members
            .iter()
            .map(|member| self.count_free(avoid, *member, tail, active)))
    }

    /// As [`Self::count`], for a beginning that lies within one of the group's.
    fn count_free(&self, avoid: &DigitSet, head: Digits, tail: Digits, active: &Levels) -> u128 {
        if avoid.covering(head).is_some() {
            return 0;
        }
        let avoided = avoid
            .within(head)
            .iter()
            .map(|part| self.count_tails(*part, tail, active));
        self.count_tails(head, tail, active)
            .wrapping_sub(sum(avoided))
    }

    /// As [`Self::count_free`], whatever is avoided.
    fn count_tails(&self, head: Digits, tail: Digits, active: &Levels) -> u128 {
        work::count(1);
        if active.covers(tail) || !self.terms.can_hold(head, tail) {
            return 0;
        }
        if self.tails.covering(tail).is_none() {
            let members = self.tails.within(tail);
            return match members.len() > FEW {
                true => self.count_children(head, tail, active),
                false => sum(members
                    .iter()
                    .map(|member| self.count_tails(head, *member, active))),
            };
        }
        self.terms
            .count(head, tail)
            .wrapping_sub(self.count_taken(head, tail, active))
    }

    /// How many of the pairs with these sides, one of the group's ends covering `tail`, have an end in `active`.
    fn count_taken(&self, head: Digits, tail: Digits, active: &Levels) -> u128 {
        if active.count_within(tail) <= FEW {
            return sum(active
                .largest_within(tail)
                .map(|member| self.terms.count(head, member)));
        }
        let mut taken = 0u128;
        for forced in self.terms.forced(head, tail) {
            active.each_largest(forced.mask, forced.value, tail, |member| {
                taken = taken.wrapping_add(forced.count(member));
            });
        }
        taken
    }

    fn count_children(&self, head: Digits, tail: Digits, active: &Levels) -> u128 {
        sum((0..16).map(|digit| self.count_tails(head, tail.child(digit), active)))
    }
}

/// The sum modulo 2^128: differences that are negative for a moment come out right in the end.
fn sum(counts: impl Iterator<Item = u128>) -> u128 {
    counts.fold(0, u128::wrapping_add)
}

/// Whether the first `length` digits equal the last ones, as they stand or reversed.
pub(super) fn repeats(ends: KeyEnds, length: u8) -> bool {
    let n = usize::from(length);
    let (first, last) = (Digits::of_word(ends.head, n), Digits::of_word(ends.tail, n));
    first == last || first == last.reversed()
}
