//! The history: metrics, alerts and summaries of sessions in an SQLite database, written behind a bounded channel.

pub mod allowance;
pub mod chronicle;
pub mod database;
pub mod incident;
pub mod picture;
pub mod query;
pub mod recall;
pub mod record;
mod rows;
pub mod sample;
pub mod schema;
pub mod upkeep;
pub mod writer;
