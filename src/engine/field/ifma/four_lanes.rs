//! Four lanes: the arithmetic of eight with the words of AVX2.

use core::arch::x86_64::*;

use super::{AvxIfma, Madd52};
use crate::coarse::IndexSet;
use crate::field::avx2::{Avx2, words::vector_of};
use crate::field::{MAX_LANES, Vector};

/// Makes a token with these features, these two multiply-adds and the words of AVX2.
macro_rules! four_lanes {
    ($token:ident, $features:literal, $low:ident, $high:ident) => {
        impl Madd52 for $token {
            #[inline(always)]
            fn madd_low(self, sum: __m256i, a: __m256i, b: __m256i) -> __m256i {
                simd! { $low(sum, a, b) }
            }

            #[inline(always)]
            fn madd_high(self, sum: __m256i, a: __m256i, b: __m256i) -> __m256i {
                simd! { $high(sum, a, b) }
            }

            /// AVX2 has no such shift: a + 2^63 is not negative.
            #[inline(always)]
            fn word_shr_signed(self, a: __m256i, count: u32) -> __m256i {
                let shifted = self.word_shr(self.word_xor(a, self.word(1 << 63)), count);
                self.word_sub(shifted, self.word((1 << 63) >> count))
            }
        }

        impl Vector for $token {
            const LANES: usize = 4;
            type Word = __m256i;

            #[inline(always)]
            fn vectorize<R>(self, f: impl FnOnce() -> R) -> R {
                #[target_feature(enable = $features)]
                fn with_features<R>(f: impl FnOnce() -> R) -> R {
                    f()
                }
                // SAFETY: the token was made where these features were found
                unsafe { with_features(f) }
            }

            #[inline(always)]
            fn load(self, words: &[u64; MAX_LANES]) -> __m256i {
                vector_of([words[0], words[1], words[2], words[3]])
            }

            four_lanes!(
                word(value: u64) -> __m256i;
                word_add(a: __m256i, b: __m256i) -> __m256i;
                word_sub(a: __m256i, b: __m256i) -> __m256i;
                word_xor(a: __m256i, b: __m256i) -> __m256i;
                word_and(a: __m256i, b: __m256i) -> __m256i;
                word_shr(a: __m256i, count: u32) -> __m256i;
                word_shl(a: __m256i, count: u32) -> __m256i;
                word_swap_bytes(a: __m256i) -> __m256i;
                word_swap_nibbles(a: __m256i) -> __m256i;
                lanes_without(a: __m256i, b: __m256i) -> u8;
                lanes_in(set: &IndexSet, index: __m256i) -> u8;
                store(word: __m256i, out: &mut [u64; MAX_LANES]) -> ();
            );
        }
    };
    ($($name:ident($($arg:ident: $type:ty),+) -> $result:ty;)+) => { $(
        #[inline(always)]
        fn $name(self, $($arg: $type),+) -> $result {
            self.0.$name($($arg),+)
        }
    )+ };
}

four_lanes!(
    AvxIfma,
    "avx2,avxifma",
    _mm256_madd52lo_avx_epu64,
    _mm256_madd52hi_avx_epu64
);

impl AvxIfma {
    /// The token, where the processor has AVX2 and AVX-IFMA.
    pub fn detect() -> Option<Self> {
        let words = Avx2::detect()?;
        is_x86_feature_detected!("avxifma").then_some(Self(words))
    }
}

/// The same arithmetic where there is AVX-512, to test it on processors that lack AVX-IFMA.
#[cfg(test)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Avx512Vl(Avx2);

#[cfg(test)]
four_lanes!(
    Avx512Vl,
    "avx2,avx512ifma,avx512vl",
    _mm256_madd52lo_epu64,
    _mm256_madd52hi_epu64
);

#[cfg(test)]
impl Avx512Vl {
    /// The token, where the processor has what it needs.
    pub(crate) fn detect() -> Option<Self> {
        let words = Avx2::detect()?;
        (is_x86_feature_detected!("avx512ifma") && is_x86_feature_detected!("avx512vl"))
            .then_some(Self(words))
    }
}
