//! A pattern that turns up now and then in every search: its rate proves that the search really searches.

use super::words::{Bits, Repeat, Words};
use crate::engine::coarse::FIRST_LOOK_BITS;
use crate::pattern::digits::{Digits, KeyEnds};

/// Bits that extend a value that is too short; anything but all zeros or ones.
const FILLER: u64 = 0xA5C3_96E1_5A3C_691E;

/// A pattern of a chosen rarity that passes the same coarse rules as the wanted ones.
///
/// It is only a proof of work: it takes no notice of reserved or avoided beginnings.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)] // A mask, and what the bits must be.
pub enum SpotCheck {
    /// Bits of the first 16 digits, digit 1 in the top nibble.
    Head { mask: u64, value: u64 },
    /// Bits of the last 16 digits, the last one in the top nibble.
    Tail { mask: u64, value: u64 },
    /// The first bits, digit by digit, equal the last digits reversed.
    Reversed { bits: u32 },
}

impl SpotCheck {
    /// The first `bits` bits of a beginning, extended by fixed bits when it is shorter.
    pub(super) fn head(head: Digits, bits: u32) -> Self {
        let (mask, value) = extended(head, bits);
        Self::Head { mask, value }
    }

    /// `bits` bits of a beginning that is looked for alone: those that a sweep's first look compares best.
    pub(super) fn single_head(head: Digits, bits: u32) -> Self {
        let word = Bits::of_head(head);
        let mut mask = word.mask & ((1 << FIRST_LOOK_BITS) - 1);
        if mask.count_ones() < bits {
            return Self::head(head, bits);
        }
        while mask.count_ones() > bits {
            mask &= mask - 1; // the lowest one goes
        }
        Self::masked_head(head, mask)
    }

    /// Those bits of a beginning that a mask of the low word names; it has them.
    pub(super) fn masked_head(head: Digits, mask: u64) -> Self {
        let value = (Bits::of_head(head).value & mask).swap_bytes();
        let mask = mask.swap_bytes();
        Self::Head { mask, value }
    }

    /// The `bits` bits of an end (last digit first) nearest to it, extended by fixed bits when it is shorter.
    pub(super) fn tail(tail: Digits, bits: u32) -> Self {
        let (mask, value) = extended(tail, bits);
        Self::Tail { mask, value }
    }

    /// The first digits equal the last ones reversed: `bits` bits of them, the last digit only in part.
    pub(super) fn reversed(bits: u32) -> Self {
        Self::Reversed { bits }
    }

    /// Whether this public key is one of the spot check's.
    pub fn matches(&self, public: &[u8; 32]) -> bool {
        let ends = KeyEnds::of(public);
        match *self {
            Self::Head { mask, value } => ends.head & mask == value,
            Self::Tail { mask, value } => ends.tail & mask == value,
            Self::Reversed { bits } => (ends.head ^ ends.tail) >> (64 - bits) == 0,
        }
    }

    /// The key changed in as many digits as needed to be one of the spot check's.
    #[cfg(test)]
    pub(super) fn made_of(&self, mut public: [u8; 32]) -> [u8; 32] {
        let mut ends = KeyEnds::of(&public);
        match *self {
            Self::Head { mask, value } => ends.head = (ends.head & !mask) | value,
            Self::Tail { mask, value } => ends.tail = (ends.tail & !mask) | value,
            Self::Reversed { bits } => {
                let kept = u64::MAX >> bits;
                ends.tail = (ends.tail & kept) | (ends.head & !kept);
            }
        }
        public[..8].copy_from_slice(&ends.head.to_be_bytes());
        public[24..]
            .copy_from_slice(&crate::pattern::digits::swap_nibbles(ends.tail).to_le_bytes());
        public
    }

    /// The chance that a random public key is one of the spot check's, exact: a power of two.
    pub fn probability(&self) -> f64 {
        let bits = match *self {
            Self::Head { mask, .. } | Self::Tail { mask, .. } => mask.count_ones(),
            Self::Reversed { bits } => bits,
        };
        0.5f64.powi(bits as i32)
    }

    /// What the spot check asks of the low word.
    pub(super) fn low_bits(&self) -> Option<Bits> {
        match *self {
            Self::Head { mask, value } => Some(Bits::of_head_word(mask, value)),
            _ => None,
        }
    }

    /// What the spot check asks of the high word.
    pub(super) fn high_bits(&self) -> Option<Bits> {
        match *self {
            Self::Tail { mask, value } => Some(Bits::of_tail_word(mask, value)),
            _ => None,
        }
    }

    /// How many whole digits repeat one another reversed: the sweep compares no parts of digits.
    pub(super) fn reversed_length(&self) -> Option<u8> {
        match *self {
            Self::Reversed { bits } => u8::try_from(bits / 4).ok(),
            _ => None,
        }
    }

    /// The test of a sweep's words.
    pub(super) fn word_test(&self) -> SpotCheckTest {
        match *self {
            Self::Head { mask, value } => SpotCheckTest::Low(Bits::of_head_word(mask, value)),
            Self::Tail { mask, value } => SpotCheckTest::High(Bits::of_tail_word(mask, value)),
            Self::Reversed { bits } => SpotCheckTest::Ends(Repeat::reversed_bits(bits)),
        }
    }
}

/// Which words may be a spot check's.
#[derive(Clone, Copy, Debug)]
pub(super) enum SpotCheckTest {
    Low(Bits),
    High(Bits),
    Ends(Repeat),
}

impl SpotCheckTest {
    #[inline]
    pub(super) fn may_hold(&self, words: &Words) -> bool {
        match self {
            Self::Low(bits) => words.low & bits.mask == bits.value,
            Self::High(bits) => words.high_may_be(bits.mask, bits.value),
            Self::Ends(repeat) => repeat.may_hold(words),
        }
    }
}

fn extended(digits: Digits, bits: u32) -> (u64, u64) {
    let mask = u64::MAX << (64 - bits);
    (mask, (digits.aligned() | (FILLER & !digits.mask())) & mask)
}
