//! Email in a build without it: its addresses are refused, so that there is nothing to send to.

use url::Url;

use super::transport::Failure;
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
