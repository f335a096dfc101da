//! The filter's vector half: finds the lanes of a block whose words a coarse rule accepts.

use super::coarse::{
    Bitmap, Coarse, EndsRule, FurtherLook, HIGH_MASK, HIGH_TOLERANCE, LOW_MASK, WordRule,
};
use super::field::portable::Portable;
use super::field::{MAX_LANES, Vector, Words};
use super::sweep::BLOCK_WORDS;

/// A candidate that the coarse rules accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Survivor {
    /// The search it belongs to, 0 to [`super::sweeper::Sweeper::lanes`] − 1.
    pub lane: usize,
    /// Its scalar is the lane's start + 8 · offset.
    pub offset: i64,
    /// The low word, as [`super::coarse`] describes it.
    pub low: u64,
    /// The high word, as [`super::coarse`] describes it.
    pub high: u64,
}

/// Shift from the sweep's high word (bit 46 is bit 254 of y) to the one of [`super::coarse`] (bit 62 is).
pub(crate) const HIGH_SHIFT: u32 = 16;

/// Coarse rules in vector form.
pub struct Scan<'a, S: Vector> {
    simd: S,
    low: Rule<'a, S>,
    high: Rule<'a, S>,
    ends: &'a EndsRule,
}

/// A word rule in vector form.
enum Rule<'a, S: Vector> {
    Never,
    Always,
    Masked { mask: S::Word, value: S::Word },
    Bitmap(&'a Bitmap),
}

impl<'a, S: Vector> Rule<'a, S> {
    #[inline(always)]
    fn new(simd: S, rule: &'a WordRule, known: u64, shift: u32) -> Self {
        match rule {
            WordRule::Never => Self::Never,
            WordRule::Masked { mask, .. } if mask & known == 0 => Self::Always,
            WordRule::Masked { mask, value } => Self::Masked {
                mask: simd.word((mask & known) >> shift),
                value: simd.word((value & known) >> shift),
            },
            WordRule::Bitmap(bitmap) => Self::Bitmap(bitmap),
        }
    }
}

/// One bit a lane for every entry of a block.
type Marks = [u8; BLOCK_WORDS];

/// The numbers of the entries that have marks, one bit each: to go through them costs one branch that can't be foreseen,
/// where a test of every entry costs one for each that has a mark.
#[inline(always)]
fn marked(marks: &Marks) -> impl Iterator<Item = usize> + use<> {
    const { assert!(BLOCK_WORDS == 64) };
    let mut bits = 0;
    for (at, eight) in marks.as_chunks().0.iter().enumerate() {
        // the lowest bit of each byte becomes their disjunction; the product moves those bits beside one another
        let mut any = u64::from_le_bytes(*eight);
        any |= any >> 4;
        any |= any >> 2;
        any |= any >> 1;
        let any = (any & 0x0101_0101_0101_0101).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        bits |= any << (8 * at);
    }
    std::iter::from_fn(move || {
        let at = bits.trailing_zeros();
        bits &= bits.wrapping_sub(1);
        (at < 64).then_some(at as usize)
    })
}

impl<'a, S: Vector> Scan<'a, S> {
    /// Prepares the rules; bits outside the known ones are ignored.
    #[inline(always)]
    pub fn new(simd: S, coarse: &'a Coarse) -> Self {
        Self {
            simd,
            low: Rule::new(simd, &coarse.low, LOW_MASK, 0),
            high: Rule::new(simd, &coarse.high, HIGH_MASK, HIGH_SHIFT),
            ends: &coarse.ends,
        }
    }

    /// Calls `found` with the entry's number and the survivor (lane within the vector, offset 0) for each hit among at
    /// most [`BLOCK_WORDS`] entries.
    #[inline(always)]
    pub fn block(&self, words: &[Words<S::Word>], found: &mut dyn FnMut(usize, Survivor)) {
        let mut marks: Marks = [0; BLOCK_WORDS];
        let marks = &mut marks;
        self.mark_low(words, marks);
        self.mark_high(words, marks);
        for digits in &self.ends.forward {
            self.mark_ends(words, marks, *digits, false);
        }
        for digits in &self.ends.reversed {
            self.mark_ends(words, marks, *digits, true);
        }
        for at in marked(marks) {
            if let Some(words) = words.get(at) {
                self.report(at, marks[at], words, found);
            }
        }
    }

    #[inline(always)]
    fn mark_low(&self, words: &[Words<S::Word>], marks: &mut Marks) {
        let simd = self.simd;
        match &self.low {
            Rule::Never => {}
            Rule::Always => marks.fill(u8::MAX),
            Rule::Masked { mask, value } => {
                for (mark, words) in marks.iter_mut().zip(words) {
                    *mark |= simd.lanes_without(simd.word_xor(words.low, *value), *mask);
                }
            }
            Rule::Bitmap(bitmap) => {
                let index = simd.word(bitmap.first.mask());
                for (mark, words) in marks.iter_mut().zip(words) {
                    let at = simd.word_and(words.low, index);
                    *mark |= simd.lanes_in(&bitmap.first, at);
                }
                for look in &bitmap.further {
                    self.look_again(look, words, marks);
                }
            }
        }
    }

    /// Keeps the marks of the lanes that another bitmap has too; as yet only the low rule made marks, rarely more than one in
    /// a vector.
    #[inline(always)]
    fn look_again(&self, look: &FurtherLook, words: &[Words<S::Word>], marks: &mut Marks) {
        let mut low = [0; MAX_LANES];
        for at in marked(marks) {
            let Some(words) = words.get(at) else { continue };
            self.simd.store(words.low, &mut low);
            let (mut kept, mut lanes) = (0, marks[at]);
            while lanes != 0 {
                let lane = lanes.trailing_zeros() as usize % MAX_LANES;
                kept |= u8::from(look.holds(low[lane])) << lane;
                lanes &= lanes - 1;
            }
            marks[at] = kept;
        }
    }

    /// The true word lies between `high` and `high` + tolerance: a rule that looks at bits above the tolerance
    /// accepts one of the two ends if it accepts the true word.
    #[inline(always)]
    fn mark_high(&self, words: &[Words<S::Word>], marks: &mut Marks) {
        let simd = self.simd;
        let tolerance = simd.word(HIGH_TOLERANCE >> HIGH_SHIFT);
        match &self.high {
            Rule::Never => {}
            Rule::Always => marks.fill(u8::MAX),
            Rule::Masked { mask, value } => {
                for (mark, words) in marks.iter_mut().zip(words) {
                    for high in [words.high, simd.word_add(words.high, tolerance)] {
                        *mark |= simd.lanes_without(simd.word_xor(high, *value), *mask);
                    }
                }
            }
            Rule::Bitmap(bitmap) => {
                let index = simd.word(bitmap.first.mask());
                for (mark, words) in marks.iter_mut().zip(words) {
                    for high in [words.high, simd.word_add(words.high, tolerance)] {
                        let at = simd.word_shr(high, 63 - HIGH_SHIFT - bitmap.first.bits());
                        *mark |= simd.lanes_in(&bitmap.first, simd.word_and(at, index));
                    }
                }
            }
        }
    }

    /// Marks the candidates whose first `digits` digits, as they stand or reversed, agree with the last ones in the
    /// bits that the words know.
    #[inline(always)]
    fn mark_ends(&self, words: &[Words<S::Word>], marks: &mut Marks, digits: u8, reversed: bool) {
        if digits.is_multiple_of(2) && u32::from(digits) <= LOW_MASK.count_ones() / 4 {
            self.mark_whole_bytes(words, marks, digits, reversed);
        } else {
            self.mark_any_ends(words, marks, digits, reversed);
        }
    }

    /// Where the digits are whole bytes of the low word, whose bits stand in the same order at both ends. Let X be the
    /// high word that the first digits would make, and zero in the k bits below them. If they match, the true word is
    /// X + r with r < 2^k, and the sweep's is too small by e ≤ T, so that high + T − X = r + T − e < 2^k + T modulo 2^63:
    /// no bit is set from the one above the larger of the two.
    #[inline(always)]
    fn mark_whole_bytes(
        &self,
        words: &[Words<S::Word>],
        marks: &mut Marks,
        digits: u8,
        reversed: bool,
    ) {
        let simd = self.simd;
        let below = 64 - 4 * u32::from(digits);
        let tolerance = simd.word(HIGH_TOLERANCE);
        let end_mask = simd.word(u64::MAX << below);
        let larger = below.max(HIGH_TOLERANCE.ilog2());
        let mask = simd.word((1 << 63) - (1 << (larger + 1)));
        for (mark, words) in marks.iter_mut().zip(words) {
            let end = if reversed {
                let swapped = simd.word_swap_nibbles(simd.word_swap_bytes(words.low));
                simd.word_and(swapped, end_mask)
            } else {
                simd.word_shl(words.low, below)
            };
            let high = simd.word_add(simd.word_shl(words.high, HIGH_SHIFT), tolerance);
            *mark |= simd.lanes_without(simd.word_sub(high, end), mask);
        }
    }

    /// Any number of digits.
    #[inline(always)]
    fn mark_any_ends(
        &self,
        words: &[Words<S::Word>],
        marks: &mut Marks,
        digits: u8,
        reversed: bool,
    ) {
        let simd = self.simd;
        let shift = 64 - 4 * u32::from(digits);
        let known = if reversed {
            Portable.word_swap_nibbles(LOW_MASK.swap_bytes())
        } else {
            (LOW_MASK.swap_bytes() >> shift).swap_bytes()
        };
        let mask = simd.word((ends_mask(digits) & known & HIGH_MASK) >> HIGH_SHIFT);
        let tolerance = simd.word(HIGH_TOLERANCE >> HIGH_SHIFT);
        let low_mask = simd.word(LOW_MASK);
        for (mark, words) in marks.iter_mut().zip(words) {
            // the first digits as a number, digit 1 highest; then as they would stand at the end of a key
            let first = simd.word_swap_bytes(simd.word_and(words.low, low_mask));
            let expected = if reversed {
                simd.word_swap_nibbles(first)
            } else {
                simd.word_swap_bytes(simd.word_shr(first, shift))
            };
            let expected = simd.word_shr(expected, HIGH_SHIFT);
            for high in [words.high, simd.word_add(words.high, tolerance)] {
                *mark |= simd.lanes_without(simd.word_xor(high, expected), mask);
            }
        }
    }

    /// Takes a marked entry apart; rare enough to stay out of the loop.
    #[cold]
    #[inline(never)]
    fn report(
        &self,
        at: usize,
        mark: u8,
        words: &Words<S::Word>,
        found: &mut dyn FnMut(usize, Survivor),
    ) {
        let (mut low, mut high) = ([0; MAX_LANES], [0; MAX_LANES]);
        self.simd.store(words.low, &mut low);
        self.simd.store(words.high, &mut high);
        for lane in (0..S::LANES).filter(|lane| mark >> lane & 1 == 1) {
            let survivor = Survivor {
                lane,
                offset: 0,
                low: low[lane] & LOW_MASK,
                high: (high[lane] << HIGH_SHIFT) & (i64::MAX as u64),
            };
            found(at, survivor);
        }
    }
}

/// The bits of the last `digits` hex digits in a word whose top byte is the key's last byte.
fn ends_mask(digits: u8) -> u64 {
    let bytes = u32::from(digits) / 2;
    let whole = u64::MAX.checked_shl(64 - 8 * bytes).unwrap_or(0);
    if digits.is_multiple_of(2) {
        return whole;
    }
    // an odd number of digits ends in the low nibble of the next byte
    whole | 0x0f_u64 << (56 - 8 * bytes)
}
