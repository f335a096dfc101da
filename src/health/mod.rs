//! Health: what workers and the machine show, what is wrong by it, and what to do; sees samples, never threads.
//!
//! ```text
//! reports -> window -> history (against baseline) ─┐
//! spot checks -> proof ───────────────────────────┼─> judge -> policy, breaker -> decisions
//! beats, thread states ─> slot ───────────────────┘
//! readings -> resources, memory ──────────────────────────────────────────────-> decisions
//! ```

mod action;
pub(crate) mod adaptive;
pub(crate) mod baseline;
pub(crate) mod breaker;
pub(crate) mod calibrate;
pub(crate) mod judge;
mod jump;
mod memory;
pub(crate) mod monitor;
pub(crate) mod policy;
pub(crate) mod probe;
pub(crate) mod proof;
pub(crate) mod resource;
pub(crate) mod resources;
pub(crate) mod score;
pub(crate) mod slot_health;
pub(crate) mod state;
pub(crate) mod summary;
pub(crate) mod thresholds;
mod user_requests;
pub(crate) mod verdict;
pub(crate) mod vitals;
pub(crate) mod window;

#[cfg(test)]
pub mod fixtures;
#[cfg(test)]
mod monitor_contention_tests;
#[cfg(test)]
mod monitor_tests;
pub(crate) mod params;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod simulator;
pub(crate) mod window_history;

pub(crate) use self::memory::Trimmed;
pub(crate) use self::memory::{is_worth_trimming, megabytes};
pub(crate) use self::monitor::{Monitor, ThreadEnd, Watched};
pub(crate) use self::summary::{HealthSummary, HealthTotals};
pub(crate) use self::thresholds::Thresholds;
pub(crate) use self::verdict::{ActionTaken, Decision, Finding, Verdict};
pub(crate) use self::vitals::SAMPLE_INTERVAL;
pub(crate) use self::vitals::{Learned, Vitals, WorkerVitals};
