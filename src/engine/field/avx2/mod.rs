//! Four lanes with AVX2: 32-bit products on radix 2^29.
//!
//! Nine limbs, value = Σ l_i · 2^(29 i), each in a 64-bit word of its own. Between operations limb 0 is below
//! 2^29 + 2^16, limbs 1 to 7 below 2^29 and limb 8 below 2^23 + 1; an unreduced sum of two has limbs below 2^30 + 2^17.
//!
//! Column k of a product gathers a_i · b_j for i + j = k: at most nine terms, below 9 · 2^59.1 < 2^63. Columns 8 to 16
//! are carried, so that columns 9 to 17 are below 2^29 and fold into 0 to 8 by 2^261 = 1216 modulo p; then limbs 0 to
//! 8 are carried, and what limb 8 holds from bit 23 up (below 2^13) folds into limb 0 times 19.

#![allow(unsafe_code)]

use core::arch::x86_64::__m256i;

/// Calls intrinsics.
macro_rules! simd {
    ($($body:tt)*) => {
        // SAFETY: these intrinsics need only the feature that `Avx2::detect` found before it made the token
        unsafe { $($body)* }
    };
}

mod element;
mod product;
mod words;

pub(super) use words::vector_of;

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
