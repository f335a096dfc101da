//! The options by which others see the search: metrics over HTTP, and in a file.

use std::path::PathBuf;

use clap::Args;

use super::values::full_path;
use crate::config::metrics;
use crate::metrics::listener::Address;

/// Where metrics are, as typed.
#[derive(Args, Debug, Default, Clone)]
#[command(next_help_heading = "Metrics")]
pub(crate) struct MetricsArgs {
    /// Serve metrics for Prometheus at ADDR: a port, HOST:PORT or [::]:PORT
    ///
    /// Below it are /metrics, /livez (process and supervisor answer), /readyz (progress is confirmed; 503 while it
    /// pauses) and /status (JSON). A port alone is reached from this machine only; whoever reaches any other address
    /// can read where the search stands, but no key. Port 0 is any free one; the address is said at the start.
    #[arg(
        long,
        value_name = "ADDR",
        hide_short_help = true,
        allow_hyphen_values = true,
        value_parser = metrics::address
    )]
    pub metrics: Option<Address>,

    /// Keep metrics in FILE.prom for node_exporter's textfile collector
    ///
    /// Replaced every 15 seconds and at the end, always whole. It stays after the end, so that a found key is seen
    /// though the process is gone. Everybody may read it.
    #[arg(long, value_name = "FILE", hide_short_help = true, value_parser = full_path())]
    pub metrics_file: Option<PathBuf>,
}
