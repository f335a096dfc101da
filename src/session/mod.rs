//! Sessions: a search that survives anything. What is on disk, who holds it, and what to do with it.

pub mod checkpoint;
mod continued;
pub mod definition;
pub mod disk;
pub mod elsewhere;
pub mod envelope;
pub mod gap;
pub mod handover;
pub mod journal;
pub mod keeper;
pub mod lines;
pub mod live;
pub mod lock;
pub mod look;
pub mod name;
pub mod place;
pub mod process;
pub mod recover;
pub mod remove;
pub mod start_error;
pub mod state;
pub mod status;
mod status_text;
pub mod sum;
pub mod witness;
