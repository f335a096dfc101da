//! Settings from several places: what is typed goes before what a resumed session was begun with, that before the
//! environment, that before the file, that before the default. Each value is read as if it had been typed.
//!
//! Nothing but settings comes from environment and file: what is searched is always typed.

pub(crate) mod document;
mod environment;
pub(crate) mod table;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use super::session::SessionChoice;
use super::{Environment, UsageError};
use crate::config::args::{Assigned, CommandLine, SearchArgs, TrustArgs};
use crate::health::Thresholds;
use document::Document;
use table::Setting;

/// The environment variable that names the file.
pub(crate) const CONFIG_VARIABLE: &str = "KEYGEN_CONFIG";

/// Where a value comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Nobody said anything else.
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

/// The settings that are not the default: their text and where it comes from, by name.
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

/// The options of a command line, with what was not typed from the session that is resumed, from the environment and
/// from the file. The notes say what the environment has that is no setting.
///
/// # Errors
/// A file that is missing or malformed, and values that can't be right, all of them, even where another place goes
/// before them.
pub(crate) fn apply(
    line: &CommandLine,
    session: Option<&SessionChoice>,
    environment: &Environment<'_>,
    notes: &mut Vec<String>,
) -> anyhow::Result<(SearchArgs, Origins)> {
    let settings = table::settings();
    let typed = line.typed()?.into_search();
    let file = file_to_read(typed.how.config.config, environment)
        .map(|(option, path)| Document::read(option, &path, &environment.inputs, &settings))
        .transpose()?;
    if let Some(file) = file
        .as_ref()
        .filter(|_| !typed.session.place.trust.is_blind())
    {
        file.check_trust()?;
    }
    let variables = environment::read(&environment.variables, &settings, notes)?;
    let layers = Layers {
        line,
        session: session.and_then(|choice| Some((choice, choice.remembered()?))),
        variables,
        file,
    };
    let mut origins = Origins::default();
    let mut defaults = Vec::new();
    for setting in &settings {
        if let Some((text, origin)) = layers.highest(setting) {
            if origin != Origin::Option {
                defaults.extend(layers.assigned(setting, &text, &origin)?);
            }
            origins.0.insert(setting.name, (text, origin));
        }
    }
    let args = line.with_defaults(&defaults)?.into_search();
    check(&args.how.health.0, &origins)?;
    Ok((args, origins))
}

/// The places where settings come from.
struct Layers<'a> {
    line: &'a CommandLine,
    session: Option<(&'a SessionChoice, BTreeMap<&'static str, Option<String>>)>,
    variables: BTreeMap<&'static str, String>,
    file: Option<Document>,
}

impl Layers<'_> {
    /// What the first place says that says anything.
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
        let (text, line, path) = self.file.as_ref()?.value(setting.name)?;
        Some((text.to_owned(), Origin::File(path.to_owned(), line)))
    }

    /// The values of an option for a setting. What environment and file say was checked when it was read.
    fn assigned(
        &self,
        setting: &Setting,
        text: &str,
        origin: &Origin,
    ) -> Result<Option<Assigned>, UsageError> {
        if let Origin::Session(name) = origin {
            let place = format!("session {name}: {}", setting.name);
            setting
                .check(text)
                .map_err(|wrong| wrong.at(&place, text))?;
        }
        Ok(setting.assigned(text))
    }
}

/// Refuses numbers of the supervisor that contradict, with where each comes from.
pub(crate) fn check(thresholds: &Thresholds, origins: &Origins) -> Result<(), UsageError> {
    thresholds.check().map_err(|wrong| {
        let places = format!(
            "{} comes from: {}; {} from: {}.",
            wrong.low,
            origins.of(wrong.low),
            wrong.high,
            origins.of(wrong.high)
        );
        UsageError::combination(wrong.to_string(), places)
    })
}

/// Reads a file with nothing beside it; gives the number of its settings.
///
/// # Errors
/// Values that can't be right, or that contradict, and what others could have written.
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
    let mut origins = Origins::default();
    let mut defaults = Vec::new();
    for setting in &settings {
        if let Some((text, line, path)) = document.value(setting.name) {
            defaults.extend(setting.assigned(text));
            let origin = Origin::File(path.to_owned(), line);
            origins.0.insert(setting.name, (text.to_owned(), origin));
        }
    }
    let alone = CommandLine::parse(["keygen"])?.with_defaults(&defaults)?;
    check(&alone.into_search().how.health.0, &origins)?;
    Ok(document.len())
}

/// The file to read with what named it: the option, the variable, or the usual place if there is one.
fn file_to_read(
    typed: Option<PathBuf>,
    environment: &Environment<'_>,
) -> Option<(&'static str, PathBuf)> {
    if let Some(path) = typed {
        return Some(("--config", path));
    }
    if let Some(path) = environment.variables.get(CONFIG_VARIABLE) {
        return Some((CONFIG_VARIABLE, PathBuf::from(path)));
    }
    let usual = environment.config_file.clone()?;
    usual.exists().then_some(("the configuration file", usual))
}

/// The file that `config check` and `config init` mean: the named one, or the usual place.
///
/// # Errors
/// None is named, and the user's folder is not known.
pub(crate) fn file_meant(
    typed: Option<&Path>,
    environment: &Environment<'_>,
) -> Result<PathBuf, UsageError> {
    let variable = || {
        environment
            .variables
            .get(CONFIG_VARIABLE)
            .map(PathBuf::from)
    };
    let named = typed.map(Path::to_owned).or_else(variable);
    named
        .or_else(|| environment.config_file.clone())
        .ok_or_else(|| {
            UsageError::combination(
                "The folder of this user's configuration is not known",
                "Name a file with --config FILE.",
            )
        })
}

/// The usual place: `meshcore-keygen/config.toml` in the user's configuration folder, where that is known.
pub(crate) fn usual_file() -> Option<PathBuf> {
    use etcetera::BaseStrategy;
    let strategy = etcetera::choose_base_strategy().ok()?;
    Some(
        strategy
            .config_dir()
            .join("meshcore-keygen")
            .join("config.toml"),
    )
}

/// Why a name is no setting.
enum NotASetting {
    /// There is none of that name, and nothing else either.
    Unknown,
    /// It is one, spelt in another way, or an option that is none.
    Known(String),
}

/// Why a name is no setting, and what to do.
fn not_a_setting(name: &str, settings: &[Setting]) -> (NotASetting, String) {
    let spelt = name.replace('_', "-").to_lowercase();
    if let Some(setting) = settings.iter().find(|s| s.name == spelt) {
        return (
            NotASetting::Known("wrong spelling".to_owned()),
            format!("Did you mean {}?", setting.name),
        );
    }
    if let Some(what) = what_option(&spelt) {
        return (
            NotASetting::Known(format!(
                "{what}, and files and environment hold settings only"
            )),
            format!("Give it on the command line: --{spelt}."),
        );
    }
    let alike = |s: &&Setting| strsim::jaro_winkler(s.name, &spelt);
    let nearest = settings.iter().max_by(|a, b| alike(a).total_cmp(&alike(b)));
    let nearest = nearest.filter(|s| alike(s) > 0.85);
    let advice = nearest.map_or_else(
        || "keygen config show lists all settings.".to_owned(),
        |s| format!("Did you mean {}?", s.name),
    );
    (NotASetting::Unknown, advice)
}

impl fmt::Display for NotASetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("there is no such setting"),
            Self::Known(why) => f.write_str(why),
        }
    }
}

/// What an option of this name says, if there is one.
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
