//! What goes wrong on purpose in a search.

use std::path::PathBuf;

use super::Fault;

/// What goes wrong on purpose, and where its beginnings are noted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Injected {
    /// The faults, as typed.
    pub faults: Vec<Fault>,
    /// The file of their beginnings.
    pub log: Option<PathBuf>,
}
