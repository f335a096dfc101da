//! The arithmetic of the search; it knows nothing of threads, keys or patterns.
pub mod coarse;
