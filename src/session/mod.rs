//! Sessions: searches that survive their process. Their files, their lock, and what to do with them.

pub(crate) mod active;
pub(crate) mod announcements;
pub(crate) mod checkpoint;
pub(crate) mod definition;
pub(crate) mod envelope;
pub(crate) mod inspect;
pub mod journal;
pub(crate) mod journaled_store;
pub(crate) mod lines;
pub(crate) mod lock;
pub(crate) mod name;
mod persist;
pub(crate) mod place;
pub(crate) mod process;
pub(crate) mod recover;
pub(crate) mod remove;
pub(crate) mod service_dir;
pub(crate) mod state;
pub(crate) mod status;
mod status_text;
