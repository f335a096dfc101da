//! The `keygen` program: parse, run, map the result to an exit code.

use std::process::ExitCode;

use meshcore_keygen::cli::{self, Cli, completions, man, output};
use meshcore_keygen::exit::Ending;
use meshcore_keygen::run::sessions;
use meshcore_keygen::run::start::{self, Outcome};
use meshcore_keygen::settings::{self, Command, SearchSettings, Surroundings, UsageError};
use meshcore_keygen::tools::{
    self, bench, config, health_test, history, key, odds, self_test, trials,
};

fn main() -> ExitCode {
    let ending = match cli::parse(std::env::args_os()) {
        Err(said) => output::clap_says(&said),
        Ok(typed) => match resolve(typed) {
            Err(wrong) => output::refused(&wrong),
            Ok(command) => run(command),
        },
    };
    ending.into()
}

/// What the command line means in this process.
fn resolve(typed: Cli) -> Result<Command, UsageError> {
    let mut stdin = std::io::stdin().lock();
    let around = Surroundings::of_process(&mut stdin, &|_| Ok(()))?;
    settings::resolve(typed, &around)
}

/// Does what the command line asks for.
fn run(command: Command) -> Ending {
    match command {
        Command::Search(settings) => search(*settings),
        Command::Odds(settings) => tools::run(|streams| odds::run(&settings, streams)),
        Command::Bench(settings) => tools::run(|streams| bench::run(&settings, streams)),
        Command::Key(command) => tools::run(|streams| key::run(&command, streams)),
        Command::Config(command) => tools::run(|streams| config::run(&command, streams)),
        Command::HealthTest(settings) => tools::run(|streams| health_test::run(&settings, streams)),
        Command::History(command) => tools::run(|streams| history::run(&command, streams)),
        Command::Compete(core) => compete(core),
        Command::SelfTest => tools::run(self_test::run),
        Command::PythonTests(tests) => tools::run(|streams| trials::run(&tests, streams)),
        Command::Completions(shell) => output::print(&completions::script(shell)),
        Command::Man => match man::page() {
            Ok(page) => output::print(&page),
            Err(error) => output::failed(&error),
        },
        Command::Status(args) => sessions::show(&args, &mut said),
        Command::Session(tool) => said(sessions::tool(&tool)),
    }
}

/// Searches for keys.
fn search(settings: SearchSettings) -> Ending {
    match start::search(settings) {
        Outcome::Ended(ending) => ending,
        Outcome::Text { text, ending } => match output::print(text.as_bytes()) {
            Ending::Found => ending,
            failed => failed,
        },
        Outcome::Refused(why) => output::refused(&why),
        Outcome::Failed(why) => output::failed(&why),
        Outcome::Background { said, ending } => output::repeat(&said, ending),
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
fn compete(core: usize) -> Ending {
    match meshcore_keygen::fault::compete::compete(core) {
        Ok(()) => Ending::Found,
        Err(error) => output::failed(&error),
    }
}
