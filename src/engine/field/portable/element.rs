//! Field elements in one lane.

use super::Portable;
use super::product::{
    CARRIED_LOW_SHORT, LEFT_OUT, LOW_SHORT, below_2_255, carried_low, difference, ends,
    ends_of_sum_and_difference, high, low, product, sum, sum_without_carry,
};
use crate::field::{FieldElement, Simd, Words};

/// The words of 32 little-endian bytes.
fn words_of(bytes: [u8; 32]) -> [u64; 4] {
    let mut words = [0; 4];
    for (word, chunk) in words.iter_mut().zip(bytes.as_chunks::<8>().0) {
        *word = u64::from_le_bytes(*chunk);
    }
    words
}

impl Simd for Portable {
    type Fe = [u64; 4];
    /// Below 2^255 + 19.
    type Addend = [u64; 4];
    type Multiplier = [u64; 4];
    /// Canonical.
    type Limbs = [u64; 4];
    type Constant = Self::Limbs;
    /// Word 0 and the lowest 63 bits of word 3.
    type Ends = [u64; 2];

    const IN_MEMORY: bool = false;
    const LOW_BITS: u32 = 63;
    const LOW_SHORT: u64 = LOW_SHORT;
    const CARRIED_LOW_SHORT: Option<u64> = Some(CARRIED_LOW_SHORT);
    const HIGH_SHORT: u64 = (LEFT_OUT >> 16) + 1;

    fn limbs(value: &FieldElement) -> [u64; 4] {
        words_of(value.to_bytes())
    }

    fn constant(limbs: &[u64; 4]) -> [u64; 4] {
        *limbs
    }

    #[inline(always)]
    fn splat(self, value: &[u64; 4]) -> [u64; 4] {
        *value
    }

    fn insert(self, vector: &mut [u64; 4], _lane: usize, value: &FieldElement) {
        *vector = Self::limbs(value);
    }

    fn extract(self, vector: &[u64; 4], _lane: usize) -> FieldElement {
        let words = below_2_255(&below_2_255(vector));
        let mut bytes = [0; 32];
        for (chunk, word) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(words) {
            *chunk = word.to_le_bytes();
        }
        FieldElement::from_bytes(&bytes)
    }

    #[inline(always)]
    fn or_masked(self, vector: &mut [u64; 4], mask: u64, value: &[u64; 4]) {
        for i in 0..4 {
            vector[i] |= mask & value[i];
        }
    }

    #[inline(always)]
    fn add(self, a: &[u64; 4], b: &[u64; 4]) -> [u64; 4] {
        sum(a, b)
    }

    #[inline(always)]
    fn sub(self, a: &[u64; 4], b: &[u64; 4]) -> [u64; 4] {
        difference(a, b)
    }

    #[inline(always)]
    fn mul(self, a: &[u64; 4], b: &[u64; 4]) -> [u64; 4] {
        product(a, b)
    }

    #[inline(always)]
    fn addend(self, a: &[u64; 4]) -> [u64; 4] {
        below_2_255(a)
    }

    #[inline(always)]
    fn mul_both(
        self,
        [a, b]: [&[u64; 4]; 2],
        addend: &[u64; 4],
        constant: &[u64; 4],
        [next, out]: [&mut [u64; 4]; 2],
    ) {
        *out = product(a, b);
        *next = product(a, &sum_without_carry(addend, constant));
    }

    #[inline(always)]
    fn mul_sums(
        self,
        a: &[[u64; 4]; 2],
        addends: [&[u64; 4]; 2],
        constant: &[u64; 4],
        out: &mut [[u64; 4]; 2],
    ) {
        for i in 0..2 {
            out[i] = product(&a[i], &sum_without_carry(addends[i], constant));
        }
    }

    #[inline(always)]
    fn multiplier(self, a: &[u64; 4]) -> [u64; 4] {
        *a
    }

    #[inline(always)]
    fn mul_constant(self, multiplier: &[u64; 4], constant: &[u64; 4], out: &mut [u64; 4]) {
        *out = product(multiplier, constant);
    }

    #[inline(always)]
    fn ends_both(self, constant: &[u64; 4], a: &[u64; 4], b: &[u64; 4]) -> [[u64; 2]; 2] {
        [ends(constant, b), ends(a, b)]
    }

    #[inline(always)]
    fn lows_both(self, constant: &[u64; 4], a: &[u64; 4], b: &[u64; 4]) -> [u64; 2] {
        [low(constant, b), low(a, b)]
    }

    #[inline(always)]
    fn carried_lows_both(self, constant: &[u64; 4], a: &[u64; 4], b: &[u64; 4]) -> [u64; 2] {
        [carried_low(constant, b), carried_low(a, b)]
    }

    #[inline(always)]
    fn highs_both(self, constant: &[u64; 4], a: &[u64; 4], b: &[u64; 4]) -> [u64; 2] {
        [high(constant, b) >> 16, high(a, b) >> 16]
    }

    #[inline(always)]
    fn plus_minus(self, a: &[u64; 2], b: &[u64; 2]) -> [Words<u64>; 2] {
        ends_of_sum_and_difference(a, b).map(|[low, high]| Words {
            low,
            high: high >> 16,
        })
    }

    #[inline(always)]
    fn words(self, a: &[u64; 4]) -> Words<u64> {
        let words = Self::limbs(&self.extract(a, 0));
        Words {
            low: words[0],
            high: words[3] >> 16,
        }
    }
}
