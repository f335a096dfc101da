//! The arithmetic: every candidate is a key of its own, and none is missed.

mod filter;
mod sweep;
