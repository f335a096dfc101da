//! `keygen health`: what can be asked of the supervision without a search.

use std::time::Duration;

use clap::{Args, Subcommand};

use super::history::HistoryTool;
use crate::config::{duration, workers};

/// What can be done about supervision.
#[derive(Subcommand, Debug)]
pub(crate) enum HealthTool {
    /// Test the supervision by injecting faults into the real program
    ///
    /// Each fault runs in a process and a folder of its own. Shows which verdict must follow, how long detection and
    /// recovery take, restarts, lost keys, and memory. All of them take about eight minutes; the exit code is 1 if any
    /// fails. Best on an otherwise idle machine.
    Test(HealthTestArgs),
    /// What the history tells, and its upkeep.
    #[command(flatten)]
    History(HistoryTool),
}

/// Options of `keygen health test`.
#[derive(Args, Debug)]
pub(crate) struct HealthTestArgs {
    /// Only these faults [default: all; an unknown name lists them]
    pub only: Vec<String>,
    /// Threads that search [default: 2]
    // Two are the fewest of which one can be faulty while another is well.
    #[arg(long, value_name = "N", default_value = "2", hide_default_value = true, value_parser = workers::number)]
    pub workers: usize,
    /// Random faults instead, one after another in a single run: seed=7,rate=10/min,faults=200
    #[arg(long, value_name = "SPEC", conflicts_with = "only")]
    pub chaos: Option<String>,
    /// No fault, but another program on every core half of the time, for T: no worker must be restarted
    #[arg(
        long,
        value_name = "T",
        conflicts_with_all = ["only", "chaos"],
        value_parser = duration::seconds
    )]
    pub load: Option<Duration>,
    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
}
