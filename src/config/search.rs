//! The settings of a search, checked and complete.

use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use super::devices::{self, ChosenDevice, DeviceChoice};
use super::error::{UsageError, refuse};
use super::import_to::ForNode;
use super::inputs::{SourceFile, each_once, is_stdin};
use super::layers::Origins;
use super::patterns::watchlist;
use super::session::{self, SessionChoice};
use super::{Environment, alerts, blind, dashboard, patterns, spread, until, workers};
use crate::alert::delivery::AlertSettings;
use crate::blind::PublicStart;
use crate::config::args::{
    BackendChoice, DashboardArgs, LimitArgs, MetricsArgs, OutputArgs, Priority, RecordArgs,
    SearchArgs,
};
use crate::dashboard::settings::Settings as Page;
use crate::engine::Backend;
use crate::fault::{Fault, Injected};
use crate::health::Thresholds;
use crate::key::{KeyFormat, Store};
use crate::limits::Limits;
use crate::pattern::{Quota, Spread, Wanted, Watchlist};
use crate::report::{Detail, Style};
use crate::session::definition::{self, Definition};
use crate::text::odds::Odds;

/// The watchlist that is read if none is named.
pub(crate) const DEFAULT_WATCHLIST: &str = "watchlist.txt";

/// Everything that a search needs to know.
#[derive(Clone, Debug)]
pub(crate) struct SearchSettings {
    /// The pattern.
    pub wanted: Arc<Wanted>,
    /// Patterns whose keys are saved on the side.
    pub watchlist: Option<Watchlist>,
    /// Keys to save for a line of the watchlist, at least 1.
    pub watchlist_max: u64,
    /// When it ends by itself.
    pub limits: Limits,
    /// How its keys are spread over patterns and node IDs.
    pub spread: Spread,
    /// The keys that are still missing, where not any key will do.
    pub quota: Option<Quota>,
    /// The public starts that it searches from; none: it finds keys of its own.
    pub blind: Vec<PublicStart>,
    /// Threads that search, at least 1.
    pub workers: usize,
    /// How the scheduler treats them.
    pub priority: Priority,
    /// Candidates between two reports; `None`: about a quarter of a second's work.
    pub batch_size: Option<u64>,
    /// Which arithmetic searches.
    pub backend: BackendChoice,
    /// The OpenCL devices that search beside the processors.
    pub devices: Vec<ChosenDevice>,
    /// The same, as it was asked for.
    pub device_choices: Vec<DeviceChoice>,
    /// Faster ones that failed their known answers, each with what was wrong.
    pub distrusted: Vec<(Backend, String)>,
    /// Where keys go, and how they are written.
    pub store: Store,
    /// Whether standard output carries JSON lines.
    pub json: bool,
    /// Whether the private key is printed too; standard output is a terminal then.
    pub show_private: bool,
    /// How much is printed.
    pub detail: Detail,
    /// Whether workers are judged and restarted.
    pub health_check: bool,
    /// The numbers by which they are judged.
    pub thresholds: Thresholds,
    /// Which session it is; `None` where none can be kept.
    pub session: Option<SessionChoice>,
    /// What else is recorded, and how it runs.
    pub record: RecordArgs,
    /// Where metrics go.
    pub metrics: MetricsArgs,
    /// The live page, if there is one.
    pub dashboard: Option<Page>,
    /// Who is notified of alerts.
    pub alerts: AlertSettings,
    /// Faults on purpose.
    pub injected: Injected,
    /// What is to be known for the node that gets the key after the search.
    pub for_node: Arc<ForNode>,
    /// Notes to print before the search starts, each a whole sentence.
    pub notes: Vec<String>,
}

impl SearchSettings {
    /// The chance of a candidate, given the keys that were found before.
    pub(crate) fn odds(&self) -> Odds {
        let left = self.quota.as_ref().and_then(Quota::left);
        Odds(left.unwrap_or(&self.wanted).probability())
    }

    /// How its output looks on this process's streams.
    pub(crate) fn style(&self) -> Style {
        Style::detect(self.json, self.detail)
    }
}

/// Checks the options of a search, in which settings from other layers are filled in already; `origins` says which.
///
/// # Errors
/// Everything that is invalid, before anything is written.
pub(super) fn resolve(
    args: SearchArgs,
    session: Option<SessionChoice>,
    origins: &Origins,
    environment: &Environment<'_>,
) -> Result<SearchSettings, UsageError> {
    let output = &args.how.output;
    let blind = blind::resolve(&args, session.as_ref().and_then(SessionChoice::stored))?;
    let show_private = show_private("--show-private", output.show_private, environment)?;
    check_readers(&args)?;
    check_background(&args)?;
    let (wanted, watchlist) = patterns(&args, session.as_ref(), environment)?;
    let wanted = Arc::new(wanted);
    let stored = session.as_ref().and_then(SessionChoice::stored);
    let mut limits = limits(&args.limits, stored, environment)?;
    let spread = spread::resolve(&args, stored, &wanted, &mut limits)?;
    let for_node = match &session {
        Some(choice) if choice.continued => ForNode::handed_over(),
        _ => ForNode::default(),
    };
    let quota = spread::quota(&wanted, spread, &limits, session.as_ref())?;
    if watchlist.is_none() && args.watch.watchlist_max.is_some() {
        let note = "--watchlist-max has no effect: there is no watchlist.";
        environment.notes.push(note);
    }
    let asked = &args.how.workers;
    let thresholds = args.how.health.0.clone();
    let workers = workers::at_start(asked.workers, &thresholds, origins, environment)?;
    let (backend, card) = asked.backend.unwrap_or_default().split();
    let mut device_choices = asked.device.clone();
    device_choices.extend(card.filter(|_| asked.device.is_empty()));
    let devices = {
        let continued = session.as_ref().is_some_and(|choice| choice.continued);
        devices::resolve(&device_choices, continued, &environment.notes)?
    };
    let notes = &environment.notes;
    notes.extend(devices::power_advice(asked.gpu_power, &devices));
    notes.extend(devices::unplaced(&devices));
    Ok(SearchSettings {
        wanted,
        spread,
        quota,
        blind,
        watchlist,
        watchlist_max: (args.watch.watchlist_max)
            .or(stored.map(|stored| stored.watchlist_max))
            .unwrap_or(1),
        limits,
        injected: Injected {
            faults: faults(&asked.inject, workers + devices.len())?,
            log: asked.inject_log.clone(),
        },
        workers,
        priority: asked.priority.unwrap_or_default(),
        batch_size: asked.batch_size,
        backend,
        devices,
        device_choices,
        distrusted: Vec::new(),
        store: store(output, environment)?,
        json: output.json,
        show_private,
        detail: detail(output),
        // At most one of the two is typed; the other may come from another layer.
        health_check: asked.health_check || !asked.no_health_check,
        thresholds,
        alerts: alerts::resolve(&args, origins, environment)?,
        record: args.tell.record,
        dashboard: page(&args.tell.dashboard, environment)?,
        metrics: args.tell.metrics,
        session,
        for_node: Arc::new(for_node),
        notes: notes.take(),
    })
}

/// The live page of a search, if one was asked for.
fn page(args: &DashboardArgs, environment: &Environment<'_>) -> Result<Option<Page>, UsageError> {
    let Some(address) = args.dashboard.clone() else {
        let page = &args.page;
        if page.open {
            refuse!("--open: there is no page to open. Give --dashboard, too.");
        }
        return Ok(None);
    };
    dashboard::resolve("--dashboard", address, &args.page, environment).map(Some)
}

/// The pattern and the watchlist. A process that restarted itself has read them before: then the session has them.
fn patterns(
    args: &SearchArgs,
    session: Option<&SessionChoice>,
    environment: &Environment<'_>,
) -> Result<(Wanted, Option<Watchlist>), UsageError> {
    let restarted = session.is_some_and(|choice| choice.continued);
    let wanted = session::pattern(args, session, environment)?;
    let named = args.watch.watchlist.as_deref().filter(|_| !restarted);
    let watchlist = match session.and_then(SessionChoice::stored) {
        _ if args.watch.no_watchlist && !restarted => None,
        // Lines that this program wrote read back.
        Some(stored) if named.is_none() => {
            definition::watchlist(&stored.watchlist, &wanted).unwrap_or_default()
        }
        _ => watchlist_file(named, environment)?
            .map(|file| watchlist(&file, named.is_some(), &wanted, environment))
            .transpose()?,
    };
    Ok((wanted, watchlist))
}

/// The limits over all runs: what was typed, or else what was stored.
fn limits(
    args: &LimitArgs,
    stored: Option<&Definition>,
    environment: &Environment<'_>,
) -> Result<Limits, UsageError> {
    let one = Limits {
        count: Some(1),
        ..Limits::default()
    };
    let stored = stored.map_or(one, |stored| stored.limits);
    let next = |time| until::next(time, &environment.now).ok_or(time);
    let until = match args.until.map(next).transpose() {
        Ok(until) => until.map(SystemTime::from),
        Err(time) => refuse!("--until {time}: beyond the calendar. Remove this option."),
    };
    Ok(Limits {
        count: args.count.map_or(stored.count, |count| count.0),
        candidates: args.candidates.or(args.keys).or(stored.candidates),
        time: args.time.or(stored.time),
        until: until.or(stored.until),
    })
}

/// The faults on purpose; each must name a worker that there is.
fn faults(faults: &[Fault], workers: usize) -> Result<Vec<Fault>, UsageError> {
    let missing = faults.iter().find_map(|fault| match fault {
        Fault::Worker(fault) if fault.worker > workers => Some(fault.worker),
        _ => None,
    });
    if let Some(worker) = missing {
        refuse!("--inject: there is no worker {worker}. Allowed is 1 to {workers}.");
    }
    Ok(faults.to_vec())
}

/// Refuses what needs a terminal in a process that will have none.
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
    refuse!("{problem}. Name a file, or remove --background.");
}

/// Refuses two readers of standard input.
fn check_readers(args: &SearchArgs) -> Result<(), UsageError> {
    let watchlist = args.watch.watchlist.iter();
    let watchlist = watchlist.map(|path| ("--watchlist", path));
    each_once(patterns::files(&args.pattern).chain(watchlist))
}

/// The watchlist that is named, or else the one in the current folder, with a note.
fn watchlist_file(
    named: Option<&Path>,
    environment: &Environment<'_>,
) -> Result<Option<SourceFile>, UsageError> {
    if let Some(path) = named {
        return environment.inputs.read("--watchlist", path).map(Some);
    }
    let path = environment.folder.join(DEFAULT_WATCHLIST);
    match std::fs::read(&path) {
        Ok(bytes) => {
            let name = path.display().to_string();
            environment.notes.push(format!(
                "Using the watchlist {name}, because it is in the current folder; --no-watchlist ignores it."
            ));
            Ok(Some(SourceFile { name, bytes }))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => {
            let why = UsageError::file("the watchlist in the current folder,", path, &error);
            environment.notes.push(format!("WARNING: not used: {why}"));
            Ok(None)
        }
    }
}

/// Where and how keys are written.
fn store(args: &OutputArgs, environment: &Environment<'_>) -> Result<Store, UsageError> {
    let folder = args.output.as_deref().unwrap_or(&environment.folder);
    // Standard output has one line for a key.
    let shown = folder.display();
    if folder.to_string_lossy().chars().any(char::is_control) {
        refuse!(
            "--output {shown}: the folder's full name has a control character, such as a line break, and keys are \
             announced one per line with the name of their file. Choose a folder without one."
        );
    }
    if !folder.exists() && args.output.is_some() && is_named_like_a_file(folder) {
        refuse!(
            "--output {shown}: there is no such folder, and the name is like that of a file (was a folder meant?). Keys \
             get file names of their own, and standard output has a line for each: name a folder for them. To make one \
             of this name, end it with /."
        );
    }
    let format = match args.json {
        true => KeyFormat::Json,
        false => KeyFormat::Text,
    };
    Store::new(folder, args.format.unwrap_or(format)).map_err(UsageError::refused)
}

/// Whether a path ends like the name of a key file, or stands for standard output elsewhere; a slash behind it makes it a
/// folder's.
fn is_named_like_a_file(path: &Path) -> bool {
    if path.to_string_lossy().ends_with(std::path::is_separator) {
        return false;
    }
    const ENDINGS: [&str; 10] = [
        "json", "txt", "key", "keys", "pem", "hex", "id", "bin", "csv", "log",
    ];
    let ending = path.extension().and_then(|ending| ending.to_str());
    let ending = ending.map(str::to_ascii_lowercase).unwrap_or_default();
    path.file_name().is_some_and(|name| name == "-") || ENDINGS.contains(&ending.as_str())
}

/// How much is printed; clap refuses both options at once.
fn detail(args: &OutputArgs) -> Detail {
    match (args.quiet, args.verbose) {
        (true, _) => Detail::Quiet,
        (_, true) => Detail::Verbose,
        _ => Detail::Normal,
    }
}

/// Whether private keys may be printed: only where a person reads them.
pub(crate) fn show_private(
    option: &str,
    asked: bool,
    environment: &Environment<'_>,
) -> Result<bool, UsageError> {
    if asked && !environment.stdout_is_terminal {
        refuse!(
            "{option} prints private keys, and standard output is not a terminal. Remove this option: the key file has \
             the private key."
        );
    }
    Ok(asked)
}
