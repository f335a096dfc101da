//! Four lanes with AVX2: 32-bit products on radix 2^29.
//!
//! Nine limbs, value = Σ l_i · 2^(29 i), each in a 64-bit word of its own. Between operations limb 0 is below
//! 2^29 + 2^16, limbs 1 to 7 below 2^29 and limb 8 below 2^23 + 1; an unreduced sum of two has limbs below 2^30 + 2^17.
//!
//! Column k of a product gathers a_i · b_j for i + j = k: at most nine terms, below 9 · 2^59.1 < 2^63. Columns 8 to 16
//! are carried, so that columns 9 to 17 are below 2^29 and fold into 0 to 8 by 2^261 = 1216 modulo p; then limbs 0 to
//! 8 are carried, and what limb 8 holds from bit 23 up (below 2^13) folds into limb 0 times 19.

#![allow(unsafe_code)]

use std::ops::{Add, Mul};

use core::arch::x86_64::*;

use super::element::FieldElement;
use super::{MAX_LANES, Simd, Words};

/// Bits 0 to 28.
const MASK29: u64 = (1 << 29) - 1;
/// Bits 0 to 22, what limb 8 holds below bit 255.
const MASK23: u64 = (1 << 23) - 1;
/// 2^261 modulo p.
const FOLD: u64 = 1216;
/// Bound of what [`Simd::ends`] leaves out, in units of bit 208: the carry into column 6 (below 2^5 units of limb 7),
/// the folds of columns 14 and 15 (below 2^11 each) and the bits that the shift by 5 drops.
const LEFT_OUT: u64 = 1 << 8;

/// Four 64-bit words.
type V = __m256i;

/// The token of this implementation: it exists only where the processor has what it needs.
#[derive(Clone, Copy, Debug)]
pub struct Avx2(());

impl Avx2 {
    /// The token, where the processor has AVX2.
    pub fn detect() -> Option<Self> {
        is_x86_feature_detected!("avx2").then_some(Self(()))
    }
}

/// Calls intrinsics.
macro_rules! simd {
    ($($body:tt)*) => {
        // SAFETY: these intrinsics need only the feature that `Avx2::detect` found before it made the token
        unsafe { $($body)* }
    };
}

#[inline(always)]
fn word(value: u64) -> V {
    simd! { _mm256_set1_epi64x(value as i64) }
}

#[inline(always)]
fn add(a: V, b: V) -> V {
    simd! { _mm256_add_epi64(a, b) }
}

#[inline(always)]
fn and(a: V, b: V) -> V {
    simd! { _mm256_and_si256(a, b) }
}

/// The product of the low 32 bits.
#[inline(always)]
fn mul32(a: V, b: V) -> V {
    simd! { _mm256_mul_epu32(a, b) }
}

#[inline(always)]
fn shr<const COUNT: i32>(a: V) -> V {
    simd! { _mm256_srli_epi64::<COUNT>(a) }
}

#[inline(always)]
fn shl<const COUNT: i32>(a: V) -> V {
    simd! { _mm256_slli_epi64::<COUNT>(a) }
}

/// Column K of a · b.
#[inline(always)]
fn column<const K: usize>(a: &[V; 9], b: &[V; 9]) -> V {
    let (mut i, last) = (K.saturating_sub(8), if K < 8 { K } else { 8 });
    let mut sum = mul32(a[i], b[K - i]);
    while i < last {
        i += 1;
        sum = add(sum, mul32(a[i], b[K - i]));
    }
    sum
}

/// Carries limbs 0 to 7 upward, then folds limb 8 from bit 23 up, which must be below 2^32 by then.
#[inline(always)]
fn normalise(mut r: [V; 9]) -> [V; 9] {
    let mask = word(MASK29);
    macro_rules! carry {
        ($($k:literal),*) => { $(
            r[$k + 1] = add(r[$k + 1], shr::<29>(r[$k]));
            r[$k] = and(r[$k], mask);
        )* };
    }
    carry!(0, 1, 2, 3, 4, 5, 6, 7);
    r[0] = add(r[0], mul32(shr::<23>(r[8]), word(19)));
    r[8] = and(r[8], word(MASK23));
    r
}

/// The vector as four words.
#[inline(always)]
fn words_of(v: V) -> [u64; 4] {
    // SAFETY: both are 32 bytes without padding, and every bit pattern is valid for either
    unsafe { core::mem::transmute(v) }
}

/// Four words as a vector.
#[inline(always)]
fn vector_of(words: [u64; 4]) -> V {
    // SAFETY: both are 32 bytes without padding, and every bit pattern is valid for either
    unsafe { core::mem::transmute(words) }
}

/// a · b for limbs below 2^30.1.
#[inline(always)]
fn product(a: &[V; 9], b: &[V; 9]) -> [V; 9] {
    let (mask, fold) = (word(MASK29), word(FOLD));
    let c8 = column::<8>(a, b);
    let mut carry = shr::<29>(c8);
    macro_rules! upper {
        ($($k:literal),*) => { [ $( {
            let c = add(column::<$k>(a, b), carry);
            carry = shr::<29>(c);
            mul32(and(c, mask), fold)
        } ),* ] };
    }
    let high = upper!(9, 10, 11, 12, 13, 14, 15, 16);
    normalise([
        add(column::<0>(a, b), high[0]),
        add(column::<1>(a, b), high[1]),
        add(column::<2>(a, b), high[2]),
        add(column::<3>(a, b), high[3]),
        add(column::<4>(a, b), high[4]),
        add(column::<5>(a, b), high[5]),
        add(column::<6>(a, b), high[6]),
        add(column::<7>(a, b), high[7]),
        // the carry out of column 16 is below 2^20
        add(and(c8, mask), mul32(carry, fold)),
    ])
}

/// Runs `f` where the compiler may use AVX2.
#[target_feature(enable = "avx2")]
fn with_features<R>(f: impl FnOnce() -> R) -> R {
    f()
}

impl Simd for Avx2 {
    const LANES: usize = 4;
    type Word = V;
    type Fe = [V; 9];
    type Addend = [V; 9];
    type Sum = [V; 9];
    /// Row j is the element times 2^(29 j).
    type Multiplier = [[V; 9]; 9];
    /// Radix 2^29, canonical.
    type Limbs = [u64; 9];
    /// The low 64 bits of limbs 0 and 1, and bits 208 to 254 of limbs 7 and 8.
    type Ends = [V; 2];

    #[inline(always)]
    fn vectorize<R>(self, f: impl FnOnce() -> R) -> R {
        // SAFETY: the token was made where this feature was found
        unsafe { with_features(f) }
    }

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
        product(a, b)
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
    fn mul_sum(self, a: &[V; 9], sum: &[V; 9]) -> [V; 9] {
        product(a, sum)
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
        macro_rules! limb {
            ($k:literal) => {{
                let mut sum = mul32(multiplier[0][$k], x[0]);
                for j in 1..9 {
                    sum = add(sum, mul32(multiplier[j][$k], x[j]));
                }
                sum
            }};
        }
        let top = limb!(8);
        let over = mul32(shr::<29>(top), word(FOLD));
        normalise([
            add(limb!(0), over),
            limb!(1),
            limb!(2),
            limb!(3),
            limb!(4),
            limb!(5),
            limb!(6),
            limb!(7),
            and(top, word(MASK29)),
        ])
    }

    /// Limbs 0, 1, 7 and 8 need columns 0, 1, 7, 8 and, folded, 9, 10, 16 and 17; columns 6 and 15 are there for their
    /// carries. What is left out makes the top too small by less than [`LEFT_OUT`].
    #[inline(always)]
    fn ends(self, a: &[V; 9], b: &[V; 9]) -> [V; 2] {
        let (mask, fold) = (word(MASK29), word(FOLD));
        let c8 = column::<8>(a, b);
        let c9 = add(column::<9>(a, b), shr::<29>(c8));
        let c10 = add(column::<10>(a, b), shr::<29>(c9));
        let c16 = add(column::<16>(a, b), shr::<29>(column::<15>(a, b)));
        let c7 = add(column::<7>(a, b), shr::<29>(column::<6>(a, b)));
        let r7 = add(c7, mul32(and(c16, mask), fold));
        let r8 = add(
            add(and(c8, mask), mul32(shr::<29>(c16), fold)),
            shr::<29>(r7),
        );
        let top = shr::<23>(r8);
        let r0 = add(column::<0>(a, b), mul32(and(c9, mask), fold));
        let r0 = add(r0, mul32(top, word(19)));
        let r1 = add(column::<1>(a, b), mul32(and(c10, mask), fold));
        [
            add(r0, shl::<29>(r1)),
            add(shl::<24>(and(r8, word(MASK23))), shr::<5>(and(r7, mask))),
        ]
    }

    #[inline(always)]
    fn ends_constant(self, constant: &[u64; 9], b: &[V; 9]) -> [V; 2] {
        self.ends(&self.splat(constant), b)
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

    #[inline(always)]
    fn word(self, value: u64) -> V {
        word(value)
    }

    #[inline(always)]
    fn store(self, word: V, out: &mut [u64; MAX_LANES]) {
        out[..4].copy_from_slice(&words_of(word));
    }

    #[inline(always)]
    fn word_add(self, a: V, b: V) -> V {
        add(a, b)
    }

    #[inline(always)]
    fn word_xor(self, a: V, b: V) -> V {
        simd! { _mm256_xor_si256(a, b) }
    }

    #[inline(always)]
    fn word_and(self, a: V, b: V) -> V {
        and(a, b)
    }

    #[inline(always)]
    fn word_shr(self, a: V, count: u32) -> V {
        simd! { _mm256_srl_epi64(a, _mm_cvtsi64_si128(i64::from(count))) }
    }

    #[inline(always)]
    fn word_swap_bytes(self, a: V) -> V {
        const ORDER: [u64; 4] = [
            0x0001_0203_0405_0607,
            0x0809_0a0b_0c0d_0e0f,
            0x0001_0203_0405_0607,
            0x0809_0a0b_0c0d_0e0f,
        ];
        simd! { _mm256_shuffle_epi8(a, vector_of(ORDER)) }
    }

    #[inline(always)]
    fn word_swap_nibbles(self, a: V) -> V {
        let low = word(0x0f0f_0f0f_0f0f_0f0f);
        simd! { _mm256_or_si256(shl::<4>(and(a, low)), and(shr::<4>(a), low)) }
    }

    #[inline(always)]
    fn lanes_without(self, a: V, b: V) -> u32 {
        simd! {
            let empty = _mm256_cmpeq_epi64(and(a, b), _mm256_setzero_si256());
            _mm256_movemask_pd(_mm256_castsi256_pd(empty)) as u32
        }
    }

    #[inline(always)]
    fn lanes_in_bitmap(self, bitmap: &[u64], index: V) -> u32 {
        simd! {
            // no lane reads outside: the index is below 2^bits by contract, and is cut again by the mask
            debug_assert!(bitmap.len().is_power_of_two());
            let at = and(shr::<6>(index), word(bitmap.len() as u64 - 1));
            let words = _mm256_i64gather_epi64::<8>(bitmap.as_ptr().cast(), at);
            // the bit of the index becomes the sign bit
            let count = and(_mm256_sub_epi64(word(63), index), word(63));
            let signs = _mm256_sllv_epi64(words, count);
            _mm256_movemask_pd(_mm256_castsi256_pd(signs)) as u32
        }
    }
}
