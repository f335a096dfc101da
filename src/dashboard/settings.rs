//! How a page is served: the same in a build without it, which refuses to.

use std::fmt;
use std::path::PathBuf;

use super::access::Secret;
use crate::http::listener::Address;

/// How a page is served.
#[derive(Clone)]
pub(crate) struct Settings {
    /// The option that named the address, for errors.
    pub option: &'static str,
    pub address: Address,
    /// Whether a browser is opened.
    pub open: bool,
    /// Whether requests to a search are passed on.
    pub control: bool,
    /// The token that lets in whoever knows it, and the file that it is from.
    pub token: Option<(Secret, PathBuf)>,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // It may hold a token.
        write!(f, "Settings({})", self.address)
    }
}
