//! Patterns in the two words of a sweep: which bits a digit pattern asks for, and what they must be.
//!
//! `low` holds the first bytes of a key, the first one lowest; `high` the last ones, the last one highest, without the
//! sign of x. The layout and the tolerance are those of [`crate::engine::coarse`].

use crate::engine::coarse::{HIGH_MASK, HIGH_TOLERANCE, LOW_MASK};
use crate::pattern::digits::{Digits, swap_nibbles};

/// Bits of the `high` word that mean anything: its sign bit is always zero.
pub(super) const HIGH_BITS: u64 = (1 << 63) - 1;

/// The two words of a candidate. `high_top` is the largest value that the true high word can have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words {
    /// The low word.
    pub low: u64,
    /// The high word, which may be too small.
    pub high: u64,
    /// The high word plus the tolerance, wrapped.
    pub high_top: u64,
}

impl Words {
    /// The words that a sweep gives.
    #[inline]
    pub(super) fn new(low: u64, high: u64) -> Self {
        Self {
            low,
            high,
            high_top: (high + HIGH_TOLERANCE) & HIGH_BITS,
        }
    }

    /// Whether the true high word may have these bits; `mask` lies within [`HIGH_MASK`].
    ///
    /// The true word lies between the two ends, so above the tolerance it equals one of them.
    #[inline]
    pub(super) fn high_may_be(&self, mask: u64, value: u64) -> bool {
        (self.high ^ value) & mask == 0 || (self.high_top ^ value) & mask == 0
    }

    /// The first 12 digits of the key, left-aligned, zeros behind them.
    #[inline]
    pub(super) fn head(&self) -> u64 {
        (self.low & LOW_MASK).swap_bytes()
    }
}

/// Bits that a pattern asks of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bits {
    /// The bits that count.
    pub mask: u64,
    /// What they must be; zero elsewhere.
    pub value: u64,
}

impl Bits {
    /// What the low word shows of a beginning.
    pub(super) fn of_head(head: Digits) -> Self {
        Self::of_head_word(head.mask(), head.aligned())
    }

    /// What the low word shows of bits of the first 16 digits, digit 1 in the top nibble.
    pub(super) fn of_head_word(mask: u64, value: u64) -> Self {
        let mask = mask.swap_bytes() & LOW_MASK;
        Self {
            mask,
            value: value.swap_bytes() & mask,
        }
    }

    /// What the high word shows of an end, last digit first.
    pub(super) fn of_tail(tail: Digits) -> Self {
        Self::of_tail_word(tail.mask(), tail.aligned())
    }

    /// What the high word shows of bits of the last 16 digits, the last one in the top nibble.
    pub(super) fn of_tail_word(mask: u64, value: u64) -> Self {
        let mask = swap_nibbles(mask) & HIGH_MASK;
        Self {
            mask,
            value: swap_nibbles(value) & mask,
        }
    }

    /// The share of random words that have these bits.
    pub(super) fn share(self) -> f64 {
        share_of(self.mask)
    }
}

/// One comparison of the first digits with the last ones.
#[derive(Clone, Copy, Debug)]
pub(super) struct Repeat {
    length: u8,
    reversed: bool,
    mask: u64,
}

impl Repeat {
    /// The first `length` digits (2 to 16) equal the last ones.
    pub(super) fn forward(length: u8) -> Self {
        let known = ((LOW_MASK.swap_bytes() >> Self::shift(length)).swap_bytes()) & HIGH_MASK;
        Self {
            length,
            reversed: false,
            mask: known,
        }
    }

    /// The first `length` digits (2 to 16) equal the last ones reversed.
    pub(super) fn reversed(length: u8) -> Self {
        Self::reversed_bits(4 * u32::from(length))
    }

    /// The first `bits` bits (8 to 64) equal those of the last digits reversed.
    pub(super) fn reversed_bits(bits: u32) -> Self {
        let places = Bits::of_tail_word(u64::MAX << (64 - bits), 0).mask;
        let known = swap_nibbles(LOW_MASK.swap_bytes());
        Self {
            length: bits.div_ceil(4) as u8,
            reversed: true,
            mask: places & known,
        }
    }

    /// Whether the words may be those of such a key.
    #[inline]
    pub(super) fn may_hold(&self, words: &Words) -> bool {
        let expected = if self.reversed {
            swap_nibbles(words.head())
        } else {
            (words.head() >> Self::shift(self.length)).swap_bytes()
        };
        words.high_may_be(self.mask, expected)
    }

    /// The share of random words that this accepts.
    pub(super) fn share(&self) -> f64 {
        share_of(self.mask)
    }

    fn shift(length: u8) -> u32 {
        64 - 4 * u32::from(length)
    }
}

/// 2 to the power of minus the number of bits in `mask`, made from its exponent.
fn share_of(mask: u64) -> f64 {
    f64::from_bits((1023 - u64::from(mask.count_ones())) << 52)
}

/// Which of the two words an index is taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// The lowest bits of the low word.
    Low,
    /// The highest bits of the high word.
    High,
}

impl Side {
    /// The index of `bits` bits of a word, as [`crate::engine::coarse::Bitmap`] has it.
    #[inline]
    pub(super) fn index(self, word: u64, bits: u32) -> usize {
        match self {
            Self::Low => (word & ((1 << bits) - 1)) as usize,
            Self::High => (word >> (63 - bits)) as usize,
        }
    }

    /// Calls `f` with each index that a word with these bits can have.
    pub(super) fn each_index(self, wanted: Bits, bits: u32, mut f: impl FnMut(usize)) {
        let all = (1usize << bits) - 1;
        let unknown = all & !self.index(wanted.mask, bits);
        let known = self.index(wanted.value, bits);
        let mut rest = unknown;
        loop {
            f(known | rest);
            if rest == 0 {
                return;
            }
            rest = (rest - 1) & unknown;
        }
    }

    /// How many indexes [`Self::each_index`] gives.
    pub(super) fn indexes(self, wanted: Bits, bits: u32) -> usize {
        let known = self.index(wanted.mask, bits).count_ones();
        1 << (bits - known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bits_of_a_beginning_lie_as_the_bytes_of_the_key() {
        let bits = Bits::of_head(Digits::parse("A1B").unwrap());
        assert_eq!(
            bits,
            Bits {
                mask: 0xF0FF,
                value: 0xB0A1
            }
        );
        let long = Bits::of_head(Digits::parse("0123456789ABCDEF").unwrap());
        assert_eq!(
            long,
            Bits {
                mask: LOW_MASK,
                value: 0xAB89_6745_2301
            }
        );
    }

    #[test]
    fn the_bits_of_an_end_leave_out_the_sign_and_the_tolerance() {
        let bits = Bits::of_tail(Digits::parse("9A1").unwrap().reversed());
        assert_eq!(
            bits,
            Bits {
                mask: 0x7F0F << 48,
                value: 0x2109 << 48
            }
        );
        let long = Bits::of_tail(Digits::parse("0123456789ABCDEF").unwrap().reversed());
        assert_eq!(long.mask, HIGH_MASK);
    }

    #[test]
    fn indexes_run_over_the_digits_that_a_value_leaves_open() {
        let mut seen = Vec::new();
        let bits = Bits::of_head(Digits::parse("A1B").unwrap());
        Side::Low.each_index(bits, 14, |i| seen.push(i));
        seen.sort_unstable();
        let expected: Vec<usize> = (0..16).map(|n| 0x30A1 | n << 8).collect();
        assert_eq!(seen, expected);
        assert_eq!(Side::Low.indexes(bits, 14), 16);
    }
}
