//! `keygen health` for the history, and `keygen alert list` and `resolve`.

mod report;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use serde::Serialize;

use crate::config::UsageError;
use crate::config::args::{AlertListArgs, HistoryArgs, HistoryTool, PeriodArgs, ResolveArgs};
use crate::config::session::place;
use crate::exit::Ending;
use crate::history::summary::Summary;
use crate::history::{database, query, upkeep};
use crate::report::streams::Streams;
use crate::text::number::thousands;

/// Precedes the reason why the history can't be read or changed.
const UNUSABLE: &str = "the history can't be used";

/// How far back reports go by default.
const DAY: Duration = Duration::from_secs(86_400);

/// Longer than alerts are kept.
const ALWAYS: Duration = Duration::from_secs(2 * 366 * 86_400);

/// `keygen health` without its test.
///
/// # Errors
/// The database or standard output can't be used.
pub(crate) fn run(tool: &HistoryTool, streams: &mut Streams<'_>) -> anyhow::Result<Ending> {
    match tool {
        HistoryTool::Report(args) => write_report(args, streams)?,
        HistoryTool::Metrics(args) => {
            let (session, since) = (args.session.as_deref(), since(args, DAY));
            let rows = query::metrics(&open(&args.history)?, session, since).context(UNUSABLE)?;
            write_rows(&rows, args.json, report::metric, streams)?;
        }
        HistoryTool::Prune(args) => prune(args, streams)?,
        HistoryTool::Backup(args) => {
            upkeep::backup(&open(&args.history)?, &args.file).context(UNUSABLE)?;
            writeln!(streams.out, "{}", args.file.display())?;
        }
        HistoryTool::Optimize(args) => {
            upkeep::optimize(&open(args)?).context(UNUSABLE)?;
            let size = thousands(std::fs::metadata(path(args)?)?.len());
            writeln!(streams.out, "The history now has {size} bytes.")?;
        }
    }
    Ok(Ending::Found)
}

/// `keygen alert list`.
///
/// # Errors
/// As [`run`].
pub(crate) fn list_alerts(
    args: &AlertListArgs,
    streams: &mut Streams<'_>,
) -> anyhow::Result<Ending> {
    let AlertListArgs { period, all } = args;
    let (session, since) = (period.session.as_deref(), since(period, ALWAYS));
    let connection = open(&period.history)?;
    let alerts = query::alerts(&connection, session, since, !all).context(UNUSABLE)?;
    if alerts.is_empty() && !period.json {
        streams.say(match all {
            true => "There are no alerts.",
            false => "No alert is open.",
        });
    }
    write_rows(&alerts, period.json, report::alert, streams)?;
    Ok(Ending::Found)
}

/// `keygen alert resolve`.
///
/// # Errors
/// As [`run`], and no such alert is open.
pub(crate) fn resolve_alert(
    args: &ResolveArgs,
    streams: &mut Streams<'_>,
) -> anyhow::Result<Ending> {
    let (id, connection) = (args.id, open(&args.history)?);
    if !query::resolve(&connection, id, Timestamp::now()).context(UNUSABLE)? {
        let wrong = format!("there is no open alert {id}; keygen alert list shows all");
        return Err(UsageError::refused(wrong).into());
    }
    writeln!(streams.out, "Alert {id} is resolved.")?;
    Ok(Ending::Found)
}

fn path(args: &HistoryArgs) -> Result<PathBuf, UsageError> {
    match &args.history_db {
        Some(path) => Ok(path.clone()),
        None => Ok(place(&args.place)?.database()),
    }
}

fn open(args: &HistoryArgs) -> anyhow::Result<Connection> {
    Ok(database::open_to_read(&path(args)?)?)
}

fn since(args: &PeriodArgs, default: Duration) -> Timestamp {
    let back = SignedDuration::try_from(args.since.unwrap_or(default));
    let back = back.unwrap_or(SignedDuration::MAX);
    Timestamp::now().checked_sub(back).unwrap_or(Timestamp::MIN)
}

fn write_report(args: &PeriodArgs, streams: &mut Streams<'_>) -> anyhow::Result<()> {
    let (session, since) = (args.session.as_deref(), since(args, DAY));
    let summary = Summary::read(&open(&args.history)?, session, since).context(UNUSABLE)?;
    if args.json {
        writeln!(streams.out, "{}", serde_json::to_string(&summary)?)?;
    } else {
        let text = report::summary(&summary, &TimeZone::system());
        write!(streams.out, "{text}")?;
    }
    Ok(())
}

fn prune(args: &HistoryArgs, streams: &mut Streams<'_>) -> anyhow::Result<()> {
    let pruned = upkeep::prune(&open(args)?, Timestamp::now()).context(UNUSABLE)?;
    writeln!(
        streams.out,
        "Removed {} metrics, {} alerts and {} runs.",
        thousands(pruned.metrics as u64),
        thousands(pruned.alerts as u64),
        thousands(pruned.runs as u64)
    )?;
    Ok(())
}

/// Writes each row on a line, as JSON or in words.
fn write_rows<T: Serialize>(
    rows: &[T],
    json: bool,
    words: fn(&T, &TimeZone) -> String,
    streams: &mut Streams<'_>,
) -> anyhow::Result<()> {
    let zone = TimeZone::system();
    for row in rows {
        let line = match json {
            true => serde_json::to_string(row)?,
            false => words(row, &zone),
        };
        writeln!(streams.out, "{line}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::path::Path;

    use super::*;
    use crate::alert::{Change, Subject};
    use crate::health::state::Status;
    use crate::history::record::{Record, RunSummary};
    use crate::history::writer::History;

    fn history(path: &Path) {
        let history = History::open(path).unwrap();
        let now = Timestamp::now();
        let message = "WARNING: it panicked".to_owned();
        let change = Change {
            details: serde_json::json!({"step": "restarting"}),
            ..Change::raised(
                "worker-dead",
                Subject::Worker(1),
                Status::Unhealthy,
                message,
                now,
            )
        };
        history.send(Record::Alert(change, "night".to_owned()));
        history.send(Record::Run(RunSummary {
            session: "night".to_owned(),
            run: 1,
            started: now,
            ended: now,
            ending: "limit".to_owned(),
            found: 2,
            candidates: 1000,
            working_seconds: 3.0,
        }));
        assert_eq!(history.close(Duration::from_secs(60)), 0);
    }

    /// What `keygen COMMAND` says about this history.
    fn ask(path: &Path, command: &str) -> Result<String, String> {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut streams = Streams {
            out: &mut out,
            err: &mut err,
        };
        let words = ["keygen"].into_iter().chain(command.split(' '));
        let words = words
            .map(OsString::from)
            .chain(["--history-db".into(), path.into()]);
        match super::super::dispatch(words, &mut streams) {
            Ok(_) => Ok(String::from_utf8(out).unwrap()),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn a_report_tells_runs_restarts_and_incidents_of_its_session() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.db");
        history(&path);
        let text = ask(&path, "health report").unwrap();
        for part in [
            "night (run 1)",
            "2 keys",
            "1 for worker-dead",
            "it panicked",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        let other = ask(&path, "health report --session day --json").unwrap();
        let other: serde_json::Value = serde_json::from_str(&other).unwrap();
        assert_eq!(
            (&other["runs"], &other["incidents"]),
            (&serde_json::json!([]), &serde_json::json!([]))
        );
    }

    #[test]
    fn an_alert_is_listed_until_it_is_resolved() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.db");
        history(&path);
        let list = || ask(&path, "alert list").unwrap();
        assert!(list().contains("#1 night/worker-1 worker-dead"));
        assert!(ask(&path, "alert resolve 1").is_ok());
        assert_eq!(list(), "");
        assert!(
            ask(&path, "alert resolve 1")
                .unwrap_err()
                .contains("no open alert 1")
        );
        assert!(
            ask(&path, "health prune")
                .unwrap()
                .contains("Removed 0 metrics")
        );
    }

    #[test]
    fn a_history_that_does_not_exist_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let error = ask(&folder.path().join("none.db"), "health optimize").unwrap_err();
        assert!(error.contains("none.db"), "{error}");
    }
}
