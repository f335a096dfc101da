//! One 64-bit word: what the filter does with it.

use super::Portable;
use super::mulx::with_mulx;
use crate::coarse::IndexSet;
use crate::field::{MAX_LANES, Vector};

impl Vector for Portable {
    const LANES: usize = 1;
    type Word = u64;

    #[inline(always)]
    fn vectorize<R>(self, f: impl FnOnce() -> R) -> R {
        with_mulx(f)
    }

    #[inline(always)]
    fn word(self, value: u64) -> u64 {
        value
    }

    #[inline(always)]
    fn load(self, words: &[u64; MAX_LANES]) -> u64 {
        words[0]
    }

    #[inline(always)]
    fn store(self, word: u64, out: &mut [u64; MAX_LANES]) {
        out[0] = word;
    }

    #[inline(always)]
    fn word_add(self, a: u64, b: u64) -> u64 {
        a.wrapping_add(b)
    }

    #[inline(always)]
    fn word_sub(self, a: u64, b: u64) -> u64 {
        a.wrapping_sub(b)
    }

    #[inline(always)]
    fn word_xor(self, a: u64, b: u64) -> u64 {
        a ^ b
    }

    #[inline(always)]
    fn word_and(self, a: u64, b: u64) -> u64 {
        a & b
    }

    #[inline(always)]
    fn word_shr(self, a: u64, count: u32) -> u64 {
        a >> count
    }

    #[inline(always)]
    fn word_shl(self, a: u64, count: u32) -> u64 {
        a << count
    }

    #[inline(always)]
    fn word_swap_bytes(self, a: u64) -> u64 {
        a.swap_bytes()
    }

    #[inline(always)]
    fn word_swap_nibbles(self, a: u64) -> u64 {
        const LOW_NIBBLES: u64 = 0x0f0f_0f0f_0f0f_0f0f;
        (a & LOW_NIBBLES) << 4 | a >> 4 & LOW_NIBBLES
    }

    #[inline(always)]
    fn lanes_without(self, a: u64, b: u64) -> u8 {
        u8::from(a & b == 0)
    }

    #[inline(always)]
    fn lanes_in(self, set: &IndexSet, index: u64) -> u8 {
        u8::from(set.contains(index))
    }
}
