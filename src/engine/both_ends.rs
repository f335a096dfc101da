//! A first look at both ends of each candidate, for rules that compare them or look at either.
//!
//! The low word is exact in its lowest [`FIRST_LOOK_BITS`] bits, and the high word is too small by up to
//! [`HIGH_TOLERANCE`]. What passes is computed again as a whole and goes through the rules themselves.

use super::coarse::{
    Coarse, FIRST_LOOK_BITS, HIGH_MASK, HIGH_TOLERANCE, LOW_MASK, WordRule, compared_bits,
};
use super::field::{Simd, Vector, Words};
use super::prefilter::Look;
use super::scan::HIGH_SHIFT;

/// Fewest bits that each test must compare: one pair of vectors in 128 passes by accident then.
const LEAST_BITS: u32 = 11;

/// Bits of the low word that are known.
const KNOWN: u64 = LOW_MASK & ((1 << FIRST_LOOK_BITS) - 1);

/// Whole bytes of the low word that are known, in hex digits.
const KNOWN_DIGITS: u8 = FIRST_LOOK_BITS as u8 / 8 * 2;

/// Digits of the low word as a whole.
const LOW_DIGITS: u8 = LOW_MASK.count_ones() as u8 / 4;

/// Passes a candidate where any test does.
pub(crate) struct BothEnds<S: Vector> {
    /// The bits of the low word that count, and what they must be.
    low: Option<[S::Word; 2]>,
    high: Vec<HighTest<S>>,
}

/// Compares the high word with what is expected there.
///
/// Where the rule accepts, the true word is X + r with the expected word X and an r that has no bit compared, and so is
/// the computed one with the tolerance added, as [`super::prefilter::Prefilter`] says.
struct HighTest<S: Vector> {
    expected: Expected<S>,
    mask: S::Word,
}

/// The high word that is expected.
enum Expected<S: Vector> {
    /// This one.
    Value(S::Word),
    /// The first digits as they stand, moved up by so many bits.
    Repeated(u32),
    /// The first digits reversed, as far as the mask goes.
    Reversed(S::Word),
}

impl<S: Vector> BothEnds<S> {
    /// The first look for these rules; nothing where one of them is of another kind, or compares too few bits.
    #[inline(always)]
    pub(crate) fn new(simd: S, coarse: &Coarse) -> Option<Self> {
        let low = match coarse.low {
            WordRule::Never => None,
            WordRule::Masked { mask, value } => {
                let mask = enough(mask & KNOWN)?;
                Some([simd.word(mask), simd.word(value & mask)])
            }
            WordRule::Bitmap(_) => return None,
        };
        let mut high = Vec::new();
        match coarse.high {
            WordRule::Never => {}
            WordRule::Masked { mask, value } => {
                let value = Expected::Value(simd.word(value & mask & HIGH_MASK));
                high.push(HighTest::new(simd, value, mask)?);
            }
            WordRule::Bitmap(_) => return None,
        }
        for digits in &coarse.ends.forward {
            high.push(HighTest::repeated(simd, *digits)?);
        }
        for digits in &coarse.ends.reversed {
            high.push(HighTest::reversed(simd, *digits)?);
        }
        Some(Self { low, high })
    }

    /// Whether any lane may hold words that the rules accept.
    #[inline(always)]
    pub(crate) fn may_hold(&self, simd: S, words: &[Words<S::Word>; 2]) -> bool {
        let mut lanes = 0;
        if let Some([mask, value]) = self.low {
            for words in words {
                lanes |= simd.lanes_without(simd.word_xor(words.low, value), mask);
            }
        }
        for test in &self.high {
            for words in words {
                lanes |= test.lanes(simd, words);
            }
        }
        lanes != 0
    }
}

impl<S: Simd> Look<S> for BothEnds<S> {
    #[inline(always)]
    fn may_hold(&self, simd: S, constant: &S::Limbs, x: &S::Fe, w: &S::Fe) -> bool {
        let [a, b] = simd.first_ends_both(constant, x, w);
        self.may_hold(simd, &simd.plus_minus(&a, &b))
    }
}

impl<S: Vector> HighTest<S> {
    /// The test for an expected word of which the bits in `mask` are known.
    #[inline(always)]
    fn new(simd: S, expected: Expected<S>, mask: u64) -> Option<Self> {
        let mask = enough(compared_bits(mask & HIGH_MASK, HIGH_TOLERANCE))?;
        let mask = simd.word(mask);
        Some(Self { expected, mask })
    }

    #[inline(always)]
    fn repeated(simd: S, digits: u8) -> Option<Self> {
        let whole = digits.is_multiple_of(2) && (2..=LOW_DIGITS).contains(&digits);
        let below = whole.then(|| 64 - 4 * u32::from(digits))?;
        Self::new(simd, Expected::Repeated(below), KNOWN << below)
    }

    /// An odd digit at the end, and those whose bits are not known, are left to the rule.
    #[inline(always)]
    fn reversed(simd: S, digits: u8) -> Option<Self> {
        let digits = (digits & !1).min(KNOWN_DIGITS);
        let mask = u64::MAX.checked_shl(64 - 4 * u32::from(digits))?;
        Self::new(simd, Expected::Reversed(simd.word(mask)), mask)
    }

    /// The lanes that pass.
    #[inline(always)]
    fn lanes(&self, simd: S, words: &Words<S::Word>) -> u8 {
        let expected = match self.expected {
            Expected::Value(value) => value,
            Expected::Repeated(below) => simd.word_shl(words.low, below),
            Expected::Reversed(mask) => {
                let reversed = simd.word_swap_nibbles(simd.word_swap_bytes(words.low));
                simd.word_and(reversed, mask)
            }
        };
        let high = simd.word_shl(words.high, HIGH_SHIFT);
        let most = simd.word_add(high, simd.word(HIGH_TOLERANCE));
        simd.lanes_without(simd.word_sub(most, expected), self.mask)
    }
}

/// The mask, where it has so many bits that little passes by accident.
fn enough(mask: u64) -> Option<u64> {
    (mask.count_ones() >= LEAST_BITS).then_some(mask)
}
