//! The history: metrics, alerts and summaries of sessions in an SQLite database, written behind a bounded channel.

pub mod allowance;
pub mod baselines;
pub mod database;
pub mod incident;
pub mod query;
pub mod record;
pub mod recorder;
mod rows;
pub mod sample;
pub mod schema;
pub mod summary;
pub mod upkeep;
pub mod writer;
