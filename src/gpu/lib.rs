//! The search on OpenCL devices; like the processors' engine it knows nothing of keys or patterns. A device sees points, never
//! scalars.

#![cfg_attr(not(test), warn(unreachable_pub))]

mod amdgpu;
mod cl;
mod device;
mod error;
#[cfg(test)]
mod field_tests;
mod handlers;
mod machine;
mod nvml;
mod objects;
mod pci;
mod readings;
mod rules;
mod sensor;
mod size;
mod sweeper;
#[cfg(test)]
mod tests;

pub use device::{Device, Kind, Vendor};
pub use error::GpuError;
pub use pci::PciAddress;
pub use readings::{CardReadings, Throttle};
pub use sensor::Sensor;
pub use size::Size;
pub use sweeper::GpuSweeper;
