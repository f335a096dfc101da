//! What can be typed: the one definition that parsing, help, man page and completions come from.
//!
//! Nothing is judged here but the shape of a command line. Values stay texts until [`crate::config`] reads them.

mod alerts;
pub(crate) mod completions;
mod config;
pub(crate) mod health;
mod health_tool;
mod hints;
mod history;
pub(crate) mod man;
mod metrics;
mod old_tool;
mod pattern;
mod record;
mod search;
mod session;
mod steer;
mod text;
mod tools;
mod values;
mod watch;

use std::ffi::OsString;

use clap::{CommandFactory, Parser};

pub(crate) use alerts::{AlertArgs, AlertTestArgs, AlertTool};
pub(crate) use config::{ConfigArgs, ConfigCheckArgs, ConfigTool};
pub(crate) use health_tool::{HealthTestArgs, HealthTool};
pub(crate) use history::{AlertListArgs, HistoryArgs, HistoryTool, PeriodArgs, ResolveArgs};
pub(crate) use metrics::MetricsArgs;
pub(crate) use pattern::PatternArgs;
pub(crate) use record::RecordArgs;
pub(crate) use search::{LimitArgs, OutputArgs, SearchArgs};
pub(crate) use session::{
    PlaceArgs, RunningTool, SessionTool, ShelfTool, StatusArgs, TRUST_VARIABLE, TrustArgs,
};
pub(crate) use steer::{CheckArgs, RestartWorkersArgs, SteerArgs};
pub(crate) use tools::{BenchArgs, ExportFormat, KeyTool, OddsArgs, Tool};
pub(crate) use values::{BackendChoice, KeyFormat, Priority};
pub(crate) use watch::{EntryArgs, Level, WatchSessionsArgs, WatchStatusArgs, WatchTool};

/// Finds MeshCore keys with a chosen beginning or end
#[derive(Parser, Debug)]
#[command(
    name = "keygen",
    version,
    long_about = text::ABOUT,
    override_usage = text::USAGE,
    help_template = text::TEMPLATE,
    after_help = text::after_help(),
    after_long_help = text::after_long_help(),
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true,
    subcommand_value_name = "COMMAND",
    subcommand_help_heading = "Other tools",
    max_term_width = 100
)]
pub(crate) struct Cli {
    /// The tool that was named; without one it is the search.
    #[command(subcommand)]
    pub tool: Option<Tool>,
    /// The options of the search.
    #[command(flatten)]
    pub search: SearchArgs,
}

/// Reads a command line, the program's name first.
///
/// # Errors
/// Help and version that were asked for (see [`clap::Error::use_stderr`]), and command lines that clap refuses, with
/// a hint where the slip is a likely one.
pub(crate) fn parse(
    arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>,
) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(arguments).map_err(hints::improve)
}

/// The definition of the whole command line.
#[must_use]
pub(crate) fn command() -> clap::Command {
    Cli::command()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        command().debug_assert();
    }

    #[test]
    fn the_examples_in_the_help_parse() {
        for (line, _) in text::EXAMPLES {
            let words = line.split(' ').map(|word| word.trim_matches('\''));
            assert!(parse(words).is_ok(), "{line}");
        }
    }

    #[test]
    fn no_search_option_is_taken_beside_a_tool() {
        assert!(parse(["keygen", "--prefix", "F8", "odds"]).is_err());
        assert!(parse(["keygen", "odds", "--prefix", "F8"]).is_ok());
    }
}
