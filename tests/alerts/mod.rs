//! Alerts: what leaves the program, and that no private key does.

#[cfg(unix)]
mod mail;
#[cfg(unix)]
mod messages;
