//! The words around the options in help and man page: what it is, examples, exit codes, files, environment.

use crate::exit;

/// The first lines of `--help` and the description of the man page.
pub(super) const ABOUT: &str = "Finds MeshCore keys with a chosen beginning or end

A MeshCore node is known by the first one to three bytes of its Ed25519 public key. keygen searches on all processors \
for keys whose public key matches a pattern, checks each with an independent implementation and with the check that \
the firmware makes on import, and saves it before announcing it. Searching needs no command; without a pattern it \
searches for --vanity 8.";

pub(super) const USAGE: &str = "keygen [COMMAND] [OPTIONS]";

pub(super) const TEMPLATE: &str =
    "{about-with-newline}\n{usage-heading} {usage}\n\n{all-args}{after-help}";

/// Command lines that are worth copying, with what they do.
#[rustfmt::skip] // A table: a line each.
pub(super) const EXAMPLES: [(&str, &str); 9] = [
    ("keygen --prefix F8", "a key that begins with F8, in this folder"),
    ("keygen --prefix F8A1,C0FFEE -n 4", "four keys, each with either beginning"),
    ("keygen --match C0...FFEE --time 30m", "both ends, for half an hour at most"),
    ("keygen --vanity 8 --until 07:30", "first 8 digits like the last 8, overnight"),
    ("keygen --avoid-file neighbors.txt", "a node ID that no neighbour has"),
    ("keygen odds --prefix F8A1B2C3", "how long that would take here"),
    ("keygen key verify meshcore_F8A1B2C3_private.txt", "check a saved key"),
    ("keygen key export --format serial meshcore_F8A1B2C3.json", "what to type at a repeater"),
    ("keygen node import meshcore_F8A1B2C3.json --port COM3", "into a node, checked"),
];

/// How many of the examples `-h` shows.
const SHORT_EXAMPLES: usize = 1;

/// Files that are read or written, with what they are.
#[rustfmt::skip] // A table: a line each.
pub(super) const FILES: [(&str, &str); 9] = [
    ("meshcore_XXXXXXXX_public.txt, meshcore_XXXXXXXX_private.txt", "a found key (X: its first 8 digits), mode 0600"),
    ("meshcore_XXXXXXXX.json", "the same with --format json"),
    ("watchlist_ABCD_EF12_XXXXXXXX_*", "a key that matches a line ABCD...EF12 of the watchlist"),
    ("backup_XXXXXXXX.json", "the key that a node had before keygen node import, mode 0600"),
    ("./watchlist.txt", "the watchlist, if --watchlist names no other"),
    ("~/.local/state/meshcore-keygen/rescued/, ~/", "where keys are saved if --output can't take them"),
    ("~/.config/meshcore-keygen/config.toml", "settings, if --config names no other file"),
    ("~/.local/state/meshcore-keygen/sessions/NAME/", "a session: its status, journal and log; no secret"),
    ("~/.local/state/meshcore-keygen/history.db", "the history that keygen health report shows"),
];

/// Environment variables that matter, with what they do.
#[rustfmt::skip] // A table: a line each.
pub(super) const ENVIRONMENT: [(&str, &str); 8] = [
    ("TZ", "the time zone of --until, instead of the system's"),
    ("KEYGEN_NAME", "the setting NAME (KEYGEN_BATCH_SIZE: --batch-size); keygen config show lists all"),
    ("KEYGEN_CONFIG", "the file of settings, as --config"),
    ("STATE_DIRECTORY", "the state folder, unless --state-dir names one"),
    ("XDG_STATE_HOME", "instead of ~/.local/state"),
    ("XDG_CONFIG_HOME", "instead of ~/.config"),
    ("HOME", "where ~ is"),
    ("NO_COLOR", "if set, nothing is coloured"),
];

/// What follows the options in `-h`.
pub(super) fn after_help() -> String {
    let examples = EXAMPLES.iter().take(SHORT_EXAMPLES).copied();
    format!(
        "Examples:\n{}\n\nAll options, exit codes, files: keygen --help",
        rows(examples)
    )
}

/// What follows the options in `--help`.
pub(super) fn after_long_help() -> String {
    let codes: Vec<_> = exit::table()
        .into_iter()
        .map(|(code, meaning)| (code.to_string(), meaning))
        .collect();
    let codes = codes
        .iter()
        .map(|(code, meaning)| (code.as_str(), *meaning));
    format!(
        "Examples:\n{}\n\nExit codes:\n{}\n\nFiles:\n{}\n\nEnvironment:\n{}",
        rows(EXAMPLES),
        rows(codes),
        stacked(FILES),
        rows(ENVIRONMENT)
    )
}

/// Two columns, indented; a name too long for its column has what it means on the next line.
fn rows<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let pairs: Vec<_> = pairs.into_iter().collect();
    let width = pairs
        .iter()
        .map(|(left, _)| left.len())
        .filter(|&length| length <= 38)
        .max()
        .unwrap_or(0);
    let line = |&(left, right): &(&str, &str)| {
        if left.len() > width {
            format!("  {left}\n      {right}")
        } else {
            format!("  {left:width$}  {right}")
        }
    };
    pairs.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// One column, what it means on the next line.
fn stacked<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let lines = pairs
        .into_iter()
        .map(|(left, right)| format!("  {left}\n      {right}"));
    lines.collect::<Vec<_>>().join("\n")
}
