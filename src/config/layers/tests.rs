//! Tests of precedence and of refusals, with files and variables that the tests choose.

use std::fs;

use super::*;
use crate::commands::config as command;
use crate::config::inputs::Inputs;
use crate::config::{SearchSettings, searching};
use crate::session::inspect::tests::place_with;
use crate::session::state::Purpose;

/// What a line means with this file and these variables, or what is said.
fn resolve<T>(
    line: &str,
    file: Option<&str>,
    variables: &[(&str, &str)],
    read: impl FnOnce(&CommandLine, &Environment<'_>) -> anyhow::Result<T>,
) -> Result<T, String> {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.toml");
    if let Some(text) = file {
        fs::write(&config, text).unwrap();
    }
    let words = std::iter::once("keygen").chain(line.split(' ').filter(|word| !word.is_empty()));
    let typed = CommandLine::parse(words).unwrap_or_else(|error| panic!("{line}: {error}"));
    let mut stdin: &[u8] = b"";
    let variable = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let environment = Environment {
        now: jiff::Timestamp::UNIX_EPOCH.to_zoned(jiff::tz::TimeZone::UTC),
        folder: folder.path().to_owned(),
        processors: 6,
        stdout_is_terminal: false,
        inputs: Inputs::new(&mut stdin),
        variables: variables.iter().map(variable).collect(),
        config_file: Some(config),
        service: folder.path().join("service"),
        notes: Default::default(),
    };
    read(&typed, &environment).map_err(|error| {
        error
            .to_string()
            .replace(folder.path().to_str().unwrap(), "")
    })
}

fn searched(
    line: &str,
    file: Option<&str>,
    variables: &[(&str, &str)],
) -> Result<SearchSettings, String> {
    resolve(line, file, variables, |line, environment| {
        searching(line, Purpose::Search, environment)
    })
}

fn search(line: &str, file: Option<&str>, variables: &[(&str, &str)]) -> SearchSettings {
    searched(line, file, variables).unwrap_or_else(|error| panic!("{line}: {error}"))
}

fn refused(file: &str) -> String {
    searched("", Some(file), &[]).unwrap_err()
}

const FILE: &str = "workers = 2\n\n[health]\nbeat-age = \"7s\"\nrestarts = 9\n";

#[test]
fn an_option_goes_before_a_variable_before_the_file_before_the_default() {
    let variables = [("KEYGEN_WORKERS", "3"), ("KEYGEN_BEAT_AGE", "8s")];
    let workers = |line, file, variables| search(line, file, variables).workers;
    assert_eq!(workers("", None, &[]), 6);
    assert_eq!(workers("", Some(FILE), &[]), 2);
    assert_eq!(workers("", Some(FILE), &variables), 3);
    assert_eq!(workers("--workers 4", Some(FILE), &variables), 4);
    let beat_age =
        |line, file, variables| search(line, file, variables).thresholds.beat_age.as_secs();
    assert_eq!(beat_age("", None, &[]), 5);
    assert_eq!(beat_age("", Some(FILE), &[]), 7);
    assert_eq!(beat_age("", Some(FILE), &variables), 8);
    assert_eq!(beat_age("--beat-age 9", Some(FILE), &variables), 9);
    assert_eq!(search("", Some(FILE), &[]).thresholds.restarts, 9);
}

#[test]
fn a_session_goes_before_variables_and_the_file_but_not_before_options() {
    let (top, _) = place_with("night");
    let variables = [
        ("KEYGEN_WORKERS", "3"),
        ("KEYGEN_BATCH_SIZE", "5000"),
        ("KEYGEN_BEAT_AGE", "8s"),
    ];
    let resumed = |more: &str| {
        let line = format!("resume night --state-dir {}{more}", top.path().display());
        let resume = |line: &CommandLine, environment: &Environment<'_>| {
            searching(line, Purpose::Resume, environment)
        };
        resolve(&line, Some(FILE), &variables, resume).unwrap()
    };
    let settings = resumed("");
    assert_eq!((settings.workers, settings.batch_size), (2, None));
    assert_eq!(settings.thresholds.beat_age.as_secs(), 8);
    assert_eq!(settings.limits.count, Some(1));
    let settings = resumed(" --workers 4 --batch-size 6000 -n all");
    assert_eq!((settings.workers, settings.batch_size), (4, Some(6000)));
    assert_eq!(settings.limits.count, None);
}

#[test]
fn a_file_that_sets_nothing_leaves_everything_as_it_is() {
    let settings = search("", Some("# nothing\n"), &[]);
    assert_eq!(settings.thresholds, Thresholds::default());
    assert!(settings.health_check);
    assert!(!search("", Some("[health]\nhealth-check = false\n"), &[]).health_check);
    assert!(
        search(
            "--health-check",
            Some("[health]\nhealth-check = false\n"),
            &[]
        )
        .health_check
    );
}

#[test]
fn every_wrong_line_of_a_file_is_named_with_what_is_allowed() {
    let said =
        refused("workers = 0\nbackend = \"sse2\"\n[health]\nrestarts = \"many\"\nbeat_age = 3\n");
    for part in [
        "config.toml:1: workers = 0: not a number of workers. Allowed are 1 to",
        "config.toml:2: backend = sse2: not one of the words. Allowed are auto,",
        "config.toml:4: restarts: a TOML string is not allowed here. Allowed are whole numbers",
        "config.toml:5: beat_age: wrong spelling. Did you mean beat-age?",
    ] {
        assert!(said.contains(part), "{part:?} in {said}");
    }
}

#[test]
fn what_is_searched_may_not_stand_in_a_file_or_in_a_variable() {
    let said = refused("prefix = \"F8\"\n");
    assert!(
        said.contains("config.toml:1: prefix: it says what is searched"),
        "{said}"
    );
    assert!(said.contains("--prefix"), "{said}");
    let said = refused("time = 8\n");
    assert!(said.contains("it says when one search ends"), "{said}");
    let said = searched("", None, &[("KEYGEN_PREFIX", "F8")]).unwrap_err();
    assert!(
        said.starts_with("KEYGEN_PREFIX: it says what is searched"),
        "{said}"
    );
}

#[test]
fn unknown_names_and_broken_files_are_refused_with_their_line() {
    let said = refused("\nworkrs = 2\n");
    assert!(
        said.contains("config.toml:2: workrs: there is no such setting. Did you mean workers?"),
        "{said}"
    );
    let said = refused("workers = 2\nworkers = 3\n");
    assert!(
        said.contains("config.toml:2: ") && said.contains("duplicate"),
        "{said}"
    );
    let said = refused("workers = \n");
    assert!(said.contains("config.toml:1: "), "{said}");
    let said = refused("restarts = 2\n");
    assert!(said.contains("below [health]"), "{said}");
    let said = refused("health = 2\n");
    assert!(said.contains("config.toml:1: health"), "{said}");
    let said = refused("[sessions]\nworkers = 2\n");
    assert!(said.contains("config.toml:1: sessions"), "{said}");
}

#[test]
fn a_variable_that_is_no_setting_is_a_note_and_a_wrong_value_an_error() {
    let settings = search("", None, &[("KEYGEN_SERVICE_HOST", "10.0.0.1")]);
    assert!(
        settings
            .notes
            .iter()
            .any(|note| note.contains("KEYGEN_SERVICE_HOST"))
    );
    let said = searched("", None, &[("KEYGEN_WORKERS", "two")]).unwrap_err();
    assert!(
        said.starts_with("KEYGEN_WORKERS=two: not a number of workers"),
        "{said}"
    );
}

#[test]
fn thresholds_that_contradict_are_refused_with_where_each_comes_from() {
    let said = searched(
        "--disk-critical 0.9",
        Some("[health]\ndisk-warning = 0.92\n"),
        &[],
    );
    let said = said.unwrap_err();
    assert!(
        said.contains("disk-warning 0.92 is above disk-critical 0.9"),
        "{said}"
    );
    assert!(
        said.contains("disk-warning comes from: file /config.toml:2"),
        "{said}"
    );
    assert!(said.contains("disk-critical from: option"), "{said}");
    let said = searched("--adaptive 1..2 --workers 3", None, &[]).unwrap_err();
    assert!(
        said.contains("3 workers lie outside --adaptive 1..2"),
        "{said}"
    );
}

#[test]
fn a_named_file_that_is_missing_is_an_error_and_the_usual_one_is_not() {
    assert_eq!(search("", None, &[]).workers, 6);
    let said = searched("--config nowhere.toml", None, &[]).unwrap_err();
    assert!(
        said.starts_with("--config nowhere.toml: no such file"),
        "{said}"
    );
    let said = searched("", None, &[("KEYGEN_CONFIG", "nowhere.toml")]).unwrap_err();
    assert!(
        said.starts_with("KEYGEN_CONFIG nowhere.toml: no such file"),
        "{said}"
    );
}

#[test]
fn all_values_are_shown_with_where_they_come_from() {
    let variables = [("KEYGEN_BACKEND", "portable")];
    let line = "config show --restarts 7";
    let rows = resolve(line, Some(FILE), &variables, |line, environment| {
        command::rows(line, environment)
    });
    let rows = rows.unwrap();
    let row = |name: &str| rows.iter().find(|row| row.name == name).unwrap();
    let line = |name: &str| format!("{} {}", row(name).value, row(name).origin);
    assert_eq!(line("health.restarts"), "7 option");
    assert_eq!(line("backend"), "portable environment KEYGEN_BACKEND");
    assert!(line("workers").starts_with("2 file ") && line("workers").ends_with("config.toml:1"));
    assert_eq!(line("health.window"), "1s default");
    assert_eq!(rows.len(), table::settings().len());
}
