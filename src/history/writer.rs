//! The thread that writes the history: behind a bounded channel, so that no database ever delays a search.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded};
use rusqlite::{Connection, params};

use super::database::{self, DatabaseError};
use super::record::{Alert, Baseline, Metric, Record, RunSummary};
use super::upkeep;

/// Records that may wait.
pub const QUEUE: usize = 1024;

/// Records in one transaction.
const TOGETHER: usize = 512;

/// How long the end waits for the rest to be written.
pub const PATIENCE: Duration = Duration::from_secs(2);

/// Time between two attempts to open a database that failed.
const RETRY: Duration = Duration::from_secs(30);

/// Time between two removals of what is too old.
const DAY: Duration = Duration::from_secs(86_400);

/// What a search has to say about its history; each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A damaged database was put aside.
    SetAside(PathBuf),
    /// Nothing can be written, for this reason; the search goes on.
    Failing(String),
    /// It works again.
    Recovered,
}

/// Records that were not written.
#[derive(Debug, Default)]
struct Lost(AtomicU64);

/// The sending side: never blocks.
pub struct History {
    sender: Option<Sender<Record>>,
    notices: Receiver<Notice>,
    lost: Arc<Lost>,
    done: Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

impl History {
    /// Opens the database and starts its thread.
    ///
    /// # Errors
    /// The database can't be used.
    pub fn open(path: &Path) -> Result<Self, DatabaseError> {
        let opened = database::open(path)?;
        let (sender, records) = bounded(QUEUE);
        let (notice_sender, notices) = bounded(16);
        let (done_sender, done) = bounded(0);
        let lost = Arc::new(Lost::default());
        if let Some(aside) = opened.set_aside {
            let _ = notice_sender.try_send(Notice::SetAside(aside));
        }
        let mut writer = Writer {
            path: path.to_owned(),
            connection: Some(opened.connection),
            notices: notice_sender,
            lost: Arc::clone(&lost),
            failing: false,
            next_open: None,
            next_prune: Instant::now() + DAY,
        };
        let thread = Builder::new().name("history".to_owned()).spawn(move || {
            writer.run(&records);
            drop(done_sender);
        });
        let thread = thread.map_err(|source| DatabaseError::File {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self {
            sender: Some(sender),
            notices,
            lost,
            done,
            thread: Some(thread),
        })
    }

    /// Queues a record, or counts it as lost when there is no room.
    pub fn send(&self, record: Record) {
        let full = |sender: &Sender<Record>| {
            matches!(
                sender.try_send(record),
                Err(TrySendError::Full(_) | TrySendError::Disconnected(_))
            )
        };
        if self.sender.as_ref().is_some_and(full) {
            self.lost.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Records that were not written so far.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.lost.0.load(Ordering::Relaxed)
    }

    /// What there is to say since the last call.
    pub fn notices(&self) -> impl Iterator<Item = Notice> + '_ {
        self.notices.try_iter()
    }

    /// Writes what is queued, but does not wait longer than `patience`; gives the records that were lost.
    pub fn close(mut self, patience: Duration) -> u64 {
        self.sender = None;
        if self.done.recv_timeout(patience) == Err(RecvTimeoutError::Disconnected)
            && let Some(thread) = self.thread.take()
        {
            let _ = thread.join();
        }
        self.lost()
    }
}

struct Writer {
    path: PathBuf,
    connection: Option<Connection>,
    notices: Sender<Notice>,
    lost: Arc<Lost>,
    failing: bool,
    next_open: Option<Instant>,
    next_prune: Instant,
}

impl Writer {
    fn run(&mut self, records: &Receiver<Record>) {
        while let Ok(first) = records.recv() {
            let batch: Vec<Record> = std::iter::once(first)
                .chain(records.try_iter().take(TOGETHER - 1))
                .collect();
            if let Err(reason) = self.write(&batch) {
                self.lost.0.fetch_add(batch.len() as u64, Ordering::Relaxed);
                self.fail(reason);
            } else if std::mem::take(&mut self.failing) {
                let _ = self.notices.try_send(Notice::Recovered);
            }
            self.prune();
        }
    }

    /// Says the first of a row of failures only.
    fn fail(&mut self, reason: String) {
        if !std::mem::replace(&mut self.failing, true) {
            let _ = self.notices.try_send(Notice::Failing(reason));
        }
    }

    fn write(&mut self, batch: &[Record]) -> Result<(), String> {
        if self.connection.is_some() && !self.path.exists() {
            // It was deleted: what is written to an open file without a name is lost.
            self.connection = None;
            self.next_open = None;
            self.fail("it was deleted while it was in use; a new one is begun".to_owned());
        }
        let connection = self.connection()?;
        match write_all(connection, batch) {
            Ok(()) => Ok(()),
            Err(error) => {
                if database::is_damage(&error) {
                    self.connection = None;
                    self.next_open = None;
                }
                Err(error.to_string())
            }
        }
    }

    /// The open connection, or another attempt to open one, not too often.
    fn connection(&mut self) -> Result<&mut Connection, String> {
        if self.connection.is_none() {
            let now = Instant::now();
            if self.next_open.is_some_and(|moment| now < moment) {
                return Err("it is not open".to_owned());
            }
            self.next_open = Some(now + RETRY);
            let opened = database::open(&self.path).map_err(|error| error.to_string())?;
            if let Some(aside) = opened.set_aside {
                let _ = self.notices.try_send(Notice::SetAside(aside));
            }
            self.connection = Some(opened.connection);
        }
        self.connection
            .as_mut()
            .ok_or_else(|| "it is not open".to_owned())
    }

    fn prune(&mut self) {
        let now = Instant::now();
        if now < self.next_prune {
            return;
        }
        self.next_prune = now + DAY;
        if let Some(connection) = &self.connection
            && let Err(error) = upkeep::prune(connection, jiff::Timestamp::now())
        {
            self.fail(error.to_string());
        }
    }
}

fn write_all(connection: &mut Connection, batch: &[Record]) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    for record in batch {
        match record {
            Record::Metric(metric) => write_metric(&transaction, metric)?,
            Record::Alert(alert) => write_alert(&transaction, alert)?,
            Record::Run(run) => write_run(&transaction, run)?,
            Record::Baseline(baseline) => write_baseline(&transaction, baseline)?,
        }
    }
    transaction.commit()
}

fn write_metric(connection: &Connection, metric: &Metric) -> rusqlite::Result<()> {
    let sql = "INSERT INTO health_metrics (resource_type, resource_id, metric_name, value, threshold_warning, \
               threshold_critical, timestamp, unit, status) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    connection.prepare_cached(sql)?.execute(params![
        metric.resource_type.name(),
        metric.resource_id,
        metric.name,
        metric.value,
        metric.warning,
        metric.critical,
        metric.at.as_millisecond(),
        metric.unit,
        metric.status.name(),
    ])?;
    Ok(())
}

fn write_alert(connection: &Connection, alert: &Alert) -> rusqlite::Result<()> {
    let sql = "INSERT INTO health_alerts (resource_type, resource_id, alert_type, severity, message, timestamp, \
               metadata, resolved, resolved_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    let at = alert.at.as_millisecond();
    connection.prepare_cached(sql)?.execute(params![
        alert.resource_type.name(),
        alert.resource_id,
        alert.alert_type,
        alert.severity.name(),
        alert.message,
        at,
        alert.metadata.to_string(),
        alert.resolved,
        alert.resolved.then_some(at),
    ])?;
    Ok(())
}

fn write_run(connection: &Connection, run: &RunSummary) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO runs (session, run, started, ended, ending, found, candidates, working_seconds) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    connection.prepare_cached(sql)?.execute(params![
        run.session,
        run.run,
        run.started.as_millisecond(),
        run.ended.as_millisecond(),
        run.ending,
        whole(run.found),
        whole(run.candidates),
        run.working_seconds,
    ])?;
    Ok(())
}

fn write_baseline(connection: &Connection, baseline: &Baseline) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO baselines (machine, backend, filter, workers, performance) \
               VALUES (?1, ?2, ?3, ?4, ?5)";
    let workers = i64::try_from(baseline.workers).unwrap_or(i64::MAX);
    connection.prepare_cached(sql)?.execute(params![
        baseline.machine,
        baseline.backend,
        baseline.filter,
        workers,
        baseline.performance,
    ])?;
    Ok(())
}

#[cfg(test)]
#[path = "writer_tests.rs"]
mod tests;
