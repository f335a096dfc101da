//! The session before a search: begun, resumed, refused, unpaused or, if it is over, listed.

use std::path::Path;
use std::time::Duration;

use jiff::{Timestamp, Zoned};

use super::Outcome;
use crate::clock::reading::Reading;
use crate::config::SearchSettings;
use crate::config::error::{UsageError, refuse};
use crate::config::session::{SessionChoice, define};
use crate::control::client;
use crate::control::protocol::Request;
use crate::event::message::{keys, result_line};
use crate::event::{Found, FoundKind};
use crate::exit::Ending;
use crate::key::hex;
use crate::report::{Detail, json};
use crate::session::active::ActiveSession;
use crate::session::active::StartError;
use crate::session::definition::Definition;
use crate::session::inspect::Look;
use crate::session::journal::{Announcement, Record};
use crate::session::name::SessionName;
use crate::session::recover::{Fate, Key};
use crate::session::service_dir;
use crate::session::state::{Decision, State};
use crate::session::status::Status;
use crate::text::number::thousands;
use crate::text::span;

/// What to do about the session before a search can start.
pub(crate) enum Plan {
    /// Search, perhaps without a session.
    Search(Option<Box<Opening>>),
    /// Nothing is to be searched: print this and end.
    NothingToDo(Outcome),
}

/// A session that is about to run.
pub(crate) struct Opening {
    pub choice: SessionChoice,
    definition: Definition,
}

/// A session that runs, or none, and what to report before its search starts.
#[derive(Default)]
pub(crate) struct Opened {
    /// The session.
    pub session: Option<Box<ActiveSession>>,
    /// Keys that were saved before an interruption and not announced.
    pub unannounced: Vec<Found>,
    /// Notes in whole sentences.
    pub notes: Vec<String>,
}

/// Decides about the session of these settings; writes nothing.
///
/// # Errors
/// A process runs it, or it belongs to another user.
pub(crate) fn plan(settings: &SearchSettings, now: &Zoned) -> Result<Plan, UsageError> {
    let Some(choice) = settings.session.clone() else {
        return Ok(Plan::Search(None));
    };
    let definition = define(settings, &choice, now);
    let note = choice.note.as_ref().map(|note| format!("{note}\n"));
    let over = |text: String| {
        Ok(Plan::NothingToDo(Outcome {
            out: text,
            err: note.clone().unwrap_or_default(),
            ending: Ending::Found,
        }))
    };
    let name = &choice.name;
    match (
        choice.decide(&definition.limits, now.timestamp()),
        &choice.existing,
    ) {
        (Decision::Refuse(state), _) => Err(UsageError::refused(refusal(name, &state))),
        (Decision::RunsAlready(state), _) => over(held(name, &choice.place.session(name), &state)),
        (Decision::Unpause(state), _) => over(wake(name, &choice.place.session(name), &state)?),
        // Its last key may be unannounced: a run that ends at once puts that right.
        (Decision::List(ending), Some(look)) if matches!(look.state, State::Finished(_)) => {
            Ok(Plan::NothingToDo(Outcome {
                out: listing(look, settings.json),
                err: match settings.detail {
                    Detail::Quiet => String::new(),
                    _ => note.unwrap_or_default() + &finished_text(look, now.timestamp()),
                },
                ending,
            }))
        }
        _ => {
            check_owner(&choice)?;
            Ok(Plan::Search(Some(Box::new(Opening { choice, definition }))))
        }
    }
}

/// Refuses to write in a session of the service that is another user's: the service could not continue it.
fn check_owner(choice: &SessionChoice) -> Result<(), UsageError> {
    let name = choice.name.quoted();
    let owner = service_dir::as_owner(&choice.place, &choice.place.session(&choice.name));
    if let Some(sudo) = owner {
        refuse!(
            "the session {name} belongs to the system service and to another user. systemctl start keygen@{name} continues \
             it, or {sudo} keygen resume {name}."
        );
    }
    Ok(())
}

/// The report on a session that is over, and how it can be extended.
fn finished_text(look: &Look, now: Timestamp) -> String {
    let status = Status::of(look, now);
    let next = status.next.as_deref().map(|next| format!("{next}.\n"));
    format!("{}.\n{}", status.headline(), next.unwrap_or_default())
}

fn refusal(name: &SessionName, state: &State) -> String {
    let (shows, process) = (name.quoted(), process(state));
    format!(
        "the session {name} is {}{process}. keygen status {shows} shows it.",
        state.name()
    )
}

fn process(state: &State) -> String {
    let id = state.process();
    id.map_or_else(String::new, |id| format!(", as process {id}"))
}

/// What to say of a session that a process holds. What its folder says may be a moment old: if that process is paused by now,
/// it continues.
fn held(name: &SessionName, folder: &Path, state: &State) -> String {
    let holds = match state {
        State::Running { .. } => "is running",
        _ => "is held by a process that does not respond",
    };
    let continues = matches!(state, State::Running { .. })
        .then(|| unpause(name, folder).ok())
        .flatten()
        .filter(|said| said.starts_with(&format!("{name} continues")));
    continues.unwrap_or_else(|| {
        let (process, shows) = (process(state), name.quoted());
        format!("{name} {holds} already{process}. keygen status {shows} shows it.\n")
    })
}

/// Wakes a process that is stopped.
fn wake(name: &SessionName, folder: &Path, state: &State) -> Result<String, UsageError> {
    match state {
        State::Paused {
            process: Some(id),
            stopped: true,
            ..
        } if signal_continue(*id) => Ok(format!("{name} continues, as process {id}.\n")),
        State::Paused { stopped: false, .. } => unpause(name, folder),
        State::Paused { why, .. } => {
            let process = process(state);
            refuse!(
                "the session {name} is paused{process} ({why}) and can't be continued from here"
            )
        }
        _ => Err(UsageError::refused(refusal(name, state))),
    }
}

/// Asks a paused process to continue.
fn unpause(name: &SessionName, folder: &Path) -> Result<String, UsageError> {
    match client::ask(folder, &Request::Unpause, client::PATIENCE) {
        Ok(reply) => {
            let said = reply.fields["said"].as_str().unwrap_or("continues");
            Ok(format!("{name} {said}.\n"))
        }
        Err(error) => refuse!("the session {name}: {error}"),
    }
}

#[cfg(unix)]
fn signal_continue(process: u32) -> bool {
    use rustix::process::{Pid, Signal, kill_process};
    let process = i32::try_from(process).ok().and_then(Pid::from_raw);
    process.is_some_and(|process| kill_process(process, Signal::CONT).is_ok())
}

#[cfg(not(unix))]
fn signal_continue(_: u32) -> bool {
    false
}

/// The keys of a session that is over, as standard output has them.
fn listing(look: &Look, as_json: bool) -> String {
    let records = look.keys.iter().filter_map(|entry| entry.last());
    let line = |record: &Record| {
        let found = found(record);
        if as_json {
            json::key(&found)
        } else {
            result_line(&found)
        }
    };
    let wanted = records.filter(|record| as_json || record.kind == FoundKind::Wanted);
    wanted.map(|record| line(record) + "\n").collect()
}

/// A recorded key as an event has it.
fn found(record: &Record) -> Found {
    Found {
        kind: record.kind,
        pattern: record.pattern.clone(),
        public: hex::decode(&record.public_key).unwrap_or([0; 32]),
        files: record.files.clone(),
        mode_kept: true,
        candidates: record.candidates,
        at: Duration::try_from_secs_f64(record.seconds).unwrap_or_default(),
        claim: record.claim(),
        ..Found::default()
    }
}

impl Opening {
    /// Begins the session or resumes it: on return it is on disk, unless it has no name and may be over soon.
    ///
    /// # Errors
    /// It can't be written, and the search must not run without it; or another process was faster.
    pub(crate) fn open(self, now: Reading) -> Result<Opened, StartError> {
        let Self { choice, definition } = self;
        let (place, name) = (choice.place, choice.name);
        let mut opened = Opened::default();
        opened.notes.extend(choice.note);
        opened.session = Some(Box::new(match choice.existing {
            Some(look) => {
                let notes = look.notes.iter().map(|note| format!("WARNING: {note}"));
                opened.notes.extend(notes);
                let (session, keys) = ActiveSession::resume(place, look, definition, now)?;
                opened.notes.push(resumed(&session));
                opened.notes.extend(losses(&keys));
                opened.unannounced = unannounced(keys);
                session
            }
            None if choice.required => ActiveSession::begin(place, name, definition, now)?,
            None => ActiveSession::later(place, name, definition, now),
        }));
        Ok(opened)
    }
}

fn resumed(session: &ActiveSession) -> String {
    let totals = session.checkpoint.totals;
    format!(
        "Session {} resumed (run {}): {}, {} candidates in {} so far.",
        session.name,
        session.checkpoint.run,
        keys(totals.found),
        thousands(totals.candidates),
        span::seconds(totals.working_seconds)
    )
}

fn losses(found: &[Key]) -> Option<String> {
    let lost = found.iter().filter(|key| key.fate == Fate::Lost).count() as u64;
    let what = "recorded in the journal, but no longer in any file";
    (lost > 0).then(|| {
        format!(
            "WARNING: {what}: {} that had not been announced.",
            keys(lost)
        )
    })
}

fn unannounced(found_keys: Vec<Key>) -> Vec<Found> {
    let is_due = |key: &&Key| key.announced != Announcement::Yes && key.fate != Fate::Lost;
    let announcement = |key: &Key| Found {
        again: key.announced == Announcement::Perhaps,
        ..found(&key.record)
    };
    found_keys.iter().filter(is_due).map(announcement).collect()
}
