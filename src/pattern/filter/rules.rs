//! Builds the coarse rules: a mask for a single value, a bitmap for several.

use super::words::{Bits, Side};
use crate::engine::coarse::{Bitmap, IndexSet, SecondLook, WordRule};
use crate::pattern::set::DigitSet;

/// Fewest index bits of a bitmap: 16 KiB, which stay in the first-level cache.
const LEAST_BITS: u32 = 17;
/// Most index bits of a bitmap: 2 MiB.
const MOST_BITS: u32 = 24;
/// Index entries there should be for each value, so that at most one candidate in 40 survives by accident.
const ENTRIES_PER_VALUE: usize = 40;

/// Fewest values for which a second look pays: below that at most one word in 64 passes the first by accident.
const SECOND_LOOK_LEAST: usize = 1 << 11;
/// The second look's index bits, 12 to 31 of the low word: 128 KiB. All values must have the 8 digits that fill them.
const SECOND_LOOK_SHIFT: u32 = 12;
const SECOND_LOOK_BITS: u32 = 20;

/// A rule for the word on `side` that accepts the values, and the spot check if it asks anything of this word.
#[must_use]
pub(super) fn word_rule(side: Side, values: &DigitSet, spot_check: Option<Bits>) -> WordRule {
    let bits_of = |digits: &crate::pattern::Digits| match side {
        Side::Low => Bits::of_head(*digits),
        Side::High => Bits::of_tail(*digits),
    };
    match values.items() {
        [] => WordRule::Never,
        [only] => masked(bits_of(only), spot_check),
        several => {
            let values: Vec<Bits> = several.iter().map(bits_of).collect();
            let second = (side == Side::Low)
                .then(|| second_look(&values, spot_check))
                .flatten();
            let all = values.iter().copied().chain(spot_check);
            bitmap(side, all, values.len(), second)
        }
    }
}

/// Spares nine in ten of the words that pass the first bitmap by accident the way out of the vector code.
fn second_look(values: &[Bits], spot_check: Option<Bits>) -> Option<SecondLook> {
    let index_mask = (1 << SECOND_LOOK_BITS) - 1;
    let fills = |bits: &Bits| bits.mask >> SECOND_LOOK_SHIFT & index_mask == index_mask;
    if values.len() < SECOND_LOOK_LEAST || !values.iter().all(fills) {
        return None;
    }
    let mut set = IndexSet::empty(SECOND_LOOK_BITS)?;
    for bits in values.iter().copied().chain(spot_check) {
        let (value, mask) = (
            bits.value >> SECOND_LOOK_SHIFT & index_mask,
            bits.mask >> SECOND_LOOK_SHIFT & index_mask,
        );
        with_any_of(value, !mask & index_mask).for_each(|index| set.insert(index as usize));
    }
    Some(SecondLook {
        shift: SECOND_LOOK_SHIFT,
        set,
    })
}

/// `value` with every combination of the `free` bits.
fn with_any_of(value: u64, free: u64) -> impl Iterator<Item = u64> {
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

fn bitmap(
    side: Side,
    values: impl Iterator<Item = Bits>,
    count: usize,
    second: Option<SecondLook>,
) -> WordRule {
    let bits = (count * ENTRIES_PER_VALUE)
        .next_power_of_two()
        .ilog2()
        .clamp(LEAST_BITS, MOST_BITS);
    let Some(mut first) = IndexSet::empty(bits) else {
        return WordRule::Masked { mask: 0, value: 0 }; // LEAST_BITS and MOST_BITS are sizes of a set
    };
    for value in values {
        side.each_index(value, bits, |index| first.insert(index));
    }
    WordRule::Bitmap(Bitmap { first, second })
}
