//! The options about what is kept and shown of a search beside its keys, and how it runs.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::values::{address, full_path};
use crate::config::duration;
use crate::http::listener::Address;

/// What is kept of a search, and how it runs, as typed.
#[derive(Args, Debug, Default, Clone)]
#[command(next_help_heading = "Output")]
pub(crate) struct RecordArgs {
    /// Append every event to FILE, one JSON object a line
    ///
    /// It never contains a secret. docs/history.md has the schema.
    #[arg(long, value_name = "FILE", value_parser = full_path())]
    pub events: Option<PathBuf>,

    /// Database of the history [default: history.db in the state folder]
    ///
    /// An SQLite database with metrics, alerts and a summary of each run. It is written after ten seconds, or from the
    /// start if it is named here; keygen health report shows it.
    #[arg(long, alias = "health-db", value_name = "PATH", value_parser = full_path())]
    pub history_db: Option<PathBuf>,

    /// Time between two samples in the history [default: 30s]
    ///
    /// A bare number is seconds; at least one second.
    #[arg(long, value_name = "T", value_parser = duration::interval)]
    pub interval: Option<Duration>,

    /// Run in the background, with a log in the session's folder
    ///
    /// Everything is checked first; then it prints how to watch the search and how to stop it. The log keeps 5 MB.
    #[arg(long)]
    pub background: bool,

    /// Keep the machine from sleeping while it searches
    ///
    /// Uses systemd-inhibit on Linux and caffeinate on macOS; if there is neither, a warning is printed and the search
    /// continues.
    #[arg(long)]
    pub keep_awake: bool,
}

/// Where metrics are, as typed.
#[derive(Args, Debug, Default, Clone)]
#[command(next_help_heading = "Metrics")]
pub(crate) struct MetricsArgs {
    /// Serve metrics for Prometheus at ADDR: a port, HOST:PORT or [::]:PORT
    ///
    /// It has /metrics, /livez (process and supervisor answer), /readyz (progress is confirmed; 503 while paused) and
    /// /status (JSON). A bare port can be reached from this machine only; whoever can reach another address can read the
    /// status of the search, but no key. Port 0 is any free one; the address is printed at the start.
    #[arg(long, value_name = "ADDR", value_parser = address)]
    pub metrics: Option<Address>,

    /// Keep metrics in FILE.prom for node_exporter's textfile collector
    ///
    /// Replaced atomically every 15 seconds and at the end. It remains after the end, so that a found key shows even
    /// when the process is gone. Everybody may read it.
    #[arg(long, value_name = "FILE", value_parser = full_path())]
    pub metrics_file: Option<PathBuf>,
}

/// The live page of a search, as typed.
#[derive(Args, Debug, Default, Clone)]
#[command(next_help_heading = "Metrics")]
pub(crate) struct DashboardArgs {
    /// Serve a live page about the search at ADDR, or at a free port of this machine
    ///
    /// ADDR is a port, HOST:PORT or [::]:PORT. The link is printed at the start; its token lets one browser in, once. An
    /// address that other machines can reach needs --dashboard-token-file. docs/dashboard.md describes the page.
    #[arg(long, value_name = "ADDR", value_parser = address, num_args = 0..=1, default_missing_value = "0")]
    pub dashboard: Option<Address>,

    /// What the page may do.
    #[command(flatten)]
    pub page: PageArgs,
}

/// What a live page may do, as typed.
#[derive(Args, Debug, Default, Clone)]
pub(crate) struct PageArgs {
    /// Open the page in a browser
    #[arg(long)]
    pub open: bool,

    /// Let the page pause, resume and stop a search, and restart and check workers
    ///
    /// Without it the page only shows.
    #[arg(long)]
    pub dashboard_control: bool,

    /// Also let in whoever knows the token in FILE
    ///
    /// FILE has one line of at least 16 characters, and nobody but its owner may read it (chmod 600).
    #[arg(long, value_name = "FILE", value_parser = full_path())]
    pub dashboard_token_file: Option<PathBuf>,
}
