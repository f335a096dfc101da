//! The network in a build without it: addresses of email are refused, and what is sent to others fails.

use serde_json::Value;
use url::Url;

use super::transport::{Failure, Link};
use crate::alert::message::Message;
use crate::parts::NETWORK;

/// A mail server; there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mail {}

impl Mail {
    /// # Errors
    /// Always.
    pub(super) fn read(_: bool, _: &Url) -> Result<Self, String> {
        Err(NETWORK.to_string())
    }

    pub(super) fn is_encrypted(&self) -> bool {
        match *self {}
    }

    /// # Errors
    /// Never: there is nothing that sends.
    pub(super) fn send(&self, _: &Message) -> Result<String, Failure> {
        match *self {}
    }
}

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
