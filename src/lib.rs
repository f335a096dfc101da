//! Finds MeshCore keys: Ed25519 key pairs whose public key begins or ends as wished.

#![cfg_attr(not(test), warn(unreachable_pub))]
// A whole build names what is dead; in others there is also what only an absent part would use.
#![cfg_attr(
    not(all(
        feature = "dashboard",
        feature = "history",
        feature = "mcp",
        feature = "metrics",
        feature = "network",
        feature = "qr",
        feature = "top"
    )),
    allow(dead_code, unused_imports)
)]

mod alert;
mod app;
mod batch;
mod blind;
mod clock;
mod commands;
mod config;
mod control;
#[cfg_attr(not(feature = "dashboard"), path = "dashboard/absent.rs")]
mod dashboard;
mod device;
mod event;
mod exit;
mod fault;
mod files;
mod health;
mod history;
mod http;
mod key;
mod limits;
#[cfg_attr(not(feature = "metrics"), path = "metrics/absent.rs")]
mod metrics;
mod nodes;
mod outage;
mod overview;
mod parts;
mod pattern;
mod queue;
mod report;
mod search;
mod session;
mod status;
mod supervisor;
mod text;

use std::ffi::OsString;
use std::process::ExitCode;

pub use meshcore_keygen_engine as engine;

/// Runs the program with these arguments, its own name first, and gives its exit code.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    app::process::survive_size_limit();
    commands::run(arguments).into()
}

/// What the integration tests and benches of this package look into. It is no interface for other programs.
#[doc(hidden)]
pub mod testing {
    pub use crate::batch::{BatchReport, LaneCounts, WorkerId};
    pub use crate::clock::RealClock;
    pub use crate::event::{Event, FoundKind};
    pub use crate::health::monitor::{Monitor, Watched};
    pub use crate::health::slot_health::ThreadSample;
    pub use crate::health::thresholds::Thresholds;
    pub use crate::health::verdict::{ActionTaken, Decision, Verdict};
    pub use crate::search::hit::HitSink;
    pub use crate::search::pool::{Pool, PoolContext};
    pub use crate::search::shared::Shared;
    pub use crate::search::sweep::Instrumented;
    pub use crate::search::target::{PatternTarget, spot_check_bits};
    pub use crate::search::watchlist_counters::WatchlistCounters;
    pub use crate::supervisor::thread::Supervisor;

    /// The exit codes, each with its meaning.
    pub mod exit {
        pub use crate::exit::table;
    }

    /// Keys, their files, and the independent check.
    pub mod key {
        pub use crate::key::private::PrivateKey;
        pub use crate::key::start::Start;
        pub use crate::key::store::{KeyFormat, Label, Store};
        pub use crate::key::verify::{CheckError, VerifiedKey};
        pub use crate::key::{hex, inspect, load, store, verify};
    }

    /// Lists from web addresses.
    pub mod fetch {
        pub use crate::nodes::fetch::{Limits, fetch_within};
    }

    /// Patterns and what is compiled from them.
    pub mod pattern {
        pub use crate::pattern::error::PatternError;
        pub use crate::pattern::filter::Filter;
        pub use crate::pattern::request::Request;
        pub use crate::pattern::wanted::Wanted;
    }

    /// Sessions on disk.
    pub mod session {
        pub use crate::session::journal;
    }
}
