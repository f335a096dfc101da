//! The session of a search, and the settings that come from its definition on disk.

use std::collections::BTreeMap;
use std::path::Path;

use clap::ValueEnum;
use jiff::Zoned;

use super::Environment;
use super::error::{UsageError, refuse};
use super::search::SearchSettings;
use super::{patterns, value};
use crate::config::args::{PatternArgs, PlaceArgs, SearchArgs};
use crate::event::FoundKind;
use crate::health::Thresholds;
use crate::health::params::{PARAMS, Param};
use crate::limits::Limits;
use crate::pattern::Wanted;
use crate::session::definition::Definition;
use crate::session::inspect::{Look, LookError, look, look_at, look_at_all};
use crate::session::lock;
use crate::session::name::SessionName;
use crate::session::place::StateFolder;
use crate::session::service_dir::{self, Found};
use crate::session::state::{Decision, Purpose, State, decide, limit_reached};

/// The session of a search.
#[derive(Clone, Debug)]
pub(crate) struct SessionChoice {
    /// The state folder.
    pub place: StateFolder,
    /// Its name, generated if none was given.
    pub name: SessionName,
    /// Whether the name is generated.
    pub unnamed: bool,
    /// Whether the search must not run without it.
    pub required: bool,
    /// What is on disk of it.
    pub existing: Option<Look>,
    /// Whether to begin or resume it.
    pub purpose: Purpose,
    /// Whether this process restarted itself to continue it.
    pub continued: bool,
    /// A note about the folder that it is in.
    pub note: Option<String>,
}

impl SessionChoice {
    /// Its definition on disk.
    pub(crate) fn stored(&self) -> Option<&Definition> {
        self.existing.as_ref().map(|look| &look.definition)
    }

    /// The settings that it was begun with, as texts; an inner `None` keeps the default whatever other layers say.
    pub(super) fn remembered(&self) -> Option<BTreeMap<&'static str, Option<String>>> {
        let stored = self.stored()?;
        let devices = stored.devices.join(",");
        let mut settings = BTreeMap::from([
            ("workers", Some(stored.workers.to_string())),
            ("priority", Some(stored.priority.clone())),
            ("batch-size", stored.batch_size.map(|size| size.to_string())),
            ("backend", Some(stored.backend.clone())),
            ("device", Some(devices).filter(|words| !words.is_empty())),
            ("output", Some(stored.output.display().to_string())),
            ("format", Some(stored.format.clone())),
            ("health-check", Some(stored.health_check.to_string())),
        ]);
        let number =
            |param: &Param| Some((param.name, Some(stored.numbers.get(param.name)?.clone())));
        settings.extend(PARAMS.iter().filter_map(number));
        Some(settings)
    }

    /// What to do with it under these limits.
    pub(crate) fn decide(&self, limits: &Limits, now: jiff::Timestamp) -> Decision {
        let Some(look) = &self.existing else {
            return Decision::Begin;
        };
        let mut totals = look.checkpoint.totals;
        totals.found = look.count(FoundKind::Wanted);
        let reached = limit_reached(limits, &totals, now);
        decide(Some(look.state.clone()), reached, self.purpose)
    }
}

/// The state folder that the command line, the environment or the platform names.
pub(crate) fn place(args: &PlaceArgs) -> Result<StateFolder, UsageError> {
    let place = StateFolder::of_process(args.state_dir.as_deref()).map_err(UsageError::refused)?;
    if !args.trust.is_blind() {
        place.check_trust().map_err(UsageError::refused)?;
    }
    Ok(place)
}

/// Chooses the session of a search; `None`, with a note, where there is no state folder and none was asked for. A session to
/// resume may also be in `service`, the state folder of the system's service.
///
/// # Errors
/// An invalid name, or a session or state folder that can't be used.
pub(crate) fn choose(
    args: &SearchArgs,
    purpose: Purpose,
    environment: &Environment<'_>,
) -> Result<Option<SessionChoice>, UsageError> {
    let (now, service) = (&environment.now, &environment.service);
    let named = args.session.session.as_deref();
    let required = named.is_some()
        || args.session.place.state_dir.is_some()
        || args.tell.record.background
        || purpose == Purpose::Resume;
    if let (false, Err(error)) = (required, StateFolder::of_process(None)) {
        let notes = &environment.notes;
        notes.push(format!("WARNING: the search keeps no session: {error}."));
        return Ok(None);
    }
    let place = place(&args.session.place)?;
    let (found, continued) = match continued(&place, service) {
        Some((found, name)) => (found, Some(name)),
        None if purpose == Purpose::Resume => (service_dir::find_in(place, service, named), None),
        None => (Found::own(place), None),
    };
    let place = &found.place;
    let moment = now.timestamp();
    let (named, purpose) = match &continued {
        Some(name) => (Some(name.as_str()), Purpose::Resume),
        None => (named, purpose),
    };
    let (name, existing) = match (named, purpose) {
        (Some(text), Purpose::Search) => {
            let name = SessionName::parse(text).map_err(UsageError::refused)?;
            let existing = look(place, &name, moment).map_err(UsageError::refused)?;
            (name, existing)
        }
        (Some(text), Purpose::Resume) => {
            let look = look_at(place, text, moment);
            let look = look.map_err(|error| UsageError::refused(found.wrong(error)))?;
            (look.name.clone(), Some(look))
        }
        (None, Purpose::Resume) => {
            let look = the_only(&found, moment)?;
            (look.name.clone(), Some(look))
        }
        (None, Purpose::Search) => (SessionName::unnamed(now, std::process::id()), None),
    };
    Ok(Some(SessionChoice {
        unnamed: named.is_none() && existing.is_none(),
        place: found.place,
        note: found.note,
        name,
        required,
        existing,
        purpose,
        continued: continued.is_some(),
    }))
}

/// The session that this process continues after it restarted itself, wherever that is.
fn continued(own: &StateFolder, service: &Path) -> Option<(Found, String)> {
    let places = [own.clone(), StateFolder::of_service(service.to_owned())];
    places.into_iter().find_map(|place| {
        let folder = |name: &str| Some(place.session(&SessionName::parse(name).ok()?));
        let name = lock::continued(folder)?;
        Some((Found::own(place), name))
    })
}

/// The only session that can be resumed.
fn the_only(found: &Found, now: jiff::Timestamp) -> Result<Look, UsageError> {
    let looks = look_at_all(&found.place, now).map_err(UsageError::refused)?;
    let all = looks.into_iter().filter_map(Result::<Look, LookError>::ok);
    let (mut open, mut over): (Vec<Look>, Vec<Look>) =
        all.partition(|look| can_continue(&look.state));
    if open.is_empty() && over.len() == 1 {
        // Resuming it lists its keys, or continues under new limits.
        open.append(&mut over);
    }
    let names: Vec<_> = open.iter().map(|look| look.name.quoted()).collect();
    match (open.pop(), names.len()) {
        (Some(look), 1) => Ok(look),
        (None, _) => Err(UsageError::refused(found.wrong(format!(
            "there is no session to resume in {}. keygen session list shows all; keygen --session NAME begins one",
            found.place.path().display()
        )))),
        (Some(_), _) => refuse!(
            "several sessions can be resumed: {}. Name one: keygen resume NAME.",
            names.join(", ")
        ),
    }
}

fn can_continue(state: &State) -> bool {
    use crate::session::checkpoint::Outcome::{Failed, Stopped};
    !matches!(state, State::Finished(outcome) if !matches!(outcome, Stopped | Failed))
}

/// The pattern of a search: what was typed, or else what the session stored.
///
/// # Errors
/// What was typed can't be used, or differs from the session's pattern.
pub(crate) fn pattern(
    args: &SearchArgs,
    choice: Option<&SessionChoice>,
    environment: &Environment<'_>,
) -> Result<Wanted, UsageError> {
    let typed = match choice {
        // A process that restarted itself has read it before.
        Some(choice) if choice.continued => None,
        _ => {
            let name_taken = args.how.output.verbose || args.how.output.json;
            patterns::typed(&args.pattern, &args.spread, name_taken, environment)?
        }
    };
    let stored = choice.and_then(|choice| Some((choice, choice.stored()?)));
    match (typed, stored) {
        (Some(typed), None) => Ok(typed),
        (None, None) => {
            let (none, each) = (PatternArgs::default(), args.spread.each);
            patterns::wanted(&none, each, false, environment)
        }
        (None, Some((_, stored))) => Ok(Wanted::new(stored.pattern.clone())?.0),
        (Some(typed), Some((_, stored))) if typed.to_request() == stored.pattern => Ok(typed),
        (Some(typed), Some((choice, stored))) => refuse!(
            "the session {} looks for {}, and this command line for {}. Remove the pattern to resume the session, or give \
             another --session NAME.",
            choice.name,
            stored.description,
            typed.describe()
        ),
    }
}

/// The definition of the session that a search with these settings is.
pub(crate) fn define(settings: &SearchSettings, choice: &SessionChoice, now: &Zoned) -> Definition {
    let stored = choice.stored();
    let lines = settings.watchlist.iter().flat_map(|list| list.lines());
    let command = std::env::args_os().map(|word| word.to_string_lossy().into_owned());
    let format = settings.store.format().to_possible_value();
    Definition {
        unnamed: stored.map_or(choice.unnamed, |stored| stored.unnamed),
        created: stored.map_or(now.timestamp(), |stored| stored.created),
        command: command.collect(),
        folder: std::env::current_dir().unwrap_or_default(),
        pattern: settings.wanted.to_request(),
        description: settings.wanted.describe(),
        probability: settings.wanted.probability(),
        watchlist: lines.map(ToString::to_string).collect(),
        watchlist_max: settings.watchlist_max,
        limits: settings.limits,
        output: settings.store.folder().to_owned(),
        format: format.map_or(String::new(), |word| word.get_name().to_owned()),
        workers: settings.workers,
        priority: settings.priority.to_string(),
        batch_size: settings.batch_size,
        backend: settings.backend.to_string(),
        devices: settings
            .device_choices
            .iter()
            .map(ToString::to_string)
            .collect(),
        health_check: settings.health_check,
        spread: settings.spread,
        blind: settings.blind.iter().map(ToString::to_string).collect(),
        numbers: numbers(&settings.thresholds),
    }
}

/// The numbers of the supervisor that are not the default ones, by option.
fn numbers(thresholds: &Thresholds) -> BTreeMap<String, String> {
    let usual = Thresholds::default();
    let differs = |number: &Param| {
        let text = value::write(number.field, thresholds);
        (text != value::write(number.field, &usual)).then(|| (number.name.to_owned(), text))
    };
    PARAMS.iter().filter_map(differs).collect()
}
