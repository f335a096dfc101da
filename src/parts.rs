//! Parts of the program that a build may leave out, each a cargo feature. What needs one that is not there is refused.

use thiserror::Error;

/// A part that a build may leave out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "this keygen was built without {what}; the packages have it, and so has a build with `--features {feature}`"
)]
pub(crate) struct Part {
    /// What it is, for people.
    what: &'static str,
    /// Its cargo feature.
    pub feature: &'static str,
    is_built_in: bool,
}

/// A part with the name of its feature.
macro_rules! part {
    ($feature:literal, $what:literal) => {
        Part {
            what: $what,
            feature: $feature,
            is_built_in: cfg!(feature = $feature),
        }
    };
}

/// The live page.
pub(crate) const DASHBOARD: Part = part!("dashboard", "the live page");
/// The database of metrics, alerts and runs, and the commands that read it.
pub(crate) const HISTORY: Part = part!("history", "the history");
/// Metrics for Prometheus, over HTTP and in a file.
pub(crate) const METRICS: Part = part!("metrics", "metrics");
/// Tools for assistants.
pub(crate) const MCP: Part = part!("mcp", "tools for assistants");
/// Web addresses and email: where alerts go, and where lists of nodes come from.
pub(crate) const NETWORK: Part = part!("network", "web addresses and email");
/// Contacts as QR codes.
pub(crate) const QR: Part = part!("qr", "QR codes");

/// Sessions live in a terminal.
pub(crate) const TOP: Part = part!("top", "the terminal dashboard");

impl Part {
    /// All of them.
    pub(crate) const ALL: [Self; 7] = [DASHBOARD, HISTORY, MCP, METRICS, NETWORK, QR, TOP];

    /// # Errors
    /// The part is not built in.
    pub(crate) fn check(self) -> Result<(), Self> {
        if self.is_built_in { Ok(()) } else { Err(self) }
    }
}
