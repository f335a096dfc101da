//! The search on OpenCL devices; like the processors' engine it knows nothing of keys or patterns. A device sees points, never
//! scalars.

#![cfg_attr(not(test), warn(unreachable_pub))]

mod cl;
mod device;
mod error;
#[cfg(test)]
mod field_tests;
mod machine;
mod rules;
mod size;
mod sweeper;
#[cfg(test)]
mod tests;

pub use device::{Device, Kind};
pub use error::GpuError;
pub use size::Size;
pub use sweeper::GpuSweeper;
