//! The check that MeshCore's firmware makes on import: a shared secret with a fixed test client, from both sides.
//!
//! `LocalIdentity::validatePrivateKey` in MeshCore's src/Identity.cpp computes `ed25519_key_exchange` (orlp's ed25519:
//! Edwards y to Montgomery u = (1 + y)/(1 − y), then the X25519 ladder with the clamped scalar) once with the key and
//! the client's public key, once with the client's private key and the key's public key. It refuses a key whose two
//! results differ or are zero.

use curve25519_dalek::edwards::CompressedEdwardsY;
use zeroize::Zeroizing;

use super::PublicKey;

/// The scalar of the test client that the firmware carries. Public knowledge, and no secret of anybody.
const CLIENT_SCALAR: [u8; 32] = [
    0x70, 0x65, 0xe1, 0x8f, 0xd9, 0xfa, 0xbb, 0x70, 0xc1, 0xed, 0x90, 0xdc, 0xa1, 0x99, 0x07, 0xde,
    0x69, 0x8c, 0x88, 0xb7, 0x09, 0xea, 0x14, 0x6e, 0xaf, 0xd9, 0x3d, 0x9b, 0x83, 0x0c, 0x7b, 0x60,
];

/// The test client's public key.
const CLIENT_PUBLIC: PublicKey = [
    0x1e, 0xc7, 0x71, 0x75, 0xb0, 0x91, 0x8e, 0xd2, 0x06, 0xf9, 0xae, 0x04, 0xec, 0x13, 0x6d, 0x6d,
    0x5d, 0x43, 0x15, 0xbb, 0x26, 0x30, 0x54, 0x27, 0xf6, 0x45, 0xb4, 0x92, 0xe9, 0x35, 0x0c, 0x10,
];

/// Whether the firmware's key exchange with its test client works for this pair.
pub(super) fn works_with_test_client(scalar: &[u8; 32], public: &PublicKey) -> bool {
    let ours = shared_secret(&CLIENT_PUBLIC, scalar);
    let theirs = shared_secret(public, &CLIENT_SCALAR);
    match (ours, theirs) {
        (Some(ours), Some(theirs)) => ours == theirs && *ours != [0; 32],
        _ => false,
    }
}

/// What `ed25519_key_exchange` gives, or nothing where `public` is no point of the curve. The scalar is clamped first.
fn shared_secret(public: &PublicKey, scalar: &[u8; 32]) -> Option<Zeroizing<[u8; 32]>> {
    let point = CompressedEdwardsY(*public).decompress()?.to_montgomery();
    Some(Zeroizing::new(point.mul_clamped(*scalar).to_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{PrivateKey, hex};

    /// The first key of tests/data/keys.json.
    const PRIVATE: &str = "c07041899743b09b5ff87235b2a8fcaacbdaf7c6d9e79b4ff1548742130e8c6e\
                           7d0a89726be4eb5a39f533247792cb4d11be69c38616aa16937609a40600e815";

    #[test]
    fn the_shared_secret_is_what_a_computation_in_big_integers_gave() {
        let expected = "b0fafb04c37a9fe55ee1b52c7dc72bfc92668fc8dd5224578e830fc499f6470f";
        let key = PrivateKey::from_hex(PRIVATE).unwrap();
        for secret in [
            shared_secret(&CLIENT_PUBLIC, key.scalar()),
            shared_secret(&key.public(), &CLIENT_SCALAR),
        ] {
            assert_eq!(hex::encode(&*secret.unwrap()), expected);
        }
    }

    #[test]
    fn a_public_key_of_another_pair_fails() {
        let key = PrivateKey::from_hex(PRIVATE).unwrap();
        assert!(works_with_test_client(key.scalar(), &key.public()));
        assert!(!works_with_test_client(key.scalar(), &CLIENT_PUBLIC));
    }

    #[test]
    fn points_of_small_order_and_what_is_no_point_fail() {
        let neutral: PublicKey = std::array::from_fn(|i| u8::from(i == 0));
        let order_two: PublicKey =
            hex::decode("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")
                .unwrap();
        let no_point: PublicKey = std::array::from_fn(|i| if i == 0 { 2 } else { 0 });
        for public in [neutral, order_two, no_point] {
            assert!(!works_with_test_client(&CLIENT_SCALAR, &public));
        }
    }

    #[test]
    fn the_test_client_itself_works() {
        assert!(works_with_test_client(&CLIENT_SCALAR, &CLIENT_PUBLIC));
    }
}
