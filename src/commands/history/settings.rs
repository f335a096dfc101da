//! What `keygen health` and `keygen alert` ask of the history.

use std::path::PathBuf;
use std::time::Duration;

use crate::config::args::{AlertListArgs, HistoryArgs, HistoryTool, PeriodArgs, ResolveArgs};
use crate::config::error::UsageError;
use crate::config::session::place;

/// How far back is looked unless something else is said.
const DAY: Duration = Duration::from_secs(86_400);

/// Longer than alerts are kept.
const ALWAYS: Duration = Duration::from_secs(2 * 366 * 86_400);

/// A question to the history, or something to be done to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HistoryCommand {
    /// The database.
    pub path: PathBuf,
    /// What.
    pub what: What,
}

/// What is asked or done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// The whole picture.
    Report(Period),
    /// All metrics.
    Metrics(Period),
    /// Alerts; all, or only those that are open.
    Alerts {
        /// Of when and whom.
        period: Period,
        /// Whether also those that are over.
        all: bool,
    },
    /// An alert is over.
    Resolve(i64),
    /// What is too old goes.
    Prune,
    /// A copy.
    Backup(PathBuf),
    /// Free pages are given back.
    Optimize,
}

/// Of when and whom, and how it is printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Period {
    /// How far back.
    pub since: Duration,
    /// Only this session.
    pub session: Option<String>,
    /// As JSON.
    pub json: bool,
}

/// What a `keygen health` command line asks of the history.
///
/// # Errors
/// A time that is none, or no state folder.
pub(crate) fn health(tool: &HistoryTool) -> Result<HistoryCommand, UsageError> {
    match tool {
        HistoryTool::Report(args) => asked(args, DAY, What::Report),
        HistoryTool::Metrics(args) => asked(args, DAY, What::Metrics),
        HistoryTool::Prune(args) => command(args, What::Prune),
        HistoryTool::Backup(args) => command(&args.history, What::Backup(args.file.clone())),
        HistoryTool::Optimize(args) => command(args, What::Optimize),
    }
}

/// What `keygen alert list` asks of the history.
///
/// # Errors
/// As [`health`].
pub(crate) fn alerts(args: &AlertListArgs) -> Result<HistoryCommand, UsageError> {
    let all = args.all;
    asked(&args.period, ALWAYS, |period| What::Alerts { period, all })
}

/// What `keygen alert resolve` does to the history.
///
/// # Errors
/// As [`health`].
pub(crate) fn resolve_alert(args: &ResolveArgs) -> Result<HistoryCommand, UsageError> {
    command(&args.history, What::Resolve(args.id))
}

fn asked(
    args: &PeriodArgs,
    default: Duration,
    what: impl FnOnce(Period) -> What,
) -> Result<HistoryCommand, UsageError> {
    let period = Period {
        since: args.since.unwrap_or(default),
        session: args.session.clone(),
        json: args.json,
    };
    command(&args.history, what(period))
}

fn command(args: &HistoryArgs, what: What) -> Result<HistoryCommand, UsageError> {
    let path = match &args.history_db {
        Some(path) => path.clone(),
        None => place(&args.place)?.database(),
    };
    Ok(HistoryCommand { path, what })
}
