//! Arithmetic modulo 2^255 − 19 on vectors of independent lanes: one contract, an implementation for each instruction set.

#[cfg(target_arch = "x86_64")]
pub mod avx2;
mod divsteps;
pub mod element;
#[cfg(target_arch = "x86_64")]
pub mod ifma;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod limbs29;
#[cfg(target_arch = "aarch64")]
pub mod neon;
pub mod portable;

#[cfg(test)]
mod tests;

pub mod vector;

pub use element::FieldElement;
pub use vector::{MAX_LANES, Vector, Words};

/// A field element of GF(2^255 − 19) in every lane of a vector.
///
/// What each limb may hold between operations is stated by the implementation; the contract here is about values
/// modulo p = 2^255 − 19.
pub trait Simd: Vector {
    /// An element, reduced enough to be a factor.
    type Fe: Copy + Send;
    /// An element with every limb within its radix, to which a constant is added in [`Simd::mul_both`] and
    /// [`Simd::mul_sums`].
    type Addend: Copy + Send;
    /// A factor prepared for many products with constants.
    type Multiplier: Copy + Send;
    /// A constant that all lanes share.
    type Limbs: Copy + Send + Sync;
    /// A constant prepared for [`Simd::mul_constant`].
    type Constant: Copy + Send + Sync;
    /// The two ends of an element before the lanes' words are made: least and most significant limbs.
    type Ends: Copy;

    /// Whether elements are best read from where they lie: there are more limbs than registers.
    const IN_MEMORY: bool;
    /// How many bits of [`Simd::lows_both`] mean anything.
    const LOW_BITS: u32;
    /// How much too small they may be.
    const LOW_SHORT: u64;
    /// How much too small [`Simd::low_words_both`] may be.
    const LOW_WORD_SHORT: u64 = Self::LOW_SHORT;
    /// How much too small [`Simd::carried_lows_both`] may be; nothing where both ends take no longer.
    const CARRIED_LOW_SHORT: Option<u64>;
    /// How much too small [`Simd::highs_both`] may be.
    const HIGH_SHORT: u64;

    /// A constant's limbs.
    fn limbs(value: &FieldElement) -> Self::Limbs;
    /// A constant prepared.
    fn constant(limbs: &Self::Limbs) -> Self::Constant;
    /// The constant in every lane.
    fn splat(self, value: &Self::Limbs) -> Self::Fe;
    /// Replaces one lane's value.
    fn insert(self, vector: &mut Self::Fe, lane: usize, value: &FieldElement);
    /// One lane's value.
    fn extract(self, vector: &Self::Fe, lane: usize) -> FieldElement;

    /// Sets the lanes where `mask` is all ones, which are zero, to the constant; elsewhere `mask` is zero.
    fn or_masked(self, vector: &mut Self::Fe, mask: Self::Word, value: &Self::Limbs);

    /// a + b.
    fn add(self, a: &Self::Fe, b: &Self::Fe) -> Self::Fe;
    /// a − b.
    fn sub(self, a: &Self::Fe, b: &Self::Fe) -> Self::Fe;
    /// a · b.
    fn mul(self, a: &Self::Fe, b: &Self::Fe) -> Self::Fe;
    /// a normalised.
    fn addend(self, a: &Self::Fe) -> Self::Addend;
    /// a · b, to `out`, and a · (addend + constant), to `next`: two products at once, so that an implementation can
    /// interleave them, or prepare what they share.
    fn mul_both(
        self,
        factors: [&Self::Fe; 2],
        addend: &Self::Addend,
        constant: &Self::Limbs,
        results: [&mut Self::Fe; 2],
    );
    /// a · (addend + constant) of two chains, to `out`.
    fn mul_sums(
        self,
        a: &[Self::Fe; 2],
        addends: [&Self::Addend; 2],
        constant: &Self::Limbs,
        out: &mut [Self::Fe; 2],
    );
    /// a prepared for [`Simd::mul_constant`].
    fn multiplier(self, a: &Self::Fe) -> Self::Multiplier;
    /// multiplier · constant, to `out`.
    fn mul_constant(
        self,
        multiplier: &Self::Multiplier,
        constant: &Self::Constant,
        out: &mut Self::Fe,
    );

    /// The ends of constant · b and of a · b, without the limbs between.
    fn ends_both(self, constant: &Self::Limbs, a: &Self::Fe, b: &Self::Fe) -> [Self::Ends; 2];
    /// The same, but for the low word's bits from [`crate::coarse::FIRST_LOOK_BITS`] on, which may be anything.
    #[inline(always)]
    fn first_ends_both(
        self,
        constant: &Self::Limbs,
        a: &Self::Fe,
        b: &Self::Fe,
    ) -> [Self::Ends; 2] {
        self.ends_both(constant, a, b)
    }
    /// The low ends alone of constant · b and of a · b, in one word each: bits 0 to [`Simd::LOW_BITS`] − 1 of the product
    /// modulo p, too small by 0 to [`Simd::LOW_SHORT`]. The other bits are anything.
    fn lows_both(self, constant: &Self::Limbs, a: &Self::Fe, b: &Self::Fe) -> [Self::Word; 2];
    /// The same with the carries that reach bit 255: too small by [`Simd::CARRIED_LOW_SHORT`] at most.
    #[inline(always)]
    fn carried_lows_both(
        self,
        constant: &Self::Limbs,
        a: &Self::Fe,
        b: &Self::Fe,
    ) -> [Self::Word; 2] {
        self.lows_both(constant, a, b)
    }
    /// Low ends of at least 48 bits, likewise: too small by [`Simd::LOW_WORD_SHORT`] at most.
    #[inline(always)]
    fn low_words_both(self, constant: &Self::Limbs, a: &Self::Fe, b: &Self::Fe) -> [Self::Word; 2] {
        const { assert!(Self::LOW_BITS >= 48) };
        self.lows_both(constant, a, b)
    }
    /// The high ends alone, likewise: bits 0 to 46 are bits 208 to 254 of the product modulo p, too small by 0 to
    /// [`Simd::HIGH_SHORT`], modulo 2^47.
    fn highs_both(self, constant: &Self::Limbs, a: &Self::Fe, b: &Self::Fe) -> [Self::Word; 2];
    /// The words of a + b and of a − b.
    fn plus_minus(self, a: &Self::Ends, b: &Self::Ends) -> [Words<Self::Word>; 2];
    /// The words of one element.
    fn words(self, a: &Self::Fe) -> Words<Self::Word>;
}
