//! Finds MeshCore keys: Ed25519 key pairs whose public key begins or ends as wished.

pub mod alert;
pub mod app;
pub mod batch;
pub mod clock;
pub mod commands;
pub mod config;
pub mod control;
pub mod event;
pub mod exit;
pub mod fault;
pub mod files;
pub mod health;
pub mod history;
pub mod key;
pub mod limits;
pub mod metrics;
pub mod pattern;
pub mod report;
pub mod search;
pub mod session;
pub mod status;
pub mod supervisor;
pub mod text;

pub use meshcore_keygen_engine as engine;
