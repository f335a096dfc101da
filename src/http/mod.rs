//! HTTP for whoever looks at a search: a socket that is opened before any work, and one thread that serves it within bounds.

pub(crate) mod listener;
#[cfg(feature = "metrics")]
pub(crate) mod server;
