//! Field elements in four lanes.

use core::arch::x86_64::*;
use std::ops::{Add, Mul};

use super::product::{FOLD, LEFT_OUT, MASK29, close, ends, normalise, product, square};
use super::words::{add, and, mul32, opaque, shl, shr, vector_of, word, words_of};
use super::{Avx2, V};
use crate::field::{FieldElement, Simd, Words};

/// The limbs of a factor that goes round a loop, for [`opaque`]'s reason.
#[inline(always)]
fn hidden(a: &[V; 9]) -> [V; 9] {
    let mut r = *a;
    for limb in &mut r {
        *limb = opaque(*limb);
    }
    r
}

impl Simd for Avx2 {
    type Fe = [V; 9];
    type Addend = [V; 9];
    type Sum = [V; 9];
    /// Row j is the element times 2^(29 j).
    type Multiplier = [[V; 9]; 9];
    /// Radix 2^29, canonical.
    type Limbs = [u64; 9];
    /// The low 64 bits of limbs 0 and 1, and bits 208 to 254 of limbs 7 and 8.
    type Ends = [V; 2];

    fn limbs(value: &FieldElement) -> [u64; 9] {
        core::array::from_fn(|i| value.bits(29 * i, if i == 8 { 23 } else { 29 }))
    }

    #[inline(always)]
    fn splat(self, value: &[u64; 9]) -> [V; 9] {
        let mut vector = [word(0); 9];
        for (limbs, limb) in vector.iter_mut().zip(value) {
            *limbs = word(*limb);
        }
        vector
    }

    fn insert(self, vector: &mut [V; 9], lane: usize, value: &FieldElement) {
        for (limbs, limb) in vector.iter_mut().zip(Self::limbs(value)) {
            let mut words = words_of(*limbs);
            words[lane] = limb;
            *limbs = vector_of(words);
        }
    }

    fn extract(self, vector: &[V; 9], lane: usize) -> FieldElement {
        let radix = FieldElement::from_u32(1 << 29);
        vector.iter().rev().fold(FieldElement::ZERO, |value, limb| {
            let low = FieldElement([words_of(*limb)[lane], 0, 0, 0, 0]);
            value.mul(radix).add(low)
        })
    }

    #[inline(always)]
    fn add(self, a: &[V; 9], b: &[V; 9]) -> [V; 9] {
        let mut r = *a;
        for i in 0..9 {
            r[i] = add(a[i], b[i]);
        }
        normalise(r)
    }

    #[inline(always)]
    fn sub(self, a: &[V; 9], b: &[V; 9]) -> [V; 9] {
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
        let mut r = *a;
        for i in 0..9 {
            r[i] = simd! { _mm256_sub_epi64(add(a[i], word(FOUR_P[i])), b[i]) };
        }
        normalise(r)
    }

    #[inline(always)]
    fn mul(self, a: &[V; 9], b: &[V; 9]) -> [V; 9] {
        product(&hidden(a), &hidden(b))
    }

    #[inline(always)]
    fn square(self, a: &[V; 9]) -> [V; 9] {
        square(&hidden(a))
    }

    #[inline(always)]
    fn addend(self, a: &[V; 9]) -> [V; 9] {
        *a
    }

    #[inline(always)]
    fn sum(self, a: &[V; 9], constant: &[u64; 9]) -> [V; 9] {
        let mut r = *a;
        for i in 0..9 {
            r[i] = add(a[i], word(constant[i]));
        }
        r
    }

    #[inline(always)]
    fn mul_both(self, a: &[V; 9], b: &[V; 9], sum: &[V; 9]) -> ([V; 9], [V; 9]) {
        (product(a, b), product(a, sum))
    }

    #[inline(always)]
    fn mul_sums(self, a: &[V; 9], s: &[V; 9], b: &[V; 9], t: &[V; 9]) -> [[V; 9]; 2] {
        [product(&hidden(a), s), product(&hidden(b), t)]
    }

    #[inline(always)]
    fn multiplier(self, a: &[V; 9]) -> [[V; 9]; 9] {
        let radix = self.splat(&[0, 1, 0, 0, 0, 0, 0, 0, 0]);
        let mut rows = [*a; 9];
        for j in 1..9 {
            rows[j] = product(&rows[j - 1], &radix);
        }
        rows
    }

    /// Σ_j constant_j · row_j, below 2^62 in limbs 0 to 7 and below 2^56 in limb 8, so the only fold is that of limb
    /// 8: first from bit 29 up (below 2^27, to limb 0 times 1216), then as ever.
    #[inline(always)]
    fn mul_constant(self, multiplier: &[[V; 9]; 9], constant: &[u64; 9]) -> [V; 9] {
        let x = self.splat(constant);
        macro_rules! column {
            ($k:literal) => {{
                let mut sum = mul32(multiplier[0][$k], x[0]);
                for j in 1..9 {
                    sum = add(sum, mul32(multiplier[j][$k], x[j]));
                }
                sum
            }};
        }
        let (mask, top) = (word(MASK29), column!(8));
        let mut carry = mul32(shr::<29>(top), word(FOLD));
        macro_rules! limb {
            ($k:literal) => {{
                let r = add(column!($k), carry);
                carry = shr::<29>(r);
                and(r, mask)
            }};
        }
        let low = [
            limb!(0),
            limb!(1),
            limb!(2),
            limb!(3),
            limb!(4),
            limb!(5),
            limb!(6),
            limb!(7),
        ];
        close(low, add(and(top, mask), carry))
    }

    #[inline(always)]
    fn ends_both(self, constant: &[u64; 9], a: &[V; 9], b: &[V; 9]) -> [[V; 2]; 2] {
        [ends(&self.splat(constant), b), ends(a, b)]
    }

    #[inline(always)]
    fn plus_minus(self, a: &[V; 2], b: &[V; 2]) -> [Words<V>; 2] {
        let nineteen = word(19);
        let plus = add(a[1], b[1]);
        simd! {
            let minus = _mm256_sub_epi64(a[1], b[1]);
            let difference = _mm256_sub_epi64(a[0], b[0]);
            [
                Words {
                    low: add(add(a[0], b[0]), mul32(shr::<47>(plus), nineteen)),
                    high: plus,
                },
                Words {
                    low: _mm256_sub_epi64(difference, mul32(shr::<63>(minus), nineteen)),
                    // b may be too small, which made the difference too large
                    high: _mm256_sub_epi64(minus, word(LEFT_OUT)),
                },
            ]
        }
    }

    #[inline(always)]
    fn words(self, a: &[V; 9]) -> Words<V> {
        // twice: the first pass may leave limb 0 above its radix
        let r = normalise(normalise(*a));
        Words {
            low: add(r[0], shl::<29>(r[1])),
            high: add(shl::<24>(r[8]), shr::<5>(r[7])),
        }
    }
}
