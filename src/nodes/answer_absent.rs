//! Web addresses in a build without them.

use super::fetch::{Failure, Limits};
use crate::parts::NETWORK;

/// # Errors
/// Always.
pub(super) fn attempt(_: &str, _: Limits) -> Result<Vec<u8>, Failure> {
    Err(Failure {
        problem: NETWORK.to_string(),
        passing: false,
    })
}
