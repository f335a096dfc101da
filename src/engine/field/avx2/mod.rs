//! Four lanes with AVX2, for elements on nine limbs of 29 bits.

#![allow(unsafe_code)]

use core::arch::x86_64::__m256i;

/// Calls intrinsics.
macro_rules! simd {
    ($($body:tt)*) => {
        // SAFETY: these intrinsics need only the feature that `Avx2::detect` found before it made the token
        unsafe { $($body)* }
    };
}

mod columns;
mod toeplitz;
pub(super) mod words;

pub(super) use columns::{apart, sum};
pub(super) use toeplitz::toeplitz;

/// Four 64-bit words.
pub(super) type V = __m256i;

/// A factor's limb in every lane: each in a word of its own.
pub(super) type Limb = V;

/// The token of this implementation: it exists only where the processor has what it needs.
#[derive(Clone, Copy, Debug)]
pub struct Avx2(());

/// Whose elements are on limbs of 29 bits.
pub(super) type Token = Avx2;

impl Avx2 {
    /// The token, where the processor has AVX2.
    pub fn detect() -> Option<Self> {
        is_x86_feature_detected!("avx2").then_some(Self(()))
    }
}
