//! Faults on purpose: they act below what the supervisor reads, so that it has to find them as it would real ones.

pub(crate) mod compete;
mod engine;
mod kind;
mod machine;
mod onset;
mod spec;

pub(crate) use self::engine::Faults;
pub(crate) use self::kind::{Fault, Injected, MachineFault, WorkerFault};
pub(crate) use self::machine::{FaultyClock, FaultyProbe, MachineFaults};
pub(crate) use self::onset::Onsets;
pub(crate) use self::spec::FaultError;
