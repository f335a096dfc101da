//! Two lanes with NEON, for elements on nine limbs of 29 bits: a multiply-add (`umlal`) does two products.

#![allow(unsafe_code)]

use core::arch::aarch64::{uint32x2_t, uint64x2_t};

/// Calls intrinsics.
macro_rules! simd {
    ($($body:tt)*) => {
        // SAFETY: these intrinsics need only the feature that `Neon::detect` found before it made the token
        unsafe { $($body)* }
    };
}

mod columns;
mod toeplitz;
pub(super) mod words;

pub(super) use columns::{apart, sum};
pub(super) use toeplitz::toeplitz;

/// Two 64-bit words.
pub(super) type V = uint64x2_t;

/// A factor's limb in every lane: 32 bits each.
pub(super) type Limb = uint32x2_t;

/// The token of this implementation.
#[derive(Clone, Copy, Debug)]
pub struct Neon(());

/// Whose elements are on limbs of 29 bits.
pub(super) type Token = Neon;

impl Neon {
    /// The token: Rust's targets for 64-bit ARM all have NEON, so that it is there where this is compiled.
    pub fn detect() -> Option<Self> {
        std::arch::is_aarch64_feature_detected!("neon").then_some(Self(()))
    }
}
