//! One way out of the program: a thread that delivers messages one after the other, behind a bounded channel.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::command;
use super::http::Http;
use super::retry::{Failure, deliver};
use crate::alert::delivery::transport::Way;
use crate::alert::message::Message;

/// Messages that may wait: a channel that answers nothing for hours holds no more than this.
pub(crate) const QUEUE: usize = 256;

/// How messages leave.
#[derive(Clone)]
pub(crate) enum Exit {
    /// Through a channel.
    Way(Way),
    /// By running a command line.
    Command(String),
}

impl Exit {
    /// Delivers one message, within limits; gives what was answered.
    ///
    /// # Errors
    /// It did not get there.
    pub(crate) fn deliver(&self, message: &Message, http: &Http) -> Result<String, Failure> {
        match self {
            Self::Way(way) => deliver(|| way.send(message, http), thread::sleep),
            // What a command has begun must not be begun again.
            Self::Command(line) => command::run(line, message, command::TIMEOUT),
        }
    }
}

/// What became of the messages to an outlet: told when that changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Report {
    /// Number of the outlet, from 1.
    pub outlet: usize,
    /// Why a message was not delivered; nothing: they are delivered again.
    pub failing: Option<String>,
}

/// What is counted of an outlet.
#[derive(Debug, Default)]
struct Counts {
    /// Messages that were taken and are neither delivered nor given up.
    waiting: AtomicU64,
    /// Messages that were not delivered.
    lost: AtomicU64,
}

/// The sending side: never blocks.
#[derive(Debug)]
pub(crate) struct Outlet {
    queue: Option<Sender<Box<Message>>>,
    counts: Arc<Counts>,
}

impl Outlet {
    /// Starts the thread of outlet number `outlet`. `done` is dropped when it has nothing to do any more.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub(crate) fn start(
        outlet: usize,
        exit: Exit,
        reports: Sender<Report>,
        done: Sender<()>,
    ) -> io::Result<Self> {
        let (queue, messages) = bounded(QUEUE);
        let counts = Arc::new(Counts::default());
        let thread = Thread {
            outlet,
            exit,
            reports,
            counts: Arc::clone(&counts),
        };
        let builder = thread::Builder::new().name(format!("notify-{outlet}"));
        builder.spawn(move || {
            thread.run(&messages);
            drop(done);
        })?;
        Ok(Self {
            queue: Some(queue),
            counts,
        })
    }

    /// Takes a message, or counts it as lost where too many wait.
    pub(crate) fn send(&self, message: Message) {
        let Some(queue) = &self.queue else {
            return;
        };
        self.counts.waiting.fetch_add(1, Ordering::Relaxed);
        if queue.try_send(Box::new(message)).is_err() {
            self.counts.waiting.fetch_sub(1, Ordering::Relaxed);
            self.counts.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Takes no more: the thread ends after what waits.
    pub(crate) fn close(&mut self) {
        self.queue = None;
    }

    /// Messages that were not delivered, or not yet.
    pub(crate) fn undelivered(&self) -> u64 {
        self.counts.waiting.load(Ordering::Relaxed) + self.counts.lost.load(Ordering::Relaxed)
    }
}

struct Thread {
    outlet: usize,
    exit: Exit,
    reports: Sender<Report>,
    counts: Arc<Counts>,
}

impl Thread {
    fn run(&self, messages: &Receiver<Box<Message>>) {
        let http = Http::default();
        let mut is_failing = false;
        for message in messages {
            let failing = self.exit.deliver(&message, &http).err();
            if failing.is_some() {
                self.counts.lost.fetch_add(1, Ordering::Relaxed);
            }
            self.counts.waiting.fetch_sub(1, Ordering::Relaxed);
            if failing.is_some() || is_failing {
                is_failing = failing.is_some();
                // A loop that reads none any more needs none.
                let _ = self.reports.try_send(Report {
                    outlet: self.outlet,
                    failing: failing.map(|failure| failure.reason),
                });
            }
        }
    }
}
