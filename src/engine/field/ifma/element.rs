//! Field elements in eight lanes.

use core::arch::x86_64::*;
use std::ops::{Add, Mul};

use super::product::{
    FOLD, MASK47, MASK52, carry, clear, columns, fold, normalise, product, product_both,
};
use super::words::{vector_of, words_of};
use super::{Ifma, V};
use crate::field::{FieldElement, Simd, Vector, Words};

/// Bound of what [`Simd::ends_both`] leaves out of limb 4, in units of bit 208: 608 for the high half of column 8, 608 for
/// its carry, and a carry below 2^4 out of limb 3.
const LEFT_OUT: u64 = 1 << 11;

/// How much too small the words of [`Simd::lows_both`] may be: 19 times what limb 4 would hold from bit 47 up, which is at
/// most 9 · 2^52 of column 4 and 2^52 of column 9 · 608, and 1 for a product of p or more.
const LOW_SHORT: u64 = 19 * (10 * 32 + 1);

/// a + constant: limbs as between operations, but limb 4 below 2^48 + 2^7.
#[inline(always)]
fn sum(a: &[V; 5], constant: &[u64; 5]) -> [V; 5] {
    let mut r = *a;
    for i in 0..5 {
        simd! { r[i] = _mm512_add_epi64(a[i], _mm512_set1_epi64(constant[i] as i64)) };
    }
    carry(r)
}

impl Simd for Ifma {
    type Fe = [V; 5];
    /// Limbs 0 to 3 below 2^52, limb 4 below 2^47 + 2^6.
    type Addend = [V; 5];
    /// Row j is the element times 2^(52 j).
    type Multiplier = [[V; 5]; 5];
    /// Radix 2^52, canonical.
    type Limbs = [u64; 5];
    /// Limb 0 (bits above 51 are anything) and limb 4 (below 2^47).
    type Ends = [V; 2];

    const IN_MEMORY: bool = false;
    const LOW_BITS: u32 = 52;
    const LOW_SHORT: u64 = LOW_SHORT;
    const HIGH_SHORT: u64 = LEFT_OUT + 2;

    fn limbs(value: &FieldElement) -> [u64; 5] {
        core::array::from_fn(|i| value.bits(52 * i, if i == 4 { 47 } else { 52 }))
    }

    #[inline(always)]
    fn splat(self, value: &[u64; 5]) -> [V; 5] {
        value.map(|limb| self.word(limb))
    }

    fn insert(self, vector: &mut [V; 5], lane: usize, value: &FieldElement) {
        for (limbs, limb) in vector.iter_mut().zip(Self::limbs(value)) {
            let mut words = words_of(*limbs);
            words[lane] = limb;
            *limbs = vector_of(words);
        }
    }

    fn extract(self, vector: &[V; 5], lane: usize) -> FieldElement {
        let limbs = vector.map(|limb| words_of(limb)[lane]);
        let radix = FieldElement::from_u32(1 << 26).square();
        limbs
            .iter()
            .enumerate()
            .rev()
            .fold(FieldElement::ZERO, |value, (i, limb)| {
                let limb = if i < 4 { limb & MASK52 } else { *limb };
                let low = FieldElement([limb & ((1 << 51) - 1), limb >> 51, 0, 0, 0]);
                value.mul(radix).add(low)
            })
    }

    #[inline(always)]
    fn add(self, a: &[V; 5], b: &[V; 5]) -> [V; 5] {
        let (a, b) = (clear(*a), clear(*b));
        normalise(core::array::from_fn(|i| self.word_add(a[i], b[i])))
    }

    #[inline(always)]
    fn sub(self, a: &[V; 5], b: &[V; 5]) -> [V; 5] {
        // 4 p in limbs of which none is below a limb of b: 2^54 − 76, 2^54 − 4 … 2^49 − 4
        const FOUR_P: [u64; 5] = [
            (1 << 54) - 76,
            (1 << 54) - 4,
            (1 << 54) - 4,
            (1 << 54) - 4,
            (1 << 49) - 4,
        ];
        let (a, b) = (clear(*a), clear(*b));
        normalise(core::array::from_fn(|i| {
            simd! { _mm512_sub_epi64(_mm512_add_epi64(a[i], self.word(FOUR_P[i])), b[i]) }
        }))
    }

    /// Column 9 is the high half of a_4 · b_4, below 2^42 + 2^2: times 608 it is below 2^52.
    #[inline(always)]
    fn mul(self, a: &[V; 5], b: &[V; 5]) -> [V; 5] {
        let c = product(a, b);
        let mut r = fold(&c);
        simd! { r[4] = _mm512_madd52lo_epu64(r[4], c[9], _mm512_set1_epi64(FOLD as i64)); }
        normalise(r)
    }

    #[inline(always)]
    fn addend(self, a: &[V; 5]) -> [V; 5] {
        clear(*a)
    }

    /// Column 9 of a product with a sum is below 2^43 + 2^3: times 304 it is below 2^52, and it is added twice.
    #[inline(always)]
    fn mul_both(
        self,
        [a, b]: [&[V; 5]; 2],
        addend: &[V; 5],
        constant: &[u64; 5],
        [next, out]: [&mut [V; 5]; 2],
    ) {
        let (c, d) = product_both(a, b, a, &sum(addend, constant));
        let (mut r, mut q) = (fold(&c), fold(&d));
        simd! {
            let whole = _mm512_set1_epi64(FOLD as i64);
            let half = _mm512_set1_epi64(FOLD as i64 / 2);
            r[4] = _mm512_madd52lo_epu64(r[4], c[9], whole);
            q[4] = _mm512_madd52lo_epu64(q[4], d[9], half);
            q[4] = _mm512_madd52lo_epu64(q[4], d[9], half);
        }
        *next = normalise(q);
        *out = normalise(r);
    }

    #[inline(always)]
    fn mul_sums(
        self,
        a: &[[V; 5]; 2],
        addends: [&[V; 5]; 2],
        constant: &[u64; 5],
        out: &mut [[V; 5]; 2],
    ) {
        let (s, t) = (sum(addends[0], constant), sum(addends[1], constant));
        let (c, d) = product_both(&a[0], &s, &a[1], &t);
        let (mut r, mut q) = (fold(&c), fold(&d));
        simd! {
            let half = _mm512_set1_epi64(FOLD as i64 / 2);
            r[4] = _mm512_madd52lo_epu64(r[4], c[9], half);
            q[4] = _mm512_madd52lo_epu64(q[4], d[9], half);
            r[4] = _mm512_madd52lo_epu64(r[4], c[9], half);
            q[4] = _mm512_madd52lo_epu64(q[4], d[9], half);
        }
        *out = [normalise(r), normalise(q)];
    }

    #[inline(always)]
    fn multiplier(self, a: &[V; 5]) -> [[V; 5]; 5] {
        let radix = self.splat(&[0, 1, 0, 0, 0]);
        let mut rows = [*a; 5];
        for j in 1..5 {
            rows[j] = self.mul(&rows[j - 1], &radix);
        }
        rows
    }

    /// Σ_j constant_j · row_j: nothing but column 5 needs to be folded, and that is below 5 · 2^47.
    #[inline(always)]
    fn mul_constant(self, multiplier: &[[V; 5]; 5], constant: &[u64; 5], out: &mut [V; 5]) {
        simd! {
            let mut c = [_mm512_setzero_si512(); 6];
            macro_rules! row {
                ($j:literal) => {
                    let x = self.word(constant[$j]);
                    let row = &multiplier[$j];
                    columns!(c, row, [x], (0, 0), (1, 0), (2, 0), (3, 0), (4, 0));
                };
            }
            row!(0);
            row!(1);
            row!(2);
            row!(3);
            row!(4);
            let fold = _mm512_set1_epi64(FOLD as i64);
            *out = normalise([
                _mm512_madd52lo_epu64(c[0], c[5], fold),
                _mm512_madd52hi_epu64(c[1], c[5], fold),
                c[2],
                c[3],
                c[4],
            ]);
        }
    }

    /// Limb 0 needs columns 0, 5 and what limb 4 holds above bit 46; limb 4 needs columns 4 and 9. What columns 3 and
    /// 8 would add to limb 4 is left out: it is too small by less than [`LEFT_OUT`].
    #[inline(always)]
    fn ends_both(self, constant: &[u64; 5], a: &[V; 5], b: &[V; 5]) -> [[V; 2]; 2] {
        let k = self.splat(constant);
        simd! {
            let fold = _mm512_set1_epi64(FOLD as i64);
            let nineteen = _mm512_set1_epi64(19);
            let mask = _mm512_set1_epi64(MASK47 as i64);
            let zero = _mm512_setzero_si512();
            let (mut p4, mut p5, mut q4, mut q5) = (zero, zero, zero, zero);
            macro_rules! lo { ($c:ident, $d:ident, $i:literal, $j:literal) => {
                $c = _mm512_madd52lo_epu64($c, k[$i], b[$j]);
                $d = _mm512_madd52lo_epu64($d, a[$i], b[$j]);
            } }
            macro_rules! hi { ($c:ident, $d:ident, $i:literal, $j:literal) => {
                $c = _mm512_madd52hi_epu64($c, k[$i], b[$j]);
                $d = _mm512_madd52hi_epu64($d, a[$i], b[$j]);
            } }
            lo!(p4, q4, 0, 4); lo!(p5, q5, 1, 4);
            hi!(p4, q4, 0, 3); hi!(p5, q5, 0, 4);
            lo!(p4, q4, 1, 3); lo!(p5, q5, 2, 3);
            hi!(p4, q4, 1, 2); hi!(p5, q5, 1, 3);
            lo!(p4, q4, 2, 2); lo!(p5, q5, 3, 2);
            hi!(p4, q4, 2, 1); hi!(p5, q5, 2, 2);
            lo!(p4, q4, 3, 1); lo!(p5, q5, 4, 1);
            hi!(p4, q4, 3, 0); hi!(p5, q5, 3, 1);
            lo!(p4, q4, 4, 0); hi!(p5, q5, 4, 0);
            let p9 = _mm512_madd52hi_epu64(zero, k[4], b[4]);
            let q9 = _mm512_madd52hi_epu64(zero, a[4], b[4]);
            p4 = _mm512_madd52lo_epu64(p4, p9, fold);
            q4 = _mm512_madd52lo_epu64(q4, q9, fold);
            let p0 = _mm512_madd52lo_epu64(_mm512_madd52lo_epu64(zero, k[0], b[0]), p5, fold);
            let q0 = _mm512_madd52lo_epu64(_mm512_madd52lo_epu64(zero, a[0], b[0]), q5, fold);
            [
                [_mm512_madd52lo_epu64(p0, _mm512_srli_epi64::<47>(p4), nineteen), _mm512_and_si512(p4, mask)],
                [_mm512_madd52lo_epu64(q0, _mm512_srli_epi64::<47>(q4), nineteen), _mm512_and_si512(q4, mask)],
            ]
        }
    }

    /// Columns 0 and 5: what limb 4 would hold from bit 47 up is left out.
    #[inline(always)]
    fn lows_both(self, constant: &[u64; 5], a: &[V; 5], b: &[V; 5]) -> [V; 2] {
        let k = self.splat(constant);
        simd! {
            let zero = _mm512_setzero_si512();
            let (mut p, mut q) = (zero, zero);
            macro_rules! lo { ($($i:literal $j:literal),*) => { $(
                p = _mm512_madd52lo_epu64(p, k[$i], b[$j]);
                q = _mm512_madd52lo_epu64(q, a[$i], b[$j]);
            )* } }
            macro_rules! hi { ($($i:literal $j:literal),*) => { $(
                p = _mm512_madd52hi_epu64(p, k[$i], b[$j]);
                q = _mm512_madd52hi_epu64(q, a[$i], b[$j]);
            )* } }
            lo!(1 4, 2 3, 3 2, 4 1);
            hi!(0 4, 1 3, 2 2, 3 1, 4 0);
            let fold = _mm512_set1_epi64(FOLD as i64);
            [
                _mm512_madd52lo_epu64(_mm512_madd52lo_epu64(zero, k[0], b[0]), p, fold),
                _mm512_madd52lo_epu64(_mm512_madd52lo_epu64(zero, a[0], b[0]), q, fold),
            ]
        }
    }

    /// Columns 4 and 9, as in [`Simd::ends_both`].
    #[inline(always)]
    fn highs_both(self, constant: &[u64; 5], a: &[V; 5], b: &[V; 5]) -> [V; 2] {
        let k = self.splat(constant);
        simd! {
            let zero = _mm512_setzero_si512();
            let (mut p, mut q) = (zero, zero);
            macro_rules! lo { ($($i:literal $j:literal),*) => { $(
                p = _mm512_madd52lo_epu64(p, k[$i], b[$j]);
                q = _mm512_madd52lo_epu64(q, a[$i], b[$j]);
            )* } }
            macro_rules! hi { ($($i:literal $j:literal),*) => { $(
                p = _mm512_madd52hi_epu64(p, k[$i], b[$j]);
                q = _mm512_madd52hi_epu64(q, a[$i], b[$j]);
            )* } }
            lo!(0 4, 1 3, 2 2, 3 1, 4 0);
            hi!(0 3, 1 2, 2 1, 3 0);
            let fold = _mm512_set1_epi64(FOLD as i64);
            let p9 = _mm512_madd52hi_epu64(zero, k[4], b[4]);
            let q9 = _mm512_madd52hi_epu64(zero, a[4], b[4]);
            [_mm512_madd52lo_epu64(p, p9, fold), _mm512_madd52lo_epu64(q, q9, fold)]
        }
    }

    #[inline(always)]
    fn plus_minus(self, a: &[V; 2], b: &[V; 2]) -> [Words<V>; 2] {
        simd! {
            let nineteen = _mm512_set1_epi64(19);
            let plus = _mm512_add_epi64(a[1], b[1]);
            let minus = _mm512_sub_epi64(a[1], b[1]);
            let sum = _mm512_add_epi64(a[0], b[0]);
            let difference = _mm512_sub_epi64(a[0], b[0]);
            let borrow = _mm512_cmplt_epu64_mask(a[1], b[1]);
            [
                Words {
                    low: _mm512_madd52lo_epu64(sum, _mm512_srli_epi64::<47>(plus), nineteen),
                    high: plus,
                },
                Words {
                    low: _mm512_mask_sub_epi64(difference, borrow, difference, nineteen),
                    // b may be too small, which made the difference too large
                    high: _mm512_sub_epi64(minus, _mm512_set1_epi64(LEFT_OUT as i64)),
                },
            ]
        }
    }

    #[inline(always)]
    fn words(self, a: &[V; 5]) -> Words<V> {
        // once more, so that only a value of 2^255 and up (probability near 2^-40) is not reduced
        let r = normalise(clear(*a));
        Words {
            low: r[0],
            high: r[4],
        }
    }
}
