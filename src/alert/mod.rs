//! Alerts: what people should be told of a search. Judged once, from its events; the history, messages to outside
//! channels and the picture of the running search are all made from the same changes.

mod change;
pub mod desk;
pub mod gate;
pub mod judge;
pub mod message;
mod severity;

pub use self::change::{Alert, Change, KeyFacts, Over, Subject};
pub use self::severity::Severity;
