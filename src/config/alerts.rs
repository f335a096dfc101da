//! Who is told of alerts, and how often: the settings of it, checked.

use std::path::Path;

use super::error::{Refused, UsageError};
use super::inputs::is_stdin;
use super::layers::document::check_trust;
use super::layers::{self, Origin, Origins};
use super::{Surroundings, at, duration};
use crate::alert::delivery::address::{ALLOWED, Channel};
use crate::alert::delivery::redact;
use crate::alert::settings::AlertSettings;
use crate::alert::throttle::COOLDOWN;
use crate::config::args::{AlertArgs, AlertTestArgs, ConfigArgs, SearchArgs, TrustArgs};

/// Channels that a search may have.
pub(crate) const CHANNELS: usize = 16;

/// The largest file of addresses that is read, in bytes.
const MAX_BYTES: usize = 64 << 10;

/// What `keygen alert test` tries.
#[derive(Clone, Debug)]
pub(crate) struct AlertTest {
    /// The channels; at least one.
    pub settings: AlertSettings,
    /// What to tell the user first, each a whole sentence.
    pub notes: Vec<String>,
}

/// What `keygen alert test` tries: the channels that a search would have.
///
/// # Errors
/// As [`resolve`]; and there is no channel.
pub(crate) fn test(
    typed: AlertTestArgs,
    around: &Surroundings<'_>,
) -> Result<AlertTest, UsageError> {
    let mut notes = Vec::new();
    let settings = of_tool(typed.config, typed.alerts, typed.trust, around, &mut notes)?;
    if settings.is_empty() {
        return Err(UsageError::combination(
            "There is no channel that could be tested",
            "Give --notify URL, or set it in the file of settings.",
        ));
    }
    Ok(AlertTest { settings, notes })
}

/// Who a search with these options would tell, for tools that tell the same.
///
/// # Errors
/// As [`resolve`], and a file of settings that can't be right.
pub(crate) fn of_tool(
    config: ConfigArgs,
    alerts: AlertArgs,
    trust: TrustArgs,
    around: &Surroundings<'_>,
    notes: &mut Vec<String>,
) -> Result<AlertSettings, UsageError> {
    let mut args = SearchArgs::default();
    (args.how.config, args.tell.alerts) = (config, alerts);
    args.session.place.trust = trust;
    let origins = layers::apply(&mut args, false, around, notes)?;
    resolve(&args, &origins, around, notes)
}

/// Reads the options about alerts, in which settings from other places are filled in already.
///
/// # Errors
/// An address that no channel takes, too many of them, a file that can't be read, an empty command.
pub(crate) fn resolve(
    args: &SearchArgs,
    origins: &Origins,
    around: &Surroundings<'_>,
    notes: &mut Vec<String>,
) -> Result<AlertSettings, UsageError> {
    let is_blind = args.session.place.trust.is_blind();
    let args = &args.tell.alerts;
    for (option, file) in [
        ("--notify-file", &args.notify_file),
        ("--heartbeat-url-file", &args.heartbeat_url_file),
    ] {
        if let Some(path) = file.as_ref().filter(|path| !is_blind && !is_stdin(path)) {
            check_trust(&around.folder.join(path), &format!("{option} names it"))?;
        }
    }
    let mut channels = Vec::new();
    for text in &args.notify {
        channels.push(channel(text).map_err(|r| r.at("--notify", &redact(text)))?);
    }
    if let Some(path) = &args.notify_file {
        channels.extend(from_file("--notify-file", path, around, notes, channel)?);
    }
    if channels.len() > CHANNELS {
        return Err(UsageError::combination(
            format!(
                "There are {} channels, and {CHANNELS} at most",
                channels.len()
            ),
            "Leave some --notify away.",
        ));
    }
    let settings = AlertSettings {
        channels,
        on_found: command("--on-found", &args.on_found)?,
        on_alert: command("--on-alert", &args.on_alert)?,
        heartbeat: heartbeat(args, around, notes)?,
        cooldown: at("--alert-cooldown", &args.alert_cooldown, duration::seconds)?
            .unwrap_or(COOLDOWN),
    };
    notes.extend(open_channels(&settings));
    notes.extend(readable_settings(origins));
    Ok(settings)
}

/// What is allowed for a list of channels, as a sentence.
pub(crate) const ALLOWED_LIST: &str = "Allowed are addresses: https://…, slack://…, ntfy://HOST/TOPIC, smtps://…, in a file \
                                several as [\"…\", \"…\"], in the environment with blanks between them.";

/// Reads several addresses with blanks between them.
///
/// # Errors
/// What is wrong with the first that no channel takes.
pub(crate) fn list(text: &str) -> Result<Vec<String>, Refused> {
    let all: Vec<_> = text.split_whitespace().map(str::to_owned).collect();
    all.iter().try_for_each(|one| channel(one).map(drop))?;
    Ok(all)
}

/// Reads the address of a channel.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn channel(text: &str) -> Result<Channel, Refused> {
    Channel::read(text).map_err(|problem| Refused::new(problem, ALLOWED))
}

/// Reads the address of a heartbeat.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn heartbeat_url(text: &str) -> Result<Channel, Refused> {
    let allowed = "Allowed is a web address: https://HOST/….";
    Channel::heartbeat(text).map_err(|problem| Refused::new(problem, allowed))
}

/// Refuses a command line that is none.
///
/// # Errors
/// It is empty.
pub(crate) fn command_line(text: &str) -> Result<String, Refused> {
    if text.trim().is_empty() || text.contains('\0') {
        return Err(Refused::new(
            "that is no command",
            "Allowed is a command line for the shell.",
        ));
    }
    Ok(text.to_owned())
}

fn command(option: &str, typed: &Option<String>) -> Result<Option<String>, UsageError> {
    at(option, typed, command_line)
}

fn heartbeat(
    args: &AlertArgs,
    around: &Surroundings<'_>,
    notes: &mut Vec<String>,
) -> Result<Option<Channel>, UsageError> {
    if let Some(text) = &args.heartbeat_url {
        let read = heartbeat_url(text).map_err(|r| r.at("--heartbeat-url", &redact(text)));
        return read.map(Some);
    }
    let Some(path) = &args.heartbeat_url_file else {
        return Ok(None);
    };
    let option = "--heartbeat-url-file";
    let mut found = from_file(option, path, around, notes, heartbeat_url)?;
    match (found.pop(), found.pop()) {
        (Some(channel), None) => Ok(Some(channel)),
        _ => Err(
            Refused::new("there is not one address in it", "Write one line.")
                .at(option, &path.display().to_string()),
        ),
    }
}

/// The addresses in a file, one a line; all that are wrong are named by their line, and none is repeated.
fn from_file(
    option: &str,
    path: &Path,
    around: &Surroundings<'_>,
    notes: &mut Vec<String>,
    read: fn(&str) -> Result<Channel, Refused>,
) -> Result<Vec<Channel>, UsageError> {
    let shown = path.display().to_string();
    if is_stdin(path) {
        let advice = "Name a file: it is read again when the program executes itself anew.";
        return Err(
            Refused::new("addresses are not read from standard input", advice).at(option, &shown),
        );
    }
    let path = around.folder.join(path);
    let bytes = around.inputs.read(option, &path)?.bytes;
    let text = String::from_utf8(bytes)
        .ok()
        .filter(|t| t.len() <= MAX_BYTES);
    let text = text.ok_or_else(|| {
        Refused::new("that is no list of addresses", "Write one address a line.").at(option, &shown)
    })?;
    notes.extend(readable(&path));
    let lines = (1..).zip(text.lines().map(str::trim));
    let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let one = |(number, line): (usize, &str)| {
        read(line).map_err(|r| r.at(option, &format!("{shown}:{number}: {}", redact(line))))
    };
    lines.map(one).collect()
}

/// Says of channels that everybody on the way can read.
fn open_channels(settings: &AlertSettings) -> Vec<String> {
    let all = settings.channels.iter().chain(&settings.heartbeat);
    let open = all.filter(|channel| channel.is_open);
    let line = |channel: &Channel| {
        let label = &channel.label;
        format!(
            "WARNING: what is sent to {label} is not encrypted: everybody on the way can read it."
        )
    };
    open.map(line).collect()
}

/// Says of a file of settings with addresses that others can read it.
fn readable_settings(origins: &Origins) -> Option<String> {
    let secret = ["notify", "heartbeat-url"];
    let file = secret.iter().find_map(|name| match origins.get(name) {
        Some(Origin::File(path, _)) => Some(path),
        _ => None,
    });
    file.and_then(|path| readable(path))
}

#[cfg(unix)]
fn readable(path: &Path) -> Option<String> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).ok()?.permissions().mode();
    (mode & 0o077 != 0).then(|| said_readable(path))
}

#[cfg(not(unix))]
fn readable(_: &Path) -> Option<String> {
    None
}

#[cfg(unix)]
fn said_readable(path: &Path) -> String {
    format!(
        "WARNING: other users can read {}, which has addresses that may hold secrets: chmod 600 it.",
        path.display()
    )
}

#[cfg(test)]
#[path = "alerts_tests.rs"]
mod tests;
