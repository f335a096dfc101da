//! Man page and shell completions, from the one definition of the command line; and the text around the options in help
//! and man page.

use std::io;

use clap::{Arg, Command};
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use crate::exit;

/// The man page `keygen(1)` in roff, all tools on one page.
pub(crate) fn page() -> io::Result<Vec<u8>> {
    let mut command = super::command();
    command.build();
    let mut page = Vec::new();
    let man = Man::new(command.clone())
        .title("KEYGEN")
        .manual("User Commands");
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    tools(&command).to_writer(&mut page)?;
    appendix().to_writer(&mut page)?;
    Ok(page)
}

/// The section about the tools beside the search.
fn tools(command: &Command) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["OTHER TOOLS"]);
    for tool in command.get_subcommands() {
        describe(&mut roff, tool, "keygen");
    }
    roff
}

/// A command with its options, then its subcommands; `above` is typed before its name.
fn describe(roff: &mut Roff, tool: &Command, above: &str) {
    let name = format!("{above} {}", tool.get_name());
    roff.control("SS", [name.as_str()]);
    let about = tool.get_long_about().or_else(|| tool.get_about());
    paragraphs(roff, &about.map(ToString::to_string).unwrap_or_default());
    if tool.get_arguments().any(is_pattern) {
        paragraphs(
            roff,
            "\nTakes the options under PATTERN, without the watchlist, and:",
        );
    }
    for option in tool
        .get_arguments()
        .filter(|option| !option.is_hide_set() && !is_pattern(option))
    {
        describe_option(roff, option);
    }
    for below in tool.get_subcommands() {
        describe(roff, below, &name);
    }
}

/// Whether it is an option of the pattern; those have a section of their own.
fn is_pattern(option: &Arg) -> bool {
    option.get_help_heading() == Some("Pattern")
}

/// One option or argument with its meaning.
fn describe_option(roff: &mut Roff, option: &Arg) {
    if option.get_id() == "help" || option.get_id() == "version" {
        return;
    }
    let about = option.get_long_help().or_else(|| option.get_help());
    roff.control("TP", []);
    roff.text([bold(option.to_string())]);
    paragraphs(roff, &about.map(ToString::to_string).unwrap_or_default());
    let values: Vec<_> = option
        .get_possible_values()
        .iter()
        .map(|value| value.get_name().to_owned())
        .collect();
    if !values.is_empty() && option.get_action().takes_values() {
        roff.text([roman(format!("Allowed: {}.", values.join(", ")))]);
    }
}

/// Text, its empty lines as paragraphs.
fn paragraphs(roff: &mut Roff, text: &str) {
    for line in text.lines() {
        match line.trim() {
            "" => roff.control("PP", []),
            line => roff.text([roman(line)]),
        };
    }
}

/// Examples, exit status, files and environment, from the tables that the help prints.
fn appendix() -> Roff {
    let mut roff = Roff::new();
    table(&mut roff, "EXAMPLES", EXAMPLES);
    table(&mut roff, "EXIT STATUS", exit_codes());
    table(&mut roff, "FILES", FILES);
    table(&mut roff, "ENVIRONMENT", ENVIRONMENT);
    roff
}

/// A section of terms with their meanings.
fn table(
    roff: &mut Roff,
    heading: &str,
    rows: impl IntoIterator<Item = (impl Into<String>, &'static str)>,
) {
    roff.control("SH", [heading]);
    for (term, meaning) in rows {
        roff.control("TP", []);
        roff.text([bold(term)]);
        roff.text([roman(meaning)]);
    }
}

/// The script that teaches `shell` the options of `keygen`.
pub(crate) fn completions(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut super::command(), "keygen", &mut script);
    script
}

/// The first lines of `--help` and the description of the man page.
pub(super) const ABOUT: &str = "Finds MeshCore keys with a chosen beginning or end

A MeshCore node is known by the first one to three bytes of its Ed25519 public key. keygen searches on all processors \
for keys whose public key matches a pattern, checks each with an independent implementation and with the check that \
the firmware makes on import, and saves it before announcing it. Searching needs no command; without a pattern it \
searches for --vanity 8.";

pub(super) const USAGE: &str = "keygen [COMMAND] [OPTIONS]";

pub(super) const TEMPLATE: &str =
    "{about-with-newline}\n{usage-heading} {usage}\n\n{all-args}{after-help}";

/// Examples of command lines, with what they do.
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

/// Files that are read or written.
#[rustfmt::skip] // A table: a line each.
pub(super) const FILES: [(&str, &str); 11] = [
    ("meshcore_XXXXXXXX_public.txt, meshcore_XXXXXXXX_private.txt", "a found key (X: its first 8 digits), mode 0600"),
    ("meshcore_XXXXXXXX.json", "the same with --format json"),
    ("watchlist_ABCD_EF12_XXXXXXXX_*", "a key that matches a line ABCD...EF12 of the watchlist"),
    ("claim_XXXXXXXX.json", "what a blind search found; no secret"),
    ("backup_XXXXXXXX.json", "the key that a node had before keygen node import, mode 0600"),
    ("./watchlist.txt", "the watchlist, if --watchlist names no other"),
    ("~/.local/state/meshcore-keygen/rescued/, ~/", "where keys are saved if --output can't take them"),
    ("~/.config/meshcore-keygen/config.toml", "settings, if --config names no other file"),
    ("~/.local/state/meshcore-keygen/sessions/NAME/", "a session: its status, journal and log; no secret"),
    ("~/.local/state/meshcore-keygen/blind/NAME.start", "the secret scalar of a start for blind searches, mode 0600"),
    ("~/.local/state/meshcore-keygen/history.db", "the history that keygen health report shows"),
];

/// Environment variables with their effects.
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

/// The text after the options in `-h`.
pub(super) fn after_help() -> String {
    let examples = EXAMPLES.iter().take(SHORT_EXAMPLES).copied();
    format!(
        "Examples:\n{}\n\nAll options, exit codes, files: keygen --help",
        rows(examples)
    )
}

/// The text after the options in `--help`.
pub(super) fn after_long_help() -> String {
    format!(
        "Examples:\n{}\n\nExit codes:\n{}\n\nFiles:\n{}\n\nEnvironment:\n{}",
        rows(EXAMPLES),
        rows(exit_codes()),
        stacked(FILES),
        rows(ENVIRONMENT)
    )
}

fn exit_codes() -> impl Iterator<Item = (String, &'static str)> {
    (exit::table().into_iter()).map(|(code, meaning)| (code.to_string(), meaning))
}

/// Two columns, indented; a name too long for its column has its meaning on the next line.
fn rows(pairs: impl IntoIterator<Item = (impl AsRef<str>, &'static str)>) -> String {
    let pairs: Vec<_> = pairs.into_iter().collect();
    let lengths = pairs.iter().map(|(left, _)| left.as_ref().len());
    let width = lengths.filter(|&length| length <= 38).max().unwrap_or(0);
    let line = |(left, right): &(_, &str)| {
        let left = AsRef::<str>::as_ref(left);
        if left.len() > width {
            format!("  {left}\n      {right}")
        } else {
            format!("  {left:width$}  {right}")
        }
    };
    pairs.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// One column, each meaning on the next line.
fn stacked<const N: usize>(pairs: [(&str, &str); N]) -> String {
    pairs
        .map(|(left, right)| format!("  {left}\n      {right}"))
        .join("\n")
}
