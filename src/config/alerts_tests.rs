//! Tests of who is told of alerts, as options, files and variables say it.

use std::fs;
use std::time::Duration;

use super::*;
use crate::alert::Severity;
use crate::config::args::{AlertTool, Tool};
use crate::config::inputs::Inputs;
use crate::config::searching;
use crate::session::state::Purpose;

/// What a line means in a folder of its own, with its warnings, or what is said; `files` are written there first.
fn resolve_line(
    line: &str,
    files: &[(&str, &str)],
    variables: &[(&str, &str)],
) -> Result<(AlertSettings, Vec<String>), String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let words = std::iter::once("keygen").chain(line.split(' ').filter(|word| !word.is_empty()));
    let typed = CommandLine::parse(words).map_err(|error| error.to_string())?;
    let mut stdin: &[u8] = b"";
    let variable = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let environment = Environment {
        now: jiff::Timestamp::UNIX_EPOCH.to_zoned(jiff::tz::TimeZone::UTC),
        folder: folder.path().to_owned(),
        processors: 2,
        stdout_is_terminal: false,
        inputs: Inputs::new(&mut stdin),
        variables: variables.iter().map(variable).collect(),
        config_file: Some(folder.path().join("config.toml")),
        service: folder.path().join("service"),
        notes: Default::default(),
    };
    let tool = typed.typed().unwrap().tool;
    let resolved = if matches!(tool, Some(Tool::Alert(AlertTool::Test(_)))) {
        of_command(&typed, &environment).map(|settings| (settings, environment.notes.take()))
    } else {
        searching(&typed, Purpose::Search, &environment).map(|settings| {
            let mut notes = settings.notes;
            notes.retain(|note| note.starts_with("WARNING"));
            (settings.alerts, notes)
        })
    };
    resolved.map_err(|error| error.to_string())
}

fn labels(settings: &AlertSettings) -> Vec<&str> {
    settings
        .channels
        .iter()
        .map(|channel| channel.label.as_str())
        .collect()
}

#[test]
fn channels_come_from_options_variables_files_and_a_list() {
    let typed = resolve_line(
        "--notify https://a/x --notify ntfy://b/y#critical",
        &[],
        &[],
    );
    let (settings, notes) = typed.unwrap();
    assert_eq!(labels(&settings), ["https://a/…", "ntfy://b/…"]);
    assert_eq!(settings.channels[1].minimum, Severity::Critical);
    assert!(notes.is_empty(), "{notes:?}");
    let variables = [("KEYGEN_NOTIFY", "https://c/x slack://d/y")];
    let (settings, _) = resolve_line("", &[], &variables).unwrap();
    assert_eq!(labels(&settings), ["https://c/…", "slack://d/…"]);
    let file = "notify = [\"https://e/x\", \"https://f/y\"]\non-alert = \"true\"\n";
    let (settings, _) = resolve_line("", &[("config.toml", file)], &[]).unwrap();
    assert_eq!(labels(&settings), ["https://e/…", "https://f/…"]);
    assert_eq!(settings.on_alert.as_deref(), Some("true"));
    let list = "# ours\nhttps://g/x\n\n  smtps://u:p@h/?from=a@b.org&to=c@d.org \n";
    let line = "--notify https://a/x --notify-file list --alert-cooldown 10";
    let (settings, _) = resolve_line(line, &[("list", list)], &[]).unwrap();
    assert_eq!(
        labels(&settings),
        ["https://a/…", "https://g/…", "smtps://h/…"]
    );
    assert_eq!(settings.cooldown, Some(Duration::from_secs(10)));
}

#[test]
fn the_heartbeat_may_come_from_a_file() {
    let line = "--heartbeat-url-file beat";
    let beat = |text| resolve_line(line, &[("beat", text)], &[]).map(|(s, _)| s.heartbeat);
    let found = beat("https://h/secret\n").unwrap().unwrap();
    assert_eq!(found.label, "https://h/…");
    for wrong in ["", "https://h/a\nhttps://h/b\n", "ntfy://h/secret"] {
        let said = beat(wrong).unwrap_err();
        assert!(
            said.starts_with("--heartbeat-url-file beat") && !said.contains("secret"),
            "{said}"
        );
    }
}

#[test]
fn what_can_not_be_right_is_refused_without_repeating_an_address() {
    let many = "https://h/x\n".repeat(CHANNELS + 1);
    let list = [("list", "https://h/x\nsecret\n"), ("many", many.as_str())];
    for (line, said) in [
        (
            "--notify gopher://h/secret",
            "--notify gopher://h/…: gopher:// is not supported. Allowed are",
        ),
        (
            "--notify secret",
            "--notify (set, not shown): it is not an address with ://",
        ),
        (
            "--notify https://h/secret#urgent",
            "--notify https://h/…#…: the severity after # is unknown",
        ),
        ("--notify-file none", "--notify-file"),
        ("--notify-file -", "not read from standard input"),
        (
            "--notify-file list",
            "--notify-file list:2: (set, not shown): it is not an address with ://",
        ),
        (
            "--notify-file many",
            "There are 17 channels; at most 16 are allowed",
        ),
        ("--on-found=", "--on-found '': not a command"),
        ("--on-alert=", "--on-alert '': not a command"),
        (
            "--heartbeat-url ntfy://h/secret",
            "--heartbeat-url ntfy://h/…: a heartbeat needs an https:// address",
        ),
        ("--alert-cooldown soon", "--alert-cooldown soon: "),
    ] {
        let error = resolve_line(line, &list, &[]).unwrap_err();
        assert!(error.contains(said), "{line}: {error}");
        assert!(!error.contains("secret"), "{error}");
    }
    let variables = [("KEYGEN_NOTIFY", "https://h/secret gopher://h/secret")];
    let error = resolve_line("", &[], &variables).unwrap_err();
    assert!(
        error.starts_with("KEYGEN_NOTIFY=https://h/… gopher://h/…: gopher:// is not supported"),
        "{error}"
    );
    let file = "notify = [\"https://h/secret\", 5]\n";
    let error = resolve_line("", &[("config.toml", file)], &[]).unwrap_err();
    assert!(
        error.contains("a TOML array is not allowed here"),
        "{error}"
    );
}

#[test]
fn what_is_sent_in_the_open_is_a_warning_unless_it_stays_on_the_machine() {
    let notes = |line| resolve_line(line, &[], &[]).unwrap().1;
    assert!(notes("--notify http://127.0.0.1:1/x").is_empty());
    let warned = notes("--notify http://h/secret");
    assert!(
        warned[0].starts_with("WARNING: what is sent to http://h/… is not encrypted"),
        "{warned:?}"
    );
}

#[cfg(unix)]
#[test]
fn a_file_with_addresses_that_others_can_read_is_a_warning() {
    use std::os::unix::fs::PermissionsExt;
    let notes = |text: &str, mode| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let line = format!("--config {}", path.display());
        resolve_line(&line, &[], &[]).unwrap().1
    };
    let secret = "notify = [\"https://h/secret\"]\n";
    let warned = notes(secret, 0o644);
    assert!(
        warned.len() == 1 && warned[0].starts_with("WARNING: other users can read"),
        "{warned:?}"
    );
    assert!(notes(secret, 0o600).is_empty());
    assert!(notes("workers = 1\n", 0o644).is_empty());
}

#[test]
fn debugging_output_shows_no_address_and_no_command() {
    let line = "--notify https://h/secret --on-found secret --on-alert secret --heartbeat-url https://h/secret";
    let (settings, _) = resolve_line(line, &[], &[]).unwrap();
    let words = std::iter::once("keygen").chain(line.split(' '));
    let typed = CommandLine::parse(words).unwrap().typed().unwrap();
    for shown in [format!("{settings:?}"), format!("{typed:?}")] {
        assert!(!shown.contains("secret"), "{shown}");
    }
}

#[cfg(unix)]
#[test]
fn commands_and_addresses_that_others_may_write_are_refused_unless_that_is_allowed() {
    use std::os::unix::fs::PermissionsExt;
    let resolve = |line: &str, text: &str, mode| {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        resolve_line(&line.replace("FILE", file.to_str().unwrap()), &[], &[])
    };
    for (line, text) in [
        ("--config FILE", "on-found = \"true\"\n"),
        ("--config FILE", "on-alert = \"true\"\n"),
        ("--config FILE", "notify = \"https://a/x\"\n"),
        ("--notify-file FILE", "https://a/x\n"),
        ("--heartbeat-url-file FILE", "https://a/x\n"),
    ] {
        assert!(resolve(line, text, 0o600).is_ok(), "{line} {text}");
        for mode in [0o622, 0o660] {
            let error = resolve(line, text, mode).unwrap_err();
            assert!(error.contains("is not trusted"), "{error}");
            assert!(error.contains("--trust-permissions"), "{error}");
        }
        let blind = format!("{line} --trust-permissions");
        assert!(resolve(&blind, text, 0o666).is_ok(), "{blind}");
    }
    assert!(resolve("--config FILE", "workers = 2\n", 0o666).is_ok());
}
