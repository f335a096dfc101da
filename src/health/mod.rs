//! Health: what workers and the machine show, what is wrong by it, and what to do; sees samples, never threads.
//!
//! ```text
//! reports -> window -> course (against baseline) ─┐
//! spot checks -> proof ───────────────────────────┼─> judge -> policy, breaker -> decisions
//! beats, thread states ─> slot ───────────────────┘
//! readings -> resources, memory ──────────────────────────────────────────────-> decisions
//! ```

mod action;
pub mod adaptive;
pub mod baseline;
pub mod breaker;
pub mod calibrate;
pub mod judge;
mod jump;
mod memory;
pub mod monitor;
pub mod policy;
pub mod probe;
pub mod proof;
pub mod resource;
pub mod resources;
pub mod score;
pub mod slot;
pub mod state;
mod steer;
pub mod summary;
pub mod thresholds;
pub mod verdict;
pub mod vitals;
pub mod window;

#[cfg(test)]
pub mod fixtures;
#[cfg(test)]
mod monitor_contention_tests;
#[cfg(test)]
mod monitor_tests;
pub mod params;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod simulator;
pub mod window_history;

pub use self::memory::{Trimmed, is_worth_trimming, megabytes};
pub use self::monitor::{Monitor, ThreadEnd, Watched};
pub use self::summary::HealthSummary;
pub use self::thresholds::Thresholds;
pub use self::verdict::{Decision, Finding, Step, Verdict};
pub use self::vitals::INTERVAL;
pub use self::vitals::{Learned, Vitals, WorkerVitals};
