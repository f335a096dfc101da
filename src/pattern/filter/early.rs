//! Bitmaps that a sweep looks low words up in before it computes both ends of a candidate.
//!
//! Such a word may be too small by up to [`EARLY_SHORT`], so that its lowest bits say nothing, and the bits above them may
//! have lost one to a carry: a bitmap has both.

use super::plan::{index_bits, with_any_of};
use super::words::Bits;
use crate::engine::coarse::{EARLY_SHORT, FurtherLook, IndexSet};
use crate::pattern::digits::Digits;

/// The lowest bit that an index may have: where a word is too small by [`EARLY_SHORT`], at most one is borrowed from there.
const LOWEST: u32 = EARLY_SHORT.ilog2();
/// From this bit on, one is borrowed for one word in 32.
const SELDOM_SHORT: u32 = LOWEST + 5;
/// Of candidates, those that may agree with a beginning by accident in all bits that the bitmaps look at. Some times as many
/// pass them, and each is computed again for some thousands of cycles.
const MOST_BY_ACCIDENT: f64 = 1.0 / 8192.0;
/// Least places of a bitmap for each beginning.
const PLACES: usize = 20;
/// A spot check fills at most 1 in 2^4 of a bitmap: each bit of an index that it does not know doubles its places.
const SPOT_CHECK_FILLS: u32 = 4;
/// Of an exact bitmap it fills 1 in 2^10, or has all of its bits and at least 8 others for these bitmaps.
const SPOT_CHECK_FILLS_EXACT: u32 = 10;
const SPOT_CHECK_BEYOND_EXACT: u32 = 8;

/// Which bits of the low word the bitmaps are for, where all beginnings have enough of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Early {
    /// Bits that all beginnings have, from the lowest on.
    known: u32,
    /// Bits of an index.
    bits: u32,
    /// Those of the exact bitmap beside these.
    exact_bits: u32,
}

impl Early {
    /// For several beginnings; nothing where they are too short or too many to tell most words apart.
    pub(super) fn of(heads: &[Digits]) -> Option<Self> {
        let masks = heads.iter().map(|head| Bits::of_head(*head).mask);
        let known = masks.fold(u64::MAX, std::ops::BitAnd::bitand);
        let known = known.trailing_ones();
        let told_apart = known.checked_sub(LOWEST)?;
        let by_accident = 2.0 * heads.len() as f64 * 0.5_f64.powi(told_apart as i32);
        // half of an exact bitmap: what it lets through costs less than the memory
        let bits = (index_bits(heads.len()) - 1).min(told_apart);
        let fits = heads.len() > 1 && heads.len() * PLACES <= 1 << bits;
        (fits && by_accident <= MOST_BY_ACCIDENT).then_some(Self {
            known,
            bits,
            exact_bits: index_bits(heads.len()),
        })
    }

    /// The lowest bit of the first bitmap's index.
    fn first(self) -> u32 {
        (self.known - self.bits).min(SELDOM_SHORT)
    }

    /// The bits of the low word for a spot check of `bits` bits, where the beginnings have so many: enough of the lowest ones for
    /// the exact bitmap, the others for these.
    pub(super) fn spot_check_mask(self, bits: u32) -> Option<u64> {
        let lowest = if bits >= self.exact_bits + SPOT_CHECK_BEYOND_EXACT {
            0
        } else {
            self.exact_bits.saturating_sub(SPOT_CHECK_FILLS_EXACT)
        };
        (lowest + bits <= self.known).then(|| ((1 << bits) - 1) << lowest)
    }

    /// The bitmaps, the one that few words lose a bit to first.
    pub(super) fn looks(self, values: &[Bits], spot_check: Option<Bits>) -> Vec<FurtherLook> {
        let mut shifts = vec![self.first()];
        for shift in [self.known - self.bits, LOWEST] {
            if !shifts.contains(&shift) {
                shifts.push(shift);
            }
        }
        let look = |shift| self.look(shift, values, spot_check);
        shifts.into_iter().filter_map(look).collect()
    }

    fn look(self, shift: u32, values: &[Bits], spot_check: Option<Bits>) -> Option<FurtherLook> {
        let index_mask = (1 << self.bits) - 1;
        let mut set = IndexSet::empty(self.bits)?;
        for bits in values.iter().copied().chain(spot_check) {
            let unknown = !(bits.mask >> shift) & index_mask;
            if unknown.count_ones() + SPOT_CHECK_FILLS > self.bits {
                return None;
            }
            let below = bits.value & ((1 << shift) - 1);
            for index in with_any_of(bits.value >> shift & index_mask, unknown) {
                set.insert(index as usize);
                if below < EARLY_SHORT {
                    set.insert((index.wrapping_sub(1) & index_mask) as usize);
                }
            }
        }
        Some(FurtherLook { shift, set })
    }
}
