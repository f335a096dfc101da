//! Output: what is shown, written and served, and that no reader delays a search.

#[cfg(unix)]
mod blocked;
#[cfg(unix)]
#[cfg(feature = "metrics")]
mod metrics;
#[cfg(unix)]
mod streams;
#[cfg(unix)]
mod terminal;
#[cfg(all(unix, feature = "top"))]
mod top;
