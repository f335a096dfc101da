//! Ends that are matched already while beginnings are walked from short to long: one level for each shorter beginning.

use super::digits::Digits;
use super::set::DigitSet;

/// A stack of sets of ends (last digit first), each with how much it adds to those below it.
#[derive(Debug, Default)]
pub struct Levels(Vec<Level>);

#[derive(Debug)]
struct Level {
    tails: DigitSet,
    /// Sum of what the first i ends of `tails` add.
    sums: Vec<u128>,
}

impl Levels {
    /// Puts a set on top; `added` is what each end adds to the levels below, in the set's order.
    pub fn push(&mut self, tails: DigitSet, added: &[u128]) {
        let mut sum = 0u128;
        let sums = std::iter::once(0).chain(added.iter().map(|add| {
            sum += add;
            sum
        }));
        let sums = sums.collect();
        self.0.push(Level { tails, sums });
    }

    /// Takes sets off until `depth` are left.
    pub fn truncate(&mut self, depth: usize) {
        self.0.truncate(depth);
    }

    /// Whether a member covers `tail`.
    #[must_use]
    pub fn covers(&self, tail: Digits) -> bool {
        self.0
            .iter()
            .any(|level| level.tails.covering(tail).is_some())
    }

    /// Whether `tail` covers a member.
    #[must_use]
    pub fn any_within(&self, tail: Digits) -> bool {
        self.0
            .iter()
            .any(|level| !level.tails.range_within(tail).is_empty())
    }

    /// How many of the ends that `tail` covers are in the union of the sets; no member may cover `tail`.
    #[must_use]
    pub fn size_within(&self, tail: Digits) -> u128 {
        let within = |level: &Level| {
            let range = level.tails.range_within(tail);
            level.sums[range.end] - level.sums[range.start]
        };
        self.0.iter().map(within).sum()
    }
}
