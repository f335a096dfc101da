//! Settings from files and variables as a black box: what is shown, checked, written and refused.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::common::program::{self, Place, Run};

/// Runs with these variables; the user's configuration folder is `config` in the place.
fn run_with(place: &Place, words: &[&str], variables: &[(&str, &str)]) -> Run {
    let mut command = place.command(words);
    command.env("XDG_CONFIG_HOME", place.path("config"));
    command.envs(variables.iter().copied());
    place.finish(command)
}

fn run(place: &Place, words: &[&str]) -> Run {
    run_with(place, words, &[])
}

/// The cells of a line that `config show` printed.
fn row<'a>(run: &'a Run, name: &str) -> Vec<&'a str> {
    let mut rows = run.out.lines().map(|line| {
        let cells = line.split("  ").map(str::trim);
        cells.filter(|cell| !cell.is_empty()).collect::<Vec<_>>()
    });
    rows.find(|row| row[0] == name).unwrap()
}

#[test]
fn a_fresh_file_is_private_fine_and_never_overwritten() {
    let place = Place::new();
    let init = run(&place, &["config", "init"]);
    assert_eq!(init.code, Some(0), "{}", init.err);
    let path = place.path("config/meshcore-keygen/config.toml");
    assert_eq!(init.out.trim(), path.to_str().unwrap());
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    let check = run(&place, &["config", "check"]);
    assert_eq!(check.code, Some(0), "{}", check.err);
    assert!(
        check.out.ends_with("config.toml: 0 settings, all fine\n"),
        "{}",
        check.out
    );
    fs::write(&path, "workers = 1\n").unwrap();
    let again = run(&place, &["config", "init"]);
    assert_eq!(again.code, Some(2));
    assert!(
        again.err.contains("exists already, and is not overwritten"),
        "{}",
        again.err
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), "workers = 1\n");
}

#[test]
fn every_value_is_shown_with_its_place() {
    let place = Place::new();
    let text = "batch-size = \"500K\"\n[health]\nbeat-age = 6\nrestarts = 1\n";
    let file = place.write("my.toml", text);
    let words = ["config", "show", "--config", &file, "--restarts", "3"];
    let shown = run_with(&place, &words, &[("KEYGEN_PRIORITY", "normal")]);
    assert_eq!(shown.code, Some(0), "{}", shown.err);
    let from = |line| format!("file {file}:{line}");
    for (name, value, origin) in [
        ("health.beat-age", "6", from(3)),
        ("batch-size", "500K", from(1)),
        ("health.restarts", "3", "option".to_owned()),
        (
            "priority",
            "normal",
            "environment KEYGEN_PRIORITY".to_owned(),
        ),
        ("health.window", "1s", "default".to_owned()),
    ] {
        assert_eq!(row(&shown, name), [name, value, &origin], "{}", shown.out);
    }
}

#[test]
fn a_search_takes_its_settings_from_the_file() {
    let place = Place::new();
    let folder = place.path("elsewhere");
    let output = format!("output = \"{}\"", folder.display());
    let text = format!("workers = 1\n{output}\nformat = \"json\"\n");
    fs::create_dir_all(place.path("config/meshcore-keygen")).unwrap();
    fs::write(place.path("config/meshcore-keygen/config.toml"), text).unwrap();
    let found = run(&place, &["--prefix", "A"]);
    assert_eq!(found.code, Some(0), "{}", found.err);
    assert!(found.err.contains("on 1 worker "), "{}", found.err);
    assert_eq!(program::pairs(&folder).len(), 1);
    assert!(place.pairs().is_empty());
}

#[test]
fn wrong_settings_end_with_2_before_any_work() {
    type Case<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)], &'a str);
    let place = Place::new();
    let file = place.write("my.toml", "[health]\ndisk-warning = 0.99\n");
    let cases: [Case<'_>; 7] = [
        (
            &["--config", &file, "--prefix", "A"],
            &[],
            "disk-warning 0.99 is above disk-critical 0.95",
        ),
        (&["config", "check", &file], &[], "my.toml:2"),
        (
            &["--prefix", "A"],
            &[("KEYGEN_PREFIX", "B")],
            "it says what is searched",
        ),
        (
            &["--prefix", "A"],
            &[("KEYGEN_DEGRADED_SHARE", "1.5")],
            "KEYGEN_DEGRADED_SHARE=1.5: not a share",
        ),
        (&["--adaptive", "3..2"], &[], "MIN 3 is above MAX 2"),
        (&["--pause-above", "hot"], &[], "not a temperature"),
        (
            &["--restart-policy", "never"],
            &[],
            "Allowed are auto and always",
        ),
    ];
    for (words, variables, said) in cases {
        let refused = run_with(&place, words, variables);
        assert_eq!(refused.code, Some(2), "{words:?}");
        assert!(refused.err.contains(said), "{words:?}: {}", refused.err);
        assert!(
            place.names().is_empty() && refused.out.is_empty(),
            "{words:?}"
        );
    }
}

#[test]
fn a_session_keeps_what_it_was_begun_with_whatever_the_file_says_later() {
    let place = Place::new();
    let chosen = place.path("chosen");
    let words = [
        "--session",
        "t",
        "--prefix",
        "A",
        "--workers",
        "1",
        "--output",
        chosen.to_str().unwrap(),
    ];
    assert_eq!(run(&place, &words).code, Some(0));
    let other = place.path("other");
    let file = place.write("my.toml", format!("output = \"{}\"\n", other.display()));
    let again = run(&place, &["resume", "t", "-n", "2", "--config", &file]);
    assert_eq!(again.code, Some(0), "{}", again.err);
    assert_eq!(program::pairs(&chosen).len(), 2);
    assert!(!other.exists());
}
