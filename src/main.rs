//! The `keygen` program: parse, run, map the result to an exit code.

use std::process::ExitCode;

use meshcore_keygen::cli::{self, Cli, output};
use meshcore_keygen::dispatch;
use meshcore_keygen::settings::{self, Command, Surroundings, UsageError};

fn main() -> ExitCode {
    let ending = match cli::parse(std::env::args_os()) {
        Err(said) => output::clap_says(&said),
        Ok(typed) => match resolve(typed) {
            Err(wrong) => output::refused(&wrong),
            Ok(command) => dispatch::run(command),
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
