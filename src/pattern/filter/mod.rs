//! Compiles what is wanted and watched into coarse rules for the sweep and a fine test of its survivors' words.

mod early;
mod index;
mod plan;
mod spot_check;
#[cfg(test)]
mod tests;
mod words;

pub(crate) use spot_check::SpotCheck;
#[cfg(test)]
pub(super) use tests::Random;

use early::Early;
use index::{Index, Target, WANTED, WATCHED};
use plan::{Plan, repeats_of, word_rule};
use spot_check::SpotCheckTest;
use words::{Repeat, Side, Words};

use super::digits::Digits;
use super::group::Group;
use super::set::DigitSet;
use super::wanted::Wanted;
use super::watchlist::Watchlist;
use crate::engine::coarse::{Coarse, EndsRule};

/// Digits of a beginning that a sweep's low word shows.
const LOW_DIGITS: usize = 12;
/// Allowed rarities of the spot check: one key in 2 to this power.
const SPOT_CHECK_BITS: std::ops::RangeInclusive<u32> = 10..=40;

/// What the two words of a survivor may belong to. A true key is never missed; what is found must be checked exactly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Plausible {
    /// A key that is looked for.
    pub wanted: bool,
    /// A key of the watchlist.
    pub watched: bool,
    /// A key of the spot check.
    pub spot_check: bool,
}

/// The compiled form of what is wanted and watched, with a spot check that goes through the same coarse rules.
#[derive(Clone, Debug)]
pub struct Filter {
    coarse: Coarse,
    spot_check: SpotCheck,
    spot_check_test: SpotCheckTest,
    low: Option<Index>,
    high: Option<Index>,
    group: Option<GroupTest>,
    avoid: DigitSet,
}

/// The fine test of a group that is not taken apart into patterns.
#[derive(Clone, Debug)]
struct GroupTest {
    heads: Option<Index>,
    tails: Option<Index>,
    repeats: Vec<Repeat>,
}

impl Filter {
    /// The filter for these patterns, with a spot check of about one key in 2^`spot_check_bits` (10 to 40; others are brought
    /// into that range).
    pub fn compile(wanted: &Wanted, watchlist: Option<&Watchlist>, spot_check_bits: u32) -> Self {
        let plan = Plan::new(wanted, watchlist);
        let (heads, tails) = (plan.heads(), plan.tails());
        let low_alone = tails.items().is_empty() && plan.vanities().is_empty();
        let early = Early::of(heads.items()).filter(|_| low_alone);
        let spot_check = choose_spot_check(
            &heads,
            &tails,
            early,
            spot_check_bits.clamp(*SPOT_CHECK_BITS.start(), *SPOT_CHECK_BITS.end()),
        );
        let coarse = Coarse {
            low: word_rule(Side::Low, &heads, spot_check.low_bits(), early),
            high: word_rule(Side::High, &tails, spot_check.high_bits(), None),
            ends: ends_rule(plan.vanities(), spot_check.reversed_length()),
        };
        let index =
            |side, targets: &[Target]| (!targets.is_empty()).then(|| Index::new(side, targets));
        let avoid = wanted.avoid().items().iter().copied();
        let avoid = avoid.filter(|digits| digits.len() <= LOW_DIGITS);
        Self {
            coarse,
            spot_check,
            spot_check_test: spot_check.word_test(),
            low: index(Side::Low, &plan.low),
            high: index(Side::High, &plan.high),
            group: plan.group.as_ref().map(|(group, _)| GroupTest::new(group)),
            avoid: DigitSet::new(avoid.collect()),
        }
    }

    /// The rules for the sweep: they accept every key that is wanted, watched, or the spot check's.
    pub fn coarse(&self) -> &Coarse {
        &self.coarse
    }

    /// The spot check.
    pub fn spot_check(&self) -> &SpotCheck {
        &self.spot_check
    }

    /// What these words of a sweep (as in [`crate::engine::coarse`]) may belong to.
    #[inline]
    pub fn plausible(&self, low: u64, high: u64) -> Plausible {
        let words = Words::new(low, high);
        let mut classes = self
            .low
            .as_ref()
            .map_or(0, |index| index.classes_of(&words));
        if let Some(index) = &self.high {
            classes |= index.classes_of(&words);
        }
        if classes & WANTED == 0
            && self
                .group
                .as_ref()
                .is_some_and(|group| group.may_hold(&words))
        {
            classes |= WANTED;
        }
        if classes != 0 && self.avoid.find(words.head()).is_some() {
            classes = 0;
        }
        Plausible {
            wanted: classes & WANTED != 0,
            watched: classes & WATCHED != 0,
            spot_check: self.spot_check_test.may_hold(&words),
        }
    }
}

impl GroupTest {
    fn new(group: &Group) -> Self {
        let heads = group.heads.items().iter().map(|&head| Target {
            head,
            tail: Digits::ANY,
            class: WANTED,
        });
        let tails = group.tails.items().iter().map(|&tail| Target {
            head: Digits::ANY,
            tail,
            class: WANTED,
        });
        let index =
            |side, targets: Vec<Target>, all: bool| (!all).then(|| Index::new(side, &targets));
        Self {
            heads: index(Side::Low, heads.collect(), group.heads.is_everything()),
            tails: index(Side::High, tails.collect(), group.tails.is_everything()),
            repeats: repeats_of(&group.vanities),
        }
    }

    #[inline]
    fn may_hold(&self, words: &Words) -> bool {
        let found = |index: &Option<Index>| index.as_ref().is_none_or(|i| i.classes_of(words) != 0);
        let repeats = self.repeats.is_empty() || self.repeats.iter().any(|r| r.may_hold(words));
        repeats && found(&self.heads) && found(&self.tails)
    }
}

/// A spot check that the rules for these values accept at no cost: from the longest beginning, else the longest end.
fn choose_spot_check(
    heads: &DigitSet,
    tails: &DigitSet,
    early: Option<Early>,
    bits: u32,
) -> SpotCheck {
    let longest = |set: &DigitSet| set.items().iter().copied().max_by_key(|d| d.len());
    match (longest(heads), longest(tails)) {
        (Some(head), None) if heads.items().len() == 1 => SpotCheck::single_head(head, bits),
        (Some(head), _) => match early.and_then(|early| early.spot_check_mask(bits)) {
            Some(mask) => SpotCheck::masked_head(head, mask),
            None => SpotCheck::head(head, bits),
        },
        (None, Some(tail)) => SpotCheck::tail(tail, bits),
        (None, None) => SpotCheck::reversed(bits),
    }
}

fn ends_rule(vanities: &[u8], spot_check: Option<u8>) -> EndsRule {
    let shortest = vanities.iter().copied().chain(spot_check).min();
    match vanities {
        [] => EndsRule::default(),
        _ => EndsRule {
            forward: vanities.to_vec(),
            reversed: shortest.into_iter().collect(),
        },
    }
}
