//! Eight lanes with AVX-512 IFMA, or four with AVX-IFMA: 52-bit multiply-adds on radix 2^52.
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

use core::arch::x86_64::__m512i;
use std::sync::OnceLock;

use super::Vector;
use super::avx2::Avx2;

/// Calls intrinsics.
macro_rules! simd {
    ($($body:tt)*) => {
        // SAFETY: these intrinsics need only the features that were found before the token was made
        unsafe { $($body)* }
    };
}

mod element;
mod four_lanes;
mod product;
mod words;

#[cfg(test)]
pub(crate) use four_lanes::Avx512Vl;

/// A vector instruction set that multiplies 52-bit numbers: all that the arithmetic needs beside the words.
pub trait Madd52: Vector<Word: Send> {
    /// sum + the low 52 bits of a · b, of which the lowest 52 bits count.
    fn madd_low(self, sum: Self::Word, a: Self::Word, b: Self::Word) -> Self::Word;
    /// sum + a · b / 2^52, likewise.
    fn madd_high(self, sum: Self::Word, a: Self::Word, b: Self::Word) -> Self::Word;
    /// a shifted right as a signed number; `count` is below 64.
    fn word_shr_signed(self, a: Self::Word, count: u32) -> Self::Word;
}

/// Eight 64-bit words.
type V = __m512i;

/// The token of eight lanes: it exists only where the processor has what it needs.
#[derive(Clone, Copy, Debug)]
pub struct Ifma {
    /// Whether the processor's gather is faster than eight loads.
    gathers: bool,
}

/// The token of four lanes, with the one of their words.
#[derive(Clone, Copy, Debug)]
pub struct AvxIfma(Avx2);

impl Ifma {
    /// The token, where the processor has AVX-512 F, BW and IFMA. The first call measures a few microseconds.
    pub fn detect() -> Option<Self> {
        static GATHERS: OnceLock<bool> = OnceLock::new();
        (is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512ifma"))
        .then(|| Self {
            gathers: *GATHERS.get_or_init(|| {
                let [loads, gather] =
                    [false, true].map(|gathers| words::time_of_lookups(Self { gathers }));
                gather < loads
            }),
        })
    }
}
