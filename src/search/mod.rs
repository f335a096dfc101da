//! The search: workers that sweep in threads of their own, the thread that saves what they find, and the supervisor.
//!
//! ```text
//! worker --- confirmed keys (bounded) ---> saver ------ events --> the loop that owns all output (run)
//!    \------ batch reports (bounded) ----> supervisor -- events --/
//! ```
//!
//! A worker never waits for anybody: reports merge while their channel is full, and hits that come faster than they
//! can be saved are skipped and counted.

pub mod calibration;
pub mod confirm;
#[cfg(test)]
pub(crate) mod fakes;
pub mod hit;
pub mod instrument;
pub mod lane;
pub mod ledger;
pub mod outbox;
pub mod pace;
pub mod pool;
pub mod saver;
pub mod shared;
pub mod sweep;
pub mod target;
pub mod words;
pub mod worker;
