//! Man page and shell completions, from the one definition of the command line.

use std::io;

use clap::{Arg, Command};
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::text;
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

/// One tool with its options, then the tools below it; `above` is what is typed before its name.
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

/// Whether an option says what is wanted; such options stand in a section of their own.
fn is_pattern(option: &Arg) -> bool {
    option.get_help_heading() == Some("Pattern")
}

/// One option or argument of a tool with what it means.
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
    table(&mut roff, "EXAMPLES", text::EXAMPLES);
    let codes: Vec<_> = exit::table()
        .into_iter()
        .map(|(code, meaning)| (code.to_string(), meaning))
        .collect();
    table(
        &mut roff,
        "EXIT STATUS",
        codes
            .iter()
            .map(|(code, meaning)| (code.as_str(), *meaning)),
    );
    table(&mut roff, "FILES", text::FILES);
    table(&mut roff, "ENVIRONMENT", text::ENVIRONMENT);
    roff
}

/// A section of terms with what they mean.
fn table<'a>(roff: &mut Roff, heading: &str, rows: impl IntoIterator<Item = (&'a str, &'a str)>) {
    roff.control("SH", [heading]);
    for (term, meaning) in rows {
        roff.control("TP", []);
        roff.text([bold(term)]);
        roff.text([roman(meaning)]);
    }
}

/// The script that teaches `shell` the options of `keygen`.
#[must_use]
pub(crate) fn completions(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut super::command(), "keygen", &mut script);
    script
}
