//! The options about what is kept of a search beside its keys, and how it runs.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::values::full_path;
use crate::config::duration;

/// What is kept of a search, and how it runs, as typed.
#[derive(Args, Debug, Default, Clone)]
#[command(next_help_heading = "Output")]
pub(crate) struct RecordArgs {
    /// Append every event to FILE, one JSON object a line
    ///
    /// docs/history.md has the schema. No secret is ever in it.
    #[arg(long, value_name = "FILE", hide_short_help = true, value_parser = full_path())]
    pub events: Option<PathBuf>,

    /// Database of the history [default: history.db in the state folder]
    ///
    /// An SQLite database with metrics, alerts and a summary of each run. It is written from ten seconds on, or from the
    /// start if it is named here; keygen health report tells what is in it.
    #[arg(
        long,
        alias = "health-db",
        value_name = "PATH",
        hide_short_help = true,
        value_parser = full_path()
    )]
    pub history_db: Option<PathBuf>,

    /// Time between two samples in the history [default: 30s]
    ///
    /// A bare number is seconds; at least one second.
    #[arg(
        long,
        value_name = "T",
        hide_short_help = true,
        allow_hyphen_values = true,
        value_parser = duration::interval
    )]
    pub interval: Option<Duration>,

    /// Run in the background, with a log in the session's folder
    ///
    /// Everything is checked first; then it says how to look at the search and how to stop it. The log keeps 5 MB.
    #[arg(long, hide_short_help = true)]
    pub background: bool,

    /// Keep the machine from sleeping while it searches
    ///
    /// By systemd-inhibit on Linux and caffeinate on macOS; where there is neither, this is said and the search goes on.
    #[arg(long, hide_short_help = true)]
    pub keep_awake: bool,
}
