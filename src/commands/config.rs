//! `keygen config`: shows settings, checks a file, writes a new one.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use anyhow::Context;

use super::{Call, say_notes};
use crate::config::Environment;
use crate::config::args::{CommandLine, ConfigTool};
use crate::config::error::refuse;
use crate::config::layers::table::{self, Section, Setting};
use crate::config::layers::{self, Origin};
use crate::exit::Ending;
use crate::files::{create_folder, private_options};
use crate::report::streams::Streams;
use crate::text::number::counted;

/// Runs one of its subcommands.
///
/// # Errors
/// Invalid settings, or a new file that exists already or can't be written.
pub(crate) fn run(tool: ConfigTool, call: &mut Call<'_>) -> anyhow::Result<Ending> {
    let line = call.line;
    let (environment, streams) = call.parts();
    match tool {
        ConfigTool::Show(_) => {
            let rows = rows(line, environment)?;
            say_notes(environment, streams);
            show(&rows, streams)?;
        }
        ConfigTool::Check(args) => {
            let named = args.file.as_deref().or(args.config.config.as_deref());
            let path = layers::file_meant(named, environment)?;
            let settings = layers::check_file(&path, args.trust, environment)?;
            let (path, settings) = (path.display(), counted(settings as u64, "setting"));
            writeln!(streams.out, "{path}: {settings}, all fine")?;
        }
        ConfigTool::Init(args) => {
            let path = layers::file_meant(args.config.as_deref(), environment)?;
            if path.symlink_metadata().is_ok() {
                refuse!(
                    "{} exists already, and is not overwritten. Name another file with --config FILE, or move that one away.",
                    path.display()
                );
            }
            write(&path, &template(&table::settings()))
                .with_context(|| format!("{} can't be written", path.display()))?;
            writeln!(streams.out, "{}", path.display())?;
        }
    }
    Ok(Ending::Found)
}

/// A setting as `config show` prints it.
pub(crate) struct Row {
    /// The setting, with its part of the file.
    pub name: String,
    /// Its value, secrets left out.
    pub value: String,
    /// Where the value comes from.
    pub origin: Origin,
}

pub(crate) fn rows(line: &CommandLine, environment: &Environment<'_>) -> anyhow::Result<Vec<Row>> {
    let (_, origins) = layers::apply(line, None, environment)?;
    let row = |setting: &Setting| {
        let name = setting.name;
        Row {
            name: match setting.section.name() {
                Some(section) => format!("{section}.{name}"),
                None => name.to_owned(),
            },
            value: match origins.text(name) {
                Some(text) => table::shown(name, text),
                None => setting.default().to_owned(),
            },
            origin: origins.of(name),
        }
    };
    Ok(table::settings().iter().map(row).collect())
}

fn show(rows: &[Row], streams: &mut Streams<'_>) -> io::Result<()> {
    let width = |text: fn(&Row) -> usize| rows.iter().map(text).max().unwrap_or(0);
    let names = width(|row| row.name.len());
    let values = width(|row| row.value.len().min(40));
    for row in rows {
        let Row {
            name,
            value,
            origin,
        } = row;
        writeln!(streams.out, "{name:names$}  {value:values$}  {origin}")?;
    }
    Ok(())
}

/// The text of a file with every setting in comments.
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

/// Writes a new file that only its owner can read; creates its folder if needed.
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
    use crate::config::layers::sources::Document;

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
