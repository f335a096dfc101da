//! The arithmetic of the search; it knows nothing of threads, keys or patterns.

pub mod backend;
mod centre;
pub mod coarse;
pub mod field;
pub mod point;
pub mod scan;
mod sweep;
pub mod sweeper;
pub mod table;

pub use backend::Backend;
pub use scan::Survivor;
pub use sweeper::{EngineError, Sweeper};
