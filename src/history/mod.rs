//! The history: metrics, alerts and summaries of sessions in an SQLite database, written behind a bounded channel.

pub(crate) mod allowance;
pub(crate) mod baselines;
pub(crate) mod database;
pub(crate) mod query;
pub(crate) mod record;
pub(crate) mod recorder;
mod rows;
pub(crate) mod sample;
pub(crate) mod schema;
pub(crate) mod summary;
pub(crate) mod upkeep;
pub(crate) mod writer;
