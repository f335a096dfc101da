//! Health: judges samples of workers and machine, and decides what to do. Pure: it sees samples and time, never threads.
//!
//! ```text
//! reports -> window -> history (against baseline) ─┐
//! spot checks -> proof ───────────────────────────┼─> judge -> restarts -> decisions
//! beats, thread states ─> slot ───────────────────┘
//! readings -> resources, memory ──────────────────────────────────────────────-> decisions
//! ```

mod action;
mod adaptive;
pub(crate) mod baseline;
mod card_slow;
mod cards;
mod detail;
mod judge;
mod jump;
mod memory;
pub(crate) mod monitor;
pub(crate) mod params;
pub(crate) mod probe;
pub(crate) mod proof;
mod resources;
mod restarts;
pub(crate) mod slot_health;
pub(crate) mod state;
mod summary;
pub(crate) mod thresholds;
mod user_requests;
pub(crate) mod verdict;
mod vitals;
mod window;
mod window_history;

#[cfg(test)]
pub mod fixtures;
#[cfg(test)]
mod monitor_contention_tests;
#[cfg(test)]
mod monitor_tests;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod simulator;

pub(crate) use self::memory::{Trimmed, is_worth_trimming, megabytes};
pub(crate) use self::monitor::{Monitor, Watched};
pub(crate) use self::summary::{HealthSummary, HealthTotals};
pub(crate) use self::thresholds::Thresholds;
pub(crate) use self::verdict::{ActionTaken, Decision, Finding, Verdict};
pub(crate) use self::vitals::{Learned, SAMPLE_INTERVAL, Vitals, WorkerVitals};
