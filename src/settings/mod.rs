//! What a command line means: checked, complete settings.

pub mod duration;
pub mod error;
pub mod number;
pub mod processors;
pub mod until;
