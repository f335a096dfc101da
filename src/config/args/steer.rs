//! The commands that steer a search from outside.

use clap::Args;

use super::session::PlaceArgs;

/// Which sessions, as typed.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct SteerArgs {
    /// The session; may be left out where only one runs
    pub name: Option<String>,
    /// All that run
    #[arg(long, conflicts_with = "name")]
    pub all: bool,
    /// Where sessions are.
    #[command(flatten)]
    pub place: PlaceArgs,
}

/// Options of `keygen session check`.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct CheckArgs {
    /// Which session.
    #[command(flatten)]
    pub session: SteerArgs,
    /// Also compute known answers and measure the cores, which takes a second or two
    #[arg(long)]
    pub full: bool,
    /// Print a JSON object a session
    #[arg(long)]
    pub json: bool,
}

/// Options of `keygen session restart-workers`.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct RestartWorkersArgs {
    /// Which session.
    #[command(flatten)]
    pub session: SteerArgs,
    /// Only this worker, from 1
    #[arg(long, value_name = "N")]
    pub worker: Option<usize>,
}
