//! Named searches that do not end by themselves, for black-box tests of what is done to them from outside.

use std::path::PathBuf;

use serde_json::Value;

use crate::common::program::{NEVER, Place};

/// A search by one worker for a pattern that no test lives to see.
pub const SEARCH: [&str; 6] = ["--prefix", NEVER, "--backend", "portable", "--workers", "1"];

/// The folder of a session.
pub fn folder(place: &Place, name: &str) -> PathBuf {
    place.path("state/meshcore-keygen/sessions").join(name)
}

/// Where a session listens, a moment after it began.
pub fn socket(place: &Place, name: &str) -> PathBuf {
    folder(place, name).join("control.sock")
}

/// What `keygen status` says of a session, or nothing.
pub fn status(place: &Place, name: &str) -> Value {
    let run = place.run(&["status", name, "--json"]);
    serde_json::from_str(run.out.trim()).unwrap_or_default()
}
