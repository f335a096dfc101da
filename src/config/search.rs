//! The settings of a search, checked and complete.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::alerts;
use super::crew::{thresholds, within, workers};
use super::error::{Refused, UsageError};
use super::inputs::{SourceFile, each_once, is_stdin};
use super::layers::Origins;
use super::metrics::{self, MetricsSettings};
use super::patterns;
use super::record::{self, RecordSettings};
use super::session::{self, SessionChoice};
use super::wanted::watchlist;
use super::{Surroundings, at, duration, number, until};
use crate::alert::settings::AlertSettings;
use crate::config::args as cli;
use crate::config::args::{BackendChoice, KeyFormat, Priority, SearchArgs};
use crate::fault::injected::Injected;
use crate::fault::{Fault, FaultError};
use crate::health::Thresholds;
use crate::pattern::{Wanted, Watchlist};

/// The watchlist that is read if none is named.
pub(crate) const DEFAULT_WATCHLIST: &str = "watchlist.txt";

/// How many keys are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Count {
    /// So many, at least 1.
    Exactly(u64),
    /// As many as come until a limit.
    All,
}

/// How much is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Verbosity {
    /// Results only.
    Quiet,
    /// Progress and what matters.
    #[default]
    Normal,
    /// What every worker does, too.
    Verbose,
}

/// Where and how key files are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OutputSettings {
    /// The folder, a full path.
    pub dir: PathBuf,
    /// How key files are written.
    pub format: KeyFormat,
}

/// Everything that a search needs to know.
#[derive(Clone, Debug)]
pub(crate) struct SearchSettings {
    /// What is wanted.
    pub wanted: Wanted,
    /// What is watched for on the side.
    pub watchlist: Option<Watchlist>,
    /// Keys to save for a line of the watchlist, at least 1.
    pub watchlist_max: u64,
    /// How many keys are wanted.
    pub count: Count,
    /// Stop after so many candidates.
    pub candidates: Option<u64>,
    /// Stop after so much time of searching.
    pub time: Option<Duration>,
    /// Stop at this moment.
    pub until: Option<SystemTime>,
    /// Threads that search, at least 1.
    pub workers: usize,
    /// How the scheduler treats them.
    pub priority: Priority,
    /// Candidates between two reports; `None`: about a quarter of a second's work.
    pub batch_size: Option<u64>,
    /// Which arithmetic searches.
    pub backend: BackendChoice,
    /// Where keys go.
    pub output: OutputSettings,
    /// Whether standard output carries JSON lines.
    pub json: bool,
    /// Whether the private key is printed too; standard output is a terminal then.
    pub show_private: bool,
    /// How much is said.
    pub verbosity: Verbosity,
    /// Whether workers are judged and restarted.
    pub health_check: bool,
    /// The numbers by which they are judged.
    pub thresholds: Thresholds,
    /// Which session it is; `None` where none can be kept.
    pub session: Option<SessionChoice>,
    /// What else is kept of it, and how it runs.
    pub record: RecordSettings,
    /// Where others see it.
    pub metrics: MetricsSettings,
    /// Who is told of alerts.
    pub alerts: AlertSettings,
    /// Faults on purpose.
    pub injected: Injected,
    /// What to tell the user before the search starts, each a whole sentence.
    pub notes: Vec<String>,
}

/// Reads the options of a search, in which settings from other places are filled in already; `origins` says which.
///
/// # Errors
/// Everything that can't be right about them, before anything is written.
pub(crate) fn resolve(
    args: &SearchArgs,
    session: Option<SessionChoice>,
    origins: &Origins,
    mut notes: Vec<String>,
    around: &Surroundings<'_>,
) -> Result<SearchSettings, UsageError> {
    let show_private = show_private("--show-private", args.how.output.show_private, around)?;
    check_readers(args)?;
    check_background(args)?;
    let limits = &args.limits;
    let thresholds = thresholds(args, origins)?;
    let choice = session.as_ref();
    let stored = choice.and_then(SessionChoice::stored);
    let stored_limits = session::limits(choice);
    let workers = match (&args.how.workers.workers, stored) {
        (None, Some(stored)) => within(stored.workers, &thresholds),
        (typed, _) => workers(typed.as_deref(), &thresholds, around)?,
    };
    // A process that executed itself anew has read pattern and watchlist before: they are in its session.
    let anew = choice.is_some_and(|choice| choice.continued);
    let asked = if anew {
        patterns::Asked::default()
    } else {
        patterns::gather(&args.pattern, &around.inputs)?
    };
    let wanted = session::pattern(asked, choice, &mut notes)?;
    let named = args.watch.watchlist.as_deref().filter(|_| !anew);
    let watchlist = match session::watchlist(choice, &wanted) {
        Some(stored) if named.is_none() => stored,
        _ => match watchlist_file(named, around, &mut notes)? {
            Some(file) => Some(watchlist(&file, &wanted, &mut notes)?),
            None => None,
        },
    };
    if watchlist.is_none() && args.watch.watchlist_max.is_some() {
        notes.push("--watchlist-max has no effect: there is no watchlist.".to_owned());
    }
    Ok(SearchSettings {
        watchlist_max: at("--watchlist-max", &args.watch.watchlist_max, number::count)?
            .or(stored.map(|stored| stored.watchlist_max))
            .unwrap_or(1),
        count: match (&limits.count, &stored_limits) {
            (None, Some(stored)) => stored.count.map_or(Count::All, Count::Exactly),
            (typed, _) => count(typed.as_deref())?,
        },
        candidates: candidates(limits)?.or(stored_limits.and_then(|stored| stored.candidates)),
        time: at("--time", &limits.time, duration::hours)?
            .or(stored_limits.and_then(|stored| stored.time)),
        until: at("--until", &limits.until, |text| {
            until::next(text, &around.now)
        })?
        .map(SystemTime::from)
        .or(stored_limits.and_then(|stored| stored.until)),
        workers,
        injected: Injected {
            faults: faults(&args.how.workers.inject, workers)?,
            log: args.how.workers.inject_log.clone(),
        },
        priority: (args.how.workers.priority)
            .or_else(|| session::named(choice, |stored| &stored.priority))
            .unwrap_or_default(),
        batch_size: at("--batch-size", &args.how.workers.batch_size, number::count)?
            .or(stored.and_then(|stored| stored.batch_size)),
        backend: (args.how.workers.backend)
            .or_else(|| session::named(choice, |stored| &stored.backend))
            .unwrap_or_default(),
        output: output(&args.how.output, choice, around)?,
        json: args.how.output.json,
        show_private,
        verbosity: verbosity(&args.how.output),
        health_check: match stored {
            Some(stored) if !args.how.workers.health_check => {
                stored.health_check && !args.how.workers.no_health_check
            }
            _ => !args.how.workers.no_health_check,
        },
        thresholds,
        wanted,
        watchlist,
        record: record::resolve(&args.tell.record, &around.folder)?,
        metrics: metrics::resolve(&args.tell.metrics, &around.folder)?,
        alerts: alerts::resolve(args, origins, around, &mut notes)?,
        session,
        notes,
    })
}

/// Reads faults on purpose; each must name a worker that there is.
fn faults(typed: &[String], workers: usize) -> Result<Vec<Fault>, UsageError> {
    let read = |text: &String| {
        let fault: Fault = text.parse().map_err(|e: FaultError| {
            Refused::new(e.to_string(), "See HEALTH.md.").at("--inject", text)
        })?;
        let worker = match fault {
            Fault::Worker(fault) if fault.worker > workers => fault.worker,
            _ => return Ok(fault),
        };
        let problem = format!("there is no worker {worker}");
        Err(Refused::new(problem, format!("Allowed is 1 to {workers}.")).at("--inject", text))
    };
    typed.iter().map(read).collect()
}

/// Refuses what a process without a terminal can't do.
fn check_background(args: &SearchArgs) -> Result<(), UsageError> {
    if !args.tell.record.background {
        return Ok(());
    }
    let mut files = patterns::files(&args.pattern).map(|(_, path)| path.as_path());
    let reads = files.any(is_stdin) || args.watch.watchlist.as_deref().is_some_and(is_stdin);
    let problem = match (reads, args.how.output.show_private) {
        (true, _) => "--background can't read standard input",
        (_, true) => "--background has no terminal to show private keys on",
        _ => return Ok(()),
    };
    Err(UsageError::combination(
        problem.to_owned(),
        "Name a file, or leave --background away.",
    ))
}

/// Refuses two readers of standard input.
fn check_readers(args: &SearchArgs) -> Result<(), UsageError> {
    let watchlist = args
        .watch
        .watchlist
        .iter()
        .map(|path| ("--watchlist", path));
    each_once(patterns::files(&args.pattern).chain(watchlist))
}

/// The watchlist that is named, or else the one in the current folder, which is said.
fn watchlist_file(
    named: Option<&Path>,
    around: &Surroundings<'_>,
    notes: &mut Vec<String>,
) -> Result<Option<SourceFile>, UsageError> {
    if let Some(path) = named {
        return around.inputs.read("--watchlist", path).map(Some);
    }
    let path = around.folder.join(DEFAULT_WATCHLIST);
    match std::fs::read(&path) {
        Ok(bytes) => {
            notes.push(format!(
                "The watchlist {} is used, because it is in the current folder.",
                path.display()
            ));
            Ok(Some(SourceFile {
                name: path.display().to_string(),
                bytes,
            }))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(UsageError::file(
            "the watchlist in the current folder,",
            path,
            &error,
        )),
    }
}

/// The number of keys that `--count` asks for.
fn count(text: Option<&str>) -> Result<Count, UsageError> {
    let Some(text) = text else {
        return Ok(Count::Exactly(1));
    };
    if text.eq_ignore_ascii_case("all") {
        return Ok(Count::All);
    }
    let number = number::count(text).map_err(|refused| {
        Refused {
            allowed: format!("{} \"all\" goes on to a limit.", refused.allowed),
            ..refused
        }
        .at("--count", text)
    })?;
    Ok(Count::Exactly(number))
}

/// The limit of candidates; `--keys` counts millions.
fn candidates(limits: &cli::LimitArgs) -> Result<Option<u64>, UsageError> {
    let keys = at("--keys", &limits.keys, number::keys)?;
    Ok(at("--candidates", &limits.candidates, number::count)?.or(keys))
}

/// Why a folder is refused whose name would break the one line that standard output has for a key.
const CONTROL_CHARACTER: &str = "the folder's full name holds a control character, such as a line break. Keys are \
                                 announced one a line with the name of their file: choose a folder without one.";

/// Where and how keys are written.
fn output(
    args: &cli::OutputArgs,
    choice: Option<&SessionChoice>,
    around: &Surroundings<'_>,
) -> Result<OutputSettings, UsageError> {
    let stored = choice.and_then(SessionChoice::stored);
    let dir = match (&args.output, stored) {
        (Some(dir), _) => around.folder.join(dir),
        (None, Some(stored)) => stored.output.clone(),
        (None, None) => around.folder.clone(),
    };
    let dir = std::path::absolute(&dir).unwrap_or(dir);
    let refused = |reason| UsageError::OutputFolder {
        path: dir.clone(),
        reason,
    };
    if dir.to_string_lossy().chars().any(char::is_control) {
        return Err(refused(CONTROL_CHARACTER.to_owned()));
    }
    (around.check_output)(&dir).map_err(refused)?;
    let default = if args.json {
        KeyFormat::Json
    } else {
        KeyFormat::Text
    };
    Ok(OutputSettings {
        dir,
        format: (args.format)
            .or_else(|| session::named(choice, |stored| &stored.format))
            .unwrap_or(default),
    })
}

/// How much is said; the command line's definition excludes both at once.
fn verbosity(args: &cli::OutputArgs) -> Verbosity {
    match (args.quiet, args.verbose) {
        (true, _) => Verbosity::Quiet,
        (_, true) => Verbosity::Verbose,
        _ => Verbosity::Normal,
    }
}

/// Whether private keys may be printed: only where a person reads them.
pub(crate) fn show_private(
    option: &str,
    asked: bool,
    around: &Surroundings<'_>,
) -> Result<bool, UsageError> {
    if asked && !around.stdout_is_terminal {
        return Err(UsageError::combination(
            format!("{option} prints private keys, and standard output is not a terminal"),
            "Leave it away: the key file has the private key.",
        ));
    }
    Ok(asked)
}
