//! The `keygen` program: parse, run, map the result to an exit code.

use std::process::ExitCode;

use meshcore_keygen::cli::StatusArgs;
use meshcore_keygen::cli::{self, Cli, completions, man, output};
use meshcore_keygen::exit::Ending;
use meshcore_keygen::run::opening::{self, Plan};
use meshcore_keygen::run::{self, Job, sessions};
use meshcore_keygen::settings::{self, Command, SearchSettings, Surroundings, UsageError};
use meshcore_keygen::tools::{self, bench, config, health_test, key, odds, self_test, trials};

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
        Command::Compete(core) => compete(core),
        Command::SelfTest => tools::run(self_test::run),
        Command::PythonTests(tests) => tools::run(|streams| trials::run(&tests, streams)),
        Command::Completions(shell) => output::print(&completions::script(shell)),
        Command::Man => match man::page() {
            Ok(page) => output::print(&page),
            Err(error) => output::failed(&error),
        },
        Command::Status(args) => status(&args),
        Command::Session(tool) => said(sessions::tool(&tool)),
    }
}

/// Searches for keys.
fn search(settings: SearchSettings) -> Ending {
    let opening = match opening::plan(&settings, &jiff::Zoned::now()) {
        Ok(Plan::Search(opening)) => opening,
        Ok(Plan::Over { text, ending }) => {
            return match output::print(text.as_bytes()) {
                Ending::Found => ending,
                failed => failed,
            };
        }
        Err(wrong) => return output::refused(&wrong),
    };
    let job = match Job::new(settings) {
        Ok(job) => job,
        Err(wrong) => return output::refused(&wrong),
    };
    let opened = match opening.map(|opening| opening.open()).transpose() {
        Ok(opened) => opened.unwrap_or_default(),
        Err(wrong) => return output::refused(&wrong),
    };
    run::run(job, opened).unwrap_or_else(|error| {
        output::failed(&format!("the search could not be started: {error}"))
    })
}

/// Prints what sessions do, once or again every second.
fn status(args: &StatusArgs) -> Ending {
    loop {
        let ending = said(sessions::status(args));
        if !args.watch || ending != Ending::Found {
            return ending;
        }
        std::thread::sleep(std::time::Duration::from_secs(1));
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
