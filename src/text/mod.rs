//! Numbers, times and odds as people read them.

pub(crate) mod number;
pub(crate) mod odds;
pub(crate) mod span;
