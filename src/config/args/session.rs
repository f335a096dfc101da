//! The options and tools of sessions, and those of `keygen watch`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};

use super::alerts::AlertArgs;
use super::node::ImportToArgs;
use super::search::{LimitArgs, OutputOptions, SearchArgs, SearchOptions};
use super::tools::ConfigArgs;
use crate::config::duration;

/// Which session a search is, as typed.
#[derive(Args, Debug, Default, Clone)]
#[command(next_help_heading = "Output")]
pub(crate) struct SessionArgs {
    /// Begin the session NAME, or resume it
    ///
    /// A session survives whatever happens to the process. Running the same command again continues where it stopped; new
    /// limits, workers and output replace the old ones, the pattern stays.
    #[arg(long, value_name = "NAME")]
    pub session: Option<String>,

    /// Where the state of this search is
    #[command(flatten)]
    pub place: PlaceArgs,
}

/// Where state is kept, as typed.
#[derive(Args, Debug, Default, Clone)]
pub(crate) struct PlaceArgs {
    /// Folder for sessions and history [default: the user's state folder]
    ///
    /// $STATE_DIRECTORY does the same.
    #[arg(long, value_name = "DIR", hide_short_help = true)]
    pub state_dir: Option<PathBuf>,
    /// Whose files are trusted.
    #[command(flatten)]
    pub trust: TrustArgs,
}

/// The environment variable with the effect of `--trust-permissions`.
pub(crate) const TRUST_VARIABLE: &str = "KEYGEN_TRUST_PERMISSIONS";

/// Whose files are trusted, as typed.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct TrustArgs {
    /// Use a state folder and settings even where other users may write them
    ///
    /// For file systems without permissions. Otherwise a state folder, and a file that says which commands are run or
    /// where messages go, must belong to this user or root, and nobody else may write it.
    /// KEYGEN_TRUST_PERMISSIONS=1 does the same.
    #[arg(long, hide_short_help = true)]
    pub trust_permissions: bool,
}

impl TrustArgs {
    /// Whether permissions are not checked.
    pub(crate) fn is_blind(self) -> bool {
        let variable = std::env::var_os(TRUST_VARIABLE);
        self.trust_permissions || variable.is_some_and(|value| !value.is_empty() && value != "0")
    }
}

/// Options of `keygen resume`.
#[derive(Args, Debug, Default)]
pub(crate) struct ResumeArgs {
    /// The session; may be omitted if only one can be resumed
    pub name: Option<String>,
    /// Where sessions are.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// When to stop, over all runs.
    #[command(flatten)]
    pub limits: LimitArgs,
    /// How it searches.
    #[command(flatten)]
    pub how: SearchOptions,
    /// What is reported about it.
    #[command(flatten)]
    pub tell: OutputOptions,
    /// Which node gets its key.
    #[command(flatten)]
    pub node: ImportToArgs,
}

impl ResumeArgs {
    /// The same as options of a search.
    pub(crate) fn into_search(self) -> SearchArgs {
        SearchArgs {
            limits: self.limits,
            how: self.how,
            tell: self.tell,
            node: self.node,
            session: SessionArgs {
                session: self.name,
                place: self.place,
            },
            ..SearchArgs::default()
        }
    }
}

/// Options of `keygen status`.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct StatusArgs {
    /// The session [default: all]
    pub name: Option<String>,
    /// Where sessions are.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// Repeat every second until interrupted
    #[arg(long)]
    pub watch: bool,
    /// Print a JSON object for each session
    #[arg(long)]
    pub json: bool,
}

/// The subcommands of `keygen session`.
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum SessionTool {
    /// Those for sessions on disk.
    #[command(flatten)]
    Shelf(SessionCommand),
    /// Those for running sessions.
    #[command(flatten)]
    Running(RunningCommand),
}

/// Subcommands for sessions on disk.
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum SessionCommand {
    /// List all sessions
    List(PlaceArgs),
    /// Remove a session that is not running; key files stay
    Rm(RemoveArgs),
    /// Remove finished sessions without a name after 7 days
    Prune(PlaceArgs),
}

/// Subcommands for running sessions.
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum RunningCommand {
    /// Ask a running session how it and its workers are
    Check(CheckArgs),
    /// Replace the workers of a running session; its counts are kept
    RestartWorkers(RestartWorkersArgs),
    /// Make a running session rebuild its buffers and return freed memory
    Reclaim(SteerArgs),
}

/// Options of `keygen session rm`.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct RemoveArgs {
    /// The session
    pub name: String,
    /// Where sessions are.
    #[command(flatten)]
    pub place: PlaceArgs,
}

/// Which sessions, as typed.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct SteerArgs {
    /// The session; may be omitted if only one is running
    pub name: Option<String>,
    /// All running sessions
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
    /// Print a JSON object for each session
    #[arg(long)]
    pub json: bool,
}

/// Options of `keygen session restart-workers`.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct RestartWorkersArgs {
    /// Which session.
    #[command(flatten)]
    pub session: SteerArgs,
    /// Only this worker, counted from 1
    #[arg(long, value_name = "N")]
    pub worker: Option<usize>,
}

/// How much is logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Level {
    /// Only critical faults.
    Error,
    /// Faults.
    Warn,
    /// Also what was done, and faults that ended.
    #[default]
    Info,
    /// Also every check.
    Debug,
}

/// Options of `keygen watch`.
#[derive(Args, Clone, Debug, Default)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct WatchSessionsArgs {
    /// What to do instead of watching.
    #[command(subcommand)]
    pub tool: Option<WatchTool>,
    /// The sessions [default: those that were added]
    pub names: Vec<String>,
    /// Time between two checks: seconds, or with a unit
    #[arg(long, value_name = "T", value_parser = duration::interval)]
    pub interval: Option<Duration>,
    /// How much is logged [default: info]
    #[arg(long, value_name = "LEVEL")]
    pub log_level: Option<Level>,
    /// Where the sessions and the watch's own state are.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// The file of settings.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Who is notified.
    #[command(flatten)]
    pub alerts: AlertArgs,
}

/// The subcommands of `keygen watch`.
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum WatchTool {
    /// Add sessions to the list of watched ones
    Add(EntryArgs),
    /// Remove sessions from that list
    Remove(EntryArgs),
    /// List watched sessions
    List(PlaceArgs),
    /// Show whether a watch is running, and its last observations
    Status(WatchStatusArgs),
}

/// Options of `keygen watch add` and `remove`.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct EntryArgs {
    /// The sessions
    #[arg(required = true)]
    pub names: Vec<String>,
    /// The state folder of the sessions [default: the usual one]
    #[arg(long = "in", value_name = "DIR")]
    pub folder: Option<PathBuf>,
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

/// Options of `keygen top`.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct TopArgs {
    /// The session [default: all]
    pub name: Option<String>,
    /// Where sessions are.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// Panic once something is drawn, to test that the terminal is left as it was.
    #[arg(long, hide = true)]
    pub panic: bool,
}
