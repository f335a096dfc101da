//! Lists of nodes from web addresses: one answer, read whole within limits of time and size, one try again.

use std::time::Duration;

use super::answer::attempt;

/// How much an answer may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For an attempt, from the name's resolution to the last byte.
    pub time: Duration,
    /// Of the answer.
    pub bytes: u64,
}

/// The whole map has some 60,000 nodes in about 30 MB.
const LIMITS: Limits = Limits {
    time: Duration::from_secs(60),
    bytes: 64 << 20,
};

/// Why nothing came from an address.
#[derive(Debug, thiserror::Error)]
#[error(
    "{address}: {problem}. Nothing was taken from it; try again, or save the list to a file and name that."
)]
pub struct FetchError {
    address: String,
    problem: String,
}

/// Whether a name is an address of any kind, also of one that is not fetched: no file is called so.
pub(crate) fn is_address(name: &str) -> bool {
    let scheme = name.split_once("://").map(|(scheme, _)| scheme);
    scheme
        .is_some_and(|scheme| scheme.len() > 1 && scheme.bytes().all(|b| b.is_ascii_alphanumeric()))
}

fn is_web_address(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with("http://") || name.starts_with("https://")
}

/// Fetches a list of at most 64 MiB, within 60 s for each of two attempts.
///
/// # Errors
/// As [`fetch_within`].
pub(crate) fn fetch(address: &str) -> Result<Vec<u8>, FetchError> {
    fetch_within(address, LIMITS)
}

/// Fetches a list, at the second attempt if the first fails by what may pass.
///
/// # Errors
/// The server can't be reached, answers with an error, or does not answer whole within the limits.
pub fn fetch_within(address: &str, limits: Limits) -> Result<Vec<u8>, FetchError> {
    if !is_web_address(address) {
        return Err(FetchError {
            address: address.to_owned(),
            problem: "only http:// and https:// addresses are fetched".to_owned(),
        });
    }
    let answer = attempt(address, limits).or_else(|failure| match failure.passing {
        true => attempt(address, limits),
        false => Err(failure),
    });
    answer.map_err(|failure| FetchError {
        address: address.to_owned(),
        problem: failure.reason,
    })
}
