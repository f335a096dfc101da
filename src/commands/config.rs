//! `keygen config`: shows settings, says that a file is fine, writes a new one.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use anyhow::Context;

use crate::config::args::{CommandLine, ConfigTool};
use crate::config::layers::table::{self, Section, Setting};
use crate::config::layers::{self, Origin};
use crate::config::{Environment, UsageError};
use crate::exit::Ending;
use crate::files::{create_folder, private_options};
use crate::report::streams::Streams;

/// Does what is asked for.
///
/// # Errors
/// Settings that can't be right, a file to be written that exists already, or that can't be written.
pub(crate) fn run(
    tool: ConfigTool,
    line: &CommandLine,
    environment: &Environment<'_>,
    streams: &mut Streams<'_>,
) -> anyhow::Result<Ending> {
    match tool {
        ConfigTool::Show(_) => {
            let mut notes = Vec::new();
            let rows = rows(line, environment, &mut notes)?;
            notes.iter().for_each(|note| streams.say(note));
            show(&rows, streams)?;
        }
        ConfigTool::Check(args) => {
            let named = args.file.as_deref().or(args.config.config.as_deref());
            let path = layers::file_meant(named, environment)?;
            let settings = layers::check_file(&path, args.trust, environment)?;
            let plural = if settings == 1 { "" } else { "s" };
            let path = path.display();
            writeln!(streams.out, "{path}: {settings} setting{plural}, all fine")?;
        }
        ConfigTool::Init(args) => {
            let path = layers::file_meant(args.config.as_deref(), environment)?;
            if path.symlink_metadata().is_ok() {
                return Err(exists(&path).into());
            }
            write(&path, &template(&table::settings()))
                .with_context(|| format!("{} can't be written", path.display()))?;
            writeln!(streams.out, "{}", path.display())?;
        }
    }
    Ok(Ending::Found)
}

/// A setting as `config show` tells it.
pub(crate) struct Row {
    /// The setting, with its part of the file.
    pub name: String,
    /// Its value; a secret is not in here.
    pub value: String,
    /// Where that comes from.
    pub origin: Origin,
}

pub(crate) fn rows(
    line: &CommandLine,
    environment: &Environment<'_>,
    notes: &mut Vec<String>,
) -> anyhow::Result<Vec<Row>> {
    let (_, origins) = layers::apply(line, None, environment, notes)?;
    let row = |setting: &Setting| {
        let value = origins.text(setting.name);
        let section = setting.section.name();
        Row {
            name: section.map_or_else(
                || setting.name.to_owned(),
                |section| format!("{section}.{}", setting.name),
            ),
            value: value.map_or_else(
                || setting.default().to_owned(),
                |text| table::shown(setting.name, text),
            ),
            origin: origins.of(setting.name),
        }
    };
    Ok(table::settings().iter().map(row).collect())
}

/// Three columns.
fn show(rows: &[Row], streams: &mut Streams<'_>) -> io::Result<()> {
    let width = |text: fn(&Row) -> usize| rows.iter().map(text).max().unwrap_or(0);
    let names = width(|row| row.name.len());
    let values = width(|row| row.value.len().min(40));
    for row in rows {
        let (name, value) = (&row.name, &row.value);
        writeln!(
            streams.out,
            "{name:names$}  {value:values$}  {}",
            row.origin
        )?;
    }
    Ok(())
}

fn exists(path: &Path) -> UsageError {
    UsageError::combination(
        format!("{} exists already, and is not overwritten", path.display()),
        "Name another file with --config FILE, or move that one away.",
    )
}

/// A file with every setting in comments.
fn template(settings: &[Setting]) -> String {
    let mut text = String::from(
        "# Settings of keygen. Each line shows a default: remove the # in front of a name to set it.\n\
         # An option that is typed goes before an environment variable, that before this file.\n\
         # What is searched is always typed.\n",
    );
    for section in Section::ALL {
        if let Some(name) = section.name() {
            text += &format!("\n[{name}]\n");
        }
        for setting in settings.iter().filter(|s| s.section == section) {
            let line = match setting.default_in_file() {
                Some(value) => format!("# {} = {value}", setting.name),
                None => format!("# Default: {}.\n# {} =", setting.default(), setting.name),
            };
            text += &format!("\n# {}.\n# {}\n{line}\n", setting.meaning, setting.allowed);
        }
    }
    text
}

/// Writes a file that does not exist yet, readable only by its owner, and its folder where that is missing.
fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
        create_folder(folder)?;
    }
    let mut file = private_options().write(true).create_new(true).open(path)?;
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.sync_all());
    // Half a file would only be in the way of the next attempt.
    written.inspect_err(|_| drop(fs::remove_file(path)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::inputs::Inputs;
    use crate::config::layers::document::Document;

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
        let values = settings.iter().filter(|s| s.default_in_file().is_some());
        let values = values.count();
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
        assert_eq!(document.len(), 0);
    }
}
