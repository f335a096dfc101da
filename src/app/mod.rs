//! Runs a search: refuses what can be refused before any work, then wires workers, saver, supervisor, subscribers and event
//! loop.

mod alerts;
pub(crate) mod background;
mod cards;
pub(crate) mod control_inbox;
pub(crate) mod environment;
pub(crate) mod event_loop;
mod launch;
pub(crate) mod manager;
pub(crate) mod outputs;
pub(crate) mod process;
mod progress;
pub(crate) mod search_state;
pub(crate) mod service;
pub(crate) mod session_start;
pub(crate) mod signals;
#[cfg(test)]
pub mod simulation;
pub(crate) mod subscribers;
pub(crate) mod trusted_backend;

use std::io;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;

use self::cards::Cards;
use self::outputs::{Files, OpenedExports};
use self::search_state::Moment;
use self::signals::Signals;
use self::subscribers::Subscribers;
use crate::alert::delivery::AlertSettings;
use crate::alert::delivery::command;
use crate::app::event_loop::EventLoop;
use crate::app::session_start::{Opened, Opening, Plan};
use crate::clock::reading::Reading;
use crate::config::error::{UsageError, refuse};
use crate::config::{Priority, SearchSettings};
use crate::event::Event;
use crate::exit::Ending;
use crate::key::store::Probed;
use crate::report::{Detail, Reporter};
use crate::text::number::counted;

/// The end of an attempt to search, and what is still to be printed.
pub(crate) struct Outcome {
    /// For standard output.
    pub out: String,
    /// For standard error.
    pub err: String,
    /// How the program ends.
    pub ending: Ending,
}

/// Searches, or starts a process in the background that does.
///
/// # Errors
/// Bad input, found before any work (a [`UsageError`]), or a failure of the system.
pub(crate) fn search(mut settings: SearchSettings) -> anyhow::Result<Outcome> {
    check_commands(&settings.alerts)?;
    let opening = match session_start::plan(&settings, &jiff::Zoned::now())? {
        Plan::Search(opening) => opening,
        Plan::NothingToDo(outcome) => {
            service::nothing_to_run(&outcome.err);
            return Ok(outcome);
        }
    };
    trusted_backend::choose(&mut settings)?;
    let cards = if settings.record.background && !background::is_child() {
        // The process in the background opens its own.
        Cards::default()
    } else {
        Cards::open(&mut settings)?
    };
    let exports = {
        let choice = opening.as_ref().map(|opening| &opening.choice);
        OpenedExports::new(&settings.metrics, settings.dashboard.as_ref(), choice)?
    };
    // This may create the folder for keys, so it comes last.
    let probed = settings.store.probe().map_err(UsageError::refused)?;
    if settings.record.background && !background::is_child() {
        // The process in the background opens its own.
        drop(exports);
        return start_in_background();
    }
    background::detach();
    let choice = opening.as_ref().map(|opening| &opening.choice);
    let files = Files::open(&settings.record, choice)?;
    let open = |opening: Box<Opening>| opening.open(Reading::take());
    let opened = opening.map(open).transpose().map_err(UsageError::refused)?;
    let opened = opened.unwrap_or_default();
    let ending = run(settings, cards, probed, opened, files, exports);
    let ending = ending.context("the search could not be started")?;
    Ok(Outcome {
        out: String::new(),
        err: String::new(),
        ending,
    })
}

/// Refuses a command whose program does not exist.
fn check_commands(alerts: &AlertSettings) -> Result<(), UsageError> {
    let commands = [
        ("--on-found", &alerts.on_found),
        ("--on-alert", &alerts.on_alert),
    ];
    for (option, line) in commands {
        if line.as_ref().is_some_and(|line| !command::is_known(line)) {
            refuse!(
                "{option}: the shell does not know the program that the command begins with. Check its name, or give its \
                 full path."
            );
        }
    }
    Ok(())
}

#[cfg(unix)]
fn start_in_background() -> anyhow::Result<Outcome> {
    background::start().context("no process could be started in the background")
}

#[cfg(not(unix))]
fn start_in_background() -> anyhow::Result<Outcome> {
    refuse!(
        "--background: a process can't detach from its terminal on this system. Remove this option."
    );
}

/// Searches until a key, a limit, a signal or an error ends it.
///
/// # Errors
/// The system refuses a thread, a signal handler, or to restart the program.
fn run(
    mut settings: SearchSettings,
    cards: Cards,
    probed: Probed,
    mut opened: Opened,
    files: Files,
    exports: OpenedExports,
) -> io::Result<Ending> {
    let signals = Signals::new()?;
    process::forbid_core_dumps();
    process::silence_worker_panics();
    if settings.priority == Priority::Low {
        process::lower_priority();
    }
    let session = opened.session.as_deref();
    let announced = session.map(|session| session.announced.clone());
    let mut reporter = background::reporter(
        settings.style(),
        announced.unwrap_or_default(),
        session,
        exports.link(),
    )?;
    if !probed.mode_kept && settings.blind.is_empty() {
        reporter.mode_not_kept();
    }
    settings.notes.append(&mut opened.notes);
    settings.notes.extend(exports.notes(background::is_child()));
    let keep_awake = settings.record.keep_awake;
    let default = opened
        .session
        .as_ref()
        .map(|session| session.place.database());
    let database = settings.record.history_db.clone().or(default);
    let now = Moment {
        now: Duration::ZERO,
        wall: std::time::SystemTime::now(),
        reading: Reading::take(),
    };
    let mut search = begin(
        settings,
        opened,
        files,
        reporter,
        &now,
        |settings, subscribers| launch::launch(settings, cards, subscribers),
    )?;
    let awake = keep_awake.then(process::keep_awake);
    let awake = awake.and_then(|held| {
        let reporter = search.subscribers.reporter();
        held.map_err(|warning| reporter.warn(warning)).ok()
    });
    search.subscribers.export(exports, database)?;
    search.awake = awake;
    search.pausing_again().run(signals)
}

/// Prints what is about to be searched, announces what earlier runs did not, and starts the search.
///
/// # Errors
/// The system refuses a thread.
fn begin(
    mut settings: SearchSettings,
    opened: Opened,
    files: Files,
    reporter: Reporter,
    now: &Moment,
    launch: impl FnOnce(SearchSettings, Subscribers) -> io::Result<EventLoop>,
) -> io::Result<EventLoop> {
    let Opened {
        session,
        unannounced,
        ..
    } = opened;
    if let Some(session) = &session {
        // Its journal is settled now: which keys there are, it knows for certain.
        let quota = settings.quota.take();
        settings.quota = quota.and_then(|quota| quota.with_keys(session.found()));
    }
    let mut subscribers = Subscribers::new(files, &settings, session, reporter, now)?;
    for leftover in settings.store.adopt_leftovers() {
        subscribers.reporter().leftover(&leftover);
    }
    introduce(&settings, subscribers.reporter());
    introduce_health(&settings, subscribers.reporter());
    for finding in trusted_backend::findings(&settings) {
        subscribers.announce(&Event::Health(finding), now);
    }
    subscribers.tell_gone(now);
    for found in unannounced {
        subscribers.announce(&Event::Found(Box::new(found)), now);
    }
    launch(settings, subscribers)
}

fn introduce(settings: &SearchSettings, reporter: &Reporter) {
    settings.notes.iter().for_each(|note| reporter.say(note));
    let workers = counted(settings.workers as u64, "worker");
    let found = match settings.blind.len() {
        0 => "Keys go",
        1 => "From a public start: claims, which open no key, go",
        _ => "From public starts: claims, which open no key, go",
    };
    let cards = settings.devices.iter();
    let cards: String = cards
        .map(|chosen| format!(" and on {}", chosen.device.name))
        .collect();
    reporter.say(format!(
        "Searching for {}: {}, on {workers} ({}){cards}. {found} to {}",
        settings.wanted.describe(),
        settings.odds().one_in(),
        settings.backend.backend(),
        settings.store.folder().display()
    ));
    if let Some(hint) = cards::hint(settings, Path::new("/proc/driver/nvidia/gpus")) {
        reporter.say(hint);
    }
}

/// With `-v`, reports each worker as monitored, as the original tool did.
fn introduce_health(settings: &SearchSettings, reporter: &Reporter) {
    if settings.health_check && settings.detail == Detail::Verbose {
        (1..=settings.workers + settings.devices.len())
            .for_each(|n| reporter.say(format!("Worker {n}: Health monitoring enabled")));
    }
}
