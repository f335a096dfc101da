//! Settings from several places: what is typed goes before the environment, that before the file, that before the
//! default. Nothing but settings comes from there: what is searched is always typed.

mod alerting;
pub(crate) mod document;
mod environment;
mod general;
pub(crate) mod table;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use super::Surroundings;
use super::error::UsageError;
use crate::config::args::SearchArgs;
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
    /// The command line.
    Option,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path, line) => write!(f, "file {}:{line}", path.display()),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Option => f.write_str("option"),
        }
    }
}

/// Where each value comes from that is not the default, by name.
pub(crate) type Origins = BTreeMap<&'static str, Origin>;

/// Fills in what was not typed; `keeps`: a session keeps what it was begun with, and only what it does
/// not know is filled in. The notes say what the environment has that is no setting.
///
/// # Errors
/// A file that is missing or malformed, and values that can't be right, all of them, even where another place goes
/// before them.
pub(crate) fn apply(
    args: &mut SearchArgs,
    keeps: bool,
    around: &Surroundings<'_>,
    notes: &mut Vec<String>,
) -> Result<Origins, UsageError> {
    let settings = table::settings();
    let file = file_to_read(args.how.config.config.as_deref(), around)
        .map(|(option, path)| Document::read(option, &path, &around.inputs, &settings))
        .transpose()?;
    if let Some(file) = file
        .as_ref()
        .filter(|_| !args.session.place.trust.is_blind())
    {
        file.check_trust()?;
    }
    let environment = environment::read(&around.environment, &settings, notes)?;
    let mut origins = Origins::new();
    for setting in &settings {
        if setting.typed(args).is_some() {
            origins.insert(setting.name, Origin::Option);
            continue;
        }
        if keeps && setting.is_kept() {
            continue;
        }
        let line = file.as_ref().and_then(|file| file.value(setting.name));
        let (text, origin) = match (environment.get(setting.name), line) {
            (Some(text), _) => (text.as_str(), Origin::Environment(setting.variable())),
            (None, Some((text, line, path))) => (text, Origin::File(path.to_owned(), line)),
            (None, None) => continue,
        };
        // Read without an error before, into arguments of nobody.
        if setting.put(args, text).is_ok() {
            origins.insert(setting.name, origin);
        }
    }
    Ok(origins)
}

/// The file to read with what named it: the option, the variable, or the usual place if there is one.
fn file_to_read(
    typed: Option<&Path>,
    around: &Surroundings<'_>,
) -> Option<(&'static str, PathBuf)> {
    if let Some(path) = typed {
        return Some(("--config", path.to_owned()));
    }
    if let Some(path) = around.environment.get(CONFIG_VARIABLE) {
        return Some((CONFIG_VARIABLE, PathBuf::from(path)));
    }
    let usual = around.config_file.as_ref()?;
    usual
        .exists()
        .then(|| ("the configuration file", usual.clone()))
}

/// The file that `config check` and `config init` mean: the named one, or the usual place.
///
/// # Errors
/// None is named, and the user's folder is not known.
pub(crate) fn file_meant(
    typed: Option<&Path>,
    around: &Surroundings<'_>,
) -> Result<PathBuf, UsageError> {
    let named = typed
        .map(Path::to_owned)
        .or_else(|| around.environment.get(CONFIG_VARIABLE).map(PathBuf::from));
    named.or_else(|| around.config_file.clone()).ok_or_else(|| {
        UsageError::combination(
            "The folder of this user's configuration is not known",
            "Name a file with --config FILE.",
        )
    })
}

/// The usual place: `meshcore-keygen/config.toml` in the user's configuration folder, where that is known.
#[must_use]
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

/// Why a name is no setting, and what to do.
fn not_a_setting(name: &str, settings: &[Setting]) -> (String, String) {
    let spelt = name.replace('_', "-").to_lowercase();
    if let Some(setting) = settings.iter().find(|s| s.name == spelt) {
        return (
            "that is not how it is spelt".to_owned(),
            format!("Did you mean {}?", setting.name),
        );
    }
    let command = crate::config::args::command();
    let option = command.get_arguments().find(|arg| {
        arg.get_long() == Some(&spelt)
            || arg
                .get_all_aliases()
                .is_some_and(|all| all.contains(&spelt.as_str()))
    });
    if let Some(option) = option {
        let what = match option.get_help_heading() {
            Some("Pattern") => "it says what is searched",
            Some("Limits") => "it says when one search ends",
            _ => "it is for one run",
        };
        return (
            format!("{what}, and files and environment hold settings only"),
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
    ("there is no such setting".to_owned(), advice)
}

#[cfg(test)]
mod manual_tests;
#[cfg(test)]
mod tests;
