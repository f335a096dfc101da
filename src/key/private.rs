//! A MeshCore private key: 64 secret bytes, a clamped scalar and a signing prefix.

use sha2::{Digest, Sha512};
use zeroize::{ZeroizeOnDrop, Zeroizing};

use super::{
    PublicKey,
    hex::{self, HexError},
    scalar,
    secret::{Secret, SecretText},
    start::public_of,
};

/// 64 secret bytes: the scalar (32 bytes, little-endian), then the signing prefix (32 random bytes). This is what
/// RFC 8032 makes of a seed by hashing it, and what MeshCore stores. Wiped when dropped.
///
/// Nothing is promised about the bytes: [`super::verify::check`] makes a [`super::VerifiedKey`] of a good one.
pub struct PrivateKey(Secret<64>);

impl ZeroizeOnDrop for PrivateKey {}

impl PrivateKey {
    /// The private key with these 64 bytes. The caller wipes the original.
    pub fn from_bytes(bytes: &[u8; 64]) -> Self {
        Self(Secret::copied_from(bytes))
    }

    /// The private key that `secret` holds.
    pub fn from_secret(secret: Secret<64>) -> Self {
        Self(secret)
    }

    /// The private key that a seed stands for (RFC 8032, section 5.1.5). The caller wipes the original.
    pub fn of_seed(seed: &[u8; 32]) -> Self {
        let hash = Zeroizing::new(<[u8; 64]>::from(Sha512::digest(seed)));
        let mut bytes = Secret::copied_from(&hash);
        if let Some(half) = bytes.expose_mut().first_chunk_mut() {
            scalar::clamp(half);
        }
        Self(bytes)
    }

    /// The private key that 128 hex digits in either case give.
    ///
    /// # Errors
    /// The text has another length or a character that is not a hex digit.
    pub fn from_hex(text: &str) -> Result<Self, HexError> {
        let mut secret = Secret::zeroed();
        hex::decode_into(text, secret.expose_mut())?;
        Ok(Self(secret))
    }

    /// All 64 bytes.
    pub fn expose(&self) -> &[u8; 64] {
        self.0.expose()
    }

    /// The scalar, little-endian.
    pub fn scalar(&self) -> &[u8; 32] {
        self.halves().0
    }

    /// The signing prefix, from which a signature's nonce is hashed: whoever knows it learns the scalar from one
    /// signature.
    pub fn signing_prefix(&self) -> &[u8; 32] {
        self.halves().1
    }

    /// The public key of the scalar, as MeshCore's firmware derives it.
    pub fn public(&self) -> PublicKey {
        public_of(self.scalar())
    }

    /// 128 lower-case hex digits.
    pub fn hex(&self) -> SecretText {
        hex::encode_secret(self.expose())
    }

    fn halves(&self) -> (&[u8; 32], &[u8; 32]) {
        let (halves, _) = self.expose().as_chunks::<32>();
        (&halves[0], &halves[1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_and_bytes_are_two_ways_to_write_one_key() {
        let bytes: [u8; 64] = std::array::from_fn(|i| i as u8);
        let key = PrivateKey::from_bytes(&bytes);
        assert_eq!(
            PrivateKey::from_hex(key.hex().expose()).unwrap().expose(),
            &bytes
        );
        assert_eq!(
            PrivateKey::from_hex(&key.hex().expose().to_uppercase())
                .unwrap()
                .expose(),
            &bytes
        );
        assert_eq!((key.scalar()[0], key.scalar()[31]), (0, 31));
        assert_eq!(
            (key.signing_prefix()[0], key.signing_prefix()[31]),
            (32, 63)
        );
    }

    #[test]
    fn a_seed_is_too_short_for_a_private_key() {
        let error = PrivateKey::from_hex(&"ab".repeat(32)).err().unwrap();
        assert_eq!(
            error,
            HexError::Length {
                found: 64,
                expected: 128
            }
        );
    }
}
