//! From a command to what does it, and how the program ends.

use crate::cli::{completions, man, output};
use crate::exit::Ending;
use crate::fault::compete;
use crate::run::sessions;
use crate::run::start::{self, Outcome};
use crate::run::steer::{self, Steered};
use crate::settings::{Command, SearchSettings, UsageError};
use crate::tools::{
    self, alert_test, bench, config, health_test, history, key, odds, self_test, trials, watch,
};

/// Does what the command line asks for.
#[must_use]
pub fn run(command: Command) -> Ending {
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
