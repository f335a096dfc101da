//! Sessions: a search that survives anything. What is on disk, who holds it, and what to do with it.

pub mod active;
pub mod announcements;
pub mod checkpoint;
mod continued;
pub mod definition;
pub mod envelope;
pub mod handover;
pub mod inspect;
pub mod journal;
pub mod journaled_store;
pub mod lines;
pub mod lock;
pub mod name;
pub mod place;
pub mod process;
pub mod recover;
pub mod remove;
pub mod service_dir;
pub mod start_error;
pub mod state;
pub mod status;
mod status_text;
pub mod sum;
