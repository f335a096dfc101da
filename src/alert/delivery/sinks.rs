//! All ways out of a running search: which alert goes where, and what came of it.

use std::io;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, bounded};
use jiff::Timestamp;

use super::heartbeat::Heartbeat;
use crate::alert::delivery::sink::{Exit, Outlet, QUEUE, Report};
use crate::alert::message::{Message, Sender};
use crate::alert::settings::AlertSettings;
use crate::alert::throttle::{Gate, Notice};
use crate::alert::{Change, Severity, Subject, judge};

/// How long the end waits for messages that are not delivered yet.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// How long it waits after an interrupt.
pub(crate) const HASTE: Duration = Duration::from_secs(1);

/// Time between two looks at whether the end has waited enough.
const LOOK: Duration = Duration::from_millis(20);

/// What an outlet is for.
#[derive(Debug)]
enum Taste {
    /// What its gate lets through.
    Alerts(Box<Gate>),
    /// The same without the keys that were searched for: another command is for them.
    NoKeys(Box<Gate>),
    /// Keys that were searched for, each of them.
    Keys,
    /// A call from time to time.
    Beats(Heartbeat),
}

#[derive(Debug)]
struct Line {
    label: String,
    taste: Taste,
    outlet: Outlet,
}

/// The outlets of a running search; without any it does nothing.
#[derive(Debug)]
pub(crate) struct Outlets {
    lines: Vec<Line>,
    sender: Sender,
    reports: Receiver<Report>,
    done: Receiver<()>,
}

impl Outlets {
    /// Starts a thread for each outlet of the settings.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub(crate) fn start(settings: &AlertSettings, session: Option<String>) -> io::Result<Self> {
        let (reports, report_receiver) = bounded(QUEUE);
        let (done, done_receiver) = bounded(0);
        let mut lines = Vec::new();
        for (label, exit, taste) in wanted(settings) {
            let outlet = Outlet::start(lines.len() + 1, exit, reports.clone(), done.clone())?;
            lines.push(Line {
                label,
                taste,
                outlet,
            });
        }
        Ok(Self {
            lines,
            sender: Sender::here(session),
            reports: report_receiver,
            done: done_receiver,
        })
    }

    /// Tells a change to every outlet that is to know of it; the trouble of an outlet is never told through itself.
    pub(crate) fn tell(&mut self, change: &Change, now: Duration) {
        for (index, line) in self.lines.iter_mut().enumerate() {
            if *change.key().1 == Subject::Channel(index + 1) {
                continue;
            }
            let notice = match &mut line.taste {
                Taste::Alerts(gate) => gate.take(change, now),
                Taste::NoKeys(gate) if !is_key(change) => gate.take(change, now),
                Taste::Keys if is_key(change) => Some(first(change.clone())),
                _ => None,
            };
            if let Some(notice) = notice {
                line.outlet.send(Message::new(&notice, &self.sender));
            }
        }
    }

    /// Does what is due; `fresh`: progress was confirmed lately. Gives what became of messages, if that changed.
    pub(crate) fn tick(&mut self, fresh: bool, now: Duration, at: Timestamp) -> Vec<Change> {
        for line in &mut self.lines {
            let notices = match &mut line.taste {
                Taste::Alerts(gate) | Taste::NoKeys(gate) if gate.waits() => gate.tick(now, at),
                Taste::Beats(heartbeat) => {
                    let due = heartbeat.is_due(fresh, now);
                    due.then(|| first(judge::of_test(at))).into_iter().collect()
                }
                _ => Vec::new(),
            };
            for notice in notices {
                line.outlet.send(Message::new(&notice, &self.sender));
            }
        }
        self.reported(at)
    }

    /// What became of messages since the last call.
    fn reported(&self, at: Timestamp) -> Vec<Change> {
        let change = |report: Report| {
            let line = self.lines.get(report.outlet.wrapping_sub(1))?;
            let failing = report.failing.as_deref();
            Some(judge::of_channel(report.outlet, &line.label, failing, at))
        };
        self.reports.try_iter().filter_map(change).collect()
    }

    /// Takes no more, and waits until all is delivered, patience ends, or `is_enough` says so. Gives the trouble that
    /// came since, and what was not delivered, lines.
    pub(crate) fn close(
        &mut self,
        patience: Duration,
        mut is_enough: impl FnMut() -> bool,
    ) -> (Vec<Change>, Vec<String>) {
        let deadline = Instant::now() + patience;
        self.lines.iter_mut().for_each(|line| line.outlet.close());
        while Instant::now() < deadline && !is_enough() {
            // Disconnected once every thread has ended.
            if let Err(RecvTimeoutError::Disconnected) = self.done.recv_timeout(LOOK) {
                break;
            }
        }
        let changes = self.reported(Timestamp::now());
        (changes, self.lines.iter().filter_map(undelivered).collect())
    }
}

fn undelivered(line: &Line) -> Option<String> {
    let count = line.outlet.undelivered();
    let plural = if count == 1 { "" } else { "s" };
    (count > 0).then(|| {
        format!(
            "WARNING: not delivered to {} when the search ended: {count} message{plural}.",
            line.label
        )
    })
}

/// The outlets that settings ask for: what they are called, how messages leave, and which.
fn wanted(settings: &AlertSettings) -> Vec<(String, Exit, Taste)> {
    let gate = |minimum| Box::new(Gate::new(minimum, settings.cooldown));
    let mut all = Vec::new();
    for channel in &settings.channels {
        let exit = Exit::Way(channel.way.clone());
        all.push((
            channel.label.clone(),
            exit,
            Taste::Alerts(gate(channel.minimum)),
        ));
    }
    if let Some(line) = &settings.on_found {
        all.push((
            "--on-found".to_owned(),
            Exit::Command(line.clone()),
            Taste::Keys,
        ));
    }
    if let Some(line) = &settings.on_alert {
        let taste = Taste::NoKeys(gate(Severity::Info));
        all.push(("--on-alert".to_owned(), Exit::Command(line.clone()), taste));
    }
    if let Some(channel) = &settings.heartbeat {
        let taste = Taste::Beats(Heartbeat::default());
        all.push((channel.label.clone(), Exit::Way(channel.way.clone()), taste));
    }
    all
}

fn is_key(change: &Change) -> bool {
    matches!(change, Change::Noted(alert) if alert.key.as_ref().is_some_and(|key| key.wanted))
}

fn first(change: Change) -> Notice {
    Notice {
        change,
        held_back: 0,
    }
}
