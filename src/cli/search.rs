//! The options of the search beside its pattern.

use std::path::PathBuf;

use clap::Args;

use super::old_tool::OldToolArgs;
use super::pattern::PatternArgs;
use super::values::{BackendChoice, KeyFormat, Priority};

/// Everything that can be typed without naming a tool.
#[derive(Args, Debug, Default)]
pub struct SearchArgs {
    /// What is wanted.
    #[command(flatten)]
    pub pattern: PatternArgs,
    /// What is watched for on the side.
    #[command(flatten)]
    pub watch: WatchArgs,
    /// When to stop.
    #[command(flatten)]
    pub limits: LimitArgs,
    /// Who searches, and how.
    #[command(flatten)]
    pub workers: WorkerArgs,
    /// What is written where.
    #[command(flatten)]
    pub output: OutputArgs,
    /// What only users of the older tool type.
    #[command(flatten)]
    pub old_tool: OldToolArgs,
}

/// The watchlist, as typed.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Pattern")]
pub struct WatchArgs {
    /// Patterns to save on the side [default: watchlist.txt if there is one]
    ///
    /// A file as for --pattern-file. Keys that fit one of its lines are saved and reported on the side; they change
    /// neither --count nor the exit code. Without this option watchlist.txt in the current folder is read if there is
    /// one, and this is said.
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub watchlist: Option<PathBuf>,

    /// Keys to save for a line of the watchlist [default: 1]
    ///
    /// How many keys to save for each line of the watchlist; further ones are only counted. [default: 1]
    #[arg(
        long,
        value_name = "N",
        hide_short_help = true,
        allow_hyphen_values = true
    )]
    pub watchlist_max: Option<String>,
}

/// Limits, as typed.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Limits")]
pub struct LimitArgs {
    /// Keys to find [default: 1]; all: go on to a limit
    ///
    /// How many keys to find, 1 unless said otherwise; with "all" it goes on until a limit or until it is interrupted.
    #[arg(short = 'n', long, value_name = "N|all", allow_hyphen_values = true)]
    pub count: Option<String>,

    /// Stop after N candidates (500K, 2M, 1.5G)
    ///
    /// Stop after N candidates. Numbers take K, M, G or B: 500K, 2M, 1.5G.
    #[arg(
        long,
        value_name = "N",
        allow_hyphen_values = true,
        conflicts_with = "keys"
    )]
    pub candidates: Option<String>,

    /// Stop after N million candidates (the Python tool's)
    #[arg(long, value_name = "N", allow_hyphen_values = true, hide = true)]
    pub keys: Option<String>,

    /// Stop after T: hours (8, 0.5), 2:30, 90m, 1h 30m
    ///
    /// Stop after T of searching: a bare number is hours (8, 0.5), also h:mm (2:30) or with units (90m, 1h 30m, 45s, 1d).
    #[arg(long, value_name = "T", allow_hyphen_values = true)]
    pub time: Option<String>,

    /// Stop at this clock time
    ///
    /// Stop at this clock time, the next time that it comes: 07:30. With --time the first of both ends the search.
    #[arg(
        long,
        value_name = "HH:MM",
        hide_short_help = true,
        allow_hyphen_values = true
    )]
    pub until: Option<String>,
}

/// Workers, as typed.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Workers")]
pub struct WorkerArgs {
    /// Threads that search [default: all processors]
    ///
    /// How many threads search. Without it: as many as this process may use processors (affinity, and the quota of
    /// control groups rounded up).
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub workers: Option<String>,

    /// How the system should treat the search [default: low]
    ///
    /// "low" (nice 10) keeps a desktop usable; "normal" competes with every other program. [default: low]
    #[arg(
        long,
        value_name = "low|normal",
        hide_short_help = true,
        hide_possible_values = true
    )]
    pub priority: Option<Priority>,

    /// Candidates between two reports of a worker
    ///
    /// Candidates between two reports of a worker, rounded up to whole sweeps. Without it about a quarter of a second's
    /// work.
    #[arg(
        long,
        value_name = "N",
        hide_short_help = true,
        allow_hyphen_values = true
    )]
    pub batch_size: Option<String>,

    /// Which arithmetic searches [default: auto]
    ///
    /// Which arithmetic searches: auto (the fastest that this processor has), avx512ifma, avx2 or portable.
    /// [default: auto]
    #[arg(
        long,
        value_name = "NAME",
        hide_short_help = true,
        hide_possible_values = true
    )]
    pub backend: Option<BackendChoice>,

    /// Watch over the workers (this is the default)
    #[arg(long, hide_short_help = true, conflicts_with = "no_health_check")]
    pub health_check: bool,

    /// Do not judge and restart workers
    #[arg(long, hide_short_help = true)]
    pub no_health_check: bool,
}

/// Output, as typed.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// Folder for key files [default: the current one]
    #[arg(long, alias = "output-dir", value_name = "DIR")]
    pub output: Option<PathBuf>,

    /// How key files are written: text or json [default: text]
    ///
    /// How key files are written: "text" is a pair of files, "json" one file that the MeshCore app imports.
    /// [default: text, or json with --json]
    #[arg(
        long,
        value_name = "text|json",
        hide_short_help = true,
        hide_possible_values = true
    )]
    pub format: Option<KeyFormat>,

    /// JSON key files, and JSON lines on standard output
    ///
    /// Write key files as JSON (unless --format says otherwise), and one JSON object a line on standard output: one for
    /// each key and a summary at the end.
    #[arg(long)]
    pub json: bool,

    /// Print the private key too; only on a terminal
    #[arg(long, hide_short_help = true)]
    pub show_private: bool,

    /// Results only
    #[arg(long, conflicts_with = "verbose")]
    pub quiet: bool,

    /// More: what every worker does
    ///
    /// More: at most one line a second and worker about what it did, and what the system has.
    #[arg(short = 'v', long)]
    pub verbose: bool,
}
