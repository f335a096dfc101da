//! The metrics of a running search: over HTTP on a thread of its own, and in a file. All is made from the latest
//! snapshot, so nobody who asks ever waits for the search or delays it, and nothing that they see can hold a secret.

#[cfg(not(feature = "metrics"))]
pub(crate) mod absent;
#[cfg(feature = "metrics")]
mod family;
#[cfg(feature = "metrics")]
pub(crate) mod file;
#[cfg(feature = "metrics")]
mod probes;
#[cfg(feature = "metrics")]
mod process;
#[cfg(feature = "metrics")]
mod search;
#[cfg(feature = "metrics")]
pub(crate) mod server;

#[cfg(not(feature = "metrics"))]
pub(crate) use self::{absent as file, absent as server};
