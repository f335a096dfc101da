//! What the vector compare looks for: a superset of every key that is wanted, in the two words the sweep computes.
//!
//! For a candidate with public key `y + 2^255·sign`, a sweep yields two words:
//!
//! * `low`: bits 0 to 47 are bits 0 to 47 of y (so bits 0 to 7 are byte 0 of the public key). Exact, but for a
//!   probability near 2^-34 a candidate. Bits 48 to 63 are zero.
//! * `high`: bits 16 to 62 are bits 208 to 254 of y, so bit 62 is the bit below the sign of x, which the sweep does
//!   not compute: bit 63 is zero, and bits 0 to 15 are zero. The word may be too small by up to [`HIGH_TOLERANCE`],
//!   never too large; it wraps below zero modulo 2^63.
//!
//! A candidate survives when the low rule, or the high rule, or the ends rule accepts it. Rules with bits that the
//! sweep does not know must accept both values: the caller decides about survivors.

/// How much too small the `high` word of a sweep may be: 2^13 units of bit 208 of y, held in bits 16 and up.
pub const HIGH_TOLERANCE: u64 = 1 << (13 + 16);

/// Bits of the `low` word that a rule may look at.
pub const LOW_MASK: u64 = (1 << 48) - 1;

/// Of a beginning alone, a sweep computes at first so many of the lowest bits of `low`, whatever the backend: a mask of
/// others is slower. The higher a bit, the less it suffers from what is left out then.
pub const FIRST_LOOK_BITS: u32 = 29;

/// How much too small the low words may be that a sweep looks up before it computes both ends of a candidate.
pub const EARLY_SHORT: u64 = 1 << 15;

/// Bits of the `high` word that a masked rule may look at: above the tolerance and below the sign.
pub const HIGH_MASK: u64 = (1 << 63) - HIGH_TOLERANCE;

/// A rule for one of the two words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum WordRule {
    /// Accepts nothing.
    #[default]
    Never,
    /// Accepts a word whose bits under `mask` equal `value`; a `mask` of zero accepts everything.
    /// `value & !mask` is zero; `mask` lies within [`LOW_MASK`] or [`HIGH_MASK`].
    Masked {
        /// The bits that count.
        mask: u64,
        /// What they must be.
        value: u64,
    },
    /// Accepts a word whose index bit is set in the bitmap.
    Bitmap(Bitmap),
}

/// A set of values of the index bits of a word: the lowest ones of `low` (`low & (2^bits − 1)`), the highest ones of
/// `high` (`high >> (63 − bits)`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bitmap {
    /// The values.
    pub first: IndexSet,
    /// For `low` only: what a word that has its bit above must have as well, one after the other.
    pub further: Vec<FurtherLook>,
    /// For `low` only, and perhaps none: bitmaps that have a word even where it is too small by up to [`EARLY_SHORT`], one after
    /// the other. Words that are in all of them should be rare, one in a thousand or less.
    pub early: Vec<FurtherLook>,
}

/// Another bitmap, by other bits of the low word: worth its while where many words pass those before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FurtherLook {
    /// The index is `low >> shift & (2^bits − 1)`.
    pub shift: u32,
    /// The values.
    pub set: IndexSet,
}

impl FurtherLook {
    /// Whether the set has the word's index.
    #[inline(always)]
    #[must_use]
    pub fn holds(&self, low: u64) -> bool {
        self.set.contains(low >> self.shift)
    }
}

/// A set of numbers of `bits` bits, one bit each.
///
/// Vector code gathers from it without a check in the loop, so its size is fixed when it is made: 2^(bits − 6) words,
/// never none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexSet {
    bits: u32,
    /// Number i is bit `i % 64` of word `i / 64`.
    words: Box<[u64]>,
}

impl IndexSet {
    /// Fewest and most bits: one word and 2 MiB.
    const BITS: std::ops::RangeInclusive<u32> = 6..=24;

    /// The empty set; nothing where `bits` is not 6 to 24.
    #[must_use]
    pub fn empty(bits: u32) -> Option<Self> {
        Self::BITS.contains(&bits).then(|| Self {
            bits,
            words: vec![0; 1 << (bits - 6)].into(),
        })
    }

    /// Adds a number; bits of it beyond the set's are ignored.
    pub fn insert(&mut self, index: usize) {
        self.words[(index / 64) & (self.words.len() - 1)] |= 1 << (index % 64);
    }

    /// Whether the lowest bits of `index` are in the set.
    #[inline(always)]
    #[must_use]
    pub fn contains(&self, index: u64) -> bool {
        let at = (index / 64) as usize & (self.words.len() - 1);
        self.words[at] >> (index % 64) & 1 == 1
    }

    /// Number of index bits.
    #[must_use]
    pub fn bits(&self) -> u32 {
        self.bits
    }

    /// The mask of the index bits.
    pub(crate) fn mask(&self) -> u64 {
        (1 << self.bits) - 1
    }

    /// A power of two of words, never none: number i is bit `i % 64` of word `i / 64`.
    #[inline(always)]
    #[must_use]
    pub fn words(&self) -> &[u64] {
        &self.words
    }
}

/// Beginnings and ends that repeat one another: any of the lengths may match.
///
/// An even number of up to 12 digits is compared as a whole: with X the high word that these digits make where they are
/// expected, and zeros below them, every word passes for which `high + HIGH_TOLERANCE − X` modulo 2^63 is below
/// 2^(1 + max(29, 64 − 4·digits)). That is twice as many as agree in every known bit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndsRule {
    /// Numbers of hex digits N, 2 to 16: the first N digits equal the last N.
    pub forward: Vec<u8>,
    /// Numbers of hex digits N, 2 to 16: the first N digits equal the last N reversed.
    pub reversed: Vec<u8>,
}

/// The three rules, joined by OR.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coarse {
    /// Looks at the first hex digits.
    pub low: WordRule,
    /// Looks at the last hex digits.
    pub high: WordRule,
    /// Compares first and last hex digits.
    pub ends: EndsRule,
}

impl Coarse {
    /// The kind of work that the rules make, as far as speed depends on it; never what they look for.
    #[must_use]
    pub fn kind(&self) -> String {
        let ends = self.ends.forward.len() + self.ends.reversed.len();
        format!(
            "low {}, high {}, ends {ends}",
            self.low.kind(),
            self.high.kind()
        )
    }
}

impl WordRule {
    fn kind(&self) -> String {
        match self {
            Self::Never => "never".to_owned(),
            Self::Masked { .. } => "masked".to_owned(),
            Self::Bitmap(bitmap) => {
                let early = bitmap.early.first().map_or(0, |look| look.set.bits);
                format!("bitmaps of {} and {early} bits", bitmap.first.bits)
            }
        }
    }
}

/// The bits of a mask from the least place t on for which the free bits below it, added to `most`, stay below 2^t.
#[must_use]
pub fn compared_bits(mask: u64, most: u64) -> u64 {
    (most.ilog2() + 1..64)
        .map(|t| (1 << t) - 1)
        .find(|below| (!mask & below) + most <= *below)
        .map_or(0, |below| mask & !below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_set_of_a_size_that_a_gather_could_leave_can_be_made() {
        for bits in (0..6).chain(25..70) {
            assert_eq!(IndexSet::empty(bits), None);
        }
        for bits in 6..=24 {
            let set = IndexSet::empty(bits).unwrap();
            assert_eq!(set.words().len(), 1 << (bits - 6));
        }
    }

    #[test]
    fn a_number_beyond_the_set_stays_within_its_words() {
        let mut set = IndexSet::empty(7).unwrap();
        set.insert(usize::MAX);
        assert_eq!(set.words(), [0, 1 << 63]);
    }
}
