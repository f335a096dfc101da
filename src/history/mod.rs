//! The history: metrics, alerts and summaries of sessions in an SQLite database, written behind a bounded channel.

pub mod database;
pub mod query;
pub mod record;
pub mod schema;
pub mod upkeep;
pub mod writer;
