//! The subscribers to the events of a search, in this order: session, history, events file, alerts, status with metrics and
//! service manager, and the reporter. The session comes first, because nothing may be announced that it does not have. One
//! that fails is reported and never stops the search.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::alerts::Alerts;
use super::outputs::{Exports, Files, OpenedExports};
use super::search_state::{Moment, SearchState};
use crate::alert::delivery::sinks::{self, Outlets};
use crate::config::{ForNode, SearchSettings};
use crate::dashboard::source::{Own, Source};
use crate::event::message::keys;
use crate::event::{Event, FoundKind};
use crate::exit::Ending;
use crate::history::recorder::{About, Recorder, said};
use crate::history::writer;
use crate::report::events::EventLog;
use crate::report::summary::Summary;
use crate::report::{Reporter, progress};
use crate::session::active::ActiveSession;
use crate::session::status::Status;
use crate::status::{LatestSnapshot, Snapshot};
use crate::text::number::thousands;
use crate::text::span;

/// How long the end waits for the history after an interrupt.
const HISTORY_AFTER_INTERRUPT: Duration = Duration::from_millis(200);

/// All subscribers of a search.
pub(crate) struct Subscribers {
    session: Option<Box<ActiveSession>>,
    events: Option<EventLog>,
    alerts: Alerts,
    latest: LatestSnapshot,
    exports: Exports,
    reporter: Reporter,
    for_node: Arc<ForNode>,
}

impl Subscribers {
    /// The subscribers of a search that begins now.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub(crate) fn new(
        files: Files,
        settings: &SearchSettings,
        session: Option<Box<ActiveSession>>,
        reporter: Reporter,
        now: &Moment,
    ) -> io::Result<Self> {
        let (mut events, history) = (files.events, files.history);
        if let (Some(events), Some(session)) = (&mut events, &session) {
            events.set_session(session.name.to_string(), session.checkpoint.run);
        }
        let name = session.as_ref().map(|session| session.name.to_string());
        let about = About {
            session: name.clone().unwrap_or_else(|| "unnamed".to_owned()),
            run: session.as_ref().map_or(1, |session| session.checkpoint.run),
            started: now.at(),
            output: settings.store.folder().display().to_string(),
            thresholds: settings.thresholds.clone(),
        };
        let start = |(history, at_once)| Recorder::start(history, about, at_once);
        let history = history.map(start);
        let subscribers = Self {
            session,
            events,
            alerts: Alerts::new(Outlets::start(&settings.alerts, name)?, history),
            latest: LatestSnapshot::default(),
            exports: Exports::default(),
            reporter,
            for_node: Arc::clone(&settings.for_node),
        };
        subscribers.note("started", started(settings), now);
        Ok(subscribers)
    }

    /// Starts the exports.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub(crate) fn export(
        &mut self,
        exports: OpenedExports,
        database: Option<PathBuf>,
    ) -> io::Result<()> {
        let session = self.session();
        let session = session.map(|session| (session.place.clone(), session.name.clone()));
        let of = |latest| Source::Own(Box::new(Own::new(latest, session, database)));
        self.exports = exports.start(&self.latest, of)?;
        Ok(())
    }

    pub(crate) fn session(&self) -> Option<&ActiveSession> {
        self.session.as_deref()
    }

    pub(crate) fn session_mut(&mut self) -> Option<&mut ActiveSession> {
        self.session.as_deref_mut()
    }

    pub(crate) fn for_node(&self) -> Arc<ForNode> {
        Arc::clone(&self.for_node)
    }

    pub(crate) fn history(&self) -> Option<&Recorder> {
        self.alerts.history.as_ref()
    }

    pub(crate) fn reporter(&self) -> &Reporter {
        &self.reporter
    }

    /// Passes an event to all subscribers.
    pub(crate) fn event(&mut self, event: &Event, state: &SearchState, now: &Moment) {
        if let Some(session) = &mut self.session {
            let line = session.event(event, now.reading);
            line.into_iter().for_each(|line| self.reporter.warn(line));
        }
        if let Some(history) = &mut self.alerts.history {
            history.event(event, || state.snapshot(now), now.at());
        }
        self.announce(event, now);
    }

    /// Passes an event to all but session and history, which have it from an earlier run.
    pub(crate) fn announce(&mut self, event: &Event, now: &Moment) {
        if let Event::Found(found) = event
            && found.kind == FoundKind::Wanted
        {
            // Only the first one is kept.
            let _ = (found.files.first()).map(|file| self.for_node.first_key.set(file.clone()));
        }
        if let Some(events) = &self.events {
            events.event(event, now.at());
        }
        self.alerts.event(event, now);
        self.reporter.event(event);
    }

    /// Raises the alert about the time in which no process ran the session, which has it on record already.
    pub(crate) fn tell_gone(&mut self, now: &Moment) {
        let gone = self.session.as_ref().and_then(|session| session.was_gone());
        if let Some(gap) = gone {
            self.alerts.event(&Event::Gap(gap), now);
        }
    }

    /// Passes a snapshot to all, and lets them do what is due.
    pub(crate) fn tick(&mut self, snapshot: Snapshot, now: &Moment) {
        let mut lines = Vec::new();
        if let Some(session) = &mut self.session {
            lines.extend(session.tick(now.reading, &snapshot));
        }
        self.tick_history(now);
        if let Some(events) = &mut self.events {
            events.progress(&snapshot, now.at());
            lines.extend(events.notice());
        }
        let fresh = snapshot.is_fresh();
        lines.extend(self.alerts.tick(fresh, now));
        let snapshot = self.latest.put(self.complete(snapshot));
        let folder = self.session.as_ref().and_then(|session| session.folder());
        self.exports.show(&snapshot, folder, now.now);
        lines.extend(self.exports.notices());
        lines.into_iter().for_each(|line| self.reporter.warn(line));
        self.reporter.progress(&snapshot);
    }

    fn tick_history(&mut self, now: &Moment) {
        let Some(history) = &mut self.alerts.history else {
            return;
        };
        if (self.session.as_ref()).is_some_and(|session| session.folder().is_some()) {
            history.begin();
        }
        for notice in history.notices() {
            self.alerts.history_notice(&notice, now);
            self.reporter.warn(said(notice));
        }
    }

    /// Adds to a snapshot what only subscribers know.
    pub(crate) fn complete(&self, snapshot: Snapshot) -> Snapshot {
        Snapshot {
            alerts: self.alerts.active(),
            deliveries: self.alerts.deliveries(),
            checkpoint: self.session().and_then(ActiveSession::written),
            ..snapshot
        }
    }

    /// Prints what `keygen status` would print, or at least a line of progress.
    pub(crate) fn say_status(&mut self, snapshot: &Snapshot, now: &Moment) {
        let session = self.session.as_mut();
        let look = session.and_then(|session| session.look(snapshot, now.at()));
        let status = look.map(|look| Status::of(&look, now.at()).text(&TimeZone::system()));
        self.reporter
            .warn(status.unwrap_or_else(|| progress::line(snapshot)));
    }

    /// Makes sure that there is a session on disk that a restarted program can resume.
    ///
    /// # Errors
    /// Why the program may not restart now.
    pub(crate) fn permit_restart(&mut self, now: &Moment) -> Result<(), String> {
        let Some(session) = self.session.as_mut() else {
            return Err("the search keeps no session that could be resumed".to_owned());
        };
        session.permit_restart(now.at())
    }

    /// Tells all that the search has ended; `is_enough` cuts the wait for messages short.
    pub(crate) fn end(
        mut self,
        snapshot: Snapshot,
        summary: &Summary,
        now: &Moment,
        is_enough: impl FnMut() -> bool,
    ) {
        let ending = summary.ending;
        let totals = &summary.totals;
        let told = format!(
            "{} found, {} candidates in {}",
            keys(totals.found),
            thousands(totals.candidates),
            span::seconds(totals.working_seconds)
        );
        if let Some(session) = &mut self.session {
            let lines = session.end(now.reading, &snapshot, ending);
            lines.into_iter().for_each(|line| self.reporter.warn(line));
        }
        self.alerts.end(ending, &told, now);
        let interrupted = matches!(ending, Ending::Interrupted(_));
        let (history_patience, alerts_patience) = match interrupted {
            true => (HISTORY_AFTER_INTERRUPT, sinks::INTERRUPTED_TIMEOUT),
            false => (writer::CLOSE_TIMEOUT, sinks::DELIVERY_TIMEOUT),
        };
        let fields = json!({
            "ending": ending.name(),
            "code": ending.code(),
            "found": totals.found,
            "candidates": totals.candidates,
            "seconds": totals.working_seconds,
        });
        let record = ("ended", fields, ending.name());
        self.close_records(record, &snapshot, history_patience, now);
        self.say_how_to_resume(ending);
        let snapshot = self.latest.put(self.complete(snapshot));
        self.exports.end(&snapshot, now.now);
        let lines = self.alerts.close(alerts_patience, is_enough);
        lines.into_iter().for_each(|line| self.reporter.warn(line));
        self.reporter.finish(summary, interrupted);
    }

    fn say_how_to_resume(&self, ending: Ending) {
        let resumes = matches!(ending, Ending::Interrupted(_) | Ending::Stopped);
        let session = self.session().filter(|s| resumes && s.folder().is_some());
        if let Some(session) = session {
            let name = session.name.quoted();
            self.reporter
                .say(format!("To continue: keygen resume {name}"));
        }
    }

    /// Records everything for the restarted program; returns the session, whose lock is kept.
    ///
    /// # Errors
    /// The session can't be written; it can still be resumed.
    pub(crate) fn hand_over(
        mut self,
        snapshot: &Snapshot,
        now: &Moment,
        is_enough: impl FnMut() -> bool,
    ) -> io::Result<Box<ActiveSession>> {
        self.alerts.end_open(now);
        let lines = self.alerts.close(sinks::DELIVERY_TIMEOUT, is_enough);
        lines.into_iter().for_each(|line| self.reporter.warn(line));
        let record = ("restarting-process", json!({}), "restarted");
        self.close_records(record, snapshot, writer::CLOSE_TIMEOUT, now);
        let handed = self.session.map(|mut session| {
            let written = session.hand_over(now.reading, snapshot);
            written.map(|()| session).map_err(io::Error::other)
        });
        self.reporter
            .warn("Restarting the program; its session continues.");
        self.reporter.leave();
        handed.unwrap_or_else(|| Err(io::Error::other("there is no session")))
    }

    /// Writes the last of history and events.
    fn close_records(
        &mut self,
        (event, fields, ending): (&str, Value, &str),
        snapshot: &Snapshot,
        patience: Duration,
        now: &Moment,
    ) {
        let mut lines = Vec::new();
        if let Some(history) = self.alerts.history.take() {
            lines.extend(history.end(ending, &snapshot.totals, now.at(), patience));
        }
        self.note(event, fields, now);
        let lost = self.events.take().map_or(0, EventLog::close);
        if lost > 0 {
            let lost = thousands(lost);
            lines.push(format!(
                "WARNING: {lost} events were not written to the events file."
            ));
        }
        lines.into_iter().for_each(|line| self.reporter.warn(line));
    }

    fn note(&self, name: &str, fields: Value, now: &Moment) {
        if let Some(events) = &self.events {
            events.write(name, fields, now.at());
        }
    }

    /// Ends the output as a kill would: nothing else is written any more.
    #[cfg(test)]
    pub(crate) fn kill(self) {
        self.reporter.leave();
    }
}

fn started(settings: &SearchSettings) -> Value {
    json!({
        "process": std::process::id(),
        "version": env!("CARGO_PKG_VERSION"),
        "pattern": settings.wanted.describe(),
        "probability": settings.wanted.probability(),
        "workers": settings.workers,
        "backend": settings.backend.backend().name(),
        "output": settings.store.folder().display().to_string(),
        "count": settings.limits.count,
        "candidates_limit": settings.limits.candidates,
        "time_limit_seconds": settings.limits.time.map(|time| time.as_secs_f64()),
    })
}
