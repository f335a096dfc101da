//! The settings of alerts, checked: who is notified, and how often.

use std::path::Path;

use super::Environment;
use super::error::{InvalidValue, UsageError, refuse};
use super::inputs::is_stdin;
use super::layers::sources::check_trust;
use super::layers::{self, Origin, Origins};
use crate::alert::delivery::AlertSettings;
use crate::alert::delivery::address::{ALLOWED, Channel};
use crate::alert::delivery::redact;
use crate::config::args::{AlertArgs, CommandLine, SearchArgs};

/// Channels that a search may have.
pub(crate) const CHANNELS: usize = 16;

/// The largest file of addresses that is read, in bytes.
const MAX_BYTES: usize = 64 << 10;

/// Checks the options about alerts; warns of addresses and messages that others could read.
///
/// # Errors
/// Too many channels, and a file that can't be read or has an invalid address.
pub(crate) fn resolve(
    args: &SearchArgs,
    origins: &Origins,
    environment: &Environment<'_>,
) -> Result<AlertSettings, UsageError> {
    let is_blind = args.session.place.trust.is_blind();
    let args = &args.tell.alerts;
    for (option, file) in [
        ("--notify-file", &args.notify_file),
        ("--heartbeat-url-file", &args.heartbeat_url_file),
    ] {
        if let Some(path) = file.as_ref().filter(|path| !is_blind && !is_stdin(path)) {
            let path = environment.folder.join(path);
            check_trust(&path, &format!("{option} names it"))?;
        }
    }
    let mut channels = args.notify.clone();
    if let Some(path) = &args.notify_file {
        let more = from_file("--notify-file", path, environment, channel)?;
        channels.extend(more);
    }
    let count = channels.len();
    if count > CHANNELS {
        refuse!(
            "There are {count} channels; at most {CHANNELS} are allowed. Remove some --notify."
        );
    }
    let settings = AlertSettings {
        channels,
        on_found: args.on_found.clone(),
        on_alert: args.on_alert.clone(),
        heartbeat: heartbeat(args, environment)?,
        cooldown: args.alert_cooldown,
    };
    environment.notes.extend(open_channels(&settings));
    environment.notes.extend(readable_settings(origins));
    Ok(settings)
}

/// The settings for a command that does not search: those that a search would have.
///
/// # Errors
/// As [`layers::apply`] and [`resolve`].
pub(crate) fn of_command(
    line: &CommandLine,
    environment: &Environment<'_>,
) -> anyhow::Result<AlertSettings> {
    let (args, origins) = layers::apply(line, None, environment)?;
    Ok(resolve(&args, &origins, environment)?)
}

/// What is allowed for a list of channels, as a sentence.
pub(crate) const ALLOWED_LIST: &str = "Allowed are addresses: https://…, slack://…, ntfy://HOST/TOPIC, smtps://…, in a file \
                                several as [\"…\", \"…\"], in the environment with blanks between them.";

/// Reads the address of a channel.
pub(crate) fn channel(text: &str) -> Result<Channel, InvalidValue> {
    Channel::read(text).map_err(|problem| InvalidValue::new(problem, ALLOWED))
}

/// Reads the address of a heartbeat.
pub(crate) fn heartbeat_url(text: &str) -> Result<Channel, InvalidValue> {
    let allowed = "Allowed is a web address: https://HOST/….";
    Channel::heartbeat(text).map_err(|problem| InvalidValue::new(problem, allowed))
}

/// Reads a command line for the shell.
pub(crate) fn command_line(text: &str) -> Result<String, InvalidValue> {
    if text.trim().is_empty() || text.contains('\0') {
        let allowed = "Allowed is a command line for the shell.";
        return Err(InvalidValue::new("not a command", allowed));
    }
    Ok(text.to_owned())
}

fn heartbeat(
    args: &AlertArgs,
    environment: &Environment<'_>,
) -> Result<Option<Channel>, UsageError> {
    if args.heartbeat_url.is_some() {
        return Ok(args.heartbeat_url.clone());
    }
    let Some(path) = &args.heartbeat_url_file else {
        return Ok(None);
    };
    let option = "--heartbeat-url-file";
    let mut found = from_file(option, path, environment, heartbeat_url)?;
    if found.len() != 1 {
        let wrong = InvalidValue::new("it must have exactly one address", "Write one line.");
        return Err(wrong.at(option, &path.display().to_string()));
    }
    Ok(found.pop())
}

/// The addresses in a file, one per line. Errors name invalid ones by their line and do not repeat them.
fn from_file(
    option: &str,
    path: &Path,
    environment: &Environment<'_>,
    read: fn(&str) -> Result<Channel, InvalidValue>,
) -> Result<Vec<Channel>, UsageError> {
    let shown = path.display().to_string();
    if is_stdin(path) {
        let advice = "Name a file: it is read again when the program restarts itself.";
        let wrong = InvalidValue::new("addresses are not read from standard input", advice);
        return Err(wrong.at(option, &shown));
    }
    let path = environment.folder.join(path);
    let bytes = environment.inputs.read(option, &path)?.bytes;
    let text = String::from_utf8(bytes)
        .ok()
        .filter(|text| text.len() <= MAX_BYTES);
    let wrong = InvalidValue::new("not a list of addresses", "Write one address per line.");
    let text = text.ok_or_else(|| wrong.at(option, &shown))?;
    environment.notes.extend(readable(&path));
    let lines = (1..).zip(text.lines().map(str::trim));
    let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let one = |(number, line): (usize, &str)| {
        read(line).map_err(|r| r.at(option, &format!("{shown}:{number}: {}", redact(line))))
    };
    lines.map(one).collect()
}

/// Warnings about channels without encryption.
fn open_channels(settings: &AlertSettings) -> Vec<String> {
    let all = settings.channels.iter().chain(&settings.heartbeat);
    let open = all.filter(|channel| channel.is_open);
    let why = "is not encrypted: everybody on the way can read it";
    open.map(|channel| format!("WARNING: what is sent to {} {why}.", channel.label))
        .collect()
}

/// A warning if others can read the addresses in the settings file.
fn readable_settings(origins: &Origins) -> Option<String> {
    let secret = ["notify", "heartbeat-url"];
    let file = secret.iter().find_map(|name| match origins.of(name) {
        Origin::File(path, _) => Some(path),
        _ => None,
    });
    file.and_then(|path| readable(&path))
}

#[cfg(unix)]
fn readable(path: &Path) -> Option<String> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).ok()?.permissions().mode();
    let path = path.display();
    (mode & 0o077 != 0).then(|| {
        format!("WARNING: other users can read {path}, which has addresses that may hold secrets: chmod 600 it.")
    })
}

#[cfg(not(unix))]
fn readable(_: &Path) -> Option<String> {
    None
}

#[cfg(test)]
#[cfg(feature = "network")]
#[path = "alerts_tests.rs"]
mod tests;
