//! Finds MeshCore keys: Ed25519 key pairs whose public key begins or ends as wished.

pub mod alert;
pub mod cli;
pub mod clock;
pub mod control;
pub mod dispatch;
pub mod event;
pub mod exit;
pub mod fault;
pub mod health;
pub mod history;
pub mod key;
pub mod metrics;
pub mod notify;
pub mod pattern;
pub mod report;
pub mod run;
pub mod search;
pub mod session;
pub mod settings;
pub mod standing;
pub mod tools;
pub mod watch;

pub use meshcore_keygen_engine as engine;
