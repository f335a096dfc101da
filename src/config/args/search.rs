//! The options of the search beside its pattern.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use jiff::civil::Time;

use super::alerts::AlertArgs;
use super::blind::BlindSearchArgs;
use super::health::HealthArgs;
use super::node::ImportToArgs;
use super::tools::ConfigArgs;

use super::pattern::PatternArgs;
use super::record::{DashboardArgs, MetricsArgs, RecordArgs};
use super::session::SessionArgs;
use super::values::{BackendChoice, Count, Priority, backend_words, fault, full_path};
use crate::config::devices::DeviceChoice;
use crate::config::{duration, number, until, workers};
use crate::fault::Fault;
use crate::key::KeyFormat;

/// Everything that can be typed without naming a tool.
#[derive(Args, Debug, Default)]
pub(crate) struct SearchArgs {
    /// What is wanted.
    #[command(flatten)]
    pub pattern: PatternArgs,
    /// Patterns to save on the side.
    #[command(flatten)]
    pub watch: WatchArgs,
    /// When to stop.
    #[command(flatten)]
    pub limits: LimitArgs,
    /// What the keys must not have in common.
    #[command(flatten)]
    pub spread: SpreadArgs,
    /// How it searches.
    #[command(flatten)]
    pub how: SearchOptions,
    /// Which session it is.
    #[command(flatten)]
    pub session: SessionArgs,
    /// What is reported about it.
    #[command(flatten)]
    pub tell: OutputOptions,
    /// Which node gets its key.
    #[command(flatten)]
    pub node: ImportToArgs,
    /// Whose keys it finds.
    #[command(flatten)]
    pub blind: BlindSearchArgs,
    /// The options of the older tool.
    #[command(flatten)]
    pub old_tool: OldToolArgs,
}

/// How it searches: the options that searches, resumed sessions and `config show` share, in the order of the help.
#[derive(Args, Debug, Default)]
pub(crate) struct SearchOptions {
    /// The workers.
    #[command(flatten)]
    pub workers: WorkerArgs,
    /// What is written where.
    #[command(flatten)]
    pub output: OutputArgs,
    /// The numbers of the supervisor.
    #[command(flatten)]
    pub health: HealthArgs,
    /// The file of settings.
    #[command(flatten)]
    pub config: ConfigArgs,
}

/// What is reported where; shared likewise.
#[derive(Args, Debug, Default)]
pub(crate) struct OutputOptions {
    /// What else is recorded, and how it runs.
    #[command(flatten)]
    pub record: RecordArgs,
    /// Where metrics go.
    #[command(flatten)]
    pub metrics: MetricsArgs,
    /// Where the live page is.
    #[command(flatten)]
    pub dashboard: DashboardArgs,
    /// Who is notified of alerts.
    #[command(flatten)]
    pub alerts: AlertArgs,
}

/// The watchlist, as typed.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Pattern")]
pub(crate) struct WatchArgs {
    /// Patterns to save on the side [default: watchlist.txt if there is one]
    ///
    /// Has the format of a --pattern-file. Keys that match one of its lines are saved and reported on the side; they
    /// affect neither --count nor the exit code. Without this option watchlist.txt in the current folder is used if it
    /// exists, and this is reported; lines of it that can't be used are only a warning.
    #[arg(long, value_name = "FILE")]
    pub watchlist: Option<PathBuf>,

    /// Do not use a watchlist.txt in the current folder
    #[arg(long, conflicts_with = "watchlist")]
    pub no_watchlist: bool,

    /// Keys to save for a line of the watchlist [default: 1]
    ///
    /// Further keys are only counted.
    #[arg(long, value_name = "N", value_parser = number::count)]
    pub watchlist_max: Option<u64>,
}

/// Limits, as typed.
#[derive(Args, Debug, Default, PartialEq)]
#[command(next_help_heading = "Limits")]
pub(crate) struct LimitArgs {
    /// Keys to find [default: 1]; all: until a limit
    ///
    /// "all" continues until a limit is reached, or without one until it is interrupted. A limit is then the expected
    /// end: the exit code is 0 if any key was found, 3 if none was.
    #[arg(short = 'n', long, value_name = "N|all", value_parser = Count::read)]
    pub count: Option<Count>,

    /// Stop after N candidates (500K, 2M, 1.5G)
    ///
    /// Numbers may end in K, M, G or B, for thousand, million and billion.
    #[arg(long, value_name = "N", conflicts_with = "keys", value_parser = number::count)]
    pub candidates: Option<u64>,

    /// Stop after N million candidates (the Python tool's)
    #[arg(long, value_name = "N", hide = true, value_parser = number::keys)]
    pub keys: Option<u64>,

    /// Stop after T: hours (8, 0.5), 2:30, 90m, 1h 30m
    ///
    /// A bare number is hours; 2:30 is h:mm; units are d, h, m and s. Only time spent searching counts.
    #[arg(long, value_name = "T", value_parser = duration::hours)]
    pub time: Option<Duration>,

    /// Stop at this clock time
    ///
    /// The next time the clock shows it, such as 07:30. With --time, whichever comes first ends the search.
    #[arg(long, value_name = "HH:MM", value_parser = until::clock_time)]
    pub until: Option<Time>,
}

/// How several keys are spread, as typed.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Limits")]
pub(crate) struct SpreadArgs {
    /// Find -n keys for each --prefix, --match and line
    ///
    /// Each --prefix, --match and line of a --pattern-file gets its own keys, and the search ends when all have theirs. A
    /// key that fits several counts for the longest of those that still lack one.
    #[arg(long)]
    pub each: bool,

    /// Find keys whose node IDs differ
    ///
    /// The first --id-bytes bytes of the keys of a search differ from one another, over all runs of its session. With
    /// --avoid-file this is the default.
    #[arg(long)]
    pub distinct: bool,
}

/// Workers, as typed.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Workers")]
pub(crate) struct WorkerArgs {
    /// Threads that search [default: all processors]
    ///
    /// By default one for each processor that this process may use: its affinity, and the quota of its control groups
    /// rounded up.
    #[arg(long, value_name = "N", value_parser = workers::number)]
    pub workers: Option<usize>,

    /// How the system should treat the search [default: low]
    ///
    /// "low" (nice 10) keeps a desktop usable; "normal" competes with every other program.
    #[arg(long, value_name = "low|normal", hide_possible_values = true)]
    pub priority: Option<Priority>,

    /// Candidates between two reports of a worker
    ///
    /// Rounded up to whole sweeps; by default about a quarter of a second's work.
    #[arg(long, value_name = "N", value_parser = number::count)]
    pub batch_size: Option<u64>,

    /// Which arithmetic searches [default: auto]
    ///
    /// auto (the fastest that this processor has), avx512ifma, avxifma, avx2, neon (64-bit ARM) or portable; gpu is the same as
    /// --device gpu.
    #[arg(long, value_name = "NAME", hide_possible_values = true, value_parser = backend_words())]
    pub backend: Option<BackendChoice>,

    /// Search on graphics cards, too: gpu (the first card), gpu:N, or all
    ///
    /// Through OpenCL; each card is one more worker, beside those of the processors. gpu:N takes the device of that number,
    /// which keygen doctor shows, also an integrated one. all leaves out what fails, with a note. May be given more than once.
    #[arg(long, value_name = "DEVICE", value_delimiter = ',')]
    pub device: Vec<DeviceChoice>,

    /// Say how to limit the power of the cards to this: nothing is set
    ///
    /// A limit needs the rights of the system's administrator, and stays when the search has ended; so the search only names
    /// the command for each card.
    #[arg(long, value_name = "WATTS", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub gpu_power: Option<u32>,

    /// Watch over the workers (this is the default)
    #[arg(
        long,
        help_heading = super::health::HEADING,
        long_help = "Watch over the workers; this is the default",
        conflicts_with = "no_health_check"
    )]
    pub health_check: bool,

    /// Do not judge and restart workers
    #[arg(long, help_heading = super::health::HEADING)]
    pub no_health_check: bool,

    /// Inject faults, to test the supervision
    #[arg(long, hide = true, value_name = "SPEC", value_parser = fault)]
    pub inject: Vec<Fault>,

    /// File to which the start of each of these faults is appended
    #[arg(long, hide = true, value_name = "FILE")]
    pub inject_log: Option<PathBuf>,

    /// Do nothing but take the processor time of this core, until standard input ends: all of it, or for so many
    /// milliseconds on and so many off
    #[arg(long, hide = true, value_name = "CORE[,ON,OFF]", value_delimiter = ',')]
    pub compete_on_core: Vec<u64>,
}

/// Output, as typed.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// Folder for key files [default: the current one]
    #[arg(long, alias = "output-dir", value_name = "DIR", value_parser = full_path())]
    pub output: Option<PathBuf>,

    /// How key files are written [default: text, with --json json]
    ///
    /// "text" is a pair of files, "json" one file that the MeshCore app imports.
    #[arg(long, value_name = "text|json", hide_possible_values = true)]
    pub format: Option<KeyFormat>,

    /// JSON key files, and JSON lines on standard output
    ///
    /// Key files are JSON unless --format says otherwise. Each key is a JSON object on a line of its own; a summary
    /// follows.
    #[arg(long)]
    pub json: bool,

    /// Print the private key too; only on a terminal
    #[arg(long)]
    pub show_private: bool,

    /// Results only
    #[arg(long, conflicts_with = "verbose")]
    pub quiet: bool,

    /// More: what every worker does
    ///
    /// At most one line per worker and second.
    #[arg(short = 'v', long)]
    pub verbose: bool,
}

/// The self-tests of the older tool.
#[derive(Args, Debug, Default, PartialEq)]
pub(crate) struct OldToolArgs {
    /// Check this program against known MeshCore keys
    #[arg(long, hide = true)]
    pub test_compatibility: bool,

    /// Test how the first two digits are distributed over MILLIONS of keys [default: 1]
    #[arg(
        long,
        hide = true,
        value_name = "MILLIONS",
        num_args = 0..=1,
        default_missing_value = "1",
        value_parser = number::millions
    )]
    pub test_distribution: Option<u64>,

    /// Test keys for repetition and their bytes for uniformity, THOUSANDS of keys [default: 10]
    #[arg(
        long,
        hide = true,
        value_name = "THOUSANDS",
        num_args = 0..=1,
        default_missing_value = "10",
        value_parser = number::thousands
    )]
    pub test_entropy: Option<u64>,

    /// Test the node IDs of THOUSANDS of keys [default: 1]
    #[arg(
        long,
        hide = true,
        value_name = "THOUSANDS",
        num_args = 0..=1,
        default_missing_value = "1",
        value_parser = number::thousands
    )]
    pub test_meshcore_id: Option<u64>,
}
