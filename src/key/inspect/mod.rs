//! `keygen key verify|show|export`: what can be said and done about keys that were found in files.

mod export;
mod show;
mod verify;

pub(crate) use self::export::{checked, contact};
pub use self::{
    export::{ExportFormat, ExportReport, export},
    show::show,
    verify::{Verification, verify},
};

use super::load::{FoundKey, LoadError};

/// How a command over several inputs went. Ordered: the worst of several counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// All is well.
    #[default]
    Fine,
    /// A key was read and is not good.
    Failed,
    /// An input is missing, unreadable or holds no key.
    BadInput,
}

/// The worst of several outcomes.
#[must_use]
pub fn worst(outcomes: impl IntoIterator<Item = Outcome>) -> Outcome {
    outcomes.into_iter().max().unwrap_or_default()
}

/// What [`super::load::load`] gives for each key or broken input.
pub type Loaded = Result<FoundKey, LoadError>;

/// The files of a key for people, or where else it came from.
fn origin(found: &FoundKey) -> String {
    let files: Vec<_> = found
        .files
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    if files.len() > 1 {
        files.join(" + ")
    } else {
        found.source.clone()
    }
}
