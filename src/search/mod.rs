//! The search: workers that sweep in threads of their own, the thread that saves what they find, and the supervisor.
//!
//! ```text
//! worker --- confirmed keys (bounded) ---> saver ------ events --> the loop that owns all output (run)
//!    \------ batch reports (bounded) ----> supervisor -- events --/
//! ```
//!
//! A worker never waits for anybody: reports merge while their channel is full, and hits that come faster than they
//! can be saved are skipped and counted.

pub(crate) mod batch_sizer;
pub(crate) mod calibration;
pub(crate) mod confirm;
#[cfg(test)]
pub(crate) mod fakes;
pub(crate) mod hit;
pub(crate) mod instrument;
pub(crate) mod lane;
pub(crate) mod outbox;
pub(crate) mod pool;
pub(crate) mod retarget;
pub(crate) mod saver;
pub(crate) mod shared;
pub(crate) mod sweep;
pub(crate) mod target;
pub(crate) mod watchlist_counters;
pub(crate) mod words;
pub(crate) mod worker;
