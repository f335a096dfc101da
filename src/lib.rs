//! Finds MeshCore keys: Ed25519 key pairs whose public key begins or ends as wished.

pub mod cli;
pub mod engine;
pub mod exit;
pub mod key;
pub mod pattern;
pub mod settings;
