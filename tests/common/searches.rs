//! Named searches that do not end by themselves, for black-box tests of what is done to them from outside.
//!
//! Use it from a test file beside `mod program;` with `#[path = "common/searches.rs"] mod searches;`.
#![allow(dead_code, clippy::unwrap_used)] // In a test a panic is the report.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::program::{DEADLINE, Place};

/// A search by one worker for a pattern that no test lives to see.
pub const NEVER: [&str; 6] = [
    "--prefix",
    "0123456789ABCDEF",
    "--backend",
    "portable",
    "--workers",
    "1",
];

/// The folder of a session.
pub fn folder(place: &Place, name: &str) -> PathBuf {
    place.path("state/meshcore-keygen/sessions").join(name)
}

/// What `keygen status` says of a session, or nothing.
pub fn status(place: &Place, name: &str) -> Value {
    let run = place.run(&["status", name, "--json"]);
    serde_json::from_str(run.out.trim()).unwrap_or_default()
}

/// Looks again and again until something holds.
pub fn wait_until(holds: impl Fn() -> bool) {
    let end = Instant::now() + DEADLINE;
    while !holds() {
        assert!(Instant::now() < end, "it did not come");
        std::thread::sleep(Duration::from_millis(5));
    }
}
