//! Which program this is: what `--version` prints, and what a report of a fault has to name.

use std::env::consts::{ARCH, OS};

use crate::engine::Backend;
use crate::parts::Part;

/// The version.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The commit of the sources; packages record it.
pub(crate) const COMMIT: &str = match option_env!("KEYGEN_COMMIT") {
    Some(commit) => commit,
    None => "not recorded (built from sources)",
};

/// Processor, system and C library that it was built for.
pub(crate) fn target() -> String {
    let library = match () {
        () if cfg!(target_env = "gnu") => "-gnu",
        () if cfg!(target_env = "musl") => "-musl",
        () if cfg!(target_env = "msvc") => "-msvc",
        () => "",
    };
    format!("{ARCH}-{OS}{library}")
}

/// The backends, those that this processor lacks named as such.
pub(crate) fn backends() -> String {
    let named = |backend: Backend| match backend.is_supported() {
        true => backend.to_string(),
        false => format!("{backend} (not on this processor)"),
    };
    Backend::ALL.map(named).join(", ")
}

/// The parts that this build leaves out, by the names of their features.
pub(crate) fn absent() -> Option<String> {
    let absent = Part::ALL.into_iter().filter_map(|part| part.check().err());
    let names: Vec<_> = absent.map(|part| part.feature).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// What follows the program's name in `--version`.
pub(super) fn long() -> String {
    format!(
        "{VERSION}\ncommit: {COMMIT}\ntarget: {}\nbackends: {}{}",
        target(),
        backends(),
        absent().map_or_else(String::new, |parts| format!("\nbuilt without: {parts}"))
    )
}
