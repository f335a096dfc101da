//! The commands beside the search, and the options of odds, ids, bench, key and config.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::alerts::AlertTool;
use super::blind::BlindTool;
use super::cluster::ClusterTool;
use super::health::HealthTool;
use super::mcp::McpArgs;
use super::node::NodeTool;
use super::pattern::PatternArgs;
use super::record::PageArgs;
use super::search::{OutputOptions, SearchOptions};
use super::session::{
    PlaceArgs, ResumeArgs, SessionTool, StatusArgs, SteerArgs, TopArgs, TrustArgs,
    WatchSessionsArgs,
};
use super::values::{BackendChoice, address, backend_words, full_path, id_bytes, node_name};
use crate::config::devices::DeviceChoice;
use crate::config::{avoid, duration, number};
use crate::http::listener::Address;
use crate::key::inspect::ExportFormat;
use crate::nodes::Role;
use crate::nodes::filter::Near;

/// A tool that is named on the command line.
#[derive(Subcommand, Debug)]
pub(crate) enum Tool {
    /// Chance and expected time of a pattern
    ///
    /// Shows the exact chance of a candidate, the expected number of candidates, and how long 50, 90 and 99 % take at
    /// this machine's rate. Without a pattern it shows a table of prefixes and vanities.
    Odds(OddsArgs),

    /// Measure the search on this machine
    ///
    /// Runs the search's own loop with a pattern (by default a prefix of 10 digits) and keeps no key: every backend, with
    /// one worker and with all, with the processor's real clock and the cycles that a candidate takes. The rate is
    /// measured by wall-clock time, the cycles by the processor time of the workers: other programs on the same cores
    /// lower the rate, but hardly affect the cycles. The clock is measured between slices of the work by a chain of
    /// multiplications; where their latency is not known, clock and cycles are "unknown" (null in JSON).
    Bench(BenchArgs),

    /// Show which node IDs are taken, and which are free
    ///
    /// Reads lists of nodes as --avoid-file does, from files and web addresses, and shows how many nodes have each ID, a map
    /// of the first bytes, and IDs that are free, or those that the fewest nodes have.
    Ids(IdsArgs),

    /// Check, show or export saved keys, or draw a QR code
    #[command(subcommand)]
    Key(KeyTool),

    /// Put a key into a node, and read it from one
    #[command(subcommand)]
    Node(NodeTool),

    /// Draw starts for machines that are not trusted, finish claims
    #[command(subcommand)]
    Blind(BlindTool),

    /// Plan a search on several machines
    #[command(subcommand)]
    Cluster(ClusterTool),

    /// Resume a session in this terminal
    ///
    /// A session that was interrupted or stopped continues where it was; a paused one is unpaused. If this user has no
    /// such session, those of the system service are considered; a session of another user is refused.
    Resume(Box<ResumeArgs>),

    /// Show the status of sessions
    Status(StatusArgs),

    /// Show sessions live in this terminal, and steer them
    ///
    /// All sessions, or one with its rate, workers, incidents and keys. The keys p, r, s, R and q pause, resume, stop,
    /// restart workers and quit; what changes something asks first.
    Top(TopArgs),

    /// Pause a running session
    ///
    /// Its workers stop after their current sweep, its process stays, and no --time is used up. keygen unpause, or
    /// resume, continues it.
    Pause(SteerArgs),

    /// Continue a paused session
    Unpause(SteerArgs),

    /// Stop a running session cleanly (exit code 4)
    ///
    /// keygen resume continues it.
    Stop(SteerArgs),

    /// Serve a live page about sessions, running or not
    ///
    /// Shows the named session or all sessions of this user, in a browser, until it is interrupted. The link is printed;
    /// its token lets one browser in, once. docs/dashboard.md describes the page.
    Dashboard(DashboardToolArgs),

    /// Report on a session, and bundle what a bug report needs
    ///
    /// Topics are health, performance, memory, threads and history; without one, all of them are reported.
    Diagnose(DiagnoseArgs),

    /// Watch sessions of other processes, and restart them if needed
    ///
    /// A session whose process is gone continues in a new one. A session that does not answer or makes no progress is
    /// asked to reclaim memory, then to replace its workers; then its process is ended and a new one continues, at most
    /// 5 times an hour. Each step is verified. A state folder has at most one watch.
    Watch(Box<WatchSessionsArgs>),

    /// Serve tools for assistants on standard input and output
    ///
    /// Speaks the Model Context Protocol. An MCP client starts it, lists sessions, asks how they are, and, with
    /// --allow-control, pauses, resumes, restarts and begins searches. No tool takes or returns a private key.
    Mcp(McpArgs),

    /// List, check and remove sessions
    #[command(subcommand)]
    Session(SessionTool),

    /// Check every backend against known answers
    SelfTest,

    /// Examine the program, this machine and the settings
    ///
    /// Shows version, processor and backends with known answers, rate, memory, disk, folders and their modes, settings
    /// and where they come from, serial ports, clock, sleep and the system service: what is fine, what is not, and what
    /// to do. Add its output to a report of a fault. It creates nothing and changes nothing.
    Doctor(DoctorArgs),

    /// Show, check or write settings
    #[command(subcommand)]
    Config(ConfigTool),

    /// Report on past runs; test the supervision
    #[command(subcommand)]
    Health(HealthTool),

    /// List alerts, resolve one, or test the channels
    #[command(subcommand)]
    Alert(AlertTool),

    /// Completions for a shell, on standard output
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },

    /// The man page, on standard output
    Man,
}

/// Options of `keygen odds`.
#[derive(Args, Debug, Default)]
pub(crate) struct OddsArgs {
    /// The pattern; without one, a table.
    #[command(flatten)]
    pub pattern: PatternArgs,
    /// Candidates a second [default: measured for a moment]
    #[arg(long, value_name = "N", help_heading = "Odds", value_parser = number::count)]
    pub rate: Option<u64>,
    /// Also the chance within this time: hours (8, 0.5), 2:30, 90m, 1h 30m
    #[arg(long, value_name = "T", help_heading = "Odds", value_parser = duration::hours)]
    pub time: Option<Duration>,
    /// Print a JSON object
    #[arg(long, help_heading = "Odds")]
    pub json: bool,
}

/// Options of `keygen doctor`.
#[derive(Args, Debug, Default)]
pub(crate) struct DoctorArgs {
    /// Where sessions and history are.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// The file of settings.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
}

/// Options of `keygen dashboard`.
#[derive(Args, Debug, Default)]
pub(crate) struct DashboardToolArgs {
    /// The session [default: all]
    pub name: Option<String>,
    /// Where the page is served: a port, HOST:PORT or [::]:PORT [default: a free port of this machine]
    #[arg(long, value_name = "ADDR", value_parser = address)]
    pub at: Option<Address>,
    /// What the page may do.
    #[command(flatten)]
    pub page: PageArgs,
    /// Where sessions are.
    #[command(flatten)]
    pub place: PlaceArgs,
}

/// Options of `keygen diagnose`.
#[derive(Args, Debug, Default)]
pub(crate) struct DiagnoseArgs {
    /// What is reported: health, performance, memory, threads or history [default: all], and of which session
    #[arg(value_name = "TOPIC] [NAME", num_args = 0..=2)]
    pub words: Vec<String>,
    /// Also write FILE, a .tar.gz for a bug report: settings without secrets, events, history, versions
    #[arg(long, value_name = "FILE")]
    pub bundle: Option<PathBuf>,
    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
    /// How far back the history is read: hours, or with a unit [default: 24h]
    #[arg(long, value_name = "T", value_parser = duration::hours)]
    pub since: Option<Duration>,
    /// Where sessions and history are.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// The file of settings.
    #[command(flatten)]
    pub config: ConfigArgs,
}

/// Options of `keygen ids`.
#[derive(Args, Debug, Default)]
pub(crate) struct IdsArgs {
    /// Lists of nodes: files, web addresses, or - for standard input
    pub files: Vec<PathBuf>,
    /// Only nodes within KM kilometres (16) of a place
    #[arg(long, value_name = "LAT,LON[,KM]", value_parser = avoid::near, allow_hyphen_values = true)]
    pub near: Option<Near>,
    /// Only nodes of these roles: companion, repeater, room, sensor
    #[arg(long, value_name = "ROLE[,ROLE...]", value_parser = avoid::role, value_delimiter = ',')]
    pub role: Vec<Role>,
    /// Only nodes that were seen within this time: 30d, 12h
    #[arg(long, value_name = "T", value_parser = duration::hours)]
    pub seen: Option<Duration>,
    /// Bytes of a node ID [default: 1]
    #[arg(long, value_name = "1|2|3", value_parser = id_bytes)]
    pub id_bytes: Option<u8>,
    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
}

/// Options of `keygen bench`.
#[derive(Args, Debug, Default)]
pub(crate) struct BenchArgs {
    /// What the filter looks for.
    #[command(flatten)]
    pub pattern: PatternArgs,
    /// How long each measurement takes: 5, 0.5, 1m
    #[arg(long, value_name = "N", help_heading = "Bench", value_parser = duration::seconds)]
    pub seconds: Option<Duration>,
    /// Only this backend: avx512ifma, avxifma, avx2, neon, portable, gpu, or auto for the fastest [default: each]
    #[arg(
        long,
        value_name = "NAME",
        help_heading = "Bench",
        hide_possible_values = true,
        value_parser = backend_words()
    )]
    pub backend: Option<BackendChoice>,
    /// Measure OpenCL devices instead: gpu (the first card), gpu:N, or all
    #[arg(
        long,
        value_name = "DEVICE",
        value_delimiter = ',',
        help_heading = "Bench",
        conflicts_with = "overhead"
    )]
    pub device: Vec<DeviceChoice>,
    /// Measure what supervision costs by switching it on and off every 50 ms, at least 400 times; takes half a minute
    #[arg(long, help_heading = "Bench")]
    pub overhead: bool,
    /// Show the change since an earlier bench, whose --json is in FILE
    #[arg(
        long,
        value_name = "FILE",
        help_heading = "Bench",
        conflicts_with = "overhead",
        value_parser = full_path()
    )]
    pub compare: Option<PathBuf>,
    /// Print a JSON object
    #[arg(long, help_heading = "Bench")]
    pub json: bool,
}

/// The subcommands of `keygen key`.
#[derive(Subcommand, Debug)]
pub(crate) enum KeyTool {
    /// Check that the keys in files work
    Verify(KeyFiles),
    /// Show node ID, public key and files
    Show(ShowArgs),
    /// Write keys in another form
    Export(ExportArgs),
    /// Show a key's contact address as a QR code
    ///
    /// The address (meshcore://contact/add?...) has name, public key and type, and nothing secret. The app scans it to add the
    /// node to its contacts. It is drawn in the terminal, or in a picture with --output.
    Qr(QrArgs),
}

/// The files that keys are read from.
#[derive(Args, Debug, Default)]
pub(crate) struct KeyFiles {
    /// Key files (text or JSON, also other tools'); - is standard input
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// 32 bytes (64 hex digits) that may be something else are a seed (RFC 8032)
    #[arg(long)]
    pub seed: bool,
}

/// Options of `keygen key show`.
#[derive(Args, Debug, Default)]
pub(crate) struct ShowArgs {
    /// Where the keys are.
    #[command(flatten)]
    pub files: KeyFiles,
    /// Print the private key too; only on a terminal
    #[arg(long)]
    pub private: bool,
}

/// Options of `keygen key export`.
#[derive(Args, Debug)]
pub(crate) struct ExportArgs {
    /// Where the keys are.
    #[command(flatten)]
    pub files: KeyFiles,
    /// text: two lines of hex; json: both keys; serial: what to type at a repeater (set prv.key ...); hex: the private
    /// key; id: the firmware's file _main.id; app: what the app imports
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: ExportFormat,
    /// With --format app: the node's name [default: that beside the key, or the first 8 digits of the public key]
    #[arg(long, value_name = "NAME", value_parser = node_name)]
    pub name: Option<String>,
    /// Write to this file, which must not exist; only its owner can read it
    #[arg(long, value_name = "FILE", value_parser = full_path())]
    pub output: Option<PathBuf>,
}

/// Options of `keygen key qr`.
#[derive(Args, Debug)]
pub(crate) struct QrArgs {
    /// A file with one key, public or private; - is standard input
    pub file: PathBuf,
    /// 32 bytes (64 hex digits) that may be something else are a seed (RFC 8032)
    #[arg(long)]
    pub seed: bool,
    /// The contact's name [default: that beside the key, or the first 8 digits of the public key]
    #[arg(long, value_name = "NAME", value_parser = node_name)]
    pub name: Option<String>,
    /// companion, repeater, room or sensor
    #[arg(long = "type", value_name = "TYPE", default_value = "companion", value_parser = avoid::role)]
    pub role: Role,
    /// Write a picture to this file, which must not exist: name.png or name.svg
    #[arg(long, value_name = "FILE", value_parser = full_path())]
    pub output: Option<PathBuf>,
    /// Draw with # instead of Unicode's blocks
    #[arg(long, conflicts_with = "output")]
    pub ascii: bool,
}

/// The file of settings, as typed.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Settings")]
pub(crate) struct ConfigArgs {
    /// Settings from FILE [default: meshcore-keygen/config.toml in the user's configuration folder]
    ///
    /// A TOML file; "keygen config init" writes one with every setting in comments. Options override environment
    /// variables (KEYGEN_ and the option's name in capitals, such as KEYGEN_BATCH_SIZE), and these override the file.
    /// What to search for is always given as options.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// The subcommands of `keygen config`.
#[derive(Subcommand, Debug)]
pub(crate) enum ConfigTool {
    /// Show every setting with its value and where that comes from
    ///
    /// Takes the options of a search that are settings, and shows their effect.
    Show(Box<ConfigShowArgs>),
    /// Check a file of settings
    Check(ConfigCheckArgs),
    /// Write a file with every setting in comments, readable only by you; never overwrites one
    Init(ConfigArgs),
}

/// Options of `keygen config show`.
#[derive(Args, Debug, Default)]
pub(crate) struct ConfigShowArgs {
    /// How it searches.
    #[command(flatten)]
    pub how: SearchOptions,
    /// What is reported about it.
    #[command(flatten)]
    pub tell: OutputOptions,
    /// Whose files are trusted.
    #[command(flatten)]
    pub trust: TrustArgs,
}

/// Options of `keygen config check`.
#[derive(Args, Debug, Default)]
pub(crate) struct ConfigCheckArgs {
    /// The file to check [default: the one that a search would read]
    #[arg(value_name = "FILE", conflicts_with = "config")]
    pub file: Option<PathBuf>,
    /// The file of settings.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Whose files are trusted.
    #[command(flatten)]
    pub trust: TrustArgs,
}
