//! Runs a search: wires workers, saver, supervisor and reporter, and owns the loop that all events end in.

pub(crate) mod awake;
pub(crate) mod background;
pub(crate) mod control_inbox;
pub(crate) mod environment;
pub(crate) mod event_loop;
pub(crate) mod exports;
mod idle;
mod job;
mod launch;
pub(crate) mod manager;
pub(crate) mod meter;
pub(crate) mod outside;
pub(crate) mod pauses;
pub(crate) mod process;
pub(crate) mod record_files;
pub(crate) mod records;
pub(crate) mod reexec;
pub(crate) mod search_state;
pub(crate) mod service;
pub(crate) mod session_start;
mod shown;
pub(crate) mod signals;
#[cfg(test)]
pub mod simulation;
pub(crate) mod start;
pub(crate) mod survey;
mod telling;

use std::io;

pub(crate) use self::job::{Job, JobError, backend};
use self::launch::Launched;
use self::records::Records;
use self::signals::Signals;
use crate::alert::delivery::sinks::Outlets;
use crate::alert::settings::AlertSettings;
use crate::app::event_loop::Search;
use crate::app::session_start::Opened;
use crate::config::record::RecordSettings;
use crate::event::Event;
use crate::exit::Ending;
use crate::report::{Detail, Reporter};
use crate::text::odds::Odds;

/// Searches until a key, a limit, a signal or trouble ends it.
///
/// # Errors
/// The system refuses a thread or a signal handler, or a program that was to execute itself anew.
pub(crate) fn run(
    mut job: Job,
    mut opened: Opened,
    records: Records,
    exports: exports::Opened,
    how: &RecordSettings,
    alerts: &AlertSettings,
) -> io::Result<Ending> {
    let signals = Signals::new()?;
    process::forbid_core_dumps();
    process::silence_worker_panics();
    if job.low_priority {
        process::lower_priority();
    }
    let announced = records
        .session()
        .map(|live| live.announced())
        .unwrap_or_default();
    let mut reporter = background::reporter(job.style, announced, records.session())?;
    job.notes.append(&mut opened.notes);
    job.notes.extend(exports.note());
    let launch = |job: Job, records: &mut Records| launch::launch(job, records, how.interval);
    let late = opened.take_events();
    for event in &late {
        records.told_later(event, jiff::Timestamp::now());
    }
    let search = begin(job, records, late, alerts, &mut reporter, launch)?;
    let awake = how
        .keep_awake
        .then(awake::hold)
        .and_then(|held| held.map_err(|said| reporter.warn(said)).ok());
    search
        .awake(awake)
        .pausing_again(&reporter)
        .showing(exports)?
        .attend(reporter, signals)
}

/// Says what is about to be searched and what was left from before (`late`: keys that were not announced), and starts
/// the search.
///
/// # Errors
/// The system refuses a thread.
fn begin(
    job: Job,
    mut records: Records,
    late: Vec<Event>,
    alerts: &AlertSettings,
    reporter: &mut Reporter,
    launch: impl FnOnce(Job, &mut Records) -> io::Result<Launched>,
) -> io::Result<Search> {
    if !job.mode_kept {
        reporter.mode_not_kept();
    }
    for leftover in job.store.adopt_leftovers() {
        reporter.leftover(&leftover);
    }
    introduce(&job, reporter);
    introduce_health(&job, reporter);
    late.iter().for_each(|event| reporter.event(event));
    let session = records.session().map(|live| live.name().to_string());
    let outlets = Outlets::start(alerts, session)?;
    let launched = launch(job, &mut records)?;
    Ok(Search::new(launched, records, outlets).telling(&late))
}

fn introduce(job: &Job, reporter: &Reporter) {
    job.notes.iter().for_each(|note| reporter.say(note));
    let plural = if job.workers == 1 { "" } else { "s" };
    reporter.say(format!(
        "Searching for {}: {}, on {} worker{plural} ({}). Keys go to {}",
        job.wanted.describe(),
        Odds(job.wanted.probability()).one_in(),
        job.workers,
        job.backend,
        job.store.folder().display()
    ));
}

/// With `-v`, says of each worker that it is watched, as the original tool did.
fn introduce_health(job: &Job, reporter: &Reporter) {
    if job.health_check && job.style.detail == Detail::Verbose {
        (1..=job.workers)
            .for_each(|n| reporter.say(format!("Worker {n}: Health monitoring enabled")));
    }
}
