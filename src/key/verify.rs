//! The independent check of a key before anybody hears of it, by arithmetic that the engine does not share.

use curve25519_dalek::Scalar;
use ed25519_dalek::{
    VerifyingKey,
    hazmat::{ExpandedSecretKey, raw_sign},
};
use sha2::Sha512;
use thiserror::Error;

use super::{PrivateKey, PublicKey, exchange, hex, scalar};

/// What is signed and verified. Its text does not matter; it tells anybody who reads it what it was for.
const MESSAGE: &[u8] = b"meshcore-keygen: does this key sign?";

/// A private key that passed every check, with its public key. The only thing that can be saved.
pub struct VerifiedKey {
    public: PublicKey,
    private: PrivateKey,
}

impl VerifiedKey {
    /// The public key.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The private key.
    pub fn private(&self) -> &PrivateKey {
        &self.private
    }
}

/// Why a key is not good.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum CheckError {
    /// The scalar's fixed bits are wrong.
    #[error(
        "the private key's first half is not a clamped scalar (a multiple of 8 with bit 254 set and bit 255 clear), so other software would derive another public key from it"
    )]
    NotClamped,
    /// The private key gives another public key.
    #[error(
        "the public key {} does not belong to the private key, which gives {}",
        hex::encode(expected),
        hex::encode(derived)
    )]
    WrongPublicKey {
        /// The public key that was expected.
        expected: PublicKey,
        /// The one that the private key has.
        derived: PublicKey,
    },
    /// MeshCore reserves the first byte.
    #[error(
        "the public key begins with {first:02X}, which MeshCore reserves: its firmware refuses the key"
    )]
    Reserved {
        /// The first byte.
        first: u8,
    },
    /// Nobody can have this public key.
    #[error(
        "the public key is not one: it is no point of the curve, or one of the few that everybody can sign for"
    )]
    NotAKey,
    /// The signing prefix is no secret.
    #[error(
        "the private key's second half, the signing prefix, is {what}: everybody can guess it, and then one signature gives the private key away"
    )]
    GuessableSigningPrefix {
        /// What it is instead of random bytes.
        what: &'static str,
    },
    /// A signature made with the key does not verify.
    #[error("a message signed with the private key does not verify with the public key")]
    Signature,
    /// The firmware's own check on import fails.
    #[error(
        "the shared secret with MeshCore's test client differs between the two sides or is zero: the firmware refuses the key"
    )]
    KeyExchange,
}

/// What the checks said about a key.
pub struct Examination {
    /// The public key that the private key gives.
    pub public: PublicKey,
    /// Every check that failed; empty for a good key.
    pub failures: Vec<CheckError>,
}

/// Makes a verified key of a private key whose public key should be `expected` (what the search found, or what stood
/// beside it in a file).
///
/// # Errors
/// The first check that failed. The private key is wiped then. For a key out of the search that is an engine error:
/// it must be counted and said aloud.
pub fn check(private: PrivateKey, expected: &PublicKey) -> Result<VerifiedKey, CheckError> {
    let Examination { public, failures } = examine(&private, Some(expected));
    match failures.into_iter().next() {
        Some(failure) => Err(failure),
        None => Ok(VerifiedKey { public, private }),
    }
}

/// All checks, with all failures: clamped scalar, public key derived again and equal to `expected` (if that is known),
/// first byte not reserved, signing prefix not guessable, a message signed and verified, and MeshCore's own check.
pub fn examine(private: &PrivateKey, expected: Option<&PublicKey>) -> Examination {
    let public = private.public();
    let checks = [
        (!scalar::is_clamped(private.scalar())).then_some(CheckError::NotClamped),
        compare(&public, expected),
        reserved(&public),
        guessable(private, &public),
        (!signs(private, &public)).then_some(CheckError::Signature),
        (!exchange::works_with_test_client(private.scalar(), &public))
            .then_some(CheckError::KeyExchange),
    ];
    Examination {
        public,
        failures: checks.into_iter().flatten().collect(),
    }
}

/// Checks what can be checked of a public key alone.
///
/// # Errors
/// No node can have it.
pub(crate) fn check_public(public: &PublicKey) -> Result<(), CheckError> {
    if let Some(error) = reserved(public) {
        return Err(error);
    }
    match VerifyingKey::from_bytes(public) {
        Ok(key) if !key.is_weak() => Ok(()),
        _ => Err(CheckError::NotAKey),
    }
}

fn reserved(public: &PublicKey) -> Option<CheckError> {
    let first = public[0];
    matches!(first, 0x00 | 0xff).then_some(CheckError::Reserved { first })
}

fn compare(derived: &PublicKey, expected: Option<&PublicKey>) -> Option<CheckError> {
    let expected = *expected?;
    (expected != *derived).then_some(CheckError::WrongPublicKey {
        expected,
        derived: *derived,
    })
}

/// Other tools were seen to fill the second half with what is at hand.
fn guessable(private: &PrivateKey, public: &PublicKey) -> Option<CheckError> {
    let prefix = private.signing_prefix();
    let what = if prefix == public {
        "the public key"
    } else if prefix == private.scalar() {
        "the scalar once more"
    } else if prefix.iter().all(|byte| *byte == prefix[0]) {
        "one byte repeated"
    } else {
        return None;
    };
    Some(CheckError::GuessableSigningPrefix { what })
}

/// Signs a message with the 64 bytes as they are and verifies it with the encoded public key.
fn signs(private: &PrivateKey, public: &PublicKey) -> bool {
    let Ok(verifying) = VerifyingKey::from_bytes(public) else {
        return false;
    };
    // `ExpandedSecretKey::from_bytes` would clamp, and so hide a scalar that is not.
    let expanded = ExpandedSecretKey {
        scalar: Scalar::from_bytes_mod_order(*private.scalar()),
        hash_prefix: *private.signing_prefix(),
    };
    let signature = raw_sign::<Sha512>(&expanded, MESSAGE, &verifying);
    verifying.verify_strict(MESSAGE, &signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Start;

    fn key() -> PrivateKey {
        // Offsets from a fixed start until the public key is not reserved: no test depends on chance.
        let start = Start::from_bytes(&[7; 32]);
        (0..)
            .map(|offset| start.key(offset).unwrap())
            .find(|key| !matches!(key.public()[0], 0 | 0xff))
            .unwrap()
    }

    fn with_bytes(change: impl FnOnce(&mut [u8; 64])) -> PrivateKey {
        let mut bytes = *key().expose();
        change(&mut bytes);
        PrivateKey::from_bytes(&bytes)
    }

    #[test]
    fn a_good_key_passes_and_keeps_its_bytes() {
        let key = key();
        let (public, bytes) = (key.public(), *key.expose());
        let verified = check(key, &public).ok().unwrap();
        assert_eq!(
            (verified.public(), verified.private().expose()),
            (&public, &bytes)
        );
    }

    #[test]
    fn another_public_key_than_expected_fails() {
        let mut expected = key().public();
        expected[31] ^= 0x80;
        let error = check(key(), &expected).err().unwrap();
        assert!(matches!(error, CheckError::WrongPublicKey { .. }));
        assert!(error.to_string().contains(&hex::encode(&expected)));
    }

    #[test]
    fn every_bit_that_clamping_fixes_is_checked() {
        for (byte, bit) in [(0, 1), (0, 2), (0, 4), (31, 0x40), (31, 0x80)] {
            let failures = examine(&with_bytes(|bytes| bytes[byte] ^= bit), None).failures;
            assert!(
                failures.contains(&CheckError::NotClamped),
                "byte {byte} bit {bit:#x}"
            );
        }
    }

    #[test]
    fn a_scalar_that_is_not_clamped_fails_the_firmwares_check_too() {
        assert!(
            examine(&with_bytes(|bytes| bytes[0] ^= 1), None)
                .failures
                .contains(&CheckError::KeyExchange)
        );
    }

    #[test]
    fn public_keys_that_begin_with_00_or_ff_are_refused() {
        let start = Start::from_bytes(&[9; 32]);
        for reserved in [0x00, 0xff] {
            let key = (0..)
                .map(|k| start.key(k).unwrap())
                .find(|key| key.public()[0] == reserved)
                .unwrap();
            let public = key.public();
            assert_eq!(
                check(key, &public).err().unwrap(),
                CheckError::Reserved { first: reserved }
            );
        }
    }

    #[test]
    fn a_signing_prefix_that_everybody_can_guess_fails() {
        let public = key().public();
        let prefixes: [[u8; 32]; 3] = [public, [0; 32], *key().scalar()];
        for prefix in prefixes {
            let failures = examine(
                &with_bytes(|bytes| bytes[32..].copy_from_slice(&prefix)),
                None,
            )
            .failures;
            assert!(matches!(
                failures[..],
                [CheckError::GuessableSigningPrefix { .. }]
            ));
        }
    }

    #[test]
    fn the_zero_scalar_fails_without_a_panic() {
        let failures = examine(&PrivateKey::from_bytes(&[0; 64]), None).failures;
        assert!(
            failures.contains(&CheckError::NotClamped)
                && failures.contains(&CheckError::KeyExchange)
        );
    }
}
