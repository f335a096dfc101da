//! Arithmetic modulo 2^255 − 19 on vectors of independent lanes: one contract, three implementations.

#[cfg(target_arch = "x86_64")]
pub mod avx2;
pub mod element;
#[cfg(target_arch = "x86_64")]
pub mod ifma;
mod mulx;
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
    /// An element with every limb within its radix, ready to be an addend of [`Simd::sum`].
    type Addend: Copy + Send;
    /// An unreduced sum of two elements, good as a factor of [`Simd::mul_both`] and [`Simd::mul_sums`] only.
    type Sum: Copy;
    /// A factor prepared for many products with constants.
    type Multiplier: Copy + Send;
    /// A constant that all lanes share.
    type Limbs: Copy + Send + Sync;
    /// The two ends of an element before the lanes' words are made: least and most significant limbs.
    type Ends: Copy;

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
    /// a².
    #[inline(always)]
    fn square(self, a: &Self::Fe) -> Self::Fe {
        self.mul(a, a)
    }
    /// a normalised for [`Simd::sum`].
    fn addend(self, a: &Self::Fe) -> Self::Addend;
    /// a + constant, not reduced.
    fn sum(self, a: &Self::Addend, constant: &Self::Limbs) -> Self::Sum;
    /// a · b and a · sum: the same factor twice, so that an implementation can interleave the two products.
    fn mul_both(self, a: &Self::Fe, b: &Self::Fe, sum: &Self::Sum) -> (Self::Fe, Self::Fe);
    /// a · s and b · t, likewise.
    fn mul_sums(self, a: &Self::Fe, s: &Self::Sum, b: &Self::Fe, t: &Self::Sum) -> [Self::Fe; 2];
    /// a prepared for [`Simd::mul_constant`].
    fn multiplier(self, a: &Self::Fe) -> Self::Multiplier;
    /// multiplier · constant.
    fn mul_constant(self, multiplier: &Self::Multiplier, constant: &Self::Limbs) -> Self::Fe;

    /// The ends of constant · b and of a · b, without the limbs between.
    fn ends_both(self, constant: &Self::Limbs, a: &Self::Fe, b: &Self::Fe) -> [Self::Ends; 2];
    /// The words of a + b and of a − b.
    fn plus_minus(self, a: &Self::Ends, b: &Self::Ends) -> [Words<Self::Word>; 2];
    /// The words of one element.
    fn words(self, a: &Self::Fe) -> Words<Self::Word>;
}
