//! The bundle for a bug report: a .tar.gz with report, versions, settings, session, log, events and history, without
//! secrets: of settings that may hold one only the host is there, and of the command line only which options were typed.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sysinfo::System;
use tar::{Builder, Header};

use super::{Subject, whole};
use crate::commands::config::rows;
use crate::config::Environment;
use crate::config::args::{CommandLine, version};
use crate::files;
use crate::history::{database, query};
use crate::session::checkpoint::Checkpoint;
use crate::session::definition::Definition;
use crate::session::remove::LOG;

/// Bytes of log and events at most, the latest.
const TEXT: u64 = 1 << 20;

/// How far back the metrics go: a sample each half minute.
const METRICS: SignedDuration = SignedDuration::from_hours(6);

/// Writes the bundle to a new file that only its owner can read.
///
/// # Errors
/// What the system said; then there is no file.
pub(super) fn write(
    file: &Path,
    subject: &Subject,
    line: &CommandLine,
    environment: &Environment<'_>,
) -> io::Result<()> {
    let parts = parts(subject, line, environment)?;
    let mut archive = Builder::new(GzEncoder::new(Vec::new(), Compression::default()));
    for (name, contents) in parts {
        let mut header = Header::new_gnu();
        header.set_size(contents.len() as u64);
        header.set_mode(0o600);
        header.set_mtime(subject.at.as_second().try_into().unwrap_or_default());
        archive.append_data(
            &mut header,
            format!("keygen-bundle/{name}"),
            contents.as_bytes(),
        )?;
    }
    files::write_new(file, &archive.into_inner()?.finish()?)
}

/// The files of the bundle; one that can't be made says why.
fn parts(
    subject: &Subject,
    line: &CommandLine,
    environment: &Environment<'_>,
) -> io::Result<Vec<(&'static str, String)>> {
    let folder = &subject.overview.folder;
    let (text, json) = whole(subject)?;
    Ok(vec![
        ("report.txt", text),
        ("report.json", json),
        ("versions.json", pretty(&versions())),
        ("settings.txt", settings(line, environment)),
        ("session.json", pretty(&session(folder))),
        ("checkpoint.json", checkpoint(folder)),
        ("log.txt", latest(&folder.join(LOG))),
        ("events.jsonl", events(folder)),
        ("history.json", history(subject)),
    ])
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

fn versions() -> Value {
    json!({
        "version": version::VERSION,
        "commit": version::COMMIT,
        "target": version::target(),
        "system": System::long_os_version().ok(),
        "kernel": System::kernel_version().ok(),
    })
}

/// The settings of environment and file, as `keygen config show` has them.
fn settings(line: &CommandLine, environment: &Environment<'_>) -> String {
    match rows(line, environment) {
        Ok(rows) => rows
            .iter()
            .map(|row| format!("{} = {} ({})\n", row.name, row.value, row.origin))
            .collect(),
        Err(error) => format!("{error:#}\n"),
    }
}

/// What the session is; of its command only the options: a value may be an address or a command of the user's.
fn session(folder: &Path) -> Value {
    let definition = match Definition::load(folder) {
        Ok(loaded) => loaded.value,
        Err(error) => return json!({"error": error.to_string()}),
    };
    let mut value = json!(definition);
    value["command"] = json!(options(&definition.command));
    value
}

/// The options among the words of a command, without their values.
fn options(command: &[String]) -> Vec<&str> {
    let options = command
        .iter()
        .filter(|word| word.starts_with('-') && !word.contains(' '));
    let name = |word: &'_ str| match word.strip_prefix("--") {
        Some(_) => word.split('=').next().map(str::len),
        // A short one may have its value right behind it.
        None => word
            .char_indices()
            .nth(2)
            .map_or(Some(word.len()), |(end, _)| Some(end)),
    };
    options
        .map(|word| &word[..name(word).unwrap_or_default()])
        .collect()
}

fn checkpoint(folder: &Path) -> String {
    match Checkpoint::load(folder) {
        Ok(loaded) => pretty(&json!(loaded.value)),
        Err(error) => format!("{error}\n"),
    }
}

/// The events file of the session, if its command named one.
fn events(folder: &Path) -> String {
    let definition = Definition::load(folder).map(|loaded| loaded.value);
    let Ok(definition) = definition else {
        return String::new();
    };
    let command = &definition.command;
    let named = (1..)
        .zip(command)
        .find_map(|(next, word)| match word.strip_prefix("--events") {
            Some("") => command.get(next).map(String::as_str),
            Some(rest) => rest.strip_prefix('='),
            None => None,
        });
    named.map_or(String::new(), |named| {
        latest(&definition.folder.join(named))
    })
}

/// The latest whole lines of a file; nothing where there is none.
fn latest(path: &Path) -> String {
    let read = || -> io::Result<String> {
        let mut file = File::open(path)?;
        let skipped = file.metadata()?.len().saturating_sub(TEXT);
        file.seek(SeekFrom::Start(skipped))?;
        let mut bytes = Vec::new();
        file.take(TEXT).read_to_end(&mut bytes)?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Ok(match skipped {
            0 => text,
            _ => text
                .split_once('\n')
                .map_or(String::new(), |(_, whole)| whole.to_owned()),
        })
    };
    match read() {
        Err(error) if error.kind() != io::ErrorKind::NotFound => format!("{error}\n"),
        read => read.unwrap_or_default(),
    }
}

/// The summary of the history, and the metrics of the last hours.
fn history(subject: &Subject) -> String {
    let past = match &subject.past {
        Ok(past) => json!(past),
        Err(error) => return pretty(&json!({"error": error})),
    };
    let since = subject.at.checked_sub(METRICS).unwrap_or(Timestamp::MIN);
    let session = subject.overview.status.session.as_str();
    let metrics =
        database::open_to_read(&subject.overview.database).map_err(|error| error.to_string());
    let metrics = metrics.and_then(|connection| {
        query::metrics(&connection, Some(session), since).map_err(|error| error.to_string())
    });
    pretty(&json!({"summary": past, "metrics": metrics.unwrap_or_default()}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_command_only_the_options_are_told() {
        let command = [
            "keygen",
            "--notify",
            "https://h/secret",
            "--notify=https://h/other",
            "-n5",
            "--on-found",
            "--token x",
            "-q",
        ];
        let command = command.map(str::to_owned);
        assert_eq!(
            options(&command),
            ["--notify", "--notify", "-n", "--on-found", "-q"]
        );
    }

    #[test]
    fn of_a_long_file_the_latest_whole_lines_are_taken() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("log");
        assert_eq!(latest(&file), "");
        let line = "x".repeat(99) + "\n";
        std::fs::write(&file, line.repeat(20_000) + "last\n").unwrap();
        let text = latest(&file);
        assert!(text.len() as u64 <= TEXT && text.ends_with("\nlast\n") && text.starts_with(&line));
    }
}
