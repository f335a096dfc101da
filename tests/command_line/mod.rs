//! The command line: help, bad input, settings, the tools beside the search, and the documents.

mod documents;
mod help;
#[cfg(unix)]
mod ids;
#[cfg(unix)]
mod parts;
mod settings;
mod tools;
mod usage;
