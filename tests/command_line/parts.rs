//! Parts that a build may leave out: what needs one of them is refused with words, never as something unknown.

use std::fs;

use crate::common::plain::{keygen, keygen_in};
use crate::common::program::Place;

/// Each part, whether this build has it, and command lines that need it.
const PARTS: [(&str, bool, &[&[&str]]); 7] = [
    (
        "dashboard",
        cfg!(feature = "dashboard"),
        &[&["--prefix", "F8", "--dashboard"], &["dashboard"]],
    ),
    (
        "history",
        cfg!(feature = "history"),
        &[
            &["--prefix", "F8", "--history-db", "h.db"],
            &["diagnose"],
            &["health", "report"],
            &["health", "backup", "h.db"],
            &["alert", "list"],
            &["alert", "resolve", "1"],
        ],
    ),
    ("mcp", cfg!(feature = "mcp"), &[&["mcp"]]),
    (
        "metrics",
        cfg!(feature = "metrics"),
        &[
            &["--prefix", "F8", "--metrics", "0"],
            &["--prefix", "F8", "--metrics-file", "f.prom"],
        ],
    ),
    (
        "network",
        cfg!(feature = "network"),
        &[
            &["--prefix", "F8", "--notify", "https://127.0.0.1:1/"],
            &[
                "--prefix",
                "F8",
                "--notify",
                "smtp://127.0.0.1:1/?from=a@b.org&to=a@b.org",
            ],
            &["--prefix", "F8", "--notify-file", "list.txt"],
            &["--prefix", "F8", "--heartbeat-url", "https://127.0.0.1:1/"],
            &["alert", "test", "--notify", "ntfy://127.0.0.1:1/t"],
            &["--prefix", "F8", "--avoid-file", "https://127.0.0.1:1/"],
            &["ids", "https://127.0.0.1:1/"],
        ],
    ),
    (
        "qr",
        cfg!(feature = "qr"),
        &[
            &["key", "qr", "list.txt"],
            &["key", "qr", "none.txt", "--output", "x.png"],
        ],
    ),
    ("top", cfg!(feature = "top"), &[&["top"], &["top", "night"]]),
];

#[test]
fn what_is_not_built_in_is_refused_with_words_before_any_work() {
    for (feature, _, lines) in PARTS.iter().filter(|(_, there, _)| !there) {
        for words in *lines {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join("list.txt"), "F8\n").unwrap();
            let output = keygen_in(folder.path(), words);
            let error = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{words:?}: {error}");
            assert!(
                error.contains("this keygen was built without"),
                "{words:?}: {error}"
            );
            assert!(
                error.contains(&format!("--features {feature}")),
                "{words:?}: {error}"
            );
            assert!(output.stdout.is_empty(), "{words:?}");
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "{words:?}");
        }
    }
}

#[test]
fn settings_that_need_what_is_not_built_in_are_refused_with_their_place() {
    if cfg!(feature = "metrics") {
        return;
    }
    let place = Place::new();
    let file = place.write("my.toml", "workers = 1\nmetrics = 9100\n");
    for words in [
        &["--prefix", "F8", "--config", &file][..],
        &["config", "check", &file],
    ] {
        let run = place.run(words);
        assert_eq!(run.code, Some(2), "{}", run.err);
        for part in ["metrics, from file", "my.toml:2", "built without metrics"] {
            assert!(run.err.contains(part), "{part}: {}", run.err);
        }
    }
}

#[test]
fn the_version_names_what_is_not_built_in() {
    let output = keygen(&["--version"]);
    let said = String::from_utf8_lossy(&output.stdout);
    let absent: Vec<_> = PARTS
        .iter()
        .filter(|(_, there, _)| !there)
        .map(|part| part.0)
        .collect();
    let line = said
        .lines()
        .find_map(|line| line.strip_prefix("built without: "));
    assert_eq!(line.unwrap_or_default(), absent.join(", "), "{said}");
}
