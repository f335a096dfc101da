//! Runs a search: wires workers, saver, supervisor and reporter, and owns the loop that all events end in.

mod alerts;
pub(crate) mod awake;
pub(crate) mod background;
pub(crate) mod control_inbox;
pub(crate) mod environment;
pub(crate) mod event_loop;
pub(crate) mod exports;
mod launch;
pub(crate) mod manager;
pub(crate) mod process;
mod progress;
pub(crate) mod record_files;
pub(crate) mod reexec;
pub(crate) mod search_state;
pub(crate) mod service;
pub(crate) mod session_start;
pub(crate) mod signals;
#[cfg(test)]
pub mod simulation;
pub(crate) mod start;
pub(crate) mod subscribers;

use std::io;
use std::time::Duration;

use self::launch::Launched;
use self::record_files::Files;
use self::search_state::Moment;
use self::signals::Signals;
use self::subscribers::Subscribers;
use crate::app::event_loop::EventLoop;
use crate::app::session_start::Opened;
use crate::clock::reading::Reading;
use crate::config::{Priority, SearchSettings};
use crate::event::Event;
use crate::exit::Ending;
use crate::key::store::Probed;
use crate::report::{Detail, Reporter};

/// Searches until a key, a limit, a signal or trouble ends it.
///
/// # Errors
/// The system refuses a thread or a signal handler, or a program that was to execute itself anew.
pub(crate) fn run(
    mut settings: SearchSettings,
    probed: Probed,
    mut opened: Opened,
    files: Files,
    exports: exports::Opened,
) -> io::Result<Ending> {
    let signals = Signals::new()?;
    process::forbid_core_dumps();
    process::silence_worker_panics();
    if settings.priority == Priority::Low {
        process::lower_priority();
    }
    let session = opened.session.as_deref();
    let announced = session.map(|session| session.announced.clone());
    let mut reporter =
        background::reporter(settings.style(), announced.unwrap_or_default(), session)?;
    if !probed.mode_kept {
        reporter.mode_not_kept();
    }
    settings.notes.append(&mut opened.notes);
    settings.notes.extend(exports.note());
    let keep_awake = settings.record.keep_awake;
    let now = Moment {
        now: Duration::ZERO,
        wall: std::time::SystemTime::now(),
        reading: Reading::take(),
    };
    let mut search = begin(settings, opened, files, reporter, &now, launch::launch)?;
    let awake = keep_awake.then(awake::hold);
    let awake = awake.and_then(|held| {
        let reporter = search.subscribers.reporter();
        held.map_err(|said| reporter.warn(said)).ok()
    });
    search.subscribers.export(exports)?;
    search.keeping_awake(awake).pausing_again().run(signals)
}

/// Says what is about to be searched and what was left from before, such as keys that were not announced, and starts the
/// search.
///
/// # Errors
/// The system refuses a thread.
fn begin(
    mut settings: SearchSettings,
    opened: Opened,
    files: Files,
    reporter: Reporter,
    now: &Moment,
    launch: impl FnOnce(SearchSettings, &mut Subscribers) -> io::Result<Launched>,
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
    subscribers.tell_gone(now);
    for found in unannounced {
        subscribers.announce(&Event::Found(Box::new(found)), now);
    }
    let launched = launch(settings, &mut subscribers)?;
    Ok(EventLoop::new(launched, subscribers))
}

fn introduce(settings: &SearchSettings, reporter: &Reporter) {
    settings.notes.iter().for_each(|note| reporter.say(note));
    let plural = if settings.workers == 1 { "" } else { "s" };
    reporter.say(format!(
        "Searching for {}: {}, on {} worker{plural} ({}). Keys go to {}",
        settings.wanted.describe(),
        settings.odds().one_in(),
        settings.workers,
        settings.backend.backend(),
        settings.store.folder().display()
    ));
}

/// With `-v`, says of each worker that it is watched, as the original tool did.
fn introduce_health(settings: &SearchSettings, reporter: &Reporter) {
    if settings.health_check && settings.detail == Detail::Verbose {
        (1..=settings.workers)
            .for_each(|n| reporter.say(format!("Worker {n}: Health monitoring enabled")));
    }
}
