//! Arithmetic modulo 2^255 − 19 on vectors of independent lanes: one contract, three implementations.

#[cfg(target_arch = "x86_64")]
pub mod avx2;
pub mod element;
#[cfg(target_arch = "x86_64")]
pub mod ifma;
pub mod portable;

#[cfg(test)]
mod tests;

pub use element::FieldElement;

/// A vector instruction set, as a token that exists only where the processor has it.
///
/// All elements are vectors of [`Simd::LANES`] values modulo p = 2^255 − 19, one a lane. What each limb may hold
/// between operations is stated by the implementation; the contract here is about values modulo p.
///
/// Every method is `inline(always)` and works only inside [`Simd::vectorize`] at full speed: there the compiler may
/// use the instruction set.
pub trait Simd: Copy + Send + Sync + 'static {
    /// Values side by side in one vector.
    const LANES: usize;
    /// One 64-bit word a lane.
    type Word: Copy;
    /// An element, reduced enough to be a factor.
    type Fe: Copy + Send;
    /// An element with every limb within its radix, ready to be an addend of [`Simd::sum`].
    type Addend: Copy + Send;
    /// An unreduced sum of two elements, good as a factor of [`Simd::mul_sum`] only.
    type Sum: Copy;
    /// A factor prepared for many products with constants.
    type Multiplier: Copy + Send;
    /// A constant that all lanes share.
    type Limbs: Copy + Send + Sync;
    /// The two ends of an element before the lanes' words are made: least and most significant limbs.
    type Ends: Copy;

    /// Runs `f` compiled for this instruction set.
    fn vectorize<R>(self, f: impl FnOnce() -> R) -> R;

    /// A constant's limbs.
    fn limbs(value: &FieldElement) -> Self::Limbs;
    /// The constant in every lane.
    fn splat(self, value: &Self::Limbs) -> Self::Fe;
    /// Replaces one lane's value.
    fn insert(self, vector: &mut Self::Fe, lane: usize, value: &FieldElement);
    /// One lane's value.
    fn extract(self, vector: &Self::Fe, lane: usize) -> FieldElement;

    /// a + b.
    fn add(self, a: &Self::Fe, b: &Self::Fe) -> Self::Fe;
    /// a − b.
    fn sub(self, a: &Self::Fe, b: &Self::Fe) -> Self::Fe;
    /// a · b.
    fn mul(self, a: &Self::Fe, b: &Self::Fe) -> Self::Fe;
    /// a normalised for [`Simd::sum`].
    fn addend(self, a: &Self::Fe) -> Self::Addend;
    /// a + constant, not reduced.
    fn sum(self, a: &Self::Addend, constant: &Self::Limbs) -> Self::Sum;
    /// a · sum.
    fn mul_sum(self, a: &Self::Fe, sum: &Self::Sum) -> Self::Fe;
    /// a · b and a · sum: the same factor twice, for implementations that interleave the two products.
    #[inline(always)]
    fn mul_both(self, a: &Self::Fe, b: &Self::Fe, sum: &Self::Sum) -> (Self::Fe, Self::Fe) {
        (self.mul(a, b), self.mul_sum(a, sum))
    }
    /// a · s and b · t, for implementations that interleave the two products.
    #[inline(always)]
    fn mul_sums(self, a: &Self::Fe, s: &Self::Sum, b: &Self::Fe, t: &Self::Sum) -> [Self::Fe; 2] {
        [self.mul_sum(a, s), self.mul_sum(b, t)]
    }
    /// a prepared for [`Simd::mul_constant`].
    fn multiplier(self, a: &Self::Fe) -> Self::Multiplier;
    /// multiplier · constant.
    fn mul_constant(self, multiplier: &Self::Multiplier, constant: &Self::Limbs) -> Self::Fe;

    /// The ends of a · b, without the limbs between.
    fn ends(self, a: &Self::Fe, b: &Self::Fe) -> Self::Ends;
    /// The ends of constant · b.
    fn ends_constant(self, constant: &Self::Limbs, b: &Self::Fe) -> Self::Ends;
    /// The ends of constant · b and of a · b.
    #[inline(always)]
    fn ends_both(self, constant: &Self::Limbs, a: &Self::Fe, b: &Self::Fe) -> [Self::Ends; 2] {
        [self.ends_constant(constant, b), self.ends(a, b)]
    }
    /// The words of a + b and of a − b.
    fn plus_minus(self, a: &Self::Ends, b: &Self::Ends) -> [Words<Self::Word>; 2];
    /// The words of one element.
    fn words(self, a: &Self::Fe) -> Words<Self::Word>;

    /// The word in every lane.
    fn word(self, value: u64) -> Self::Word;
    /// One word a lane, to `out[..LANES]`.
    fn store(self, word: Self::Word, out: &mut [u64; MAX_LANES]);
    /// a + b modulo 2^64.
    fn word_add(self, a: Self::Word, b: Self::Word) -> Self::Word;
    /// a XOR b.
    fn word_xor(self, a: Self::Word, b: Self::Word) -> Self::Word;
    /// a AND b.
    fn word_and(self, a: Self::Word, b: Self::Word) -> Self::Word;
    /// a shifted right; `count` is below 64.
    fn word_shr(self, a: Self::Word, count: u32) -> Self::Word;
    /// a with its bytes in reverse order.
    fn word_swap_bytes(self, a: Self::Word) -> Self::Word;
    /// a with the two nibbles of each byte exchanged.
    fn word_swap_nibbles(self, a: Self::Word) -> Self::Word;
    /// Bit i is set where lane i of a AND b is zero.
    fn lanes_without(self, a: Self::Word, b: Self::Word) -> u32;
    /// Bit i is set where the bitmap has the bit of lane i's index; every index is below 64 · `bitmap.len()`.
    fn lanes_in_bitmap(self, bitmap: &[u64], index: Self::Word) -> u32;
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
