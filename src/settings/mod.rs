//! What a command line means: checked, complete settings.
//!
//! [`resolve`] does everything that can fail before any work: it reads numbers, times and files, and refuses what can't
//! be right with a [`UsageError`]. It writes nothing.

pub mod alerts;
mod config;
mod crew;
pub mod duration;
pub mod error;
mod health_test;
pub mod history;
pub mod inputs;
pub mod layers;
pub mod metrics;
pub mod number;
pub mod patterns;
pub mod processors;
pub mod record;
mod search;
pub mod session;
mod tools;
pub mod until;
pub mod value;

mod wanted;
pub mod watch;

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::cli::{
    AlertTool, CheckArgs, Cli, HealthTool, RestartWorkersArgs, RunningTool, SearchArgs,
    SessionTool, ShelfTool, StatusArgs, SteerArgs, Tool,
};
use crate::control::protocol::Request;
use crate::session::elsewhere;
use crate::session::state::Purpose;
use crate::tools::health_test::HealthTestSettings;
use alerts::AlertTest;
use history::HistoryCommand;

use self::watch::WatchCommand;
pub use crate::cli::{BackendChoice, ExportFormat, KeyFormat, Priority};
pub use config::{ConfigCommand, Row};
pub use error::{Refused, SettingError, UsageError};
use inputs::Inputs;
pub use inputs::SourceFile;
pub use search::{Count, DEFAULT_WATCHLIST, OutputSettings, SearchSettings, Verbosity};
pub use tools::{BenchSettings, KeyCommand, OddsSettings, PythonTest};

/// What is to be done, checked.
#[derive(Clone, Debug)]
pub enum Command {
    /// Search for keys.
    Search(Box<SearchSettings>),
    /// Chances and times.
    Odds(OddsSettings),
    /// Measure.
    Bench(BenchSettings),
    /// Check, show or export saved keys.
    Key(KeyCommand),
    /// What sessions do.
    Status(StatusArgs),
    /// Pause, let go on or end sessions that run, or have them help themselves.
    Steer(Request, SteerArgs),
    /// Ask sessions that run how they are.
    Check(CheckArgs),
    /// Look after sessions.
    Watch(Box<WatchCommand>),
    /// List or remove sessions.
    Shelf(ShelfTool),
    /// Known answers on every backend.
    SelfTest,
    /// Show, check or write settings.
    Config(ConfigCommand),
    /// Try the supervision.
    HealthTest(HealthTestSettings),
    /// Ask the history, or keep it.
    History(HistoryCommand),
    /// Send a test to every channel.
    AlertTest(AlertTest),
    /// Take the processor time of a core.
    Compete {
        /// Its number.
        core: u64,
        /// Milliseconds on and off; `None`: always.
        rhythm: Option<[u64; 2]>,
    },
    /// The Python tool's self-tests, in this order; never empty.
    PythonTests(Vec<PythonTest>),
    /// Completions for a shell.
    Completions(clap_complete::Shell),
    /// The man page.
    Man,
}

/// What settings depend on beside the command line.
pub struct Surroundings<'a> {
    /// The time, with the local time zone.
    pub now: jiff::Zoned,
    /// The current folder, a full path.
    pub folder: PathBuf,
    /// How many processors this process may use, at least 1.
    pub processors: usize,
    /// Whether a person reads standard output.
    pub stdout_is_terminal: bool,
    /// Files, and standard input.
    pub inputs: Inputs<'a>,
    /// The environment variables that begin with `KEYGEN_`.
    pub environment: BTreeMap<String, String>,
    /// Where the file of settings usually is, where that is known.
    pub config_file: Option<PathBuf>,
    /// The state folder of the system's service, which need not be there.
    pub service: PathBuf,
    /// Says in whole sentences why keys can't be written to a folder, a full path; it leaves nothing behind there.
    pub check_output: &'a dyn Fn(&Path) -> Result<(), String>,
}

impl<'a> Surroundings<'a> {
    /// The surroundings of this process.
    ///
    /// # Errors
    /// The current folder is gone or can't be read.
    pub fn of_process(
        stdin: &'a mut dyn Read,
        check_output: &'a dyn Fn(&Path) -> Result<(), String>,
    ) -> Result<Self, UsageError> {
        let folder = std::env::current_dir()
            .map_err(|error| UsageError::file("the current folder", ".", &error))?;
        Ok(Self {
            now: jiff::Zoned::now(),
            folder,
            processors: processors::usable(),
            stdout_is_terminal: std::io::IsTerminal::is_terminal(&std::io::stdout()),
            inputs: Inputs::new(stdin),
            environment: environment()?,
            config_file: layers::usual_file(),
            service: PathBuf::from(elsewhere::SERVICE),
            check_output,
        })
    }
}

/// The variables of this process that may be settings.
fn environment() -> Result<BTreeMap<String, String>, UsageError> {
    let mut variables = BTreeMap::new();
    for (name, value) in std::env::vars_os() {
        let Some(name) = name
            .to_str()
            .filter(|n| n.starts_with(layers::table::PREFIX))
        else {
            continue;
        };
        let value = value.into_string().map_err(|value| {
            let problem = format!("{name}={}: that is not UTF-8", value.display());
            UsageError::combination(problem, "Set it to a text, or give the option.")
        })?;
        variables.insert(name.to_owned(), value);
    }
    Ok(variables)
}

/// What a command line means.
///
/// # Errors
/// Everything that can't be right about it.
pub fn resolve(typed: Cli, around: &Surroundings<'_>) -> Result<Command, UsageError> {
    match typed.tool {
        Some(Tool::Odds(args)) => tools::odds(&args, around).map(Command::Odds),
        Some(Tool::Bench(args)) => tools::bench(&args, around).map(Command::Bench),
        Some(Tool::Key(tool)) => tools::key(tool, around).map(Command::Key),
        Some(Tool::Resume(args)) => searching((*args).into_search(), Purpose::Resume, around),
        Some(Tool::Status(args)) => Ok(Command::Status(args)),
        Some(Tool::Pause(args)) => Ok(Command::Steer(Request::Pause, args)),
        Some(Tool::Unpause(args)) => Ok(Command::Steer(Request::Unpause, args)),
        Some(Tool::Stop(args)) => Ok(Command::Steer(Request::Stop, args)),
        Some(Tool::Watch(args)) => {
            watch::resolve(*args, around).map(|command| Command::Watch(Box::new(command)))
        }
        Some(Tool::Session(SessionTool::Shelf(tool))) => Ok(Command::Shelf(tool)),
        Some(Tool::Session(SessionTool::Running(tool))) => Ok(running(tool)),
        Some(Tool::SelfTest) => Ok(Command::SelfTest),
        Some(Tool::Config(tool)) => config::resolve(tool, around).map(Command::Config),
        Some(Tool::Health(HealthTool::History(tool))) => {
            history::health(&tool).map(Command::History)
        }
        Some(Tool::Alert(AlertTool::List(args))) => history::alerts(&args).map(Command::History),
        Some(Tool::Alert(AlertTool::Resolve(args))) => {
            history::resolve_alert(&args).map(Command::History)
        }
        Some(Tool::Alert(AlertTool::Test(args))) => {
            alerts::test(*args, around).map(Command::AlertTest)
        }
        Some(Tool::Health(HealthTool::Test(args))) => {
            health_test::resolve(args).map(Command::HealthTest)
        }
        Some(Tool::Completions { shell }) => Ok(Command::Completions(shell)),
        Some(Tool::Man) => Ok(Command::Man),
        None => {
            let tests = tools::python_tests(&typed.search)?;
            if !tests.is_empty() {
                return Ok(Command::PythonTests(tests));
            }
            if let Some((core, rhythm)) = typed.search.how.workers.compete_on_core.split_first() {
                return Ok(Command::Compete {
                    core: *core,
                    rhythm: rhythm.try_into().ok(),
                });
            }
            searching(typed.search, Purpose::Search, around)
        }
    }
}

/// What a session that runs is asked.
fn running(tool: RunningTool) -> Command {
    match tool {
        RunningTool::Check(args) => Command::Check(args),
        RunningTool::RestartWorkers(RestartWorkersArgs { session, worker }) => {
            Command::Steer(Request::RestartWorkers { worker }, session)
        }
        RunningTool::Reclaim(args) => Command::Steer(Request::Reclaim, args),
    }
}

/// A search, with what was not typed from the environment and the file.
fn searching(
    mut typed: SearchArgs,
    purpose: Purpose,
    around: &Surroundings<'_>,
) -> Result<Command, UsageError> {
    let mut notes = Vec::new();
    let session = session::choose(&typed, purpose, &around.now, &around.service, &mut notes)?;
    session::recall_numbers(&mut typed, session.as_ref());
    let keeps = session.as_ref().is_some_and(|s| s.stored().is_some());
    let origins = layers::apply(&mut typed, keeps, around, &mut notes)?;
    search::resolve(&typed, session, &origins, notes, around)
        .map(|settings| Command::Search(Box::new(settings)))
}

/// Reads the value of `option` where one was typed.
fn at<T>(
    option: &str,
    typed: &Option<String>,
    read: impl Fn(&str) -> Result<T, Refused>,
) -> Result<Option<T>, UsageError> {
    typed
        .as_deref()
        .map(|text| read(text).map_err(|refused| refused.at(option, text)))
        .transpose()
}

#[cfg(test)]
mod tests;
