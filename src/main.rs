//! The `keygen` program: parse, run, map the result to an exit code.

use std::process::ExitCode;

use meshcore_keygen::cli::{self, output};

fn main() -> ExitCode {
    match cli::parse(std::env::args_os()) {
        Err(said) => output::clap_says(&said).into(),
        Ok(_) => ExitCode::SUCCESS,
    }
}
