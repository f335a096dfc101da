//! Two 64-bit words: what the filter does with them.

use core::arch::aarch64::*;

use super::{Limb, Neon, V};
use crate::coarse::IndexSet;
use crate::field::{MAX_LANES, Vector};

#[inline(always)]
pub(in crate::field) fn word(value: u64) -> V {
    simd! { vdupq_n_u64(value) }
}

#[inline(always)]
pub(in crate::field) fn add(a: V, b: V) -> V {
    simd! { vaddq_u64(a, b) }
}

#[inline(always)]
pub(in crate::field) fn sub(a: V, b: V) -> V {
    simd! { vsubq_u64(a, b) }
}

#[inline(always)]
pub(in crate::field) fn and(a: V, b: V) -> V {
    simd! { vandq_u64(a, b) }
}

/// A word below 2^32 as a factor; of what is above that, nothing counts.
#[inline(always)]
pub(in crate::field) fn limb(a: V) -> Limb {
    simd! { vmovn_u64(a) }
}

/// A limb as a word.
#[inline(always)]
pub(in crate::field) fn wide(a: Limb) -> V {
    simd! { vmovl_u32(a) }
}

/// a · b.
#[inline(always)]
pub(in crate::field) fn mul32(a: Limb, b: Limb) -> V {
    simd! { vmull_u32(a, b) }
}

/// sum + a · b.
#[inline(always)]
pub(in crate::field) fn mul32_add(sum: V, a: Limb, b: Limb) -> V {
    simd! { vmlal_u32(sum, a, b) }
}

/// a · b as signed numbers of 32 bits.
#[inline(always)]
pub(in crate::field) fn signed(a: Limb, b: i32) -> V {
    simd! { vreinterpretq_u64_s64(vmull_n_s32(vreinterpret_s32_u32(a), b)) }
}

/// sum + a · b as signed numbers of 32 bits.
#[inline(always)]
pub(in crate::field) fn signed_add(sum: V, a: Limb, b: i32) -> V {
    simd! {
        let sum = vreinterpretq_s64_u64(sum);
        vreinterpretq_u64_s64(vmlal_n_s32(sum, vreinterpret_s32_u32(a), b))
    }
}

#[inline(always)]
pub(in crate::field) fn shr<const COUNT: i32>(a: V) -> V {
    simd! { vshrq_n_u64::<COUNT>(a) }
}

#[inline(always)]
pub(in crate::field) fn shl<const COUNT: i32>(a: V) -> V {
    simd! { vshlq_n_u64::<COUNT>(a) }
}

/// The vector as two words.
#[inline(always)]
pub(in crate::field) fn words_of(v: V) -> [u64; 2] {
    simd! { [vgetq_lane_u64::<0>(v), vgetq_lane_u64::<1>(v)] }
}

/// Two words as a vector.
#[inline(always)]
pub(in crate::field) fn vector_of([first, second]: [u64; 2]) -> V {
    simd! { vcombine_u64(vcreate_u64(first), vcreate_u64(second)) }
}

impl Vector for Neon {
    const LANES: usize = 2;
    type Word = V;

    #[inline(always)]
    fn vectorize<R>(self, f: impl FnOnce() -> R) -> R {
        f()
    }

    #[inline(always)]
    fn word(self, value: u64) -> V {
        word(value)
    }

    #[inline(always)]
    fn load(self, words: &[u64; MAX_LANES]) -> V {
        vector_of([words[0], words[1]])
    }

    #[inline(always)]
    fn store(self, word: V, out: &mut [u64; MAX_LANES]) {
        out[..2].copy_from_slice(&words_of(word));
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
        simd! { veorq_u64(a, b) }
    }

    #[inline(always)]
    fn word_and(self, a: V, b: V) -> V {
        and(a, b)
    }

    #[inline(always)]
    fn word_shr(self, a: V, count: u32) -> V {
        // to the right is to the left by a negative count
        simd! { vshlq_u64(a, vdupq_n_s64(-i64::from(count))) }
    }

    #[inline(always)]
    fn word_shl(self, a: V, count: u32) -> V {
        simd! { vshlq_u64(a, vdupq_n_s64(i64::from(count))) }
    }

    #[inline(always)]
    fn word_swap_bytes(self, a: V) -> V {
        simd! { vreinterpretq_u64_u8(vrev64q_u8(vreinterpretq_u8_u64(a))) }
    }

    #[inline(always)]
    fn word_swap_nibbles(self, a: V) -> V {
        let low = word(0x0f0f_0f0f_0f0f_0f0f);
        simd! { vorrq_u64(shl::<4>(and(a, low)), and(shr::<4>(a), low)) }
    }

    #[inline(always)]
    fn lanes_without(self, a: V, b: V) -> u8 {
        let [first, second] = words_of(and(a, b));
        u8::from(first == 0) | u8::from(second == 0) << 1
    }

    #[inline(always)]
    fn lanes_in(self, set: &IndexSet, index: V) -> u8 {
        let [first, second] = words_of(index);
        u8::from(set.contains(first)) | u8::from(set.contains(second)) << 1
    }
}
