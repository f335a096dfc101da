//! Web addresses in a build without them.

use super::fetch::Limits;
use crate::alert::delivery::transport::Failure;
use crate::parts::NETWORK;

/// # Errors
/// Always.
pub(super) fn attempt(_: &str, _: Limits) -> Result<Vec<u8>, Failure> {
    Err(Failure::lasting(NETWORK.to_string()))
}
