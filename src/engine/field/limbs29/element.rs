//! Field elements, in as many lanes as a vector has.

use super::lanes::words::{add, limb, shl, shr, sub, vector_of, wide, word, words_of};
use super::lanes::{Limb, Token, V};
use super::product::{
    self, CARRIED_LOW_SHORT, HIGH_SHORT, LEFT_OUT, LOW_BITS, LOW_SHORT, carried_lows, ends,
    first_ends, highs, low_words, lows, normalise, product, times,
};
use super::toeplitz::{self, Differences, Matrix};
use crate::field::{FieldElement, Simd, Vector, Words};

impl Simd for Token {
    type Fe = [Limb; 9];
    type Addend = [Limb; 9];
    type Multiplier = Matrix;
    type Constant = Differences;
    /// Radix 2^29, canonical.
    type Limbs = [u64; 9];
    /// The low 64 bits of limbs 0 and 1, and bits 208 to 254 of limbs 7 and 8.
    type Ends = [V; 2];

    const IN_MEMORY: bool = true;
    const LOW_BITS: u32 = LOW_BITS;
    const LOW_SHORT: u64 = LOW_SHORT;
    const CARRIED_LOW_SHORT: Option<u64> = Some(CARRIED_LOW_SHORT);
    const HIGH_SHORT: u64 = HIGH_SHORT;

    fn limbs(value: &FieldElement) -> [u64; 9] {
        value.to_limbs(29)
    }

    fn constant(limbs: &[u64; 9]) -> Differences {
        toeplitz::differences(limbs)
    }

    #[inline(always)]
    fn splat(self, value: &[u64; 9]) -> [Limb; 9] {
        product::splat(value)
    }

    fn insert(self, vector: &mut [Limb; 9], lane: usize, value: &FieldElement) {
        for (limbs, digit) in vector.iter_mut().zip(Self::limbs(value)) {
            let mut words = words_of(wide(*limbs));
            words[lane] = digit;
            *limbs = limb(vector_of(words));
        }
    }

    fn extract(self, vector: &[Limb; 9], lane: usize) -> FieldElement {
        let limbs = vector.iter().map(|limb| words_of(wide(*limb))[lane]);
        FieldElement::from_limbs(29, limbs)
    }

    #[inline(always)]
    fn or_masked(self, vector: &mut [Limb; 9], mask: V, value: &[u64; 9]) {
        for i in 0..9 {
            let chosen = self.word_and(mask, word(value[i]));
            vector[i] = limb(self.word_xor(wide(vector[i]), chosen));
        }
    }

    #[inline(always)]
    fn add(self, a: &[Limb; 9], b: &[Limb; 9]) -> [Limb; 9] {
        let mut r = [word(0); 9];
        for i in 0..9 {
            r[i] = add(wide(a[i]), wide(b[i]));
        }
        normalise(r)
    }

    #[inline(always)]
    fn sub(self, a: &[Limb; 9], b: &[Limb; 9]) -> [Limb; 9] {
        // 4 p in limbs of which none is below a limb of b
        const FOUR_P: [u64; 9] = [
            (1 << 31) - 76,
            (1 << 31) - 4,
            (1 << 31) - 4,
            (1 << 31) - 4,
            (1 << 31) - 4,
            (1 << 31) - 4,
            (1 << 31) - 4,
            (1 << 31) - 4,
            (1 << 25) - 4,
        ];
        let mut r = [word(0); 9];
        for i in 0..9 {
            r[i] = sub(add(wide(a[i]), word(FOUR_P[i])), wide(b[i]));
        }
        normalise(r)
    }

    #[inline(always)]
    fn mul(self, a: &[Limb; 9], b: &[Limb; 9]) -> [Limb; 9] {
        product(self, a, b)
    }

    #[inline(always)]
    fn addend(self, a: &[Limb; 9]) -> [Limb; 9] {
        *a
    }

    #[inline(always)]
    fn mul_both(
        self,
        [a, b]: [&[Limb; 9]; 2],
        addend: &[Limb; 9],
        constant: &[u64; 9],
        [next, out]: [&mut [Limb; 9]; 2],
    ) {
        product::product_both(self, a, b, addend, constant, next, out);
    }

    #[inline(always)]
    fn mul_sums(
        self,
        a: &[[Limb; 9]; 2],
        addends: [&[Limb; 9]; 2],
        constant: &[u64; 9],
        out: &mut [[Limb; 9]; 2],
    ) {
        for i in 0..2 {
            product::product_with_sum(self, &a[i], addends[i], constant, &mut out[i]);
        }
    }

    #[inline(always)]
    fn multiplier(self, a: &[Limb; 9]) -> Matrix {
        toeplitz::matrix(a)
    }

    #[inline(always)]
    fn mul_constant(self, multiplier: &Matrix, constant: &Differences, out: &mut [Limb; 9]) {
        product::product_with_constant(self, multiplier, constant, out);
    }

    #[inline(always)]
    fn ends_both(self, constant: &[u64; 9], a: &[Limb; 9], b: &[Limb; 9]) -> [[V; 2]; 2] {
        ends(self, constant, a, b)
    }

    #[inline(always)]
    fn first_ends_both(self, constant: &[u64; 9], a: &[Limb; 9], b: &[Limb; 9]) -> [[V; 2]; 2] {
        first_ends(self, constant, a, b)
    }

    #[inline(always)]
    fn lows_both(self, constant: &[u64; 9], a: &[Limb; 9], b: &[Limb; 9]) -> [V; 2] {
        lows(self, constant, a, b)
    }

    #[inline(always)]
    fn low_words_both(self, constant: &[u64; 9], a: &[Limb; 9], b: &[Limb; 9]) -> [V; 2] {
        low_words(self, constant, a, b)
    }

    #[inline(always)]
    fn carried_lows_both(self, constant: &[u64; 9], a: &[Limb; 9], b: &[Limb; 9]) -> [V; 2] {
        carried_lows(self, constant, a, b)
    }

    #[inline(always)]
    fn highs_both(self, constant: &[u64; 9], a: &[Limb; 9], b: &[Limb; 9]) -> [V; 2] {
        highs(self, constant, a, b)
    }

    #[inline(always)]
    fn plus_minus(self, a: &[V; 2], b: &[V; 2]) -> [Words<V>; 2] {
        let (plus, minus) = (add(a[1], b[1]), sub(a[1], b[1]));
        [
            Words {
                low: add(add(a[0], b[0]), times(shr::<47>(plus), 19)),
                high: plus,
            },
            Words {
                low: sub(sub(a[0], b[0]), times(shr::<63>(minus), 19)),
                // b may be too small, which made the difference too large
                high: sub(minus, word(LEFT_OUT)),
            },
        ]
    }

    #[inline(always)]
    fn words(self, a: &[Limb; 9]) -> Words<V> {
        // twice: the first pass may leave limb 0 above its radix
        let r = normalise(normalise(a.map(wide)).map(wide)).map(wide);
        Words {
            low: add(r[0], shl::<29>(r[1])),
            high: add(shl::<24>(r[8]), shr::<5>(r[7])),
        }
    }
}
