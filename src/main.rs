//! The `keygen` program: parse, run, map the result to an exit code.

use std::process::ExitCode;

use meshcore_keygen::cli::{self, Cli, completions, man, output};
use meshcore_keygen::exit::Ending;
use meshcore_keygen::run::{self, Job};
use meshcore_keygen::settings::{self, Command, SearchSettings, Surroundings, UsageError};

fn main() -> ExitCode {
    let ending = match cli::parse(std::env::args_os()) {
        Err(said) => output::clap_says(&said),
        Ok(typed) => match resolve(typed) {
            Err(wrong) => {
                output::error(&wrong);
                Ending::BadInput
            }
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
        Command::Completions(shell) => output::print(&completions::script(shell)),
        Command::Man => match man::page() {
            Ok(page) => output::print(&page),
            Err(error) => {
                output::error(&error);
                Ending::Failed
            }
        },
        Command::Search(settings) => search(*settings),
        other => {
            output::error(&format!("not built yet: {other:?}"));
            Ending::Failed
        }
    }
}

/// Searches for keys.
fn search(settings: SearchSettings) -> Ending {
    let job = match Job::new(settings) {
        Ok(job) => job,
        Err(wrong) => {
            output::error(&wrong);
            return Ending::BadInput;
        }
    };
    run::run(job).unwrap_or_else(|error| {
        output::error(&format!("the search could not be started: {error}"));
        Ending::Failed
    })
}
