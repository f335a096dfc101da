//! The `keygen` program: parse, run, map the result to an exit code.

use std::process::ExitCode;

use meshcore_keygen::commands::{dispatch, output};
use meshcore_keygen::config::args;

fn main() -> ExitCode {
    match args::parse(std::env::args_os()) {
        Err(said) => output::clap_says(&said),
        Ok(typed) => dispatch::run(typed),
    }
    .into()
}
