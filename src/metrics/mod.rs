//! The metrics of a running search: over HTTP on a thread of its own, and in a file. All is made from the latest
//! snapshot, so nobody who asks ever waits for the search or delays it, and nothing that they see can hold a secret.

mod family;
pub(crate) mod file;
mod probes;
mod process;
mod search;
pub(crate) mod server;
