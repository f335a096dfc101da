//! What the program promises, a module per promise; all of them in one binary, which links once.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr)] // In a test a panic is the report.

mod alerts;
mod architecture;
mod command_line;
mod common;
mod engine;
mod health;
mod keys;
#[cfg(unix)]
mod node;
mod output;
mod search;
mod service;
mod session;
