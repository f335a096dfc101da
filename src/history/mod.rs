//! The history: metrics, alerts and summaries of sessions in an SQLite database, written behind a bounded channel.

pub(crate) mod allowance;
#[cfg_attr(not(feature = "history"), path = "database_absent.rs")]
pub(crate) mod database;
#[cfg(feature = "history")]
pub(crate) mod query;
pub(crate) mod record;
pub(crate) mod recorder;
#[cfg(feature = "history")]
mod rows;
pub(crate) mod sample;
#[cfg(feature = "history")]
pub(crate) mod schema;
#[cfg(feature = "history")]
pub(crate) mod summary;
#[cfg(feature = "history")]
pub(crate) mod upkeep;
#[cfg_attr(not(feature = "history"), path = "writer_absent.rs")]
pub(crate) mod writer;
