//! The thread that feeds the health monitor with samples and carries out what it decides.

pub mod command;
pub mod core;
pub mod machine;
pub mod orders;
pub mod reclaim;
pub mod slots;
pub mod thread;
