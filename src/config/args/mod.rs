//! The command line: the one definition that parsing, help, man page and completions are made from.
//!
//! A value is parsed once, by the parser of its option, wherever it comes from: values from environment, file and session
//! become the defaults of options.

mod alerts;
mod blind;
mod cluster;
pub(crate) mod health;
mod hints;
pub(crate) mod man;
mod mcp;
mod node;
mod pattern;
mod record;
mod search;
mod session;
mod tools;
mod values;
pub(crate) mod version;

use std::ffi::{OsStr, OsString};
use std::fmt;

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command, CommandFactory, FromArgMatches, Parser};

use crate::health::params::PARAMS;
pub(crate) use alerts::{AlertArgs, AlertTool};
pub(crate) use blind::{BlindFinishArgs, BlindListArgs, BlindNewArgs, BlindTool};
pub(crate) use cluster::{ClusterTool, Price};
pub(crate) use health::{
    AlertListArgs, HealthTestArgs, HealthTool, HistoryArgs, HistoryTool, PeriodArgs, ResolveArgs,
};
pub(crate) use mcp::McpArgs;
pub(crate) use node::{
    ImportArgs, ImportToArgs, InfoArgs, NodeArgs, NodeExportArgs, NodeTool, PortListArgs,
};
pub(crate) use pattern::PatternArgs;
pub(crate) use record::{DashboardArgs, MetricsArgs, PageArgs, RecordArgs};
pub(crate) use search::{LimitArgs, OldToolArgs, OutputArgs, SearchArgs, SpreadArgs};
pub(crate) use session::{
    CheckArgs, EntryArgs, Level, PlaceArgs, RestartWorkersArgs, RunningCommand, SessionCommand,
    SessionTool, StatusArgs, SteerArgs, TRUST_VARIABLE, TopArgs, TrustArgs, WatchSessionsArgs,
    WatchStatusArgs, WatchTool,
};
pub(crate) use tools::{
    BenchArgs, ConfigTool, DashboardToolArgs, DiagnoseArgs, DoctorArgs, ExportArgs, IdsArgs,
    KeyFiles, KeyTool, OddsArgs, QrArgs, Tool,
};
#[cfg(test)]
pub(crate) use values::address;
pub(crate) use values::{BackendChoice, Priority};

/// Finds MeshCore keys with a chosen beginning or end
#[derive(Parser, Debug)]
#[command(
    name = "keygen",
    version,
    long_version = version::long(),
    long_about = man::ABOUT,
    override_usage = man::USAGE,
    help_template = man::TEMPLATE,
    after_help = man::after_help(),
    after_long_help = man::after_long_help(),
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true,
    subcommand_value_name = "COMMAND",
    subcommand_help_heading = "Other tools",
    max_term_width = 100
)]
pub(crate) struct Cli {
    /// The command, or none for the search.
    #[command(subcommand)]
    pub tool: Option<Tool>,
    /// The options of the search.
    #[command(flatten)]
    pub search: SearchArgs,
}

impl Cli {
    /// The options of a search that were typed; a command that has only some of them leaves the others out.
    pub(crate) fn into_search(self) -> SearchArgs {
        let alerting = |config, alerts, trust| {
            let mut args = SearchArgs::default();
            (args.how.config, args.tell.alerts) = (config, alerts);
            args.session.place.trust = trust;
            args
        };
        let placed = |config, place| {
            let mut args = SearchArgs::default();
            (args.how.config, args.session.place) = (config, place);
            args
        };
        match self.tool {
            None => self.search,
            Some(Tool::Resume(args)) => args.into_search(),
            Some(Tool::Config(ConfigTool::Show(args))) => {
                let mut search = SearchArgs::default();
                (search.how, search.tell) = (args.how, args.tell);
                search.session.place.trust = args.trust;
                search
            }
            Some(Tool::Alert(AlertTool::Test(args))) => {
                alerting(args.config, args.alerts, args.trust)
            }
            Some(Tool::Watch(args)) => alerting(args.config, args.alerts, args.place.trust),
            Some(Tool::Diagnose(args)) => placed(args.config, args.place),
            Some(Tool::Doctor(args)) => placed(args.config, args.place),
            Some(_) => SearchArgs::default(),
        }
    }
}

/// A command line that clap accepted.
pub(crate) struct CommandLine {
    arguments: Vec<OsString>,
    matches: ArgMatches,
}

impl CommandLine {
    /// Parses a command line, the program's name first.
    ///
    /// # Errors
    /// Requests for help or version (see [`clap::Error::use_stderr`]), command lines that clap refuses, with a hint for
    /// common slips, and invalid values.
    pub(crate) fn parse(
        arguments: impl IntoIterator<Item = impl Into<OsString>>,
    ) -> anyhow::Result<Self> {
        let arguments: Vec<OsString> = arguments.into_iter().map(Into::into).collect();
        let matches = command().try_get_matches_from(&arguments);
        Ok(Self {
            matches: matches.map_err(hints::improve)?,
            arguments,
        })
    }

    /// The options that were typed.
    pub(crate) fn typed(&self) -> anyhow::Result<Cli> {
        Ok(Cli::from_arg_matches(&self.matches)?)
    }

    /// Whether nothing was typed but the program's name.
    pub(crate) fn is_bare(&self) -> bool {
        self.arguments.len() <= 1
    }

    /// The options that were typed, with these defaults for the others.
    pub(crate) fn with_defaults(&self, defaults: &[Assigned]) -> anyhow::Result<Cli> {
        let command = with_defaults(command(), &self.matches, defaults);
        let matches = command.try_get_matches_from(&self.arguments);
        Ok(Cli::from_arg_matches(&matches.map_err(hints::improve)?)?)
    }

    /// The text that was typed for an option, several values separated by blanks; "true" for a flag.
    pub(crate) fn text_of(&self, option: &str) -> Option<String> {
        let mut tool = &self.matches;
        while let Some((_, below)) = tool.subcommand() {
            tool = below;
        }
        let id = id_of(option);
        // Not every command has the option.
        let is_there = tool.try_contains_id(&id).unwrap_or(false);
        if !is_there || tool.value_source(&id) != Some(ValueSource::CommandLine) {
            return None;
        }
        let words: Vec<_> = tool.get_raw(&id)?.map(OsStr::to_string_lossy).collect();
        Some(if words.is_empty() {
            true.to_string()
        } else {
            words.join(" ")
        })
    }
}

impl fmt::Debug for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Addresses and commands may hold tokens.
        f.write_str("CommandLine(…)")
    }
}

/// An option with its values.
pub(crate) type Assigned = (&'static str, Vec<String>);

/// The definition with these defaults for the options that the named command has.
fn with_defaults(mut command: Command, matches: &ArgMatches, defaults: &[Assigned]) -> Command {
    if let Some((tool, below)) = matches.subcommand() {
        return command.mut_subcommand(tool, |tool| with_defaults(tool, below, defaults));
    }
    for (option, values) in defaults {
        let id = id_of(option);
        if command.get_arguments().any(|arg| *arg.get_id() == *id) {
            command = command.mut_arg(id, |arg| arg.default_values(values));
        }
    }
    command
}

/// clap's ID of an option: the name of the field, or of the supervisor's number.
fn id_of(option: &str) -> String {
    if PARAMS.iter().any(|param| param.name == option) {
        option.to_owned()
    } else {
        option.replace('-', "_")
    }
}

/// The definition of the whole command line.
pub(crate) fn command() -> Command {
    adjusted(Cli::command())
}

/// Sets what all options of a kind have in common.
fn adjusted(command: Command) -> Command {
    let name = |tool: &Command| tool.get_name().to_owned();
    let tools: Vec<_> = command.get_subcommands().map(name).collect();
    // What only holds commands has no "help" among them; all have --help.
    let is_group = command.is_subcommand_required_set() || command.is_disable_help_subcommand_set();
    let command = command
        .mut_args(adjusted_option)
        .disable_help_subcommand(is_group);
    tools.into_iter().fold(command, |command, tool| {
        command.mut_subcommand(tool, adjusted)
    })
}

/// Sections of the help whose options only `--help` shows, with the exceptions in [`SHORT`].
const LONG: [&str; 8] = [
    "Pattern", "Limits", "Workers", "Output", "Health", "Settings", "Metrics", "Alerts",
];

/// The options there that `-h` shows too.
const SHORT: [&str; 5] = ["prefix", "vanity", "count", "time", "session"];

/// Placeholders of values that may begin with a dash: our own parsers have the better error messages for them.
const DASHED: [&str; 6] = ["N", "T", "N|all", "HH:MM", "ADDR", "1|2|3"];

fn adjusted_option(mut arg: Arg) -> Arg {
    let is = |words: &[&str], word: Option<&str>| word.is_some_and(|word| words.contains(&word));
    if is(&LONG, arg.get_help_heading()) && !is(&SHORT, arg.get_long()) {
        arg = arg.hide_short_help(true);
    }
    let value = arg.get_value_names().and_then(|names| names.first());
    // Where the value may be left out, what begins with a dash is the next option.
    let optional = (arg.get_num_args()).is_some_and(|number| number.min_values() == 0);
    if !optional && is(&DASHED, value.map(|name| name.as_str())) {
        arg = arg.allow_hyphen_values(true);
    }
    arg
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
        for (line, _) in man::EXAMPLES {
            let words = line.split(' ').map(|word| word.trim_matches('\''));
            assert!(CommandLine::parse(words).is_ok(), "{line}");
        }
    }

    #[test]
    fn no_search_option_is_taken_beside_a_tool() {
        assert!(CommandLine::parse(["keygen", "--prefix", "F8", "odds"]).is_err());
        assert!(CommandLine::parse(["keygen", "odds", "--prefix", "F8"]).is_ok());
    }

    #[test]
    fn what_is_typed_goes_before_defaults_and_conflicts_with_none_of_them() {
        let read = |line: &str| {
            let line = CommandLine::parse(line.split(' ')).unwrap();
            let one = |text: &str| vec![text.to_owned()];
            let defaults = [
                ("workers", one("3")),
                ("keep-awake", one("true")),
                ("heartbeat-url", one("https://h/x")),
                ("beat-age", one("7")),
            ];
            line.with_defaults(&defaults).unwrap().into_search()
        };
        let args = read("keygen --heartbeat-url-file f");
        assert_eq!(args.how.workers.workers, Some(3));
        assert!(args.tell.record.keep_awake);
        assert_eq!(args.how.health.0.beat_age.as_secs(), 7);
        let args = read("keygen resume night --workers 2 --beat-age 8");
        assert_eq!(args.how.workers.workers, Some(2));
        assert_eq!(args.how.health.0.beat_age.as_secs(), 8);
    }
}
