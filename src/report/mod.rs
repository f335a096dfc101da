//! All output of a search: the only place that prints. It sees events and snapshots, never workers, and never blocks.
//!
//! Standard output carries results, one line a key; everything else goes to standard error. Each stream has a thread
//! of its own behind a bounded queue ([`outlet`]). A reader that sleeps or is gone costs lines, which are counted and
//! told at the end if there is still somebody to tell; searching and saving go on. Lines of keys have far more room
//! than others, and at the end the program waits for their reader as long as it takes anything within
//! [`PATIENCE`]; a key is in its file long before that.

pub(crate) mod event_objects;
pub(crate) mod events;
pub(crate) mod guide;
pub(crate) mod json;
pub(crate) mod leftover;
pub(crate) mod log;
pub(crate) mod outlet;
pub(crate) mod progress;
pub(crate) mod screen;
pub(crate) mod streams;
pub(crate) mod summary;
pub(crate) mod verbose;

use std::collections::HashSet;
use std::io::{self, IsTerminal};
use std::time::Duration;

use self::outlet::{Message, Outlet, Screen, Unwritten};
use self::progress::Schedule;
use self::screen::{Lines, Terminal};
use self::summary::Summary;
use self::verbose::Verbose;
use crate::batch::WorkerId;
use crate::event::{Event, Found, FoundKind, health_message, message};
use crate::health::HealthSummary;
use crate::key::store::Leftover;
use crate::session::announcements::SharedAnnounced;
use crate::status::Snapshot;

/// How long the end waits for a reader that takes nothing.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// How long it waits after an interrupt, in all.
const HASTE: Duration = Duration::from_millis(400);

/// A terminal shows progress only after this time: most short searches are over by then.
const QUIET_START: Duration = Duration::from_millis(300);

/// Time between two frames of progress.
const FRAME: Duration = Duration::from_millis(200);

/// Time after which the rate is known well enough to warn of a long search.
const RATE_KNOWN: Duration = Duration::from_millis(300);

/// A search of this length ends with a line on its health.
const HEALTH_AFTER: Duration = Duration::from_secs(60);

/// How much is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Detail {
    /// Results, warnings and errors only.
    Quiet,
    /// Progress, summary and what to do with a key.
    #[default]
    Normal,
    /// Also what each worker completes.
    Verbose,
}

/// How the output looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Style {
    /// Standard output is JSON lines.
    pub json: bool,
    /// How much is told.
    pub detail: Detail,
    /// Standard error is a terminal.
    pub terminal: bool,
    /// So is standard output: then lines of both must not run into one another.
    pub results_on_terminal: bool,
}

impl Style {
    /// The style for this process's streams.
    pub(crate) fn detect(json: bool, detail: Detail) -> Self {
        Self {
            json,
            detail,
            terminal: io::stderr().is_terminal(),
            results_on_terminal: io::stdout().is_terminal(),
        }
    }
}

/// Turns events into output.
pub(crate) struct Reporter {
    style: Style,
    chatter: Outlet,
    /// Results, unless they share the terminal.
    results: Option<Outlet>,
    verbose: Verbose,
    schedule: Schedule,
    next_frame: Duration,
    warned_long: bool,
    warned_mode: bool,
    engine_errors: HashSet<(WorkerId, usize)>,
    repeated: HashSet<WorkerId>,
    last_trouble: String,
    /// What to do with the last key found.
    guide: Vec<String>,
}

impl Reporter {
    /// A reporter on this process's streams; keys whose lines were written are noted in `announced`.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub(crate) fn new(style: Style, announced: SharedAnnounced) -> io::Result<Self> {
        let screen: Box<dyn Screen> = if style.terminal {
            Box::new(Terminal::new())
        } else {
            Box::new(Lines::standard())
        };
        let shared = style.terminal && style.results_on_terminal;
        let results = (!shared)
            .then(|| Outlet::start("stdout", Box::new(Lines::standard()), announced.clone()));
        Ok(Self::with_outlets(
            style,
            Outlet::start("stderr", screen, announced)?,
            results.transpose()?,
        ))
    }

    /// A reporter on outlets of the caller's choice; without one for results they go the way of the others.
    pub(crate) fn with_outlets(style: Style, chatter: Outlet, results: Option<Outlet>) -> Self {
        Self {
            style,
            chatter,
            results,
            verbose: Verbose::default(),
            schedule: Schedule::default(),
            next_frame: QUIET_START,
            warned_long: false,
            warned_mode: false,
            engine_errors: HashSet::new(),
            repeated: HashSet::new(),
            last_trouble: String::new(),
            guide: Vec::new(),
        }
    }

    /// Something that people like to know; not in quiet mode.
    pub(crate) fn say(&self, line: impl Into<String>) {
        if self.is_heard() {
            self.warn(line);
        }
    }

    /// Something that people must know.
    pub(crate) fn warn(&self, line: impl Into<String>) {
        self.chatter.send(Message::Chatter(line.into()));
    }

    /// Says what came of a file that a killed run left behind.
    pub(crate) fn leftover(&self, leftover: &Leftover) {
        let line = leftover::line(leftover);
        if matches!(leftover, Leftover::Removed { .. }) {
            self.say(line);
        } else {
            self.warn(line);
        }
    }

    /// Shows an event.
    pub(crate) fn event(&mut self, event: &Event) {
        if self.is_repetition(event) {
            return;
        }
        match event {
            Event::Batch(report) => {
                let line = self.is_verbose().then(|| self.verbose.take(report));
                line.flatten().into_iter().for_each(|line| self.say(line));
            }
            Event::Suspected { id, windows, of } => {
                let who = message::name(*id);
                self.detail(|| {
                    vec![format!(
                        "{who}: Performance degradation detected ({windows}/{of})"
                    )]
                });
            }
            Event::Checkup(checkup) => self.detail(|| health_message::checkup(checkup)),
            Event::Resources(readings) => {
                self.detail(|| vec![health_message::resources(readings)]);
            }
            Event::Found(found) => {
                self.found(found);
                for line in message::lines(event) {
                    if found.fallback {
                        self.warn(line);
                    } else {
                        self.say(line);
                    }
                }
            }
            Event::Gap(_) => (message::lines(event).into_iter()).for_each(|line| self.say(line)),
            Event::EngineError { .. }
            | Event::Repeated { .. }
            | Event::WorkerEnded { .. }
            | Event::Health(_)
            | Event::ReplacedByUser { .. }
            | Event::Refused { .. }
            | Event::Unsaved { .. }
            | Event::AllSaved
            | Event::NothingLeft => {
                (message::lines(event).into_iter()).for_each(|line| self.warn(line));
            }
            Event::Vitals(_)
            | Event::Glance(_)
            | Event::RestartWanted
            | Event::HealthSummary(_)
            | Event::WorkersDone
            | Event::Enough
            | Event::SaverDone { .. }
            | Event::PausesChanged(_)
            | Event::Command(_) => {}
        }
    }

    /// Says something only with `-v`.
    fn detail(&self, lines: impl FnOnce() -> Vec<String>) {
        if self.is_verbose() {
            lines().into_iter().for_each(|line| self.say(line));
        }
    }

    fn is_verbose(&self) -> bool {
        self.style.detail == Detail::Verbose
    }

    /// Shows progress if it is time to.
    pub(crate) fn progress(&mut self, snapshot: &Snapshot) {
        self.warn_of_long_search(snapshot);
        let working = snapshot.working();
        if self.style.detail == Detail::Quiet {
            return;
        }
        if self.style.terminal {
            if working >= self.next_frame {
                self.next_frame = working + FRAME;
                self.chatter
                    .send(Message::Status(progress::status(snapshot)));
            }
        } else if self.schedule.is_due(working) {
            self.say(progress::line(snapshot));
        }
    }

    /// Ends the output: rest, summary, what to do with the last key; waits for readers within limits.
    pub(crate) fn finish(mut self, summary: &Summary, interrupted: bool) {
        if self.style.json {
            let outlet = self.results.as_ref().unwrap_or(&self.chatter);
            outlet.send(Message::Result(json::summary(summary)));
        }
        self.chatter.send(Message::Status(String::new()));
        let patience = if interrupted { HASTE } else { PATIENCE };
        let limit = if interrupted { HASTE } else { Duration::MAX };
        let lost = self
            .results
            .as_mut()
            .map(|outlet| outlet.close(patience, limit));
        for line in self.last_lines(summary, lost.unwrap_or_default()) {
            self.warn(line);
        }
        let shared = self.results.is_none();
        self.chatter
            .close(if shared { patience } else { HASTE }, limit);
    }

    /// Writes what is queued and ends the output without a summary: another process continues.
    pub(crate) fn leave(mut self) {
        self.chatter.send(Message::Status(String::new()));
        if let Some(results) = &mut self.results {
            results.close(PATIENCE, PATIENCE);
        }
        self.chatter.close(PATIENCE, PATIENCE);
    }

    fn last_lines(&mut self, summary: &Summary, lost: Unwritten) -> Vec<String> {
        let mut lines = Vec::new();
        if self.style.detail != Detail::Quiet {
            lines.extend(self.verbose.finish());
            lines.extend(summary.lines());
            lines.extend(self.health_lines(summary));
            lines.append(&mut self.guide);
        }
        let chatter = self.chatter.refused();
        lines.extend(summary::unwritten(Unwritten { chatter, ..lost }));
        lines
    }

    /// Health at the end: with `-v`, after a minute, or if something happened.
    fn health_lines(&self, summary: &Summary) -> Vec<String> {
        let wanted = |health: &&HealthSummary| {
            self.is_verbose() || summary.totals.working() >= HEALTH_AFTER || health.is_eventful()
        };
        let health = summary.health.as_ref().filter(wanted);
        health.map(health_message::summary).unwrap_or_default()
    }

    fn found(&mut self, found: &Found) {
        self.announce(found);
        if found.kind == FoundKind::Wanted && self.style.terminal {
            self.guide = guide::lines(found);
        }
        if !found.mode_kept {
            self.mode_not_kept();
        }
    }

    /// The file system of the key files is not known to keep mode 0600: said once.
    pub(crate) fn mode_not_kept(&mut self) {
        if !std::mem::replace(&mut self.warned_mode, true) {
            self.warn(
                "WARNING: the file system of the folder for keys is not known to keep mode 0600: others may be able to \
                 read key files there. Choose another folder with --output DIR, or move them.",
            );
        }
    }

    /// Shows the line of a key: on standard output if it was searched for or with JSON, else with the messages. The
    /// stream that shows it notes it as announced.
    fn announce(&self, found: &Found) {
        let results = self.results.as_ref().unwrap_or(&self.chatter);
        let watched = || Message::Chatter(message::watched_line(found));
        match found.kind {
            FoundKind::Wanted if !self.style.json => {
                let line = message::result_line(found);
                results.announce(found.public, Some(Message::Result(line)));
            }
            FoundKind::Watched if !self.style.json => {
                let shown = (self.is_heard() || found.fallback).then(watched);
                self.chatter.announce(found.public, shown);
            }
            kind => {
                results.announce(found.public, Some(Message::Result(json::key(found))));
                if kind == FoundKind::Watched && (self.is_heard() || found.fallback) {
                    self.chatter.send(watched());
                }
            }
        }
    }

    fn is_heard(&self) -> bool {
        self.style.detail != Detail::Quiet
    }

    /// An engine error of a lane is told once, the same trouble with saving once until it changes.
    fn is_repetition(&mut self, event: &Event) -> bool {
        match event {
            Event::EngineError { id, lane, .. } => !self.engine_errors.insert((*id, *lane)),
            Event::Repeated { id, .. } => !self.repeated.insert(*id),
            Event::Unsaved { reason, held, .. } => {
                let trouble = format!("{held} {reason}");
                std::mem::replace(&mut self.last_trouble, trouble.clone()) == trouble
            }
            Event::AllSaved => {
                self.last_trouble.clear();
                false
            }
            _ => false,
        }
    }

    fn warn_of_long_search(&mut self, snapshot: &Snapshot) {
        if !self.warned_long && snapshot.working() >= RATE_KNOWN && snapshot.rate > 0.0 {
            self.warned_long = true;
            if let Some(line) = snapshot.odds.long_search(snapshot.rate) {
                self.say(line);
            }
        }
    }
}

#[cfg(test)]
#[path = "reporter_tests.rs"]
mod tests;
