//! What the program promises, a module per promise; all of them in one binary, which links once.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr)]
// In a test a panic is the report.
// Without a part of the program the helpers of its tests have no callers.
#![cfg_attr(not(all(feature = "metrics", feature = "network")), allow(dead_code))]

#[cfg(feature = "network")]
mod alerts;
mod architecture;
#[cfg(all(unix, feature = "mcp"))]
mod assistants;
#[cfg(unix)]
mod blind;
mod command_line;
mod common;
#[cfg(all(unix, feature = "dashboard"))]
mod dashboard;
mod engine;
mod health;
mod keys;
#[cfg(unix)]
mod node;
mod output;
mod search;
mod service;
mod session;
