//! Sets of words given by their first digits: sorted, and no member begins with another; and stacks of such sets.

use std::cell::RefCell;
use std::collections::HashMap;

use super::digits::{Digits, MAX_DIGITS};
use super::work;

/// Disjoint values in order; one that another covers is left out when the set is made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct DigitSet {
    items: Vec<Digits>,
}

impl DigitSet {
    /// The union of `values`.
    pub(crate) fn new(values: Vec<Digits>) -> Self {
        Self::with_dropped(values).0
    }

    /// The union of `values`, and each value that another covers (or repeats) with the one that covers it.
    pub(crate) fn with_dropped(mut values: Vec<Digits>) -> (Self, Vec<(Digits, Digits)>) {
        values.sort_unstable();
        let mut items: Vec<Digits> = Vec::with_capacity(values.len());
        let mut dropped = Vec::new();
        for value in values {
            match items.last() {
                Some(&last) if last.covers(value) => dropped.push((value, last)),
                _ => items.push(value),
            }
        }
        (Self { items }, dropped)
    }

    /// The set of every word.
    pub(crate) fn everything() -> Self {
        Self {
            items: vec![Digits::ANY],
        }
    }

    /// The members, in order.
    pub(crate) fn items(&self) -> &[Digits] {
        &self.items
    }

    /// Whether every word is in the set because a member has no digits.
    pub(crate) fn is_everything(&self) -> bool {
        self.items.first().is_some_and(|d| d.is_empty())
    }

    /// The member that `word` begins with.
    pub(crate) fn find(&self, word: u64) -> Option<Digits> {
        self.before(word).filter(|d| d.begins(word))
    }

    /// The member that covers `digits`.
    pub(crate) fn covering(&self, digits: Digits) -> Option<Digits> {
        self.before(digits.aligned()).filter(|d| d.covers(digits))
    }

    /// The members that `digits` covers. A member that covers `digits` instead is not among them, unless it is equal.
    pub(crate) fn within(&self, digits: Digits) -> &[Digits] {
        let range = self.range_within(digits);
        &self.items[range]
    }

    /// Where [`Self::within`] lies in [`Self::items`].
    pub(super) fn range_within(&self, digits: Digits) -> std::ops::Range<usize> {
        let start = self.items.partition_point(|d| d < &digits);
        let last = digits.last_word();
        let len = self.items[start..].partition_point(|d| d.aligned() <= last);
        start..start + len
    }

    /// The members as texts, one without digits left out; `side` puts their digits in the order in which they are read.
    pub(super) fn texts(&self, side: fn(Digits) -> Digits) -> Vec<String> {
        let members = self.items.iter().filter(|digits| !digits.is_empty());
        members.map(|digits| side(*digits).to_string()).collect()
    }

    /// How many of the words that begin with `digits` are in the set.
    pub(crate) fn size_within(&self, digits: Digits) -> u128 {
        match self.covering(digits) {
            Some(_) => digits.size(),
            None => self.within(digits).iter().map(|d| d.size()).sum(),
        }
    }

    fn before(&self, word: u64) -> Option<Digits> {
        work::count(1);
        let after = self.items.partition_point(|d| d.aligned() <= word);
        after.checked_sub(1).map(|i| self.items[i])
    }
}

/// A stack of sets of ends (last digit first), each with how much it adds to those below it.
#[derive(Debug, Default)]
pub(super) struct Levels(Vec<Level>);

#[derive(Debug)]
struct Level {
    tails: DigitSet,
    /// Sum of what the first i ends of `tails` add.
    sums: Vec<u128>,
    by_mask: RefCell<ByMask>,
    /// Bit n: there are members of n digits.
    lengths: u32,
}

/// Members of one length ordered by some of their digits: a number of digits and a mask to the masked words in order.
type ByMask = HashMap<(usize, u64), Vec<(u64, Digits)>>;

/// Orders that are kept at a time; each holds up to every member once.
const MOST_ORDERS: usize = 256;
/// Digits by which members are ordered: enough to leave few, and few enough that orders are used again.
const ORDER_DIGITS: u32 = 3;

impl Levels {
    /// Puts a set on top; `added` is what each end adds to the levels below, in the set's order.
    pub(super) fn push(&mut self, tails: DigitSet, added: &[u128]) {
        let mut sum = 0u128;
        let sums = std::iter::once(0).chain(added.iter().map(|add| {
            sum += add;
            sum
        }));
        let sums = sums.collect();
        let lengths = tails.items().iter().fold(0, |all, d| all | 1 << d.len());
        let by_mask = RefCell::default();
        self.0.push(Level {
            tails,
            sums,
            by_mask,
            lengths,
        });
    }

    /// Takes sets off until `depth` are left.
    pub(super) fn truncate(&mut self, depth: usize) {
        self.0.truncate(depth);
    }

    /// Whether a member covers `tail`.
    pub(super) fn covers(&self, tail: Digits) -> bool {
        self.0
            .iter()
            .any(|level| level.tails.covering(tail).is_some())
    }

    /// How many members `tail` covers, those among them that others cover included.
    pub(super) fn count_within(&self, tail: Digits) -> usize {
        self.0
            .iter()
            .map(|level| level.tails.range_within(tail).len())
            .sum()
    }

    /// The members that `tail` covers and no other member does. A level's members may cover those below it only.
    pub(super) fn largest_within(&self, tail: Digits) -> impl Iterator<Item = Digits> + '_ {
        let levels = self.0.iter().enumerate();
        levels.flat_map(move |(depth, level)| {
            let members = level.tails.within(tail).iter().copied();
            members.filter(move |member| self.is_largest(depth, *member))
        })
    }

    /// Calls `f` with those of [`Self::largest_within`] whose digits agree with `value` where `mask` has them; `mask`
    /// holds the digits of `tail`.
    pub(super) fn each_largest(
        &self,
        mask: u64,
        value: u64,
        tail: Digits,
        mut f: impl FnMut(Digits),
    ) {
        for (depth, level) in self.0.iter().enumerate() {
            for len in tail.len()..=MAX_DIGITS {
                let shown = Digits::of_word(u64::MAX, len).mask();
                level.each_agreeing(len, mask & shown, value & shown, |member| {
                    if self.is_largest(depth, member) {
                        f(member);
                    }
                });
            }
        }
    }

    fn is_largest(&self, depth: usize, member: Digits) -> bool {
        self.0[depth + 1..]
            .iter()
            .all(|above| above.tails.covering(member).is_none())
    }

    /// How many of the ends that `tail` covers are in the union of the sets; no member may cover `tail`.
    pub(super) fn size_within(&self, tail: Digits) -> u128 {
        let within = |level: &Level| {
            let range = level.tails.range_within(tail);
            level.sums[range.end] - level.sums[range.start]
        };
        self.0.iter().map(within).sum()
    }
}

impl Level {
    /// Calls `f` with each member of `len` digits that agrees with `value` under `mask`.
    fn each_agreeing(&self, len: usize, mask: u64, value: u64, f: impl FnMut(Digits)) {
        if self.lengths >> len & 1 == 0 {
            return;
        }
        let some = last_digits(mask);
        let mut orders = self.by_mask.borrow_mut();
        if orders.len() >= MOST_ORDERS && !orders.contains_key(&(len, some)) {
            orders.clear();
        }
        let order = orders.entry((len, some)).or_insert_with(|| {
            let members = self.tails.items().iter().filter(|d| d.len() == len);
            let mut order: Vec<(u64, Digits)> = members.map(|d| (d.aligned() & some, *d)).collect();
            order.sort_unstable();
            order
        });
        let start = order.partition_point(|(masked, _)| *masked < value & some);
        let agreeing = order[start..]
            .iter()
            .take_while(|(masked, _)| *masked == value & some);
        let members = agreeing.map(|(_, member)| *member);
        members.filter(|d| d.aligned() & mask == value).for_each(f);
    }
}

/// The last few digits that a mask of whole digits holds.
fn last_digits(mask: u64) -> u64 {
    let mut rest = mask;
    for _ in 0..ORDER_DIGITS {
        if rest != 0 {
            rest &= !(15 << (rest.trailing_zeros() & !3));
        }
    }
    mask & !rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(texts: &[&str]) -> DigitSet {
        DigitSet::new(texts.iter().map(|t| Digits::parse(t).unwrap()).collect())
    }

    fn digits(text: &str) -> Digits {
        Digits::parse(text).unwrap()
    }

    #[test]
    fn a_value_that_another_covers_is_left_out() {
        let (kept, dropped) =
            DigitSet::with_dropped(vec![digits("AB"), digits("A"), digits("B0"), digits("A0")]);
        assert_eq!(kept, set(&["A", "B0"]));
        assert_eq!(
            dropped,
            vec![(digits("A0"), digits("A")), (digits("AB"), digits("A"))]
        );
    }

    #[test]
    fn words_are_found_under_the_member_they_begin_with() {
        let set = set(&["A", "B01", "B1"]);
        assert_eq!(set.find(0xA123 << 48), Some(digits("A")));
        assert_eq!(set.find(0xB012 << 48), Some(digits("B01")));
        assert_eq!(set.find(0xB022 << 48), None);
        assert_eq!(set.covering(digits("B0")), None);
        assert_eq!(set.covering(digits("B10")), Some(digits("B1")));
        assert_eq!(set.within(digits("B")), [digits("B01"), digits("B1")]);
        assert_eq!(set.size_within(digits("B0")), digits("B01").size());
        assert_eq!(set.size_within(digits("AA")), digits("AA").size());
    }

    #[test]
    fn the_set_of_everything_covers_every_word() {
        assert!(DigitSet::everything().is_everything());
        assert_eq!(DigitSet::everything().size_within(Digits::ANY), 1 << 64);
    }
}
