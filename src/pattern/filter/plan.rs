//! Chooses for every pattern the word by which the coarse rules look for it: its beginning, its end, or both compared. Then
//! builds the rules: a mask for a single value, a bitmap for several.

use super::early::Early;
use super::index::{Target, WANTED, WATCHED};
use super::words::{Bits, Repeat, Side};
use crate::engine::coarse::{Bitmap, FurtherLook, IndexSet, WordRule};
use crate::pattern::digits::Digits;
use crate::pattern::group::Group;
use crate::pattern::line::PatternLine;
use crate::pattern::set::DigitSet;
use crate::pattern::wanted::Wanted;
use crate::pattern::watchlist::Watchlist;

/// Up to this many pairs of prefix and suffix become patterns of their own; more stay a group.
const MOST_PAIRS: usize = 1 << 16;

/// Survivors a candidate that are worth as much as leaving a word out of the comparison.
const COST_OF_A_WORD: f64 = 0.01;

/// Which patterns are looked for where.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Patterns looked for by their beginning.
    pub low: Vec<Target>,
    /// Patterns looked for by their end.
    pub high: Vec<Target>,
    /// The group, where it is not taken apart into patterns.
    pub group: Option<(Group, Anchor)>,
}

/// Where a group is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    /// By its prefixes.
    Low,
    /// By its suffixes.
    High,
    /// By comparing both ends.
    Ends,
}

impl Plan {
    /// The cheapest plan for what is wanted and what is watched.
    pub(super) fn new(wanted: &Wanted, watchlist: Option<&Watchlist>) -> Self {
        let target = |line: &PatternLine, class| Target {
            head: line.head,
            tail: line.tail.reversed(),
            class,
        };
        let wanted_lines = wanted.patterns().iter().map(|line| target(line, WANTED));
        let watched_lines = watchlist.iter().flat_map(|list| list.lines());
        let watched_lines = watched_lines.map(|line| target(line, WATCHED));
        let mut targets: Vec<_> = wanted_lines.chain(watched_lines).collect();
        let mut group = None;
        match wanted.group().map(|g| (g, pairs_of(g))) {
            Some((_, Some(pairs))) => targets.extend(pairs),
            Some((whole, None)) => group = Some((whole.clone(), anchor_of(whole))),
            None => {}
        }
        let (low, high) = split(targets);
        Self { low, high, group }
    }

    /// The beginnings to look for in the low word.
    pub(super) fn heads(&self) -> DigitSet {
        let own = self.low.iter().map(|t| t.head);
        DigitSet::new(
            own.chain(self.of_group(Anchor::Low, |g| g.heads.items()))
                .collect(),
        )
    }

    /// The ends to look for in the high word, last digit first.
    pub(super) fn tails(&self) -> DigitSet {
        let own = self.high.iter().map(|t| t.tail);
        DigitSet::new(
            own.chain(self.of_group(Anchor::High, |g| g.tails.items()))
                .collect(),
        )
    }

    /// The vanity lengths to look for by comparing both ends.
    pub(super) fn vanities(&self) -> &[u8] {
        match &self.group {
            Some((group, Anchor::Ends)) => &group.vanities,
            _ => &[],
        }
    }

    fn of_group(
        &self,
        anchor: Anchor,
        items: fn(&Group) -> &[Digits],
    ) -> impl Iterator<Item = Digits> + '_ {
        let here = self.group.iter().filter(move |(_, at)| *at == anchor);
        here.flat_map(move |(group, _)| items(group).iter().copied())
    }
}

/// The comparisons of both ends that find every key with one of these vanity lengths.
///
/// A shorter reversed length finds every longer one.
pub(super) fn repeats_of(vanities: &[u8]) -> Vec<Repeat> {
    let reversed = vanities.iter().min().map(|&n| Repeat::reversed(n));
    vanities
        .iter()
        .map(|&n| Repeat::forward(n))
        .chain(reversed)
        .collect()
}

fn pairs_of(group: &Group) -> Option<Vec<Target>> {
    let (heads, tails) = (group.heads.items(), group.tails.items());
    if !group.vanities.is_empty() || heads.len().saturating_mul(tails.len()) > MOST_PAIRS {
        return None;
    }
    let with_tails = |&head| {
        tails.iter().map(move |&tail| Target {
            head,
            tail,
            class: WANTED,
        })
    };
    Some(heads.iter().flat_map(with_tails).collect())
}

fn anchor_of(group: &Group) -> Anchor {
    let share = |set: &DigitSet, bits: fn(Digits) -> Bits| -> f64 {
        set.items().iter().map(|digits| bits(*digits).share()).sum()
    };
    let low = share(&group.heads, Bits::of_head);
    let high = share(&group.tails, Bits::of_tail);
    let ends = match group.vanities.as_slice() {
        [] => 1.0,
        lengths => repeats_of(lengths).iter().map(Repeat::share).sum(),
    };
    match () {
        () if low <= high && low <= ends => Anchor::Low,
        () if high <= ends => Anchor::High,
        () => Anchor::Ends,
    }
}

/// Each target to the word that knows more of it, or all that can to the same word where that is cheaper.
fn split(targets: Vec<Target>) -> (Vec<Target>, Vec<Target>) {
    let choices: [fn(&Target) -> bool; 3] = [
        |t| Bits::of_head(t.head).share() <= Bits::of_tail(t.tail).share(),
        |t| !t.head.is_empty() || t.tail.is_empty(),
        |t| t.tail.is_empty(),
    ];
    let cheapest = choices
        .into_iter()
        .min_by(|a, b| cost(&targets, *a).total_cmp(&cost(&targets, *b)));
    targets.into_iter().partition(cheapest.unwrap_or(|_| true))
}

fn cost(targets: &[Target], is_low: fn(&Target) -> bool) -> f64 {
    let (mut share, mut words) = (0.0, [0.0f64; 2]);
    for target in targets {
        let low = is_low(target);
        let bits = match low {
            true => Bits::of_head(target.head),
            false => Bits::of_tail(target.tail),
        };
        share += bits.share();
        words[usize::from(low)] = COST_OF_A_WORD;
    }
    share + words[0] + words[1]
}

/// Fewest index bits of a bitmap: 16 KiB, which stay in the first-level cache.
const LEAST_BITS: u32 = 17;
/// Most index bits of a bitmap: 2 MiB.
const MOST_BITS: u32 = 24;
/// Index entries there should be for each value, so that at most one candidate in 40 survives by accident.
const ENTRIES_PER_VALUE: usize = 40;

/// Fewest values for which further looks pay: below that at most one word in 64 passes the first by accident.
const FURTHER_LOOKS_LEAST: usize = 1 << 11;
/// The lowest index bit of each further look, by the bits of the low word from there on. All values must have the 8 digits
/// that fill them. The second look spares nearly all words that pass the first by accident the way out of the vector code;
/// the third nearly all of the rest, which would cost 0.6 microseconds each.
const FURTHER_LOOK_SHIFTS: [u32; 2] = [10, 5];
/// Index bits of each: 512 KiB, which take no longer than a quarter of it would and let a quarter of the words through.
const FURTHER_LOOK_BITS: u32 = 22;

/// A rule for the word on `side` that accepts the values, and the spot check if it asks anything of this word.
pub(super) fn word_rule(
    side: Side,
    values: &DigitSet,
    spot_check: Option<Bits>,
    early: Option<Early>,
) -> WordRule {
    let bits_of = |digits: &Digits| match side {
        Side::Low => Bits::of_head(*digits),
        Side::High => Bits::of_tail(*digits),
    };
    match values.items() {
        [] => WordRule::Never,
        [only] => masked(bits_of(only), spot_check),
        several => {
            let values: Vec<Bits> = several.iter().map(bits_of).collect();
            let further = match side {
                Side::Low if values.len() >= FURTHER_LOOKS_LEAST => FURTHER_LOOK_SHIFTS
                    .into_iter()
                    .filter_map(|shift| further_look(shift, &values, spot_check))
                    .collect(),
                _ => Vec::new(),
            };
            let early = early.map(|early| early.looks(&values, spot_check));
            let all = values.iter().copied().chain(spot_check);
            match exact(side, all, values.len()) {
                Some(first) => WordRule::Bitmap(Bitmap {
                    first,
                    further,
                    early: early.unwrap_or_default(),
                }),
                None => WordRule::Masked { mask: 0, value: 0 }, // never: the sizes are those of a set
            }
        }
    }
}

/// A bitmap by the bits from `shift` on, where all values have them.
fn further_look(shift: u32, values: &[Bits], spot_check: Option<Bits>) -> Option<FurtherLook> {
    let index_mask = (1 << FURTHER_LOOK_BITS) - 1;
    let fills = |bits: &Bits| bits.mask >> shift & index_mask == index_mask;
    if !values.iter().all(fills) {
        return None;
    }
    let mut set = IndexSet::empty(FURTHER_LOOK_BITS)?;
    for bits in values.iter().copied().chain(spot_check) {
        let value = bits.value >> shift & index_mask;
        let free = !(bits.mask >> shift) & index_mask;
        with_any_of(value, free).for_each(|index| set.insert(index as usize));
    }
    Some(FurtherLook { shift, set })
}

/// `value` with every combination of the `free` bits.
pub(super) fn with_any_of(value: u64, free: u64) -> impl Iterator<Item = u64> {
    let mut subset = Some(0);
    std::iter::from_fn(move || {
        let this = subset?;
        // the next subset of a mask, by counting within its bits (Knuth, TAOCP 4A, 7.1.3)
        let next = (this | !free).wrapping_add(1) & free;
        subset = (next != 0).then_some(next);
        Some(value | this)
    })
}

/// The spot check begins as the value does, or the value as the spot check: what they share finds both.
fn masked(value: Bits, spot_check: Option<Bits>) -> WordRule {
    let mask = value.mask & spot_check.map_or(u64::MAX, |spot_check| spot_check.mask);
    WordRule::Masked {
        mask,
        value: value.value & mask,
    }
}

/// Index bits of a bitmap of so many values.
pub(super) fn index_bits(values: usize) -> u32 {
    (values * ENTRIES_PER_VALUE)
        .next_power_of_two()
        .ilog2()
        .clamp(LEAST_BITS, MOST_BITS)
}

/// The bitmap of `count` values, by the bits that every word of their side has.
fn exact(side: Side, values: impl Iterator<Item = Bits>, count: usize) -> Option<IndexSet> {
    let bits = index_bits(count);
    let mut set = IndexSet::empty(bits)?;
    for value in values {
        side.each_index(value, bits, |index| set.insert(index));
    }
    Some(set)
}
