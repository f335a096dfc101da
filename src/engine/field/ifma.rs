//! Eight lanes with AVX-512 IFMA: 52-bit multiply-adds on radix 2^52.
//!
//! Five limbs, value = Σ l_i · 2^(52 i). The multiply-add instructions read the low 52 bits of each factor's limb, so
//! limbs 0 to 3 may carry anything above bit 51 (their carries are already in the next limb): no masks are needed
//! between products. Limb 4 is below 2^47 + 2^6, which bounds the value by 2^255 + 2^215.
//!
//! Column k of a product gathers the low halves of a_i · b_j for i + j = k and the high halves for i + j = k − 1: at
//! most nine terms, below 2^56. Columns 5 to 8 fold into 0 to 4 by 2^260 = 608 modulo p, again with multiply-adds:
//! low half, high half, and the bits above 52 (at most 9, times 608 below 2^13). The bits of limb 4 from 47 up fold
//! into limb 0 times 19.

#![allow(unsafe_code)]

use std::ops::{Add, Mul};

use core::arch::x86_64::*;

use super::element::FieldElement;
use super::{MAX_LANES, Simd, Words};

/// Bits 0 to 51.
const MASK52: u64 = (1 << 52) - 1;
/// Bits 0 to 46, what limb 4 holds below bit 255.
const MASK47: u64 = (1 << 47) - 1;
/// 2^260 modulo p.
const FOLD: u64 = 608;
/// Bound of what [`Simd::ends`] leaves out of limb 4, in units of bit 208: 608 for the high half of column 8, 608 for
/// its carry, and a carry below 2^4 out of limb 3.
const LEFT_OUT: u64 = 1 << 11;

/// Eight 64-bit words.
type V = __m512i;

/// The token of this implementation: it exists only where the processor has what it needs.
#[derive(Clone, Copy, Debug)]
pub struct Ifma(());

impl Ifma {
    /// The token, where the processor has AVX-512 F, BW and IFMA.
    pub fn detect() -> Option<Self> {
        (is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512ifma"))
        .then_some(Self(()))
    }
}

/// Calls intrinsics.
macro_rules! simd {
    ($($body:tt)*) => {
        // SAFETY: these intrinsics need only the features that `Ifma::detect` found before it made the token
        unsafe { $($body)* }
    };
}

/// Adds the low halves of a_i · b_j to column i + j and the high halves to column i + j + 1.
macro_rules! columns {
    ($c:ident, $a:expr, $b:expr, $(($i:literal, $j:literal)),*) => {
        $(
            $c[$i + $j] = _mm512_madd52lo_epu64($c[$i + $j], $a[$i], $b[$j]);
            $c[$i + $j + 1] = _mm512_madd52hi_epu64($c[$i + $j + 1], $a[$i], $b[$j]);
        )*
    };
}

/// The ten columns of a · b.
#[inline(always)]
fn product(a: &[V; 5], b: &[V; 5]) -> [V; 10] {
    simd! {
        let mut c = [_mm512_setzero_si512(); 10];
        columns!(
            c, a, b,
            (0, 0), (0, 1), (0, 2), (0, 3), (0, 4),
            (1, 0), (1, 1), (1, 2), (1, 3), (1, 4),
            (2, 0), (2, 1), (2, 2), (2, 3), (2, 4),
            (3, 0), (3, 1), (3, 2), (3, 3), (3, 4),
            (4, 0), (4, 1), (4, 2), (4, 3), (4, 4)
        );
        c
    }
}

/// The columns of a · b and of c · d, row by row in turn: neither waits for its own accumulators.
#[inline(always)]
fn product_both(a: &[V; 5], b: &[V; 5], c: &[V; 5], d: &[V; 5]) -> ([V; 10], [V; 10]) {
    simd! {
        let mut p = [_mm512_setzero_si512(); 10];
        let mut q = [_mm512_setzero_si512(); 10];
        macro_rules! rows {
            ($($i:literal),*) => { $(
                columns!(p, a, b, ($i, 0), ($i, 1), ($i, 2), ($i, 3), ($i, 4));
                columns!(q, c, d, ($i, 0), ($i, 1), ($i, 2), ($i, 3), ($i, 4));
            )* };
        }
        rows!(0, 1, 2, 3, 4);
        (p, q)
    }
}

/// Folds columns 5 to 8 into limbs 0 to 4; column 9 is left to the caller.
#[inline(always)]
fn fold(c: &[V; 10]) -> [V; 5] {
    simd! {
        let fold = _mm512_set1_epi64(FOLD as i64);
        let mut r = [c[0], c[1], c[2], c[3], c[4]];
        r[0] = _mm512_madd52lo_epu64(r[0], c[5], fold);
        r[1] = _mm512_madd52lo_epu64(r[1], c[6], fold);
        r[2] = _mm512_madd52lo_epu64(r[2], c[7], fold);
        r[3] = _mm512_madd52lo_epu64(r[3], c[8], fold);
        r[1] = _mm512_madd52hi_epu64(r[1], c[5], fold);
        r[2] = _mm512_madd52hi_epu64(r[2], c[6], fold);
        r[3] = _mm512_madd52hi_epu64(r[3], c[7], fold);
        r[4] = _mm512_madd52hi_epu64(r[4], c[8], fold);
        r[1] = _mm512_madd52lo_epu64(r[1], _mm512_srli_epi64::<52>(c[5]), fold);
        r[2] = _mm512_madd52lo_epu64(r[2], _mm512_srli_epi64::<52>(c[6]), fold);
        r[3] = _mm512_madd52lo_epu64(r[3], _mm512_srli_epi64::<52>(c[7]), fold);
        r[4] = _mm512_madd52lo_epu64(r[4], _mm512_srli_epi64::<52>(c[8]), fold);
        r
    }
}

/// Brings limbs below 2^63 to the form between operations: bit 255 and up to limb 0, then one carry chain.
///
/// Limb 4 ends below 2^47 + 2^11 in general and below 2^47 + 2^5 after a product, whose limbs are below 2^57.
#[inline(always)]
fn normalise(mut r: [V; 5]) -> [V; 5] {
    simd! {
        let top = _mm512_srli_epi64::<47>(r[4]);
        r[4] = _mm512_and_si512(r[4], _mm512_set1_epi64(MASK47 as i64));
        r[0] = _mm512_madd52lo_epu64(r[0], top, _mm512_set1_epi64(19));
        carry(r)
    }
}

/// Adds the bits of limbs 0 to 3 above 52 to the next limb, without clearing them.
#[inline(always)]
fn carry(mut r: [V; 5]) -> [V; 5] {
    simd! {
        r[1] = _mm512_add_epi64(r[1], _mm512_srli_epi64::<52>(r[0]));
        r[2] = _mm512_add_epi64(r[2], _mm512_srli_epi64::<52>(r[1]));
        r[3] = _mm512_add_epi64(r[3], _mm512_srli_epi64::<52>(r[2]));
        r[4] = _mm512_add_epi64(r[4], _mm512_srli_epi64::<52>(r[3]));
        r
    }
}

/// Clears what limbs 0 to 3 carry above bit 51.
#[inline(always)]
fn clear(mut r: [V; 5]) -> [V; 5] {
    simd! {
        for limb in &mut r[..4] {
            *limb = _mm512_and_si512(*limb, _mm512_set1_epi64(MASK52 as i64));
        }
        r
    }
}

/// The vector as eight words.
#[inline(always)]
fn words_of(v: V) -> [u64; 8] {
    // SAFETY: both are 64 bytes without padding, and every bit pattern is valid for either
    unsafe { core::mem::transmute(v) }
}

/// Eight words as a vector.
#[inline(always)]
fn vector_of(words: [u64; 8]) -> V {
    // SAFETY: both are 64 bytes without padding, and every bit pattern is valid for either
    unsafe { core::mem::transmute(words) }
}

/// Runs `f` where the compiler may use the features of [`Ifma::detect`].
#[target_feature(enable = "avx512f,avx512bw,avx512ifma")]
fn with_features<R>(f: impl FnOnce() -> R) -> R {
    f()
}

impl Simd for Ifma {
    const LANES: usize = 8;
    type Word = V;
    type Fe = [V; 5];
    /// Limbs 0 to 3 below 2^52, limb 4 below 2^47 + 2^6.
    type Addend = [V; 5];
    /// Limbs as between operations, but limb 4 below 2^48 + 2^7.
    type Sum = [V; 5];
    /// Row j is the element times 2^(52 j).
    type Multiplier = [[V; 5]; 5];
    /// Radix 2^52, canonical.
    type Limbs = [u64; 5];
    /// Limb 0 (bits above 51 are anything) and limb 4 (below 2^47).
    type Ends = [V; 2];

    #[inline(always)]
    fn vectorize<R>(self, f: impl FnOnce() -> R) -> R {
        // SAFETY: the token was made where these features were found
        unsafe { with_features(f) }
    }

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

    #[inline(always)]
    fn sum(self, a: &[V; 5], constant: &[u64; 5]) -> [V; 5] {
        carry(core::array::from_fn(|i| {
            self.word_add(a[i], self.word(constant[i]))
        }))
    }

    /// Column 9 is below 2^43 + 2^3 here: times 304 it is below 2^52, and it is added twice.
    #[inline(always)]
    fn mul_sum(self, a: &[V; 5], sum: &[V; 5]) -> [V; 5] {
        let c = product(a, sum);
        let mut r = fold(&c);
        simd! {
            let half = _mm512_set1_epi64(FOLD as i64 / 2);
            r[4] = _mm512_madd52lo_epu64(r[4], c[9], half);
            r[4] = _mm512_madd52lo_epu64(r[4], c[9], half);
        }
        normalise(r)
    }

    #[inline(always)]
    fn mul_both(self, a: &[V; 5], b: &[V; 5], sum: &[V; 5]) -> ([V; 5], [V; 5]) {
        let (c, d) = product_both(a, b, a, sum);
        let (mut r, mut q) = (fold(&c), fold(&d));
        simd! {
            let whole = _mm512_set1_epi64(FOLD as i64);
            let half = _mm512_set1_epi64(FOLD as i64 / 2);
            r[4] = _mm512_madd52lo_epu64(r[4], c[9], whole);
            q[4] = _mm512_madd52lo_epu64(q[4], d[9], half);
            q[4] = _mm512_madd52lo_epu64(q[4], d[9], half);
        }
        (normalise(r), normalise(q))
    }

    #[inline(always)]
    fn mul_sums(self, a: &[V; 5], s: &[V; 5], b: &[V; 5], t: &[V; 5]) -> [[V; 5]; 2] {
        let (c, d) = product_both(a, s, b, t);
        let (mut r, mut q) = (fold(&c), fold(&d));
        simd! {
            let half = _mm512_set1_epi64(FOLD as i64 / 2);
            r[4] = _mm512_madd52lo_epu64(r[4], c[9], half);
            q[4] = _mm512_madd52lo_epu64(q[4], d[9], half);
            r[4] = _mm512_madd52lo_epu64(r[4], c[9], half);
            q[4] = _mm512_madd52lo_epu64(q[4], d[9], half);
        }
        [normalise(r), normalise(q)]
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
    fn mul_constant(self, multiplier: &[[V; 5]; 5], constant: &[u64; 5]) -> [V; 5] {
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
            normalise([
                _mm512_madd52lo_epu64(c[0], c[5], fold),
                _mm512_madd52hi_epu64(c[1], c[5], fold),
                c[2],
                c[3],
                c[4],
            ])
        }
    }

    /// Limb 0 needs columns 0, 5 and what limb 4 holds above bit 46; limb 4 needs columns 4 and 9. What columns 3 and
    /// 8 would add to limb 4 is left out: it is too small by less than [`LEFT_OUT`].
    #[inline(always)]
    fn ends(self, a: &[V; 5], b: &[V; 5]) -> [V; 2] {
        simd! {
            let fold = _mm512_set1_epi64(FOLD as i64);
            let zero = _mm512_setzero_si512();
            let (mut c4, mut c5) = (zero, zero);
            macro_rules! lo { ($c:ident, $i:literal, $j:literal) => { $c = _mm512_madd52lo_epu64($c, a[$i], b[$j]); } }
            macro_rules! hi { ($c:ident, $i:literal, $j:literal) => { $c = _mm512_madd52hi_epu64($c, a[$i], b[$j]); } }
            lo!(c5, 1, 4); lo!(c5, 2, 3); lo!(c5, 3, 2); lo!(c5, 4, 1);
            hi!(c5, 0, 4); hi!(c5, 1, 3); hi!(c5, 2, 2); hi!(c5, 3, 1); hi!(c5, 4, 0);
            lo!(c4, 0, 4); lo!(c4, 1, 3); lo!(c4, 2, 2); lo!(c4, 3, 1); lo!(c4, 4, 0);
            hi!(c4, 0, 3); hi!(c4, 1, 2); hi!(c4, 2, 1); hi!(c4, 3, 0);
            let c9 = _mm512_madd52hi_epu64(zero, a[4], b[4]);
            let c0 = _mm512_madd52lo_epu64(zero, a[0], b[0]);
            c4 = _mm512_madd52lo_epu64(c4, c9, fold);
            let low = _mm512_madd52lo_epu64(c0, c5, fold);
            let top = _mm512_srli_epi64::<47>(c4);
            [
                _mm512_madd52lo_epu64(low, top, _mm512_set1_epi64(19)),
                _mm512_and_si512(c4, _mm512_set1_epi64(MASK47 as i64)),
            ]
        }
    }

    #[inline(always)]
    fn ends_constant(self, constant: &[u64; 5], b: &[V; 5]) -> [V; 2] {
        self.ends(&self.splat(constant), b)
    }

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

    #[inline(always)]
    fn word(self, value: u64) -> V {
        simd! { _mm512_set1_epi64(value as i64) }
    }

    #[inline(always)]
    fn store(self, word: V, out: &mut [u64; MAX_LANES]) {
        *out = words_of(word);
    }

    #[inline(always)]
    fn word_add(self, a: V, b: V) -> V {
        simd! { _mm512_add_epi64(a, b) }
    }

    #[inline(always)]
    fn word_xor(self, a: V, b: V) -> V {
        simd! { _mm512_xor_si512(a, b) }
    }

    #[inline(always)]
    fn word_and(self, a: V, b: V) -> V {
        simd! { _mm512_and_si512(a, b) }
    }

    #[inline(always)]
    fn word_shr(self, a: V, count: u32) -> V {
        simd! { _mm512_srl_epi64(a, _mm_cvtsi64_si128(i64::from(count))) }
    }

    #[inline(always)]
    fn word_swap_bytes(self, a: V) -> V {
        const ORDER: [u64; 8] = [
            0x0001_0203_0405_0607,
            0x0809_0a0b_0c0d_0e0f,
            0x0001_0203_0405_0607,
            0x0809_0a0b_0c0d_0e0f,
            0x0001_0203_0405_0607,
            0x0809_0a0b_0c0d_0e0f,
            0x0001_0203_0405_0607,
            0x0809_0a0b_0c0d_0e0f,
        ];
        simd! { _mm512_shuffle_epi8(a, vector_of(ORDER)) }
    }

    #[inline(always)]
    fn word_swap_nibbles(self, a: V) -> V {
        simd! {
            let low = _mm512_set1_epi8(0x0f);
            let up = _mm512_slli_epi64::<4>(_mm512_and_si512(a, low));
            let down = _mm512_and_si512(_mm512_srli_epi64::<4>(a), low);
            _mm512_or_si512(up, down)
        }
    }

    #[inline(always)]
    fn lanes_without(self, a: V, b: V) -> u32 {
        simd! { u32::from(_mm512_testn_epi64_mask(a, b)) }
    }

    #[inline(always)]
    fn lanes_in_bitmap(self, bitmap: &[u64], index: V) -> u32 {
        simd! {
            // no lane reads outside: the index is below 2^bits by contract, and is cut again by the mask
            debug_assert!(bitmap.len().is_power_of_two());
            let within = _mm512_set1_epi64(bitmap.len() as i64 - 1);
            let at = _mm512_and_si512(_mm512_srli_epi64::<6>(index), within);
            let words = _mm512_i64gather_epi64::<8>(at, bitmap.as_ptr().cast());
            let bit = _mm512_sllv_epi64(_mm512_set1_epi64(1), _mm512_and_si512(index, _mm512_set1_epi64(63)));
            u32::from(_mm512_test_epi64_mask(words, bit))
        }
    }
}
