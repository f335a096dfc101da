//! What `keygen config` is to do: rows to show, a file to check, a file to write.

use std::path::{Path, PathBuf};

use crate::config::args::{ConfigCheckArgs, ConfigTool, SearchArgs};
use crate::config::crew;
use crate::config::layers;
use crate::config::layers::Origin;
use crate::config::layers::document::Document;
use crate::config::layers::table;
use crate::config::layers::table::{Section, Setting};
use crate::config::{Surroundings, UsageError};

/// A setting as `config show` tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// The setting, with its part of the file.
    pub name: String,
    /// Its value; a secret is not in here.
    pub value: String,
    /// Where that comes from.
    pub origin: Origin,
}

/// What to do with settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ConfigCommand {
    /// Show them.
    Show {
        /// All of them.
        rows: Vec<Row>,
        /// What to tell the user first, each a whole sentence.
        notes: Vec<String>,
    },
    /// Say that a file is fine.
    Check {
        /// The file.
        path: PathBuf,
        /// How many settings it holds.
        settings: usize,
    },
    /// Write a file.
    Init {
        /// The file, which does not exist yet.
        path: PathBuf,
        /// What to write.
        text: String,
    },
}

/// Reads the options of `config`.
///
/// # Errors
/// Settings that can't be right, and a file to be written that exists already.
pub(crate) fn resolve(
    tool: ConfigTool,
    around: &Surroundings<'_>,
) -> Result<ConfigCommand, UsageError> {
    match tool {
        ConfigTool::Show(args) => show((*args).into(), around),
        ConfigTool::Check(args) => check(&args, around),
        ConfigTool::Init(args) => init(layers::file_meant(args.config.as_deref(), around)?),
    }
}

fn show(mut args: SearchArgs, around: &Surroundings<'_>) -> Result<ConfigCommand, UsageError> {
    let mut notes = Vec::new();
    let origins = layers::apply(&mut args, false, around, &mut notes)?;
    crew::thresholds(&args, &origins)?;
    let row = |setting: &Setting| {
        let value = setting.typed(&args);
        let value = value.unwrap_or_else(|| setting.default.clone());
        let section = setting.section.name();
        Row {
            name: section.map_or_else(
                || setting.name.to_owned(),
                |section| format!("{section}.{}", setting.name),
            ),
            value: setting.shown(&value),
            origin: origins.get(setting.name).cloned().unwrap_or_default(),
        }
    };
    Ok(ConfigCommand::Show {
        rows: table::settings().iter().map(row).collect(),
        notes,
    })
}

/// Reads a file with nothing beside it.
fn check(args: &ConfigCheckArgs, around: &Surroundings<'_>) -> Result<ConfigCommand, UsageError> {
    let named = args.file.as_deref().or(args.config.config.as_deref());
    let path = layers::file_meant(named, around)?;
    let settings = table::settings();
    let document = Document::read("config check", &path, &around.inputs, &settings)?;
    if !args.trust.is_blind() {
        document.check_trust()?;
    }
    let mut alone = SearchArgs::default();
    let mut origins = layers::Origins::new();
    for setting in &settings {
        if let Some((text, line, path)) = document.value(setting.name) {
            // Every value was read without an error.
            let _ = setting.put(&mut alone, text);
            origins.insert(setting.name, Origin::File(path.to_owned(), line));
        }
    }
    crew::thresholds(&alone, &origins)?;
    let settings = document.len();
    Ok(ConfigCommand::Check { path, settings })
}

fn init(path: PathBuf) -> Result<ConfigCommand, UsageError> {
    if path.symlink_metadata().is_ok() {
        return Err(exists(&path));
    }
    let text = template(&table::settings());
    Ok(ConfigCommand::Init { path, text })
}

/// The error for a file that exists.
pub(crate) fn exists(path: &Path) -> UsageError {
    UsageError::combination(
        format!("{} exists already, and is not overwritten", path.display()),
        "Name another file with --config FILE, or move that one away.",
    )
}

/// A file with every setting in comments.
fn template(settings: &[Setting]) -> String {
    let mut text = String::from(
        "# Settings of keygen. Each line shows a default: take away the # in front of a name to set it.\n\
         # An option that is typed goes before an environment variable, that before this file.\n\
         # What is searched is always typed.\n",
    );
    for section in Section::ALL {
        if let Some(name) = section.name() {
            text += &format!("\n[{name}]\n");
        }
        for setting in settings.iter().filter(|s| s.section == section) {
            let (default, is_value) = setting.default_in_file();
            let line = if is_value {
                format!("# {} = {default}", setting.name)
            } else {
                format!("# Default: {default}.\n# {} =", setting.name)
            };
            text += &format!(
                "\n# {}.\n# {}\n{line}\n",
                setting.meaning,
                setting.allowed()
            );
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::inputs::Inputs;

    #[test]
    fn every_line_of_a_fresh_file_is_a_valid_setting_once_its_mark_is_gone() {
        let settings = table::settings();
        let text = template(&settings);
        let live = |line: &str| match line.strip_prefix("# ").and_then(|l| l.split_once(" = ")) {
            Some((name, value)) if settings.iter().any(|s| s.name == name) => {
                format!("{name} = {value}")
            }
            _ => line.to_owned(),
        };
        let all: Vec<String> = text.lines().map(live).collect();
        let all = all.join("\n");
        let mut stdin = all.as_bytes();
        let inputs = Inputs::new(&mut stdin);
        let document = Document::read("--config", Path::new("-"), &inputs, &settings).unwrap();
        let values = settings.iter().filter(|s| s.default_in_file().1).count();
        assert_eq!(document.len(), values);
        assert!(values > 45, "{values}");
    }

    #[test]
    fn a_fresh_file_sets_nothing() {
        let text = template(&table::settings());
        let mut stdin = text.as_bytes();
        let inputs = Inputs::new(&mut stdin);
        let document =
            Document::read("--config", Path::new("-"), &inputs, &table::settings()).unwrap();
        assert!(document.is_empty());
    }
}
