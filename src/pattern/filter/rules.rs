//! Builds the coarse rules: a mask for a single value, a bitmap for several.

use super::words::{Bits, Side};
use crate::engine::coarse::{Bitmap, WordRule};
use crate::pattern::set::DigitSet;

/// Fewest index bits of a bitmap: 16 KiB, which stay in the first-level cache.
const LEAST_BITS: u32 = 17;
/// Most index bits of a bitmap: 2 MiB.
const MOST_BITS: u32 = 24;
/// Index entries there should be for each value, so that at most one candidate in 40 survives by accident.
const ENTRIES_PER_VALUE: usize = 40;

/// A rule for the word on `side` that accepts the values, and the canary if it asks anything of this word.
#[must_use]
pub fn word_rule(side: Side, values: &DigitSet, canary: Option<Bits>) -> WordRule {
    let bits_of = |digits: &crate::pattern::Digits| match side {
        Side::Low => Bits::of_head(*digits),
        Side::High => Bits::of_tail(*digits),
    };
    match values.items() {
        [] => WordRule::Never,
        [only] => masked(bits_of(only), canary),
        several => bitmap(
            side,
            several.iter().map(bits_of).chain(canary),
            several.len(),
        ),
    }
}

/// The canary begins as the value does, or the value as the canary: what they share finds both.
fn masked(value: Bits, canary: Option<Bits>) -> WordRule {
    let mask = value.mask & canary.map_or(u64::MAX, |canary| canary.mask);
    WordRule::Masked {
        mask,
        value: value.value & mask,
    }
}

fn bitmap(side: Side, values: impl Iterator<Item = Bits>, count: usize) -> WordRule {
    let bits = (count * ENTRIES_PER_VALUE)
        .next_power_of_two()
        .ilog2()
        .clamp(LEAST_BITS, MOST_BITS);
    let mut words = vec![0u64; 1 << (bits - 6)];
    for value in values {
        side.each_index(value, bits, |index| words[index / 64] |= 1 << (index % 64));
    }
    WordRule::Bitmap(Bitmap { bits, words })
}
