//! Faults on purpose: they act below what the supervisor reads, so that it has to find them as it would real ones.

pub mod compete;
mod engine;
pub mod injected;
mod kind;
mod machine;
mod onset;
mod spec;

pub use self::engine::{Faults, Faulty};
pub use self::kind::{Fault, MachineFault, MachineKind, WorkerFault, WorkerKind};
pub use self::machine::{FaultyClock, FaultyProbe, MachineFaults};
pub use self::onset::Onsets;
pub use self::spec::FaultError;
