//! Field elements where factors have 32 bits and products 64: radix 2^29.
//!
//! Nine limbs, value = Σ l_i · 2^(29 i), one a lane side by side. Between operations limb 0 is below 2^29 + 2^16, limb 5
//! below 2^29 + 2^6, the others up to 7 below 2^29 and limb 8 below 2^23 + 1; an unreduced sum of two has limbs below
//! 2^30 + 2^17.
//!
//! Column k of a product gathers a_i · b_j for i + j = k: at most nine terms, below 9 · 2^59.1 < 2^63. Columns 8 to 16
//! are carried, so that columns 9 to 17 are below 2^29 and fold into 0 to 8 by 2^261 = 1216 modulo p; then limbs 0 to
//! 8 are carried, and what limb 8 holds from bit 23 up (below 2^13) folds into limb 0 times 19.

//! The instruction set says what a vector is, and how a column is computed.

#![allow(unsafe_code)] // in the macros of the instruction set

#[cfg(target_arch = "x86_64")]
use super::avx2 as lanes;
#[cfg(target_arch = "aarch64")]
use super::neon as lanes;

mod element;
mod product;
mod toeplitz;
