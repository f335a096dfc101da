//! Alerts: what people should know about a search. Derived once from its events; the history, the messages to outside
//! channels and the status of the running search all use the same changes.

pub(crate) mod active;
mod change;
pub(crate) mod delivery;
pub(crate) mod judge;
pub(crate) mod message;
pub(crate) mod throttle;

pub(crate) use self::change::{Change, KeyFacts, Severity, State, Subject};
