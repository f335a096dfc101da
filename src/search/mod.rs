//! The search: workers that sweep in threads of their own, and the thread that saves the keys that they find.
//!
//! ```text
//! worker --- confirmed keys (bounded) ---> saver ------ events --> the event loop (app)
//!    \------ batch reports (bounded) ----> supervisor -- events --/
//! ```
//!
//! A worker never waits: reports merge while their channel is full, and hits that come faster than they can be saved are
//! skipped and counted.

pub(crate) mod card;
pub(crate) mod confirm;
#[cfg(test)]
pub(crate) mod fakes;
mod fresh_starts;
pub(crate) mod hit;
pub(crate) mod lane;
pub(crate) mod outbox;
pub(crate) mod pacing;
pub(crate) mod pool;
pub(crate) mod saver;
pub(crate) mod shared;
pub(crate) mod sweep;
pub(crate) mod target;
pub(crate) mod watchlist_counters;
pub(crate) mod worker;
