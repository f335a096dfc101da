//! Finds MeshCore keys: Ed25519 key pairs whose public key begins or ends as wished.

pub mod engine;
pub mod key;
