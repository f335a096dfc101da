//! The thread that writes the history, behind a bounded queue, so that no database ever delays a search.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, after, bounded, never, select};
use rusqlite::Connection;

use super::database::{self, DatabaseError, Opened};
use super::record::{BaselineQuery, Metric, Record};
use super::{query, rows, upkeep};
use crate::health::Learned;
use crate::health::state::ResourceType;
use crate::outage::{Outage, Turn};
use crate::queue::Queue;

/// Records that may wait.
const WAITING: usize = 1024;

/// Records in one transaction.
const TOGETHER: usize = 512;

/// How long the end waits for the rest to be written.
pub(crate) const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// Time between two attempts to open a database that failed.
const RETRY_DELAY: Duration = Duration::from_secs(30);

/// Time before the first removal of old records, so that runs shorter than a day remove them, too.
const FIRST_PRUNE: Duration = Duration::from_secs(60);

/// Time between removals of old records.
const DAY: Duration = Duration::from_secs(86_400);

/// What the user should know about the history; each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    /// A damaged database was set aside.
    SetAside(PathBuf),
    /// Nothing can be written, for this reason; the search continues.
    Failing(String),
    /// It works again.
    Recovered,
}

/// The sending side: never blocks.
pub(crate) struct History {
    queue: Queue<Record>,
    asker: Sender<BaselineQuery>,
    notices: Receiver<Notice>,
}

impl History {
    /// Opens the database and starts its thread.
    ///
    /// # Errors
    /// The database can't be used.
    pub(crate) fn open(path: &Path) -> Result<Self, DatabaseError> {
        Self::start(path, Some(database::open_quickly(path)?))
    }

    /// Starts the thread; it creates the database only when the first record comes, and reads baselines from one that
    /// exists.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub(crate) fn later(path: &Path) -> Result<Self, DatabaseError> {
        Self::start(path, None)
    }

    fn start(path: &Path, opened: Option<Opened>) -> Result<Self, DatabaseError> {
        let (asker, questions) = bounded(1);
        let (notice_sender, notices) = bounded(16);
        let mut writer = Writer {
            path: path.to_owned(),
            connection: None,
            notices: notice_sender,
            outage: Outage::default(),
            next_open: None,
            next_prune: Instant::now() + FIRST_PRUNE,
            size: 0,
        };
        if let Some(opened) = opened {
            writer.take_over(opened);
        }
        let queue = Queue::start("history", WAITING, move |records, lost| {
            writer.run(&records, questions, lost);
        });
        Ok(Self {
            queue: queue.map_err(|source| DatabaseError::File {
                path: path.to_owned(),
                source,
            })?,
            asker,
            notices,
        })
    }

    /// Queues a record, or counts it as lost when there is no room.
    pub(crate) fn send(&self, record: Record) {
        self.queue.send(record);
    }

    /// Asks for the baselines of earlier runs.
    pub(crate) fn ask(&self, question: BaselineQuery) {
        // Nothing waits for the answer.
        let _ = self.asker.try_send(question);
    }

    /// Records that wait to be written.
    #[cfg(test)]
    pub(crate) fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// What the user should know since the last call.
    pub(crate) fn notices(&self) -> impl Iterator<Item = Notice> + '_ {
        self.notices.try_iter()
    }

    /// Writes what is queued, waiting no longer than this; returns the number of lost records.
    pub(crate) fn close(mut self, timeout: Duration) -> u64 {
        self.queue.close();
        self.queue.has_ended_within(timeout);
        self.queue.lost()
    }
}

struct Writer {
    path: PathBuf,
    connection: Option<Connection>,
    notices: Sender<Notice>,
    outage: Outage,
    next_open: Option<Instant>,
    next_prune: Instant,
    /// Bytes of the database when they were last written.
    size: u64,
}

impl Writer {
    fn run(
        &mut self,
        records: &Receiver<Record>,
        mut questions: Receiver<BaselineQuery>,
        lost: &AtomicU64,
    ) {
        self.examine();
        let mut question: Option<BaselineQuery> = None;
        loop {
            let due = question.as_ref().map_or_else(never, |q| after(q.after));
            select! {
                recv(records) -> record => match record {
                    Ok(first) => self.take(first, records, lost),
                    Err(_) => return,
                },
                recv(questions) -> asked => match asked {
                    Ok(asked) => question = Some(asked),
                    Err(_) => questions = never(),
                },
                recv(due) -> _ => if let Some(question) = question.take() {
                    answer(question, &self.path);
                },
            }
        }
    }

    /// Checks the whole of a database that was opened quickly.
    fn examine(&mut self) {
        let checked = self.connection.as_ref().map(database::check);
        if let Some(Err(error)) = checked
            && database::is_damage(&error)
        {
            // The next write sets it aside.
            self.connection = None;
        }
    }

    /// Writes a record, and those that wait behind it.
    fn take(&mut self, first: Record, records: &Receiver<Record>, lost: &AtomicU64) {
        let mut batch: Vec<Record> = std::iter::once(first)
            .chain(records.try_iter().take(TOGETHER - 1))
            .collect();
        let offered = batch.len() as u64;
        batch.extend(self.size(&batch));
        let failure = self.write(&batch).err();
        if failure.is_some() {
            lost.fetch_add(offered, Ordering::Relaxed);
        }
        self.observe(failure);
        self.prune();
    }

    /// The size of the database as a metric, with a sample, where it has changed by a tenth.
    fn size(&mut self, batch: &[Record]) -> Option<Record> {
        let run = batch.iter().rev().find_map(|record| match record {
            Record::Run(run) => Some(run),
            _ => None,
        })?;
        let size = std::fs::metadata(&self.path).map_or(0, |metadata| metadata.len());
        if size.abs_diff(self.size) * 10 < self.size.max(1) {
            return None;
        }
        self.size = size;
        let path = self.path.display().to_string();
        let database = (ResourceType::Database, path.as_str());
        let metric = Metric::new(database, "size", size as f64, "bytes", run.ended);
        Some(Record::Metric(metric))
    }

    /// Reports the first of several failures, and the recovery.
    fn observe(&mut self, failure: Option<String>) {
        let notice = match self.outage.observe(failure) {
            Some(Turn::Failed(reason)) => Notice::Failing(reason),
            Some(Turn::Recovered) => Notice::Recovered,
            None => return,
        };
        let _ = self.notices.try_send(notice);
    }

    fn take_over(&mut self, opened: Opened) {
        if let Some(aside) = opened.set_aside {
            let _ = self.notices.try_send(Notice::SetAside(aside));
        }
        self.connection = Some(opened.connection);
    }

    fn write(&mut self, batch: &[Record]) -> Result<(), String> {
        if self.connection.is_some() && !self.path.exists() {
            // It was deleted: what is written to an open file without a name is lost.
            self.connection = None;
            self.next_open = None;
            let reason = "it was deleted while it was in use; a new one is created";
            self.observe(Some(reason.to_owned()));
        }
        let connection = self.connection()?;
        match rows::write_all(connection, batch) {
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
            self.next_open = Some(now + RETRY_DELAY);
            let opened = database::open(&self.path).map_err(|error| error.to_string())?;
            self.take_over(opened);
        }
        let open = self.connection.as_mut();
        open.ok_or_else(|| "it is not open".to_owned())
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
            self.observe(Some(error.to_string()));
        }
    }
}

/// Baselines of earlier runs count a little less: a baseline only rises within a run, so one from a lucky minute fades
/// from run to run, unless it is learned again.
const FADED: f64 = 0.97;

/// Answers from the database, unless that is missing or can't be read.
fn answer(asked: BaselineQuery, path: &Path) {
    let known = database::open_to_read(path)
        .ok()
        .and_then(|c| query::learned(&c, &asked.machine, &asked.filter, asked.workers).ok());
    let faded: Vec<_> = (known.into_iter().flatten().map(fade)).collect();
    if !faded.is_empty() {
        // A search that has ended needs no answer.
        let _ = asked.learned.try_send(faded);
    }
}

fn fade(learned: Learned) -> Learned {
    Learned {
        performance: FADED * learned.performance,
        rate: FADED * learned.rate,
        ..learned
    }
}

#[cfg(test)]
#[path = "writer_tests.rs"]
mod tests;
