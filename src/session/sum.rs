//! Checksums of what lies on disk: the first 8 bytes of SHA-256 as 16 hex digits, against accidents, not against people.

use sha2::{Digest, Sha256};

use crate::key::hex;

/// Digits of a checksum.
pub(crate) const DIGITS: usize = 16;

/// The checksum of these bytes.
#[must_use]
pub(crate) fn of(bytes: &[u8]) -> String {
    hex::encode(&Sha256::digest(bytes)[..DIGITS / 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_is_the_beginning_of_sha_256() {
        // FIPS 180-2, appendix B.1.
        assert_eq!(of(b"abc"), "ba7816bf8f01cfea");
        assert_eq!(of(b"abc").len(), DIGITS);
    }
}
