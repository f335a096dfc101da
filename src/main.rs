//! The `keygen` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    meshcore_keygen::run(std::env::args_os())
}
