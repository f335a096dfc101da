//! Messages to outside: web addresses, ntfy, email and commands, each behind a thread and a bounded channel of its own,
//! so that none of them ever delays the search.

pub mod address;
pub mod command;
mod heartbeat;
pub mod http;
mod label;
pub mod mail;
pub mod retry;
pub mod sink;
pub mod sinks;
pub mod tls;
pub mod transport;

pub use self::address::Channel;
pub use self::label::redact;
