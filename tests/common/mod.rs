//! What several tests need: the program in a place of its own, servers, and reference implementations.

pub mod ed25519_reference;
pub mod http;
pub mod key_samples;
pub mod plain;
#[cfg(unix)]
pub mod program;
#[cfg(unix)]
pub mod searches;
#[cfg(unix)]
pub mod telling;
#[cfg(unix)]
pub mod tmux;
#[cfg(unix)]
pub mod wait;
pub mod web_server;
