//! Faults on purpose: they act below what the supervisor reads, so that it has to find them as it would real ones.

mod engine;
mod spec;

pub use self::engine::{Faults, Faulty};
pub use self::spec::{Fault, FaultError, Kind};
