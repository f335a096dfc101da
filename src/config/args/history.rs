//! The tools that read the history: `keygen health report` and others; and of those that ask for alerts.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::session::PlaceArgs;
use crate::config::duration;

/// What can be asked of the history, or done to it.
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum HistoryTool {
    /// The whole picture of the last hours
    ///
    /// Runs, workers with score, rate and performance, resources, restarts and their causes, incidents; times are local
    /// ones, those of --json are UTC.
    Report(PeriodArgs),
    /// Every value that was measured
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

/// Of when and whom, as typed.
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
    /// Of when and whom.
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
