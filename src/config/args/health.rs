//! The options of the supervisor, made from the table of its numbers; the tools that test it and read the history; and
//! those that list and resolve alerts.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches, Subcommand};

use super::session::PlaceArgs;
use crate::config::devices::DeviceChoice;
use crate::config::value::{self, Assignment};
use crate::config::{duration, workers};
use crate::health::Thresholds;
use crate::health::params::{PARAMS, Param};

/// The heading above these options.
pub(crate) const HEADING: &str = "Health";

/// The supervisor's numbers: the defaults, with what was typed.
#[derive(Clone, Debug, Default)]
pub(crate) struct HealthArgs(pub Thresholds);

impl FromArgMatches for HealthArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut args = Self::default();
        args.update_from_arg_matches(matches)?;
        Ok(args)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        for param in PARAMS {
            if let Some(assignment) = matches.get_one::<Assignment>(param.name) {
                assignment.apply(&mut self.0);
            }
        }
        Ok(())
    }
}

impl Args for HealthArgs {
    fn augment_args(command: Command) -> Command {
        let defaults = Thresholds::default();
        command.args(PARAMS.iter().map(|param| option(param, &defaults)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

fn option(param: &'static Param, defaults: &Thresholds) -> Arg {
    let default = value::write(param.field, defaults);
    let help = format!("{} [default: {default}]", param.meaning);
    Arg::new(param.name)
        .long(param.name)
        .value_name(value::kind(param.field).placeholder)
        .value_parser(move |text: &str| value::read(param.field, text))
        .help(help)
        .help_heading(HEADING)
        .allow_hyphen_values(true)
}

/// The subcommands of `keygen health`.
#[derive(Subcommand, Debug)]
pub(crate) enum HealthTool {
    /// Test the supervision by injecting faults into the real program
    ///
    /// Each fault runs in a process and a folder of its own. Shows which verdict must follow, how long detection and
    /// recovery take, restarts, lost keys, and memory. All of them take about eight minutes; the exit code is 1 if any
    /// fails. Best on an otherwise idle machine.
    Test(HealthTestArgs),
    /// Reading and maintaining the history.
    #[command(flatten)]
    History(HistoryTool),
}

/// Options of `keygen health test`.
#[derive(Args, Debug)]
pub(crate) struct HealthTestArgs {
    /// Only these faults [default: all; an unknown name lists them]
    pub only: Vec<String>,
    /// Threads that search [default: 2]
    // With two, one can be faulty while the other is healthy.
    #[arg(long, value_name = "N", default_value = "2", hide_default_value = true, value_parser = workers::number)]
    pub workers: usize,
    /// Where the faults of a card are tried: gpu, or gpu:N [default: the first OpenCL device of any kind]
    #[arg(long, value_name = "DEVICE")]
    pub device: Option<DeviceChoice>,
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

/// The subcommands of `keygen health` that use the history.
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum HistoryTool {
    /// Summary of the last hours
    ///
    /// Runs, workers with score, rate and performance, resources, restarts and their causes, incidents; times are local
    /// ones, those of --json are UTC.
    Report(PeriodArgs),
    /// Every measured value
    Metrics(PeriodArgs),
    /// Remove what is too old: metrics after 7 days, alerts and runs after a year
    Prune(HistoryArgs),
    /// Copy the history to a new file, also while a search writes it
    Backup(BackupArgs),
    /// Give free pages back to the file system
    Optimize(HistoryArgs),
}

/// Which history, as typed.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct HistoryArgs {
    /// Where the state folder is.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// The database [default: history.db in the state folder]
    #[arg(long, alias = "health-db", value_name = "PATH")]
    pub history_db: Option<PathBuf>,
}

/// Which part of the history.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct PeriodArgs {
    /// Which history.
    #[command(flatten)]
    pub history: HistoryArgs,
    /// How far back: 8h, 90m, 2d; a bare number is hours
    #[arg(long, value_name = "T", value_parser = duration::hours)]
    pub since: Option<Duration>,
    /// Only this session
    #[arg(long, value_name = "NAME")]
    pub session: Option<String>,
    /// Print JSON, with times in UTC
    #[arg(long)]
    pub json: bool,
}

/// Options of `keygen health backup`.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct BackupArgs {
    /// The new file
    pub file: PathBuf,
    /// Which history.
    #[command(flatten)]
    pub history: HistoryArgs,
}

/// Options of `keygen alert list`.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct AlertListArgs {
    /// Which part of the history.
    #[command(flatten)]
    pub period: PeriodArgs,
    /// Also those that are over
    #[arg(long)]
    pub all: bool,
}

/// Options of `keygen alert resolve`.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ResolveArgs {
    /// The number of the alert, as keygen alert list shows it
    pub id: i64,
    /// Which history.
    #[command(flatten)]
    pub history: HistoryArgs,
}
