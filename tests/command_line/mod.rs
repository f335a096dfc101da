//! The command line: help, bad input, settings, and the tools beside the search.

mod help;
#[cfg(unix)]
mod settings;
mod tools;
mod usage;
