//! Ends that are matched already while beginnings are walked from short to long: one level for each shorter beginning.

use std::cell::RefCell;
use std::collections::HashMap;

use super::digits::{Digits, MAX_DIGITS};
use super::set::DigitSet;

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
    #[must_use]
    pub(super) fn covers(&self, tail: Digits) -> bool {
        self.0
            .iter()
            .any(|level| level.tails.covering(tail).is_some())
    }

    /// How many members `tail` covers, those among them that others cover included.
    #[must_use]
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
    #[must_use]
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
