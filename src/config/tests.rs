//! What command lines mean, with surroundings that the tests choose.

use super::*;
use crate::commands::command::{Command, resolve};
use crate::commands::settings::{KeyCommand, PythonTest};
use crate::config::args as cli;
use std::time::{Duration, SystemTime};

/// What `line` means in an empty folder with 6 processors at 2026-01-10 05:00 UTC.
fn resolve_in(folder: &Path, line: &str, terminal: bool) -> Result<Command, UsageError> {
    let words = std::iter::once("keygen").chain(line.split(' ').filter(|word| !word.is_empty()));
    let typed = cli::parse(words).unwrap_or_else(|error| panic!("{line}: {error}"));
    let mut stdin: &[u8] = b"F8\n";
    let now = "2026-01-10T05:00:00Z"
        .parse::<jiff::Timestamp>()
        .unwrap()
        .to_zoned(jiff::tz::TimeZone::UTC);
    let refuse = |dir: &Path| {
        if dir.ends_with("full") {
            Err("No space is left.".to_owned())
        } else {
            Ok(())
        }
    };
    let around = Surroundings {
        now,
        folder: folder.to_owned(),
        processors: 6,
        stdout_is_terminal: terminal,
        inputs: Inputs::new(&mut stdin),
        environment: BTreeMap::new(),
        config_file: None,
        service: folder.join("service"),
        check_output: &refuse,
    };
    resolve(typed, &around)
}

fn resolved(line: &str) -> Result<Command, UsageError> {
    let folder = tempfile::tempdir().unwrap();
    resolve_in(folder.path(), line, false)
}

fn search(line: &str) -> SearchSettings {
    match resolved(line) {
        Ok(Command::Search(settings)) => *settings,
        other => panic!("{line}: {other:?}"),
    }
}

fn said(line: &str) -> String {
    resolved(line).unwrap_err().to_string()
}

#[test]
fn nothing_typed_is_a_vanity_of_eight_and_this_is_said() {
    let settings = search("");
    assert!(
        settings.wanted.describe().contains("vanity 8"),
        "{}",
        settings.wanted.describe()
    );
    assert!(
        settings
            .notes
            .iter()
            .any(|note| note.contains("--vanity-8")),
        "{:?}",
        settings.notes
    );
    assert_eq!(
        (settings.count, settings.workers, settings.watchlist_max),
        (Count::Exactly(1), 6, 1)
    );
    assert_eq!(
        (settings.candidates, settings.time, settings.until),
        (None, None, None)
    );
    assert_eq!(
        (settings.priority, settings.backend),
        (Priority::Low, BackendChoice::Auto)
    );
    assert!(settings.health_check && !settings.json && settings.batch_size.is_none());
    assert_eq!(settings.verbosity, Verbosity::Normal);
}

#[test]
fn keys_to_avoid_alone_ask_for_any_other_beginning() {
    let settings = search("--avoid 01,02");
    assert!(
        (settings.wanted.probability() - 252.0 / 256.0).abs() < 1e-12,
        "{}",
        settings.wanted.describe()
    );
    assert!(settings.notes.is_empty(), "{:?}", settings.notes);
}

#[test]
fn limits_are_read() {
    let settings =
        search("-n all --candidates 2M --time 2:30 --until 07:30 --batch-size 500K --workers 3");
    assert_eq!(settings.count, Count::All);
    assert_eq!(settings.candidates, Some(2_000_000));
    assert_eq!(settings.time, Some(Duration::from_secs(9_000)));
    let clock = "2026-01-10T07:30:00Z".parse::<jiff::Timestamp>().unwrap();
    assert_eq!(settings.until, Some(SystemTime::from(clock)));
    assert_eq!((settings.batch_size, settings.workers), (Some(500_000), 3));
    assert_eq!(search("--keys 0.5").candidates, Some(500_000));
    assert_eq!(search("-n 1K").count, Count::Exactly(1_000));
}

#[test]
fn json_asks_for_json_files_unless_the_format_is_named() {
    for (line, format, json) in [
        ("", KeyFormat::Text, false),
        ("--json", KeyFormat::Json, true),
        ("--json --format text", KeyFormat::Text, true),
        ("--format json", KeyFormat::Json, false),
    ] {
        let settings = search(line);
        assert_eq!(
            (settings.output.format, settings.json),
            (format, json),
            "{line}"
        );
    }
}

#[test]
fn the_folder_for_keys_is_a_full_path_and_is_checked_first() {
    let folder = tempfile::tempdir().unwrap();
    let dir = |line| match resolve_in(folder.path(), line, false) {
        Ok(Command::Search(settings)) => settings.output.dir,
        other => panic!("{other:?}"),
    };
    assert_eq!(dir(""), folder.path());
    assert_eq!(dir("--output keys"), folder.path().join("keys"));
    assert_eq!(dir("--output-dir /tmp/k"), Path::new("/tmp/k"));
    assert!(said("--output full").contains("full: No space is left."));
}

#[test]
fn a_watchlist_in_the_current_folder_is_read_and_this_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("watchlist.txt");
    std::fs::write(&path, "ABCD...EF\n").unwrap();
    let Ok(Command::Search(settings)) = resolve_in(folder.path(), "--prefix F8", false) else {
        panic!()
    };
    assert_eq!(
        settings.watchlist.unwrap().lines()[0].pattern(),
        "ABCD...EF"
    );
    assert!(
        settings.notes[0].contains(&path.display().to_string()),
        "{:?}",
        settings.notes
    );
    let Ok(Command::Search(settings)) = resolve_in(folder.path(), "--watchlist -", false) else {
        panic!()
    };
    assert_eq!(settings.watchlist.unwrap().lines()[0].pattern(), "F8");
}

#[test]
fn private_keys_are_shown_on_a_terminal_only() {
    let folder = tempfile::tempdir().unwrap();
    for line in ["--show-private", "key show --private a"] {
        assert!(
            said(line).contains("standard output is not a terminal"),
            "{line}"
        );
        assert!(resolve_in(folder.path(), line, true).is_ok(), "{line}");
    }
}

#[test]
fn every_wrong_value_is_refused_with_its_option() {
    for (line, words) in [
        ("-n 0", "--count 0: zero"),
        ("-n some", "\"all\" goes on to a limit"),
        ("-n -1", "--count -1: it is negative"),
        ("--candidates 0", "--candidates 0: zero"),
        ("--candidates 5X", "\"X\" is not a unit"),
        ("--keys 0", "--keys 0: zero"),
        ("--time 0", "--time 0: zero"),
        ("--time -1", "--time -1: it is negative"),
        ("--time 5parsecs", "\"parsecs\" is not a unit of time"),
        (
            "--until 25:00",
            "--until 25:00: there is no such time of day",
        ),
        (
            "--workers 0",
            "Allowed are 1 to 4096; this process may use 6 processors",
        ),
        ("--workers 2.5", "--workers 2.5"),
        ("--workers -1", "--workers -1"),
        ("--workers 1000000", "--workers 1000000"),
        ("--batch-size 0", "--batch-size 0: zero"),
        ("--watchlist-max 0", "--watchlist-max 0: zero"),
        (
            "--watchlist /nonexistent",
            "--watchlist /nonexistent: no such file",
        ),
        ("--watchlist - --pattern-file -", "both read standard input"),
        ("odds --rate 0", "--rate 0: zero"),
        ("odds --time 0", "--time 0: zero"),
        ("bench --seconds 0", "--seconds 0: zero"),
        ("key verify - -", "both read standard input"),
        ("key verify a a", "twice"),
    ] {
        assert!(said(line).contains(words), "{line}: {}", said(line));
    }
}

#[test]
fn tools_get_their_settings() {
    let Ok(Command::Odds(odds)) = resolved("odds --prefix F8 --rate 1.5M --time 8 --json") else {
        panic!()
    };
    assert_eq!((odds.rate, odds.json), (Some(1_500_000), true));
    assert!(odds.wanted.is_some());
    let Ok(Command::Odds(table)) = resolved("odds") else {
        panic!()
    };
    assert!(table.wanted.is_none());
    let Ok(Command::Bench(bench)) = resolved("bench --seconds 0.5 --backend avx2") else {
        panic!()
    };
    assert_eq!(
        (bench.seconds, bench.backend),
        (Some(Duration::from_millis(500)), Some(BackendChoice::Avx2))
    );
    let files = vec![PathBuf::from("a"), PathBuf::from("-")];
    let Ok(Command::Key(export)) = resolved("key export a - --format serial") else {
        panic!()
    };
    assert_eq!(
        export,
        KeyCommand::Export {
            files,
            format: ExportFormat::Serial
        }
    );
    assert!(matches!(resolved("self-test"), Ok(Command::SelfTest)));
}

#[test]
fn a_key_in_place_of_its_file_is_refused_and_not_repeated() {
    let key = "5".repeat(128);
    let text = said(&format!("key verify {key}"));
    assert!(text.contains("other users can see it") && !text.contains(&key));
}

#[test]
fn the_python_tools_self_tests_have_its_numbers() {
    use PythonTest::{Compatibility, Distribution, Entropy, NodeId};
    for (line, tests) in [
        ("--test-compatibility", vec![Compatibility]),
        (
            "--test-distribution",
            vec![Distribution { keys: 1_000_000 }],
        ),
        (
            "--test-distribution 0.1",
            vec![Distribution { keys: 100_000 }],
        ),
        ("--test-entropy", vec![Entropy { keys: 10_000 }]),
        ("--test-entropy 2.5", vec![Entropy { keys: 2_500 }]),
        ("--test-meshcore-id", vec![NodeId { keys: 1_000 }]),
        (
            "--test-compatibility --test-meshcore-id 2 -v",
            vec![Compatibility, NodeId { keys: 2_000 }],
        ),
    ] {
        let Ok(Command::PythonTests(found)) = resolved(line) else {
            panic!("{line}")
        };
        assert_eq!(found, tests, "{line}");
    }
    assert!(said("--test-entropy 0").contains("zero"));
    assert!(said("--test-meshcore-id 0.0001").contains("not a whole number"));
    assert!(said("--test-entropy --prefix F8").contains("does not search"));
}

#[test]
fn lines_that_can_never_match_and_covered_values_are_notes() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("list.txt"),
        "\u{feff}F8 # mine\r\n00AB\r\nF8\r\n",
    )
    .unwrap();
    let line = format!(
        "--prefix A,AB --pattern-file {}/list.txt",
        folder.path().display()
    );
    let notes = search(&line).notes;
    assert!(
        notes.iter().any(|note| note.contains("AB is left out")),
        "{notes:?}"
    );
    assert!(
        notes.iter().any(|note| note.contains("list.txt")),
        "{notes:?}"
    );
    assert!(notes.iter().all(|note| note.ends_with('.')), "{notes:?}");
}
