//! `keygen watch`: a daemon that monitors and recovers sessions of other processes and folders.
//!
//! ```text
//! list -> probe (process, answer, checkpoint, folder, database) -> judge -> faults, reported and recorded
//!                                                               -> recovery -> act, and check again
//! ```

mod act;
mod daemon;
mod judge;
mod list;
mod probe;
mod record;
mod recovery;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

pub(super) use self::act::{act, run_program};
use self::daemon::{REPORT, Report, Watch};
pub(super) use self::list::Entry;
use self::list::Watched;
use self::record::FaultLog;
pub(super) use self::recovery::Action;
use super::{Call, say_notes, write_json};
use crate::alert::delivery::sinks::Outlets;
use crate::app::signals::Signals;
use crate::clock::RealClock;
use crate::config::args::{EntryArgs, PlaceArgs, WatchSessionsArgs, WatchStatusArgs, WatchTool};
use crate::config::session::place;
use crate::config::{UsageError, alerts};
use crate::exit::Ending;
use crate::files;
use crate::history::writer::History;
use crate::report::streams::Streams;
use crate::session::inspect::look_at;
use crate::session::lock::{self, Lock, LockError};
use crate::session::place::StateFolder;
use crate::session::service_dir;

/// The watch's own folder in the state folder.
const FOLDER: &str = "watch";

/// The default time between two checks.
const INTERVAL: Duration = Duration::from_secs(30);

/// Watches, or runs a subcommand.
///
/// # Errors
/// Invalid arguments, or the system refuses.
pub(crate) fn run(args: &WatchSessionsArgs, call: &mut Call<'_>) -> anyhow::Result<Ending> {
    let streams = &mut call.streams;
    match &args.tool {
        None => watch(args, call),
        Some(WatchTool::Add(args)) => add(args, streams),
        Some(WatchTool::Remove(args)) => remove(args, streams),
        Some(WatchTool::List(args)) => print_list(args, streams),
        Some(WatchTool::Status(args)) => status(args, streams),
    }
}

fn refused(why: impl std::fmt::Display) -> anyhow::Error {
    UsageError::refused(why).into()
}

/// An existing session as an entry of the list; prints its state folder if that is not the user's own.
fn entry(own: &StateFolder, name: &str, streams: &mut Streams<'_>) -> anyhow::Result<Entry> {
    let found = service_dir::find(own.clone(), Some(name));
    let look = look_at(&found.place, name, Timestamp::now());
    let look = look.map_err(|error| refused(found.wrong(error)))?;
    if found.note.is_some() {
        streams.say(found.headed(&look.name.to_string()));
    }
    Ok(Entry {
        state_dir: found.place.path().to_owned(),
        session: look.name.to_string(),
    })
}

fn watch(args: &WatchSessionsArgs, call: &mut Call<'_>) -> anyhow::Result<Ending> {
    let line = call.line;
    let (environment, streams) = call.parts();
    let alerts = alerts::of_command(line, environment)?;
    say_notes(environment, streams);
    let place = place(&args.place)?;
    let interval = args.interval.unwrap_or(INTERVAL);
    let watched = if args.names.is_empty() {
        Watched::listed(place.path()).map_err(|e| unusable(place.path(), &e))?
    } else {
        let named = (args.names.iter()).map(|name| entry(&place, name, streams));
        Watched::named(named.collect::<Result<_, _>>()?)
    };
    if watched.entries().is_empty() {
        return Err(refused(
            "there is nothing to watch. Name a session: keygen watch NAME, or keygen watch add NAME to keep it on the list.",
        ));
    }
    let folder = place.path().join(FOLDER);
    let _lock = take_lock(&folder)?;
    let history = match History::open(&place.database()) {
        Ok(history) => Some(history),
        Err(error) => {
            streams.say(format_args!(
                "WARNING: nothing is recorded in the history: {error}"
            ));
            None
        }
    };
    let signals = Signals::new()?;
    streams.say(format_args!(
        "Watching {} every {} s; press Ctrl-C to stop.",
        watched.names(),
        interval.as_secs_f64()
    ));
    let watch = Watch {
        watched,
        interval,
        level: args.log_level.unwrap_or_default(),
        trust: args.place.trust,
        folder,
        clock: RealClock::new(),
        faults: FaultLog::default(),
        recoveries: BTreeMap::new(),
        history,
        outlets: Outlets::start(&alerts, None)?,
        streams,
    };
    Ok(Ending::Interrupted(watch.run(signals)))
}

/// One watch a state folder.
fn take_lock(folder: &Path) -> anyhow::Result<Lock> {
    files::create_folder(folder).map_err(|error| unusable(folder, &error))?;
    Lock::take(folder).map_err(|error| match error {
        LockError::Held { process } => {
            let id = process.map_or_else(String::new, |id| format!(", as process {id}"));
            refused(format!(
                "a watch is running already{id}. keygen watch status shows what it sees; keygen watch add adds sessions to it."
            ))
        }
        LockError::File(error) => unusable(folder, &error),
    })
}

fn unusable(path: &Path, error: &dyn std::fmt::Display) -> anyhow::Error {
    refused(format!(
        "{}: the watch's own state can't be used: {error}",
        path.display()
    ))
}

/// The state folder of the sessions that `add` or `remove` name.
fn meant(args: &EntryArgs, own: &StateFolder) -> anyhow::Result<StateFolder> {
    match &args.folder {
        Some(folder) => StateFolder::choose(Some(folder), None, None).map_err(refused),
        None => Ok(own.clone()),
    }
}

fn add(args: &EntryArgs, streams: &mut Streams<'_>) -> anyhow::Result<Ending> {
    let own = place(&args.place)?;
    let there = meant(args, &own)?;
    let named = (args.names.iter()).map(|name| entry(&there, name, streams));
    let new = Watched::named(named.collect::<Result<_, _>>()?);
    let changed = list::change(own.path(), |all| all.extend_from_slice(new.entries()))
        .map_err(|error| unusable(own.path(), &error))?;
    writeln!(
        streams.out,
        "{}: {}.",
        new.names(),
        if changed {
            "added to the list; a running keygen watch without names picks it up at its next look"
        } else {
            "already on the list"
        }
    )?;
    Ok(Ending::Found)
}

fn remove(args: &EntryArgs, streams: &mut Streams<'_>) -> anyhow::Result<Ending> {
    let own = place(&args.place)?;
    let there = meant(args, &own)?;
    let all = list::load(own.path()).map_err(|error| unusable(own.path(), &error))?;
    let is_meant = |entry: &Entry, name: &String| {
        entry.session == *name && (args.folder.is_none() || entry.state_dir == there.path())
    };
    let unknown = (args.names.iter()).find(|name| !all.iter().any(|e| is_meant(e, name)));
    if let Some(name) = unknown {
        return Err(refused(format!(
            "{name} is not watched; keygen watch list names those that are"
        )));
    }
    let stays = |entry: &Entry| !args.names.iter().any(|name| is_meant(entry, name));
    list::change(own.path(), |all| all.retain(stays))
        .map_err(|error| unusable(own.path(), &error))?;
    writeln!(streams.out, "{}: no longer watched.", args.names.join(", "))?;
    Ok(Ending::Found)
}

fn print_list(args: &PlaceArgs, streams: &mut Streams<'_>) -> anyhow::Result<Ending> {
    let own = place(args)?;
    let all = list::load(own.path()).map_err(|error| unusable(own.path(), &error))?;
    if all.is_empty() {
        writeln!(
            streams.out,
            "No session is watched. keygen watch add NAME adds one."
        )?;
    }
    for Entry { state_dir, session } in all {
        writeln!(streams.out, "{session}\t{}", state_dir.display())?;
    }
    Ok(Ending::Found)
}

fn status(args: &WatchStatusArgs, streams: &mut Streams<'_>) -> anyhow::Result<Ending> {
    let folder: PathBuf = place(&args.place)?.path().join(FOLDER);
    let holder = lock::holder(&folder).map_err(|error| unusable(&folder, &error))?;
    let report: Option<Report> = std::fs::read(folder.join(REPORT))
        .ok()
        .and_then(|text| serde_json::from_slice(&text).ok());
    let process = holder.and_then(|holder| holder.process);
    if args.json {
        let object = json!({"running": holder.is_some(), "process": process, "last": report});
        write_json(&object, streams)?;
        return Ok(Ending::Found);
    }
    match process {
        Some(id) => writeln!(streams.out, "A watch is running, as process {id}.")?,
        None => writeln!(
            streams.out,
            "No watch is running; keygen watch NAME starts one."
        )?,
    }
    let Some(report) = report else {
        return Ok(Ending::Found);
    };
    writeln!(streams.out, "Last seen at {}:", report.at)?;
    for seen in &report.sessions {
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let why = text(&seen["does"]["why"]);
        writeln!(
            streams.out,
            "  {}: {}{}{}",
            text(&seen["session"]),
            text(&seen["does"]["state"]),
            if why.is_empty() { "" } else { ", " },
            why
        )?;
    }
    Ok(Ending::Found)
}
