//! `keygen health`: what can be asked of the supervision without a search.

use std::time::Duration;

use clap::{Args, Subcommand};

use super::history::HistoryTool;
use crate::config::{duration, workers};

/// What can be done about supervision.
#[derive(Subcommand, Debug)]
pub(crate) enum HealthTool {
    /// Try the supervision: faults on purpose in the real program
    ///
    /// Each fault runs in a process and a folder of its own: what is wrong, which verdict must follow, how long it takes
    /// to be seen and until the rate is back, restarts, keys lost, and memory. All of them take about eight minutes; it
    /// ends with 1 if any of them fails. Best on a machine that is otherwise idle.
    Test(HealthTestArgs),
    /// What the history tells, and its upkeep.
    #[command(flatten)]
    History(HistoryTool),
}

/// Options of `keygen health test`.
#[derive(Args, Debug, Default)]
pub(crate) struct HealthTestArgs {
    /// Only these faults [default: all; an unknown name lists them]
    pub only: Vec<String>,
    /// Threads that search [default: 2]
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = workers::number)]
    pub workers: Option<usize>,
    /// Random faults instead, one after another in one run: seed=7,rate=10/min,faults=200
    #[arg(long, value_name = "SPEC", conflicts_with = "only")]
    pub chaos: Option<String>,
    /// No fault instead, but another program on every core half of the time, for T: nobody must be restarted
    #[arg(long, value_name = "T", conflicts_with_all = ["only", "chaos"], allow_hyphen_values = true, value_parser = duration::seconds)]
    pub load: Option<Duration>,
    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
}
