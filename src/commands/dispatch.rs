//! From a command to what does it, and how the program ends.

use super::command::{Command, resolve};
use super::steer::Steered;
use super::watch::command as watch;
use super::{
    self as tools, alert_test, bench, config, health_test, history, key, odds, output, self_test,
    sessions, steer, trials,
};
use crate::app::start::{self, Outcome};
use crate::config::args::{Cli, completions, man};
use crate::config::{SearchSettings, Surroundings, UsageError};
use crate::exit::Ending;
use crate::fault::compete;

/// Does what was typed, or says why not.
#[must_use]
pub(crate) fn run(typed: Cli) -> Ending {
    let mut stdin = std::io::stdin();
    let command = Surroundings::of_process(&mut stdin, &|_| Ok(()))
        .and_then(|around| resolve(typed, &around));
    command.map_or_else(|wrong| output::refused(&wrong), carry_out)
}

/// Does what the command line asks for.
fn carry_out(command: Command) -> Ending {
    match command {
        Command::Search(settings) => search(*settings),
        Command::Odds(settings) => tools::run(|streams| odds::run(&settings, streams)),
        Command::Bench(settings) => tools::run(|streams| bench::run(&settings, streams)),
        Command::Key(command) => tools::run(|streams| key::run(&command, streams)),
        Command::Config(command) => tools::run(|streams| config::run(&command, streams)),
        Command::HealthTest(settings) => tools::run(|streams| health_test::run(&settings, streams)),
        Command::History(command) => tools::run(|streams| history::run(&command, streams)),
        Command::AlertTest(test) => tools::run(|streams| alert_test::run(&test, streams)),
        Command::Compete { core, rhythm } => occupy(core, rhythm),
        Command::SelfTest => tools::run(self_test::run),
        Command::PythonTests(tests) => tools::run(|streams| trials::run(&tests, streams)),
        Command::Completions(shell) => output::print(&completions::script(shell)),
        Command::Man => match man::page() {
            Ok(page) => output::print(&page),
            Err(error) => output::failed(&error),
        },
        Command::Steer(request, args) => steered(steer::steer(&request, &args)),
        Command::Watch(args) => tools::run(|streams| watch::run(&args, streams)),
        Command::Status(args) => sessions::show(&args, &mut said),
        Command::Check(args) => steered(steer::check(&args)),
        Command::Shelf(tool) => said(sessions::tool(&tool)),
    }
}

/// Searches for keys.
fn search(settings: SearchSettings) -> Ending {
    match start::search(settings) {
        Outcome::Ended(ending) => ending,
        Outcome::Text { text, said, ending } => match output::print(text.as_bytes()) {
            Ending::Found => output::repeat(&said, ending),
            failed => failed,
        },
        Outcome::Refused(why) => output::refused(&why),
        Outcome::Failed(why) => output::failed(&why),
        Outcome::Background { said, ending } => output::repeat(&said, ending),
    }
}

/// Prints what sessions answered, and what went wrong with others of them.
fn steered(steered: Result<Steered, UsageError>) -> Ending {
    let Steered { text, failed } = match steered {
        Ok(steered) => steered,
        Err(wrong) => return output::refused(&wrong),
    };
    let printed = output::print(text.as_bytes());
    match (printed, failed.is_empty()) {
        (Ending::Found, false) => output::failed(&failed.join("\n")),
        (printed, _) => printed,
    }
}

/// Prints a text, or the error that came instead.
fn said(text: Result<String, UsageError>) -> Ending {
    match text {
        Ok(text) => output::print(text.as_bytes()),
        Err(wrong) => output::refused(&wrong),
    }
}

/// Competes for a core, for a test of the supervision.
fn occupy(core: u64, rhythm: Option<[u64; 2]>) -> Ending {
    match compete::compete(core, rhythm) {
        Ok(()) => Ending::Found,
        Err(error) => output::failed(&error),
    }
}
