//! `keygen config`: shows settings, says that a file is fine, writes a new one.

pub(crate) mod settings;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use self::settings::{ConfigCommand, Row};
use crate::exit::Ending;
use crate::report::streams::Streams;

/// Does what is asked for.
///
/// # Errors
/// Standard output, or a file that can't be written.
pub(crate) fn run(command: &ConfigCommand, streams: &mut Streams<'_>) -> anyhow::Result<Ending> {
    match command {
        ConfigCommand::Show { rows, notes } => {
            notes.iter().for_each(|note| streams.say(note));
            show(rows, streams)?;
        }
        ConfigCommand::Check { path, settings } => {
            let plural = if *settings == 1 { "" } else { "s" };
            writeln!(
                streams.out,
                "{}: {settings} setting{plural}, all fine",
                path.display()
            )?;
        }
        ConfigCommand::Init { path, text } => {
            write(path, text)
                .map_err(|error| anyhow::anyhow!("{} can't be written: {error}", path.display()))?;
            writeln!(streams.out, "{}", path.display())?;
        }
    }
    Ok(Ending::Found)
}

/// Three columns.
fn show(rows: &[Row], streams: &mut Streams<'_>) -> io::Result<()> {
    let width = |text: fn(&Row) -> usize| rows.iter().map(text).max().unwrap_or(0);
    let names = width(|row| row.name.len());
    let values = width(|row| row.value.len().min(40));
    for Row {
        name,
        value,
        origin,
    } in rows
    {
        writeln!(streams.out, "{name:names$}  {value:values$}  {origin}")?;
    }
    Ok(())
}

/// Writes a file that does not exist yet, readable only by its owner, and its folder where that is missing.
fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path
        .parent()
        .filter(|f| !f.as_os_str().is_empty() && !f.exists())
    {
        private_folder().create(folder)?;
    }
    let mut file = new_file(path)?;
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.sync_all());
    // Half a file would only be in the way of the next attempt.
    written.inspect_err(|_| drop(fs::remove_file(path)))
}

#[cfg(unix)]
fn private_folder() -> DirBuilder {
    use std::os::unix::fs::DirBuilderExt;
    let mut builder = DirBuilder::new();
    builder.recursive(true).mode(0o700);
    builder
}

#[cfg(not(unix))]
fn private_folder() -> DirBuilder {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    builder
}

#[cfg(unix)]
fn new_file(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn new_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}
