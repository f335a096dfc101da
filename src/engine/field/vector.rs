//! A vector instruction set: words side by side, and what a filter does with them.

use crate::coarse::IndexSet;

/// A vector instruction set, as a token that exists only where the processor has it.
///
/// Every method is `inline(always)` and works only inside [`Vector::vectorize`] at full speed: there the compiler may
/// use the instruction set.
pub trait Vector: Copy + Send + Sync + 'static {
    /// Values side by side in one vector.
    const LANES: usize;
    /// One 64-bit word a lane.
    type Word: Copy;

    /// Runs `f` compiled for this instruction set.
    fn vectorize<R>(self, f: impl FnOnce() -> R) -> R;

    /// The word in every lane.
    fn word(self, value: u64) -> Self::Word;
    /// One word a lane, from `words[..LANES]`.
    fn load(self, words: &[u64; MAX_LANES]) -> Self::Word;
    /// One word a lane, to `out[..LANES]`.
    fn store(self, word: Self::Word, out: &mut [u64; MAX_LANES]);
    /// a + b modulo 2^64.
    fn word_add(self, a: Self::Word, b: Self::Word) -> Self::Word;
    /// a − b modulo 2^64.
    fn word_sub(self, a: Self::Word, b: Self::Word) -> Self::Word;
    /// a XOR b.
    fn word_xor(self, a: Self::Word, b: Self::Word) -> Self::Word;
    /// a AND b.
    fn word_and(self, a: Self::Word, b: Self::Word) -> Self::Word;
    /// a shifted right; `count` is below 64.
    fn word_shr(self, a: Self::Word, count: u32) -> Self::Word;
    /// a shifted left; `count` is below 64.
    fn word_shl(self, a: Self::Word, count: u32) -> Self::Word;
    /// a with its bytes in reverse order.
    fn word_swap_bytes(self, a: Self::Word) -> Self::Word;
    /// a with the two nibbles of each byte exchanged.
    fn word_swap_nibbles(self, a: Self::Word) -> Self::Word;
    /// Bit i is set where lane i of a AND b is zero.
    fn lanes_without(self, a: Self::Word, b: Self::Word) -> u8;
    /// Bit i is set where the set has the index in lane i, which is below 2^bits.
    fn lanes_in(self, set: &IndexSet, index: Self::Word) -> u8;
}

/// The most lanes that any implementation has.
pub const MAX_LANES: usize = 8;

/// What the filter sees of a candidate in every lane.
#[derive(Clone, Copy, Debug)]
pub struct Words<W> {
    /// Bits 0 to 47: the same bits of y. The others are anything.
    pub low: W,
    /// Bits 0 to 46: bits 208 to 254 of y, perhaps too small by up to 2^13, modulo 2^47. The others are anything.
    pub high: W,
}
