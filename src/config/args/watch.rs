//! The options of `keygen watch`.

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};

use super::alerts::AlertArgs;
use super::config::ConfigArgs;
use super::session::PlaceArgs;
use crate::config::duration;

/// How much is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Level {
    /// Only what is critical.
    Error,
    /// What is wrong.
    Warn,
    /// Also what was done, and what is over.
    #[default]
    Info,
    /// Also every look.
    Debug,
}

/// Options of `keygen watch`.
#[derive(Args, Clone, Debug, Default)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct WatchSessionsArgs {
    /// What else to do than to watch.
    #[command(subcommand)]
    pub tool: Option<WatchTool>,
    /// The sessions [default: those that were added]
    pub names: Vec<String>,
    /// Time between two looks: seconds, or with a unit
    #[arg(long, value_name = "T", value_parser = duration::interval)]
    pub interval: Option<Duration>,
    /// How much is said [default: info]
    #[arg(long, value_name = "LEVEL")]
    pub log_level: Option<Level>,
    /// Where the sessions and the watch's own state are.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// The file of settings.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Who is told.
    #[command(flatten)]
    pub alerts: AlertArgs,
}

/// What else `keygen watch` does.
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum WatchTool {
    /// Add sessions to those that are watched
    Add(EntryArgs),
    /// Remove sessions from those that are watched
    Remove(EntryArgs),
    /// List the sessions that are watched
    List(PlaceArgs),
    /// Show whether a watch runs, and what it saw last
    Status(WatchStatusArgs),
}

/// Options of `keygen watch add` and `remove`.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct EntryArgs {
    /// The sessions
    #[arg(required = true)]
    pub names: Vec<String>,
    /// The state folder that they are in [default: the usual one]
    #[arg(long = "in", value_name = "DIR")]
    pub folder: Option<std::path::PathBuf>,
    /// Where the list is.
    #[command(flatten)]
    pub place: PlaceArgs,
}

/// Options of `keygen watch status`.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct WatchStatusArgs {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Where the watch's own state is.
    #[command(flatten)]
    pub place: PlaceArgs,
}
