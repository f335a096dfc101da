//! Delivery of messages: to web addresses, ntfy, email and commands, each behind its own thread and bounded queue, so
//! that none of them ever delays the search.

#[cfg(not(feature = "network"))]
pub(crate) mod absent;
pub(crate) mod address;
pub(crate) mod command;
#[cfg(feature = "network")]
pub(crate) mod http;
#[cfg(feature = "network")]
pub(crate) mod mail;
pub(crate) mod sinks;
#[cfg(feature = "network")]
pub(crate) mod tls;
pub(crate) mod transport;

#[cfg(not(feature = "network"))]
pub(crate) use self::{absent as http, absent as mail};

use std::fmt;
use std::time::Duration;

pub(crate) use self::address::{Channel, redact};

/// Where alerts are sent. Debugging output shows no command, because it may contain a token.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct AlertSettings {
    pub channels: Vec<Channel>,
    /// A command line for each found key.
    pub on_found: Option<String>,
    /// A command line for each alert.
    pub on_alert: Option<String>,
    /// Called regularly while progress is confirmed.
    pub heartbeat: Option<Channel>,
    /// The same alert is sent again after this time at the earliest.
    pub cooldown: Option<Duration>,
}

impl fmt::Debug for AlertSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AlertSettings(…)")
    }
}

impl AlertSettings {
    /// Whether nothing is sent anywhere.
    pub(crate) fn is_empty(&self) -> bool {
        self.channels.is_empty()
            && self.on_found.is_none()
            && self.on_alert.is_none()
            && self.heartbeat.is_none()
    }
}
