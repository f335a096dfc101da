//! `keygen health report` and its like, and `keygen alert`: reads and keeps the history.

pub(crate) mod report;
pub(crate) mod settings;
use anyhow::Context;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use serde::Serialize;

use crate::commands::history::report as words;
use crate::commands::history::settings::{HistoryCommand, Period, What};
use crate::config::UsageError;
use crate::exit::Ending;
use crate::history::summary::Summary;
use crate::history::{database, query, upkeep};
use crate::report::streams::Streams;
use crate::text::number::thousands;

/// What is said before the reason where a question to the history fails.
const UNUSABLE: &str = "the history can't be used";

/// Does what is asked for.
///
/// # Errors
/// The database or standard output can't be used.
pub(crate) fn run(command: &HistoryCommand, streams: &mut Streams<'_>) -> anyhow::Result<Ending> {
    let connection = database::open_to_read(&command.path)?;
    let now = Timestamp::now();
    match &command.what {
        What::Report(period) => report(&connection, period, now, streams)?,
        What::Metrics(period) => metrics(&connection, period, now, streams)?,
        What::Alerts { period, all } => alerts(&connection, period, !all, now, streams)?,
        What::Resolve(id) => resolve(&connection, *id, now, streams)?,
        What::Prune => prune(&connection, now, streams)?,
        What::Backup(file) => {
            upkeep::backup(&connection, file).context(UNUSABLE)?;
            writeln!(streams.out, "{}", file.display())?;
        }
        What::Optimize => {
            upkeep::optimize(&connection).context(UNUSABLE)?;
            let size = std::fs::metadata(&command.path)?.len();
            writeln!(
                streams.out,
                "The history has {} bytes now.",
                thousands(size)
            )?;
        }
    }
    Ok(Ending::Found)
}

fn since(period: &Period, now: Timestamp) -> Timestamp {
    let back = SignedDuration::try_from(period.since).unwrap_or(SignedDuration::MAX);
    now.checked_sub(back).unwrap_or(Timestamp::MIN)
}

fn report(
    connection: &Connection,
    period: &Period,
    now: Timestamp,
    streams: &mut Streams<'_>,
) -> anyhow::Result<()> {
    let summary = Summary::read(connection, period.session.as_deref(), since(period, now))
        .context(UNUSABLE)?;
    if period.json {
        return object(&summary, streams);
    }
    write!(
        streams.out,
        "{}",
        words::summary(&summary, &TimeZone::system())
    )?;
    Ok(())
}

fn metrics(
    connection: &Connection,
    period: &Period,
    now: Timestamp,
    streams: &mut Streams<'_>,
) -> anyhow::Result<()> {
    let zone = TimeZone::system();
    for metric in query::metrics(connection, period.session.as_deref(), since(period, now))
        .context(UNUSABLE)?
    {
        if period.json {
            object(&metric, streams)?;
        } else {
            writeln!(streams.out, "{}", words::metric(&metric, &zone))?;
        }
    }
    Ok(())
}

fn alerts(
    connection: &Connection,
    period: &Period,
    open_only: bool,
    now: Timestamp,
    streams: &mut Streams<'_>,
) -> anyhow::Result<()> {
    let zone = TimeZone::system();
    let session = period.session.as_deref();
    let alerts =
        query::alerts(connection, session, since(period, now), open_only).context(UNUSABLE)?;
    if alerts.is_empty() && !period.json {
        let which = if open_only {
            "No alert is open."
        } else {
            "There are no alerts."
        };
        streams.say(which);
    }
    for alert in &alerts {
        if period.json {
            object(alert, streams)?;
        } else {
            writeln!(streams.out, "{}", words::alert(alert, &zone))?;
        }
    }
    Ok(())
}

fn resolve(
    connection: &Connection,
    id: i64,
    now: Timestamp,
    streams: &mut Streams<'_>,
) -> anyhow::Result<()> {
    if !query::resolve(connection, id, now).context(UNUSABLE)? {
        return Err(UsageError::refused(format!(
            "there is no open alert {id}; keygen alert list names all"
        ))
        .into());
    }
    writeln!(streams.out, "Alert {id} is over.")?;
    Ok(())
}

fn prune(connection: &Connection, now: Timestamp, streams: &mut Streams<'_>) -> anyhow::Result<()> {
    let pruned = upkeep::prune(connection, now).context(UNUSABLE)?;
    writeln!(
        streams.out,
        "Removed {} metrics, {} alerts and {} runs.",
        thousands(pruned.metrics as u64),
        thousands(pruned.alerts as u64),
        thousands(pruned.runs as u64)
    )?;
    Ok(())
}

/// One object on a line.
fn object(value: &impl Serialize, streams: &mut Streams<'_>) -> anyhow::Result<()> {
    let text = serde_json::to_string(value).map_err(std::io::Error::from)?;
    writeln!(streams.out, "{text}")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use super::*;
    use crate::alert::{Alert, Change, Subject};
    use crate::health::resource::Status;
    use crate::history::record::{Record, RunSummary};
    use crate::history::writer::History;

    fn history(path: &Path) {
        let history = History::open(path).unwrap();
        let now = Timestamp::now();
        let alert = Alert {
            name: "worker-dead",
            subject: Subject::Worker(1),
            status: Status::Unhealthy,
            message: "WARNING: it panicked".to_owned(),
            details: serde_json::json!({"step": "restarting"}),
            key: None,
            at: now,
        };
        history.send(Record::Alert(Change::Raised(alert), "night".to_owned()));
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

    fn ask(path: &Path, what: What) -> Result<String, String> {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut streams = Streams {
            out: &mut out,
            err: &mut err,
        };
        let command = HistoryCommand {
            path: path.to_owned(),
            what,
        };
        match run(&command, &mut streams) {
            Ok(_) => Ok(String::from_utf8(out).unwrap()),
            Err(error) => Err(error.to_string()),
        }
    }

    fn period(session: Option<&str>, json: bool) -> Period {
        Period {
            since: Duration::from_secs(3600),
            session: session.map(str::to_owned),
            json,
        }
    }

    #[test]
    fn a_report_tells_runs_restarts_and_incidents_of_its_session() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.db");
        history(&path);
        let text = ask(&path, What::Report(period(None, false))).unwrap();
        for part in [
            "night (run 1)",
            "2 keys",
            "1 for worker-dead",
            "it panicked",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        let other = ask(&path, What::Report(period(Some("day"), true))).unwrap();
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
        let list = || {
            ask(
                &path,
                What::Alerts {
                    period: period(None, false),
                    all: false,
                },
            )
            .unwrap()
        };
        assert!(list().contains("#1 night/worker-1 worker-dead"));
        assert!(ask(&path, What::Resolve(1)).is_ok());
        assert_eq!(list(), "");
        assert!(
            ask(&path, What::Resolve(1))
                .unwrap_err()
                .contains("no open alert 1")
        );
        assert!(
            ask(&path, What::Prune)
                .unwrap()
                .contains("Removed 0 metrics")
        );
    }

    #[test]
    fn a_history_that_does_not_exist_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let error = ask(&folder.path().join("none.db"), What::Optimize).unwrap_err();
        assert!(error.contains("none.db"), "{error}");
    }
}
