//! Hex digits at one end of a public key, and the two ends of a key as words.

use std::fmt;

use super::error::HexError;

/// Most hex digits a value may have.
pub(crate) const MAX_DIGITS: usize = 16;

/// Up to 16 hex digits, held left-aligned: digit 1 is the high nibble of the top byte.
///
/// A value with `len` digits stands for all 16-digit words that begin with it. Values order as such words do, a shorter
/// one before those that begin with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digits {
    aligned: u64,
    len: u8,
}

impl Digits {
    /// No digit at all: every word begins with it.
    pub const ANY: Self = Self { aligned: 0, len: 0 };

    /// Parses 1 to 16 hex digits, upper or lower case; spaces around them are ignored.
    ///
    /// # Errors
    /// No digits, too many, or a character that is not hex, with its position.
    pub fn parse(text: &str) -> Result<Self, HexError> {
        let text = text.trim();
        let mut aligned = 0u64;
        let mut len = 0usize;
        for byte in text.bytes() {
            let Some(digit) = char::from(byte).to_digit(16) else {
                return Err(HexError::not_hex(text));
            };
            if len < MAX_DIGITS {
                aligned |= u64::from(digit) << (60 - 4 * len);
            }
            len += 1;
        }
        match len {
            0 => Err(HexError::Empty),
            1..=MAX_DIGITS => Ok(Self {
                aligned,
                len: len as u8,
            }),
            _ => Err(HexError::TooLong { digits: len }),
        }
    }

    /// The first `len` digits (at most 16) of a left-aligned word.
    pub fn of_word(word: u64, len: usize) -> Self {
        let len = len.min(MAX_DIGITS) as u8;
        Self {
            aligned: word & mask_of(len),
            len,
        }
    }

    /// Number of digits, 0 to 16.
    pub fn len(self) -> usize {
        usize::from(self.len)
    }

    /// Whether there is no digit.
    pub fn is_empty(self) -> bool {
        self.len == 0
    }

    /// The digits left-aligned in a word, zeros behind them.
    pub fn aligned(self) -> u64 {
        self.aligned
    }

    /// Ones where the digits stand in [`Self::aligned`].
    pub fn mask(self) -> u64 {
        mask_of(self.len)
    }

    /// The last word that begins with these digits.
    pub fn last_word(self) -> u64 {
        self.aligned | !self.mask()
    }

    /// Digit `index` (0-based), 0 to 15.
    pub fn digit(self, index: usize) -> u8 {
        (self.aligned >> (60 - 4 * index)) as u8 & 15
    }

    /// Whether `word` begins with these digits.
    pub fn begins(self, word: u64) -> bool {
        word & self.mask() == self.aligned
    }

    /// Whether every word that begins with `other` begins with these digits too.
    pub fn covers(self, other: Self) -> bool {
        self.len <= other.len && self.begins(other.aligned)
    }

    /// How many 16-digit words begin with these digits.
    pub fn size(self) -> u128 {
        1 << (64 - 4 * u32::from(self.len))
    }

    /// These digits with one more behind them; unchanged when there are 16.
    #[must_use]
    pub fn child(self, digit: u8) -> Self {
        if self.len() == MAX_DIGITS {
            return self;
        }
        let aligned = self.aligned | u64::from(digit & 15) << (60 - 4 * u32::from(self.len));
        Self {
            aligned,
            len: self.len + 1,
        }
    }

    /// The same digits in the opposite order: how an ending is held, its last digit first.
    #[must_use]
    pub fn reversed(self) -> Self {
        if self.len == 0 {
            return self;
        }
        let right = self.aligned >> (64 - 4 * u32::from(self.len));
        Self {
            aligned: reverse_nibbles(right),
            len: self.len,
        }
    }

    /// Whether these digits can only begin a reserved key: 00 or FF.
    pub fn is_reserved(self) -> bool {
        self.len >= 2 && matches!(self.aligned >> 56, 0x00 | 0xFF)
    }
}

impl fmt::Display for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (0..self.len()).try_for_each(|i| write!(f, "{:X}", self.digit(i)))
    }
}

/// The two ends of a public key, 16 hex digits each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyEnds {
    /// Hex digits 1 to 16, digit 1 in the top nibble.
    pub head: u64,
    /// Hex digits 64 down to 49, digit 64 in the top nibble.
    pub tail: u64,
}

impl KeyEnds {
    /// The ends of a public key as encoded by RFC 8032.
    pub fn of(public: &[u8; 32]) -> Self {
        let (mut first, mut last) = ([0u8; 8], [0u8; 8]);
        first.copy_from_slice(&public[..8]);
        last.copy_from_slice(&public[24..]);
        Self {
            head: u64::from_be_bytes(first),
            tail: swap_nibbles(u64::from_le_bytes(last)),
        }
    }

    /// Whether MeshCore reserves this key: first byte 00 or FF.
    pub fn is_reserved(self) -> bool {
        matches!(self.head >> 56, 0x00 | 0xFF)
    }
}

/// Swaps the two hex digits of every byte.
pub(super) const fn swap_nibbles(word: u64) -> u64 {
    const LOW: u64 = 0x0F0F_0F0F_0F0F_0F0F;
    ((word & LOW) << 4) | ((word >> 4) & LOW)
}

/// Reverses the 16 hex digits of a word.
pub(super) fn reverse_nibbles(word: u64) -> u64 {
    swap_nibbles(word.swap_bytes())
}

fn mask_of(len: u8) -> u64 {
    u64::MAX.checked_shl(64 - 4 * u32::from(len)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_keep_their_text_whatever_the_case() {
        for text in ["F", "c0ffee", "0123456789ABCDEF"] {
            let digits = Digits::parse(text).unwrap();
            assert_eq!(digits.to_string(), text.to_uppercase());
            assert_eq!(digits.reversed().reversed(), digits);
        }
        assert_eq!(
            Digits::parse("12ab").unwrap().reversed().to_string(),
            "BA21"
        );
    }

    #[test]
    fn a_shorter_value_covers_those_that_begin_with_it() {
        let (a, ab) = (Digits::parse("A").unwrap(), Digits::parse("AB").unwrap());
        assert!(a.covers(ab) && a.covers(a) && !ab.covers(a) && Digits::ANY.covers(a));
        assert_eq!(a.size(), 16 * ab.size());
        assert_eq!(a.child(11), ab);
    }

    #[test]
    fn the_ends_of_a_key_are_its_first_and_last_digits() {
        let public: [u8; 32] = std::array::from_fn(|i| i as u8 + 0x10);
        let ends = KeyEnds::of(&public);
        assert_eq!(ends.head, 0x1011_1213_1415_1617);
        assert_eq!(reverse_nibbles(ends.tail), 0x2829_2A2B_2C2D_2E2F);
    }
}
