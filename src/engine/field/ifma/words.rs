//! Eight 64-bit words: what the filter does with them.

use core::arch::x86_64::*;
use std::hint::black_box;
use std::time::{Duration, Instant};

use super::{Ifma, Madd52, V};
use crate::coarse::IndexSet;
use crate::field::{MAX_LANES, Vector};

/// The vector as eight words.
#[inline(always)]
pub(super) fn words_of(v: V) -> [u64; 8] {
    // SAFETY: both are 64 bytes without padding, and every bit pattern is valid for either
    unsafe { core::mem::transmute(v) }
}

/// Eight words as a vector.
#[inline(always)]
pub(super) fn vector_of(words: [u64; 8]) -> V {
    // SAFETY: both are 64 bytes without padding, and every bit pattern is valid for either
    unsafe { core::mem::transmute(words) }
}

/// Runs `f` where the compiler may use the features of [`Ifma::detect`].
#[target_feature(enable = "avx512f,avx512bw,avx512ifma")]
fn with_features<R>(f: impl FnOnce() -> R) -> R {
    f()
}

impl Madd52 for Ifma {
    #[inline(always)]
    fn madd_low(self, sum: V, a: V, b: V) -> V {
        simd! { _mm512_madd52lo_epu64(sum, a, b) }
    }

    #[inline(always)]
    fn madd_high(self, sum: V, a: V, b: V) -> V {
        simd! { _mm512_madd52hi_epu64(sum, a, b) }
    }

    #[inline(always)]
    fn word_shr_signed(self, a: V, count: u32) -> V {
        simd! { _mm512_srav_epi64(a, _mm512_set1_epi64(i64::from(count))) }
    }
}

impl Vector for Ifma {
    const LANES: usize = 8;
    type Word = V;

    #[inline(always)]
    fn vectorize<R>(self, f: impl FnOnce() -> R) -> R {
        // SAFETY: the token was made where these features were found
        unsafe { with_features(f) }
    }

    #[inline(always)]
    fn word(self, value: u64) -> V {
        simd! { _mm512_set1_epi64(value as i64) }
    }

    #[inline(always)]
    fn load(self, words: &[u64; MAX_LANES]) -> V {
        vector_of(*words)
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
    fn word_sub(self, a: V, b: V) -> V {
        simd! { _mm512_sub_epi64(a, b) }
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
        // A count a lane: one operation where a common one takes two.
        simd! { _mm512_srlv_epi64(a, _mm512_set1_epi64(i64::from(count))) }
    }

    #[inline(always)]
    fn word_shl(self, a: V, count: u32) -> V {
        simd! { _mm512_sllv_epi64(a, _mm512_set1_epi64(i64::from(count))) }
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
    fn lanes_without(self, a: V, b: V) -> u8 {
        simd! { _mm512_testn_epi64_mask(a, b) }
    }

    #[inline(always)]
    fn lanes_in(self, set: &IndexSet, index: V) -> u8 {
        let words = set.words();
        let mask = words.len() as i64 - 1;
        let at = simd! { _mm512_and_si512(_mm512_srli_epi64::<6>(index), _mm512_set1_epi64(mask)) };
        // SAFETY: the token proves AVX-512 F; `IndexSet` has a power of two of words, at least one, so that the mask
        // keeps every lane's index below their number, whatever `index` holds
        let words = unsafe {
            if self.gathers {
                _mm512_i64gather_epi64::<8>(at, words.as_ptr().cast())
            } else {
                let [a, b, c, d, e, f, g, h] = words_of(at);
                macro_rules! words { ($($at:ident),*) => { [$(*words.get_unchecked($at as usize)),*] } }
                vector_of(words!(a, b, c, d, e, f, g, h))
            }
        };
        simd! {
            let bit = _mm512_sllv_epi64(_mm512_set1_epi64(1), _mm512_and_si512(index, _mm512_set1_epi64(63)));
            _mm512_test_epi64_mask(words, bit)
        }
    }
}

/// The shortest of some times that lookups take this way. A gather is a sequence of simple operations on AMD's processors, and
/// guarded by microcode on some of Intel's: which way is faster, the instruction set does not tell.
pub(super) fn time_of_lookups(simd: Ifma) -> Duration {
    const ROUNDS: usize = 16;
    const LOOKUPS: u64 = 128;
    let Some(set) = IndexSet::empty(12) else {
        return Duration::ZERO;
    };
    let one_round = |round| {
        let begin = Instant::now();
        let lanes = simd.vectorize(
            #[inline(always)]
            || {
                let mut lanes = 0;
                for n in 0..LOOKUPS {
                    let first = simd.word(n.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ round);
                    lanes ^= simd.lanes_in(&set, simd.word_shr(first, 7));
                }
                lanes
            },
        );
        black_box(lanes);
        begin.elapsed()
    };
    (0..ROUNDS as u64).map(one_round).min().unwrap_or_default()
}
