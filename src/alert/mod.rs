//! Alerts: what people should be told of a search. Judged once, from its events; the history, messages to outside
//! channels and the picture of the running search are all made from the same changes.

pub mod active;
mod change;
pub mod delivery;
pub mod judge;
pub mod message;
pub mod settings;
mod severity;
pub mod throttle;

pub use self::change::{Alert, Change, KeyFacts, Over, Subject};
pub use self::severity::Severity;
