//! Settings from several places, in this order of precedence: command line, the session that is resumed, environment, file,
//! default. Each value is parsed as if it had been typed.
//!
//! Environment and file hold settings only: what to search for is always typed.

pub(crate) mod sources;
pub(crate) mod table;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use super::Environment;
use super::error::{UsageError, refuse};
use super::session::SessionChoice;
use crate::config::args::{CommandLine, SearchArgs, TrustArgs};
use crate::health::Thresholds;
use crate::parts::Part;
use sources::Document;
use table::Setting;

/// The environment variable that names the file.
pub(crate) const CONFIG_VARIABLE: &str = "KEYGEN_CONFIG";

/// Where a value comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Set nowhere.
    #[default]
    Default,
    /// A line of a file.
    File(PathBuf, usize),
    /// A variable.
    Environment(String),
    /// The session of this name.
    Session(String),
    /// The command line.
    Option,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path, line) => write!(f, "file {}:{line}", path.display()),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Session(name) => write!(f, "session {name}"),
            Self::Option => f.write_str("option"),
        }
    }
}

/// The settings that are set somewhere: text and origin, by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origins(BTreeMap<&'static str, (String, Origin)>);

impl Origins {
    /// The text of a setting, if it is not the default.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|(text, _)| text.as_str())
    }

    /// Where a setting comes from.
    pub(crate) fn of(&self, name: &str) -> Origin {
        let origin = self.0.get(name).map(|(_, origin)| origin.clone());
        origin.unwrap_or_default()
    }
}

/// The options of a command line; those that were not typed come from the session that is resumed, the environment or the
/// file. Adds a note for each unknown variable.
///
/// # Errors
/// A missing or malformed file, and all invalid values, even where a higher layer overrides them.
pub(crate) fn apply(
    line: &CommandLine,
    session: Option<&SessionChoice>,
    environment: &Environment<'_>,
) -> anyhow::Result<(SearchArgs, Origins)> {
    let settings = table::settings();
    let typed = line.typed()?.into_search();
    let file = file_to_read(typed.how.config.config.as_deref(), environment)
        .map(|(option, path)| Document::read(option, &path, &environment.inputs, &settings))
        .transpose()?;
    if let Some(file) = &file
        && !typed.session.place.trust.is_blind()
    {
        file.check_trust()?;
    }
    let layers = Layers {
        line,
        session: session.and_then(|choice| Some((choice, choice.remembered()?))),
        variables: sources::from_environment(environment, &settings)?,
        file,
    };
    layers.merge(&settings)
}

/// Checks a file alone; returns the number of its settings.
///
/// # Errors
/// Invalid or contradictory values, and a file that others could have written.
pub(crate) fn check_file(
    path: &Path,
    trust: TrustArgs,
    environment: &Environment<'_>,
) -> anyhow::Result<usize> {
    let settings = table::settings();
    let document = Document::read("config check", path, &environment.inputs, &settings)?;
    if !trust.is_blind() {
        document.check_trust()?;
    }
    let count = document.len();
    let layers = Layers {
        line: &CommandLine::parse(["keygen"])?,
        session: None,
        variables: BTreeMap::new(),
        file: Some(document),
    };
    layers.merge(&settings)?;
    Ok(count)
}

/// The sources of settings, highest first.
struct Layers<'a> {
    line: &'a CommandLine,
    session: Option<(&'a SessionChoice, BTreeMap<&'static str, Option<String>>)>,
    variables: BTreeMap<&'static str, String>,
    file: Option<Document>,
}

impl Layers<'_> {
    /// The options of the command line with the values of the other layers as their defaults.
    fn merge(&self, settings: &[Setting]) -> anyhow::Result<(SearchArgs, Origins)> {
        let (mut origins, mut defaults) = (Origins::default(), Vec::new());
        for setting in settings {
            let Some((text, origin)) = self.highest(setting) else {
                continue;
            };
            if let Some(Err(absent)) = setting.part().map(Part::check) {
                match origin {
                    Origin::Option => refuse!("--{}: {absent}.", setting.name),
                    _ => refuse!("{}, from {origin}: {absent}.", setting.name),
                }
            }
            // The values of environment and file were checked when they were read.
            if let Origin::Session(name) = &origin {
                let place = format!("session {name}: {}", setting.name);
                let checked = setting.check(&text);
                checked.map_err(|wrong| wrong.at(&place, &text))?;
            }
            if origin != Origin::Option {
                defaults.extend(setting.assigned(&text));
            }
            origins.0.insert(setting.name, (text, origin));
        }
        let args = self.line.with_defaults(&defaults)?.into_search();
        check(&args.how.health.0, &origins)?;
        Ok((args, origins))
    }

    /// The value of a setting in the highest layer that has it.
    fn highest(&self, setting: &Setting) -> Option<(String, Origin)> {
        if let Some(text) = setting.typed(self.line) {
            return Some((text, Origin::Option));
        }
        if let Some(other) = setting.replaced_by()
            && self.line.text_of(other).is_some()
        {
            return None;
        }
        if let Some((choice, remembered)) = &self.session
            && let Some(text) = remembered.get(setting.name)
        {
            return Some((text.clone()?, Origin::Session(choice.name.to_string())));
        }
        if let Some(text) = self.variables.get(setting.name) {
            return Some((text.clone(), Origin::Environment(setting.variable())));
        }
        self.file.as_ref()?.value(setting.name)
    }
}

/// Refuses contradictory numbers of the supervisor, with the origin of each.
fn check(thresholds: &Thresholds, origins: &Origins) -> Result<(), UsageError> {
    if let Err(wrong) = thresholds.check() {
        let (low, high) = (wrong.low, wrong.high);
        let (low_origin, high_origin) = (origins.of(low), origins.of(high));
        refuse!("{wrong}. {low} comes from: {low_origin}; {high} from: {high_origin}.");
    }
    Ok(())
}

/// The file that the user named, with what named it: the option or the variable.
fn named_file(
    typed: Option<&Path>,
    environment: &Environment<'_>,
) -> Option<(&'static str, PathBuf)> {
    let variable = || {
        Some((
            CONFIG_VARIABLE,
            environment.variables.get(CONFIG_VARIABLE)?.into(),
        ))
    };
    typed
        .map(|path| ("--config", path.to_owned()))
        .or_else(variable)
}

/// The file to read with what named it; the one in the usual place only if it exists.
fn file_to_read(
    typed: Option<&Path>,
    environment: &Environment<'_>,
) -> Option<(&'static str, PathBuf)> {
    named_file(typed, environment).or_else(|| {
        let usual = environment.config_file.clone()?;
        usual.exists().then_some(("the configuration file", usual))
    })
}

/// The file for `config check` and `config init`: the named one, or the usual place.
///
/// # Errors
/// None is named, and the user's configuration folder is unknown.
pub(crate) fn file_meant(
    typed: Option<&Path>,
    environment: &Environment<'_>,
) -> Result<PathBuf, UsageError> {
    let named = named_file(typed, environment).map(|(_, path)| path);
    match named.or_else(|| environment.config_file.clone()) {
        Some(path) => Ok(path),
        None => refuse!(
            "The folder of this user's configuration is not known. Name a file with --config FILE."
        ),
    }
}

/// The usual place: `meshcore-keygen/config.toml` in the user's configuration folder, where that is known.
pub(crate) fn usual_file() -> Option<PathBuf> {
    use etcetera::BaseStrategy;
    let strategy = etcetera::choose_base_strategy().ok()?;
    Some(strategy.config_dir().join("meshcore-keygen/config.toml"))
}

/// Why a name is not a setting, and what to do; the flag says whether it is a misspelt setting or another option.
fn not_a_setting(name: &str, settings: &[Setting]) -> (bool, String, String) {
    let spelt = name.replace('_', "-").to_lowercase();
    let did_you_mean = |setting: &Setting| format!("Did you mean {}?", setting.name);
    if let Some(setting) = settings.iter().find(|s| s.name == spelt) {
        return (true, "wrong spelling".to_owned(), did_you_mean(setting));
    }
    if let Some(what) = what_option(&spelt) {
        let problem = format!("{what}, and files and environment hold settings only");
        let advice = format!("Give it on the command line: --{spelt}.");
        return (true, problem, advice);
    }
    let alike = |s: &&Setting| strsim::jaro_winkler(s.name, &spelt);
    let nearest = settings.iter().max_by(|a, b| alike(a).total_cmp(&alike(b)));
    let advice = match nearest.filter(|s| alike(s) > 0.85) {
        Some(setting) => did_you_mean(setting),
        None => "keygen config show lists all settings.".to_owned(),
    };
    (false, "there is no such setting".to_owned(), advice)
}

/// What an option of this name is for, if there is one.
fn what_option(name: &str) -> Option<&'static str> {
    let command = crate::config::args::command();
    let option = command.get_arguments().find(|arg| {
        let aliases = arg.get_all_aliases().unwrap_or_default();
        arg.get_long() == Some(name) || aliases.contains(&name)
    })?;
    Some(match option.get_help_heading() {
        Some("Pattern") => "it says what is searched",
        Some("Limits") => "it says when one search ends",
        _ => "it is for one run",
    })
}

#[cfg(test)]
mod manual_tests;
#[cfg(test)]
mod tests;
