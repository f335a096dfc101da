//! What is kept of a search beside its keys: the session's books, the history, the events file. Fed by the loop.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::job::Job;
use super::record_files::Files;
use crate::alert::Change;
use crate::app::search_state::Control;
use crate::clock::gap::{Gap, Reading};
use crate::event::Event;
use crate::event::{health_message as health, message};
use crate::exit::Ending;
use crate::health::{ActionTaken, Finding};
use crate::history::baselines::Recall;
use crate::history::recorder::{About, Chronicle};
use crate::history::writer::{History, Notice, PATIENCE};
use crate::report::events::EventLog;
use crate::report::progress::Progress;
use crate::session::active::Live;
use crate::session::checkpoint::Totals;
use crate::session::status::Status;
use crate::text::number::thousands;

/// How long the end waits for the history after an interrupt.
const HASTE: Duration = Duration::from_millis(200);

/// What is kept of a search.
#[derive(Default)]
pub(crate) struct Records {
    session: Option<Box<Live>>,
    chronicle: Option<Chronicle>,
    events: Option<EventLog>,
}

impl Records {
    /// The records of a session, or of a search without one, in files that are open.
    #[must_use]
    pub(crate) fn new(files: Files, job: &Job, session: Option<Box<Live>>, at: Timestamp) -> Self {
        let Files {
            mut events,
            history,
        } = files;
        if let (Some(events), Some(session)) = (&mut events, &session) {
            events.set_session(session.name().to_string(), session.run());
        }
        let records = Self {
            chronicle: history.map(|history| chronicle(history, job, session.as_deref(), at)),
            events,
            session,
        };
        records.note("started", started(job), at);
        records
    }

    /// The session, if there is one.
    #[must_use]
    pub(crate) fn session(&self) -> Option<&Live> {
        self.session.as_deref()
    }

    /// The session, to be changed.
    pub(crate) fn session_mut(&mut self) -> Option<&mut Live> {
        self.session.as_deref_mut()
    }

    /// Asks the history what earlier runs learned.
    pub(crate) fn recall(&self, recall: Recall) {
        if let Some(chronicle) = &self.chronicle {
            chronicle.recall(recall);
        }
    }

    /// Writes an object to the events file.
    pub(crate) fn note(&self, name: &str, fields: Value, at: Timestamp) {
        if let Some(events) = &self.events {
            events.write(name, fields, at);
        }
    }

    /// Writes a key to the events file that an earlier run saved and did not announce.
    pub(crate) fn told_later(&self, event: &Event, at: Timestamp) {
        if let Some(events) = &self.events {
            events.event(event, at);
        }
    }

    /// Takes in what happened, before it is announced; gives what people must know first.
    pub(crate) fn event(
        &mut self,
        event: &Event,
        control: &Control,
        progress: &Progress,
        now: Duration,
        at: Timestamp,
    ) -> Vec<String> {
        if let Some(events) = &self.events {
            events.event(event, at);
        }
        if let Some(chronicle) = &mut self.chronicle {
            chronicle.event(event, || control.session_totals(now), progress.rate, at);
        }
        self.session.as_mut().map_or_else(Vec::new, |session| {
            remember(session, event, at);
            // A key must not be announced without a word where the session's journal does not know of it.
            let is_key = matches!(event, Event::Found(_)) && session.folder().is_some();
            is_key
                .then(|| session.check_journal(at))
                .flatten()
                .into_iter()
                .collect()
        })
    }

    /// Takes in what happens to an alert.
    pub(crate) fn alert(&mut self, change: &Change) {
        if let Some(chronicle) = &mut self.chronicle {
            chronicle.alert(change);
        }
    }

    /// Records on their way to the history.
    #[cfg(test)]
    pub fn waiting(&self) -> usize {
        self.chronicle.as_ref().map_or(0, Chronicle::waiting)
    }

    /// What became of the history since the last call.
    #[must_use]
    pub(crate) fn notices(&self) -> Vec<Notice> {
        self.chronicle
            .as_ref()
            .map_or_else(Vec::new, Chronicle::notices)
    }

    /// Takes in a time without search.
    pub(crate) fn gap(&mut self, gap: Gap, at: Timestamp) {
        if let Some(events) = &self.events {
            events.gap(&gap, at);
        }
        if let Some(session) = &mut self.session {
            session.book(gap);
        }
    }

    /// The search pauses for this reason, or goes on.
    pub(crate) fn pause(&mut self, now: Reading, why: Option<String>) {
        if let Some(session) = &mut self.session {
            session.pause(now, why);
        }
    }

    /// Does what is due; gives what people should know.
    pub(crate) fn tick(
        &mut self,
        now: Reading,
        progress: &Progress,
        totals: impl FnOnce() -> Totals,
    ) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(session) = &mut self.session {
            lines.extend(session.tick(now, totals));
            if session.folder().is_some()
                && let Some(chronicle) = &mut self.chronicle
            {
                chronicle.begin();
            }
        }
        if let Some(events) = &mut self.events {
            events.progress(progress, now.wall);
            lines.extend(events.notice());
        }
        lines
    }

    /// The status of the search in lines, as `keygen status` has it; nothing without a session on disk.
    pub(crate) fn status(&mut self, totals: Totals, now: Timestamp) -> Option<String> {
        let look = self.session.as_mut()?.look(totals, now)?;
        Some(Status::of(&look, now).text(&TimeZone::system()))
    }

    /// Writes the end of everything; gives what people should know.
    pub(crate) fn end(&mut self, now: Reading, totals: Totals, ending: Ending) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(session) = &mut self.session {
            lines.extend(session.end(now, totals, ending));
        }
        let fields = json!({
            "ending": ending.name(),
            "code": ending.code(),
            "found": totals.found,
            "candidates": totals.candidates,
            "seconds": totals.working_seconds,
        });
        let patience = match ending {
            Ending::Interrupted(_) => HASTE,
            _ => PATIENCE,
        };
        lines.extend(self.close("ended", fields, ending.name(), &totals, now.wall, patience));
        lines
    }

    /// Closes history and events, the session staying as it is: the program executes itself anew.
    pub(crate) fn hand_over(&mut self, now: Timestamp, totals: &Totals) -> Vec<String> {
        let event = "restarting-process";
        self.close(event, json!({}), "restarted", totals, now, PATIENCE)
    }

    fn close(
        &mut self,
        event: &str,
        fields: Value,
        ending: &str,
        totals: &Totals,
        now: Timestamp,
        patience: Duration,
    ) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(chronicle) = self.chronicle.take() {
            lines.extend(chronicle.end(ending, totals, now, patience));
        }
        if let Some(events) = self.events.take() {
            events.write(event, fields, now);
            let lost = events.close();
            if lost > 0 {
                lines.push(format!(
                    "WARNING: {} events were not written to the events file.",
                    thousands(lost)
                ));
            }
        }
        lines
    }
}

fn chronicle(
    (history, at_once): (History, bool),
    job: &Job,
    session: Option<&Live>,
    started: Timestamp,
) -> Chronicle {
    let mut chronicle = Chronicle::new(
        history,
        About {
            session: session.map_or_else(|| "unnamed".to_owned(), |s| s.name().to_string()),
            run: session.map_or(1, Live::run),
            started,
            output: job.store.folder().display().to_string(),
            thresholds: job.thresholds.clone(),
        },
    );
    if at_once {
        chronicle.begin();
    }
    chronicle
}

fn started(job: &Job) -> Value {
    json!({
        "process": std::process::id(),
        "version": env!("CARGO_PKG_VERSION"),
        "pattern": job.wanted.describe(),
        "probability": job.wanted.probability(),
        "workers": job.workers,
        "backend": job.backend.name(),
        "output": job.store.folder().display().to_string(),
        "count": job.limits.count,
        "candidates_limit": job.limits.candidates,
        "time_limit_seconds": job.limits.time.map(|time| time.as_secs_f64()),
    })
}

/// What a session's checkpoint keeps of an event: restarts, warnings, health.
fn remember(session: &mut Live, event: &Event, at: Timestamp) {
    match event {
        Event::Health(finding) => {
            if let Finding {
                verdict,
                action: ActionTaken::Restarting { .. },
                ..
            } = finding
            {
                session.restarted(verdict.name());
            }
            if !matches!(
                finding.action,
                ActionTaken::Over | ActionTaken::Resumed | ActionTaken::Reclaimed
            ) {
                session.warn(at, health::finding(finding));
            }
        }
        Event::Vitals(vitals) => session.set_health(vitals.state.name()),
        Event::EngineError { .. } | Event::Refused { .. } | Event::Unsaved { .. } => {
            session.warn(at, message::lines(event).join(" "));
        }
        _ => {}
    }
}
