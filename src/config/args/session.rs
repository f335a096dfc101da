//! The options and tools of sessions.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::node::ImportToArgs;
use super::search::{LimitArgs, OutputOptions, SearchArgs, SearchOptions};

/// Which session a search is, as typed.
#[derive(Args, Debug, Default, Clone)]
#[command(next_help_heading = "Output")]
pub(crate) struct SessionArgs {
    /// Begin the session NAME, or resume it
    ///
    /// It survives whatever happens to the process. Running the same command again continues where it was; new limits,
    /// workers and output replace the old ones, the pattern stays.
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

/// The environment variable that stands in for `--trust-permissions`.
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
    /// Whether permissions are not looked at.
    #[must_use]
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
    /// What is told of it.
    #[command(flatten)]
    pub tell: OutputOptions,
    /// Which node gets its key.
    #[command(flatten)]
    pub node: ImportToArgs,
}

impl ResumeArgs {
    /// The same as options of a search.
    #[must_use]
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

/// What can be done with sessions.
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum SessionTool {
    /// What is done with those on disk.
    #[command(flatten)]
    Shelf(SessionCommand),
    /// What those that run are asked.
    #[command(flatten)]
    Running(RunningCommand),
}

/// What can be done with sessions on disk.
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum SessionCommand {
    /// List all sessions
    List(ListArgs),
    /// Remove a session that is not running; key files stay
    Rm(RemoveArgs),
    /// Remove finished sessions without a name after 7 days
    Prune(ListArgs),
}

/// What sessions that run can be asked.
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum RunningCommand {
    /// Ask a running session how it and its workers are
    Check(CheckArgs),
    /// Replace the workers of a running session; its counts are kept
    RestartWorkers(RestartWorkersArgs),
    /// Make a running session rebuild its buffers and return freed memory
    Reclaim(SteerArgs),
}

/// Options of `keygen session list` and `prune`.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ListArgs {
    /// Where sessions are.
    #[command(flatten)]
    pub place: PlaceArgs,
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
