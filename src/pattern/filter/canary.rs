//! A pattern that turns up now and then in every search: its rate proves that the search really searches.

use super::words::{Bits, Repeat, Words};
use crate::pattern::digits::{Digits, KeyEnds};

/// Bits with which a value that is too short is extended; nothing but not all zeros or ones.
const FILLER: u64 = 0xA5C3_96E1_5A3C_691E;

/// A pattern of a chosen rarity that passes the same coarse rules as the wanted ones.
///
/// It is only a proof of work: it takes no notice of reserved or avoided beginnings.
#[derive(Clone, Copy, Debug)]
pub struct Canary {
    kind: Kind,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    /// Bits of the first 16 digits, digit 1 in the top nibble.
    Head { mask: u64, value: u64 },
    /// Bits of the last 16 digits, the last one in the top nibble.
    Tail { mask: u64, value: u64 },
    /// The first digits equal the last ones reversed.
    Reversed { length: u8 },
}

impl Canary {
    /// The first `bits` bits of a beginning, extended by fixed bits when it is shorter.
    pub(super) fn head(head: Digits, bits: u32) -> Self {
        let (mask, value) = extended(head, bits);
        Self {
            kind: Kind::Head { mask, value },
        }
    }

    /// The `bits` bits of an end (last digit first) nearest to it, extended by fixed bits when it is shorter.
    pub(super) fn tail(tail: Digits, bits: u32) -> Self {
        let (mask, value) = extended(tail, bits);
        Self {
            kind: Kind::Tail { mask, value },
        }
    }

    /// The first digits equal the last ones reversed, as many as come nearest to `bits` bits.
    pub(super) fn reversed(bits: u32) -> Self {
        let length = ((bits + 2) / 4).clamp(2, 16) as u8;
        Self {
            kind: Kind::Reversed { length },
        }
    }

    /// Whether this public key is one of the canary's.
    #[must_use]
    pub fn matches(&self, public: &[u8; 32]) -> bool {
        let ends = KeyEnds::of(public);
        match self.kind {
            Kind::Head { mask, value } => ends.head & mask == value,
            Kind::Tail { mask, value } => ends.tail & mask == value,
            Kind::Reversed { length } => {
                (ends.head ^ ends.tail) >> (64 - 4 * u32::from(length)) == 0
            }
        }
    }

    /// The key changed in as many digits as needed to be one of the canary's.
    #[cfg(test)]
    pub(super) fn made_of(&self, mut public: [u8; 32]) -> [u8; 32] {
        let mut ends = KeyEnds::of(&public);
        match self.kind {
            Kind::Head { mask, value } => ends.head = (ends.head & !mask) | value,
            Kind::Tail { mask, value } => ends.tail = (ends.tail & !mask) | value,
            Kind::Reversed { length } => {
                let kept = u64::MAX >> (4 * u32::from(length));
                ends.tail = (ends.tail & kept) | (ends.head & !kept);
            }
        }
        public[..8].copy_from_slice(&ends.head.to_be_bytes());
        public[24..]
            .copy_from_slice(&crate::pattern::digits::swap_nibbles(ends.tail).to_le_bytes());
        public
    }

    /// The chance that a random public key is one of the canary's, exact: a power of two.
    #[must_use]
    pub fn probability(&self) -> f64 {
        let bits = match self.kind {
            Kind::Head { mask, .. } | Kind::Tail { mask, .. } => mask.count_ones(),
            Kind::Reversed { length } => 4 * u32::from(length),
        };
        0.5f64.powi(bits as i32)
    }

    /// What the canary asks of the low word.
    pub(super) fn low_bits(&self) -> Option<Bits> {
        match self.kind {
            Kind::Head { mask, value } => Some(Bits::of_head_word(mask, value)),
            _ => None,
        }
    }

    /// What the canary asks of the high word.
    pub(super) fn high_bits(&self) -> Option<Bits> {
        match self.kind {
            Kind::Tail { mask, value } => Some(Bits::of_tail_word(mask, value)),
            _ => None,
        }
    }

    /// How many digits must repeat one another reversed.
    pub(super) fn reversed_length(&self) -> Option<u8> {
        match self.kind {
            Kind::Reversed { length } => Some(length),
            _ => None,
        }
    }

    /// The test of a sweep's words.
    pub(super) fn word_test(&self) -> CanaryTest {
        match self.kind {
            Kind::Head { mask, value } => CanaryTest::Low(Bits::of_head_word(mask, value)),
            Kind::Tail { mask, value } => CanaryTest::High(Bits::of_tail_word(mask, value)),
            Kind::Reversed { length } => CanaryTest::Ends(Repeat::reversed(length)),
        }
    }
}

/// Which words may be a canary's.
#[derive(Clone, Copy, Debug)]
pub(super) enum CanaryTest {
    Low(Bits),
    High(Bits),
    Ends(Repeat),
}

impl CanaryTest {
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
