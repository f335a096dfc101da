//! Delivery of messages: to web addresses, ntfy, email and commands, each behind its own thread and bounded queue, so
//! that none of them ever delays the search.

pub(crate) mod address;
pub(crate) mod command;
pub(crate) mod http;
mod label;
pub(crate) mod mail;
pub(crate) mod retry;
pub(crate) mod sinks;
pub(crate) mod tls;
pub(crate) mod transport;

pub(crate) use self::address::Channel;
pub(crate) use self::label::redact;
