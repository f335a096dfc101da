//! What command lines mean, in an environment that the tests choose.

use std::path::Path;
use std::time::{Duration, SystemTime};

use super::*;
use crate::commands::statistical_tests;
use crate::config::args::{BackendChoice, Tool};
use crate::key::KeyFormat;
use crate::report::Detail;

/// The environment of `folder` with 6 processors at 2026-01-10 05:00 UTC.
pub(crate) fn environment<'a>(
    folder: &Path,
    terminal: bool,
    stdin: &'a mut &'static [u8],
) -> Environment<'a> {
    let now = "2026-01-10T05:00:00Z".parse::<jiff::Timestamp>().unwrap();
    Environment {
        now: now.to_zoned(jiff::tz::TimeZone::UTC),
        folder: folder.to_owned(),
        processors: 6,
        stdout_is_terminal: terminal,
        inputs: Inputs::new(stdin),
        variables: BTreeMap::new(),
        config_file: None,
        service: folder.join("service"),
        notes: Default::default(),
    }
}

fn parse(line: &str) -> anyhow::Result<CommandLine> {
    let words = line.split(' ').filter(|word| !word.is_empty());
    CommandLine::parse(std::iter::once("keygen").chain(words))
}

fn resolve_in(folder: &Path, line: &str, terminal: bool) -> anyhow::Result<SearchSettings> {
    let mut stdin: &[u8] = b"F8\n";
    let environment = environment(folder, terminal, &mut stdin);
    searching(&parse(line)?, Purpose::Search, &environment)
}

fn resolved(line: &str) -> anyhow::Result<SearchSettings> {
    let folder = tempfile::tempdir().unwrap();
    resolve_in(folder.path(), line, false)
}

pub(crate) fn search(line: &str) -> SearchSettings {
    resolved(line).unwrap_or_else(|error| panic!("{line}: {error}"))
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
        (
            settings.limits.count,
            settings.workers,
            settings.watchlist_max
        ),
        (Some(1), 6, 1)
    );
    let limits = settings.limits;
    assert_eq!(
        (limits.candidates, limits.time, limits.until),
        (None, None, None)
    );
    assert_eq!(
        (settings.priority, settings.backend),
        (Priority::Low, BackendChoice::Auto)
    );
    assert!(settings.health_check && !settings.json && settings.batch_size.is_none());
    assert_eq!(settings.detail, Detail::Normal);
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
    let limits = settings.limits;
    assert_eq!(limits.count, None);
    assert_eq!(limits.candidates, Some(2_000_000));
    assert_eq!(limits.time, Some(Duration::from_secs(9_000)));
    let clock = "2026-01-10T07:30:00Z".parse::<jiff::Timestamp>().unwrap();
    assert_eq!(limits.until, Some(SystemTime::from(clock)));
    assert_eq!((settings.batch_size, settings.workers), (Some(500_000), 3));
    assert_eq!(search("--keys 0.5").limits.candidates, Some(500_000));
    assert_eq!(search("-n 1K").limits.count, Some(1_000));
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
            (settings.store.format(), settings.json),
            (format, json),
            "{line}"
        );
    }
}

#[test]
fn the_folder_for_keys_is_a_full_path() {
    let folder = tempfile::tempdir().unwrap();
    let dir = |line| {
        let settings = resolve_in(folder.path(), line, false).unwrap();
        settings.store.folder().to_owned()
    };
    assert_eq!(dir(""), folder.path());
    let current = std::env::current_dir().unwrap();
    assert_eq!(dir("--output keys"), current.join("keys"));
    assert_eq!(dir("--output-dir /tmp/k"), Path::new("/tmp/k"));
}

#[test]
fn a_watchlist_in_the_current_folder_is_read_and_this_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("watchlist.txt");
    std::fs::write(&path, "ABCD...EF\n").unwrap();
    let settings = resolve_in(folder.path(), "--prefix F8", false).unwrap();
    assert_eq!(
        settings.watchlist.unwrap().lines()[0].pattern(),
        "ABCD...EF"
    );
    assert!(
        settings.notes[0].contains(&path.display().to_string()),
        "{:?}",
        settings.notes
    );
    let settings = resolve_in(folder.path(), "--watchlist -", false).unwrap();
    assert_eq!(settings.watchlist.unwrap().lines()[0].pattern(), "F8");
}

#[test]
fn a_watchlist_that_nobody_named_never_stops_a_search() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("watchlist.txt");
    std::fs::write(&path, "ABCD...EFGH|cool\nDEAD...BEEF|classic\n").unwrap();
    let settings = resolve_in(folder.path(), "--prefix F8", false).unwrap();
    assert_eq!(settings.watchlist.unwrap().lines().len(), 1);
    let said = settings.notes.join("\n");
    assert!(
        said.contains("WARNING: ") && said.contains("line 1, ABCD...EFGH"),
        "{said}"
    );
    assert!(
        said.contains("in the current folder; --no-watchlist ignores it"),
        "{said}"
    );
    let settings = resolve_in(folder.path(), "--prefix F8 --no-watchlist", false).unwrap();
    assert!(settings.watchlist.is_none() && settings.notes.is_empty());
    let named = format!("--prefix F8 --watchlist {}", path.display());
    let error = resolve_in(folder.path(), &named, false)
        .unwrap_err()
        .to_string();
    assert!(error.contains("watchlist.txt:1: ABCD...EFGH"), "{error}");
}

#[test]
fn a_file_in_place_of_the_folder_for_keys_is_asked_about() {
    let folder = tempfile::tempdir().unwrap();
    let at = |output: &str| {
        let line = format!(
            "--prefix F8 --output {}",
            folder.path().join(output).display()
        );
        resolve_in(folder.path(), &line, false)
    };
    for name in ["key.json", "-", "mine_private.TXT", "node.key"] {
        let error = at(name).unwrap_err().to_string();
        assert!(error.contains("was a folder meant?"), "{error}");
        std::fs::create_dir(folder.path().join(name)).unwrap();
        assert!(at(name).is_ok());
    }
    assert!(at("new.json/").is_ok() && at("new").is_ok() && at("v1.2").is_ok());
}

#[test]
fn private_keys_are_shown_on_a_terminal_only() {
    let folder = tempfile::tempdir().unwrap();
    assert!(said("--show-private").contains("standard output is not a terminal"));
    let settings = resolve_in(folder.path(), "--show-private", true).unwrap();
    assert!(settings.show_private);
}

#[test]
fn every_wrong_value_is_refused_with_its_option() {
    for (line, words) in [
        ("-n 0", "--count 0: must be at least 1"),
        ("-n some", "\"all\" continues until a limit"),
        ("-n -1", "--count -1: negative"),
        ("--candidates 0", "--candidates 0: must be at least 1"),
        ("--candidates 5X", "\"X\" is not a unit"),
        ("--keys 0", "--keys 0: must be at least 1"),
        ("--time 0", "--time 0: must be longer than zero"),
        ("--time -1", "--time -1: negative"),
        ("--time 5parsecs", "\"parsecs\" is not a unit of time"),
        (
            "--until 25:00",
            "--until 25:00: there is no such time of day",
        ),
        ("--workers 0", "Allowed are 1 to 4096; this process may use"),
        ("--workers 2.5", "--workers 2.5"),
        ("--workers -1", "--workers -1"),
        ("--workers 1000000", "--workers 1000000"),
        ("--batch-size 0", "--batch-size 0: must be at least 1"),
        ("--watchlist-max 0", "--watchlist-max 0: must be at least 1"),
        (
            "--watchlist /nonexistent",
            "--watchlist /nonexistent: no such file",
        ),
        ("--watchlist - --pattern-file -", "both read standard input"),
        ("odds --rate 0", "--rate 0: must be at least 1"),
        ("odds --time 0", "--time 0: must be longer than zero"),
        ("bench --seconds 0", "--seconds 0: must be longer than zero"),
    ] {
        assert!(said(line).contains(words), "{line}: {}", said(line));
    }
}

#[test]
fn tools_get_their_options() {
    let tool = |line| parse(line).unwrap().typed().unwrap().tool;
    let Some(Tool::Odds(odds)) = tool("odds --prefix F8 --rate 1.5M --time 8 --json") else {
        panic!()
    };
    assert_eq!((odds.rate, odds.json), (Some(1_500_000), true));
    assert_eq!(odds.time, Some(Duration::from_secs(28_800)));
    let Some(Tool::Bench(bench)) = tool("bench --seconds 0.5 --backend portable") else {
        panic!()
    };
    let portable = BackendChoice::Only(crate::engine::Backend::Portable);
    assert_eq!(
        (bench.seconds, bench.backend),
        (Some(Duration::from_millis(500)), Some(portable))
    );
}

#[test]
fn a_tool_without_a_pattern_has_none() {
    let folder = tempfile::tempdir().unwrap();
    let mut stdin: &[u8] = b"";
    let environment = environment(folder.path(), false, &mut stdin);
    let asked = |line: &str| {
        let args = parse(line).unwrap().typed().unwrap().search.pattern;
        patterns::of_command(&args, &environment).unwrap()
    };
    assert!(asked("").is_none());
    assert!(asked("--prefix F8").is_some());
}

#[test]
fn the_python_tools_self_tests_have_its_numbers() {
    let asked = |line| {
        let args = parse(line)?.typed()?.search;
        assert!(statistical_tests::are_asked_for(&args)?, "{line}");
        let old = args.old_tool;
        anyhow::Ok((
            old.test_compatibility,
            old.test_distribution,
            old.test_entropy,
            old.test_meshcore_id,
        ))
    };
    for (line, tests) in [
        ("--test-compatibility", (true, None, None, None)),
        ("--test-distribution", (false, Some(1_000_000), None, None)),
        (
            "--test-distribution 0.1",
            (false, Some(100_000), None, None),
        ),
        ("--test-entropy", (false, None, Some(10_000), None)),
        ("--test-entropy 2.5", (false, None, Some(2_500), None)),
        ("--test-meshcore-id", (false, None, None, Some(1_000))),
        (
            "--test-compatibility --test-meshcore-id 2 -v",
            (true, None, None, Some(2_000)),
        ),
    ] {
        assert_eq!(asked(line).unwrap(), tests, "{line}");
    }
    let said = |line| asked(line).unwrap_err().to_string();
    assert!(said("--test-entropy 0").contains("at least 1"));
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
