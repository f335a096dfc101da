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

use core::arch::x86_64::__m512i;

/// Calls intrinsics.
macro_rules! simd {
    ($($body:tt)*) => {
        // SAFETY: these intrinsics need only the features that `Ifma::detect` found before it made the token
        unsafe { $($body)* }
    };
}

mod element;
mod product;
mod words;

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
