//! Alerts: what people should be told of a search. Judged once, from its events; the history, messages to outside
//! channels and the picture of the running search are all made from the same changes.

pub(crate) mod active;
mod change;
pub(crate) mod delivery;
pub(crate) mod judge;
pub(crate) mod message;
pub(crate) mod settings;
mod severity;
pub(crate) mod throttle;

pub(crate) use self::change::{Alert, Change, KeyFacts, Resolved, Subject};
pub(crate) use self::severity::Severity;
