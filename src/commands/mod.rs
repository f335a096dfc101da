//! The commands beside the search: odds, bench, saved keys, sessions, history, self-test, and the trials of the Python
//! tool. Each gathers its answer first and then writes it, for people or as JSON, to the streams it is given.

pub(crate) mod alert_test;
pub(crate) mod bench;
pub(crate) mod command;
pub(crate) mod config;
pub(crate) mod dispatch;
pub(crate) mod health_test;
pub(crate) mod history;
pub(crate) mod key;
mod known_keys;
pub(crate) mod odds;
pub(crate) mod output;
pub(crate) mod self_test;
pub(crate) mod sessions;
pub(crate) mod settings;
pub(crate) mod steer;
pub(crate) mod trials;
pub(crate) mod watch;

use crate::report::streams::Streams;

/// The JSON text of an answer, one object with a line feed.
fn write_json(value: &serde_json::Value, streams: &mut Streams<'_>) -> anyhow::Result<()> {
    writeln!(streams.out, "{value:#}")?;
    Ok(())
}
