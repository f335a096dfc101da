//! Numbers, times and odds as people read them.

pub mod number;
pub mod odds;
pub mod span;
