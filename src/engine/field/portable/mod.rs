//! One lane on 64-bit words with 128-bit products: runs everywhere.
//!
//! Four words, value = Σ w_i · 2^(64 i): any number below 2^256 is a factor, whatever multiple of p it holds. What a sum or a
//! product has from bit 256 up folds into word 0 by 2^256 = 38 modulo p.

mod element;
mod mulx;
mod product;
mod words;

/// The token of the portable implementation: always available.
#[derive(Clone, Copy, Debug)]
pub struct Portable;
