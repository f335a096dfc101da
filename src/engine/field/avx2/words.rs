//! Four 64-bit words: what the filter does with them.

use core::arch::x86_64::*;

use super::{Avx2, Limb, V};
use crate::coarse::IndexSet;
use crate::field::{MAX_LANES, Vector};

#[inline(always)]
pub(in crate::field) fn word(value: u64) -> V {
    simd! { _mm256_set1_epi64x(value as i64) }
}

#[inline(always)]
pub(in crate::field) fn add(a: V, b: V) -> V {
    simd! { _mm256_add_epi64(a, b) }
}

#[inline(always)]
pub(in crate::field) fn and(a: V, b: V) -> V {
    simd! { _mm256_and_si256(a, b) }
}

#[inline(always)]
pub(in crate::field) fn sub(a: V, b: V) -> V {
    simd! { _mm256_sub_epi64(a, b) }
}

/// A word below 2^32 as a factor; of what is above that, nothing counts.
#[inline(always)]
pub(in crate::field) fn limb(a: V) -> Limb {
    a
}

/// A limb as a word.
#[inline(always)]
pub(in crate::field) fn wide(a: Limb) -> V {
    a
}

/// The product of the low 32 bits.
#[inline(always)]
pub(in crate::field) fn mul32(a: Limb, b: Limb) -> V {
    simd! { _mm256_mul_epu32(a, b) }
}

#[inline(always)]
pub(in crate::field) fn shr<const COUNT: i32>(a: V) -> V {
    simd! { _mm256_srli_epi64::<COUNT>(a) }
}

#[inline(always)]
pub(in crate::field) fn shl<const COUNT: i32>(a: V) -> V {
    simd! { _mm256_slli_epi64::<COUNT>(a) }
}

/// The vector as four words.
#[inline(always)]
pub(in crate::field) fn words_of(v: V) -> [u64; 4] {
    // SAFETY: both are 32 bytes without padding, and every bit pattern is valid for either
    unsafe { core::mem::transmute(v) }
}

/// Four words as a vector.
#[inline(always)]
pub(in crate::field) fn vector_of(words: [u64; 4]) -> V {
    // SAFETY: both are 32 bytes without padding, and every bit pattern is valid for either
    unsafe { core::mem::transmute(words) }
}

/// Runs `f` where the compiler may use AVX2.
#[target_feature(enable = "avx2")]
fn with_features<R>(f: impl FnOnce() -> R) -> R {
    f()
}

impl Vector for Avx2 {
    const LANES: usize = 4;
    type Word = V;

    #[inline(always)]
    fn vectorize<R>(self, f: impl FnOnce() -> R) -> R {
        // SAFETY: the token was made where this feature was found
        unsafe { with_features(f) }
    }

    #[inline(always)]
    fn word(self, value: u64) -> V {
        word(value)
    }

    #[inline(always)]
    fn load(self, words: &[u64; MAX_LANES]) -> V {
        vector_of([words[0], words[1], words[2], words[3]])
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
    fn word_sub(self, a: V, b: V) -> V {
        sub(a, b)
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
        // A count a lane: one operation where a common one takes two.
        simd! { _mm256_srlv_epi64(a, _mm256_set1_epi64x(i64::from(count))) }
    }

    #[inline(always)]
    fn word_shl(self, a: V, count: u32) -> V {
        simd! { _mm256_sllv_epi64(a, _mm256_set1_epi64x(i64::from(count))) }
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
    fn lanes_without(self, a: V, b: V) -> u8 {
        simd! {
            let empty = _mm256_cmpeq_epi64(and(a, b), _mm256_setzero_si256());
            _mm256_movemask_pd(_mm256_castsi256_pd(empty)) as u8
        }
    }

    #[inline(always)]
    fn lanes_in(self, set: &IndexSet, index: V) -> u8 {
        let words = set.words();
        let at = and(shr::<6>(index), word(words.len() as u64 - 1));
        // SAFETY: the token proves AVX2; `IndexSet` has a power of two of words, at least one, so that the mask keeps
        // every lane's index below their number, whatever `index` holds
        let words = unsafe { _mm256_i64gather_epi64::<8>(words.as_ptr().cast(), at) };
        simd! {
            // the bit of the index becomes the sign bit
            let count = and(_mm256_sub_epi64(word(63), index), word(63));
            let signs = _mm256_sllv_epi64(words, count);
            _mm256_movemask_pd(_mm256_castsi256_pd(signs)) as u8
        }
    }
}
