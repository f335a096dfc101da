//! The thread that feeds the health monitor with samples and carries out what it decides.

pub(crate) mod command;
pub(crate) mod core;
pub(crate) mod machine_watch;
pub(crate) mod slots;
pub(crate) mod thread;
