//! What a command line asks for, with settings that were checked: everything that can fail before any work.

use super::config::settings::{self as config, ConfigCommand};
use super::health_test::{self, HealthTestSettings};
use super::history::settings::{self as history, HistoryCommand};
use super::settings::{self as tools, BenchSettings, KeyCommand, OddsSettings, PythonTest};
use super::watch::settings::{self as watch, WatchCommand};
use crate::config::alerts::{self, AlertTest};
use crate::config::args::{
    AlertTool, CheckArgs, Cli, HealthTool, RestartWorkersArgs, RunningTool, SessionTool, ShelfTool,
    StatusArgs, SteerArgs, Tool,
};
use crate::config::{SearchSettings, Surroundings, UsageError, searching};
use crate::control::protocol::Request;
use crate::session::state::Purpose;

/// What is to be done, checked.
#[derive(Clone, Debug)]
pub(crate) enum Command {
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

/// What a command line means.
///
/// # Errors
/// Everything that can't be right about it.
pub(crate) fn resolve(typed: Cli, around: &Surroundings<'_>) -> Result<Command, UsageError> {
    match typed.tool {
        Some(Tool::Odds(args)) => tools::odds(&args, around).map(Command::Odds),
        Some(Tool::Bench(args)) => tools::bench(&args, around).map(Command::Bench),
        Some(Tool::Key(tool)) => tools::key(tool, around).map(Command::Key),
        Some(Tool::Resume(args)) => {
            searching((*args).into_search(), Purpose::Resume, around).map(Command::Search)
        }
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
            health_test::settings::resolve(args).map(Command::HealthTest)
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
            searching(typed.search, Purpose::Search, around).map(Command::Search)
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
