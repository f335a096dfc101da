//! Web addresses in a build without them.

use serde_json::Value;

use super::transport::{Failure, Link};
use crate::parts::NETWORK;

#[derive(Default)]
pub(crate) struct Http(());

impl Http {
    /// # Errors
    /// Always.
    pub(crate) fn post(&self, _: &Link, _: &Value) -> Result<String, Failure> {
        Err(Failure::lasting(NETWORK.to_string()))
    }

    /// # Errors
    /// Always.
    pub(crate) fn call(&self, _: &Link) -> Result<String, Failure> {
        Err(Failure::lasting(NETWORK.to_string()))
    }
}
