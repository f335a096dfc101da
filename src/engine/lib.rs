//! The arithmetic of the search; it knows nothing of threads, keys or patterns.

#![cfg_attr(not(test), warn(unreachable_pub))]

pub mod backend;
pub mod base_point;
mod both_ends;
mod centre;
pub mod coarse;
mod extended;
pub mod field;
mod inversion;
pub mod known_answers;
mod lookups;
pub mod point;
mod prefilter;
#[cfg(any(test, target_arch = "aarch64"))]
mod race;
pub mod scan;
#[cfg(test)]
mod scan_tests;
mod sweep;
pub mod sweeper;
pub mod table;

pub use backend::Backend;
pub use base_point::BasePoint;
pub use centre::Centre;
pub use known_answers::self_test;
pub use scan::Survivor;
pub use sweeper::{EngineError, Sweeper};
