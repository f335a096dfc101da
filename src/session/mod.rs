//! Sessions: a search that survives anything. What is on disk, who holds it, and what to do with it.

pub(crate) mod active;
pub(crate) mod announcements;
pub(crate) mod checkpoint;
mod continued;
pub(crate) mod definition;
pub(crate) mod envelope;
pub(crate) mod handover;
pub(crate) mod inspect;
pub mod journal;
pub(crate) mod journaled_store;
pub(crate) mod lines;
pub(crate) mod lock;
pub(crate) mod name;
pub(crate) mod place;
pub(crate) mod process;
pub(crate) mod recover;
pub(crate) mod remove;
pub(crate) mod service_dir;
pub(crate) mod start_error;
pub(crate) mod state;
pub(crate) mod status;
mod status_text;
pub(crate) mod sum;
