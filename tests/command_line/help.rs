//! The command line as a black box: help, man page, completions, and where they are printed to.

use std::fs;
use std::process::Command;

use crate::common::plain::{keygen, prints};

#[test]
fn the_short_help_fits_a_screen_and_has_examples() {
    let help = prints(&["-h"]);
    let lines: Vec<_> = help.lines().collect();
    assert!((24..=50).contains(&lines.len()), "{} lines", lines.len());
    assert!(
        lines.iter().all(|line| line.chars().count() <= 80),
        "{help}"
    );
    assert!(help.contains("Examples:\n  keygen --prefix F8"));
}

#[test]
fn the_long_help_is_grouped_and_lists_codes_files_and_environment() {
    let help = prints(&["--help"]);
    for heading in [
        "Pattern",
        "Limits",
        "Workers",
        "Output",
        "Other tools",
        "Examples",
        "Exit codes",
        "Files",
    ] {
        assert!(help.contains(&format!("\n{heading}:\n")), "{heading}");
    }
    for (code, meaning) in meshcore_keygen::testing::exit::table() {
        let listed = |line: &str| {
            line.trim_start().starts_with(&code.to_string()) && line.ends_with(meaning)
        };
        assert!(help.lines().any(listed), "{code}");
    }
    assert!(help.contains("\nEnvironment:\n  TZ "));
}

/// What only users of the older tool type.
const HIDDEN: [&str; 10] = [
    "--first-two",
    "--simple",
    "--four-char",
    "--prefix-vanity",
    "--pattern-2",
    "--keys",
    "--output-dir",
    "--test-compatibility",
    "--test-distribution",
    "--test-meshcore-id",
];

#[test]
fn the_older_tools_options_are_hidden_but_work() {
    let help = prints(&["--help"]);
    for option in HIDDEN {
        assert!(!help.contains(option), "{option}");
        let output = keygen(&[option, "0", "0"]);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            !error.contains(&format!("unexpected argument '{option}'")),
            "{error}"
        );
    }
}

#[test]
fn the_man_page_has_everything_the_help_has() {
    let page = prints(&["man"]);
    assert!(page.contains(".TH KEYGEN 1"), "{page}");
    for section in [
        "NAME",
        "SYNOPSIS",
        "DESCRIPTION",
        "PATTERN",
        "LIMITS",
        "WORKERS",
        "OUTPUT",
        "FILES",
        "ENVIRONMENT",
    ] {
        assert!(page.contains(&format!(".SH {section}")), "{section}");
    }
    for section in [
        ".SH \"EXIT STATUS\"",
        ".SH EXAMPLES",
        ".SH \"OTHER TOOLS\"",
        ".SS \"keygen key export\"",
    ] {
        assert!(page.contains(section), "{section}");
    }
    for (code, meaning) in meshcore_keygen::testing::exit::table() {
        assert!(
            page.contains(&format!("\\fB{code}\\fR\n{}", meaning.replace('-', "\\-"))),
            "{code}"
        );
    }
    assert!(
        HIDDEN
            .iter()
            .all(|option| !page.contains(&option.replace('-', "\\-")))
    );
}

#[test]
fn there_are_completions_for_each_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = prints(&["completions", shell]);
        for word in ["prefix", "self-test", "avx512ifma"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
}

#[test]
fn every_tool_has_help_and_there_is_a_version() {
    for words in [
        &["odds", "--help"][..],
        &["bench", "-h"],
        &["key", "--help"],
        &["key", "export", "--help"],
    ] {
        assert!(prints(words).contains("Usage: keygen "), "{words:?}");
    }
    let short = format!("keygen {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(prints(&["-V"]), short);
    let long = prints(&["--version"]);
    assert!(long.starts_with(&short), "{long}");
    for fact in ["\ncommit: ", "\ntarget: ", "\nbackends: avx512ifma"] {
        assert!(long.contains(fact), "{long}");
    }
}

#[cfg(unix)]
#[test]
fn a_reader_that_went_away_is_no_failure_and_no_panic() {
    for words in [&["--help"][..], &["man"], &["completions", "bash"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = Command::new(env!("CARGO_BIN_EXE_keygen"))
            .args(words)
            .stdout(writer)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{words:?}");
        assert!(
            output.stderr.is_empty(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_below_standard_output_is_a_failure() {
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_keygen"))
        .arg("man")
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("standard output can't be written"));
}
