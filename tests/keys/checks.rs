//! Keys are right: known answers, and agreement with a second implementation of Ed25519.

use crate::common::ed25519_reference::{self, Curve};
use ed25519_dalek::{
    VerifyingKey,
    hazmat::{ExpandedSecretKey, raw_sign},
};
use meshcore_keygen::testing::key::{CheckError, PrivateKey, Start, hex, verify};
use sha2::Sha512;

struct Vector {
    private: String,
    public: [u8; 32],
    importable: bool,
}

fn vectors() -> Vec<Vector> {
    let value: serde_json::Value = serde_json::from_str(include_str!("../data/keys.json")).unwrap();
    let vector = |key: &serde_json::Value| Vector {
        private: key["private"].as_str().unwrap().to_owned(),
        public: hex::decode(key["public"].as_str().unwrap()).unwrap(),
        importable: key["importable"].as_bool().unwrap(),
    };
    value.as_array().unwrap().iter().map(vector).collect()
}

#[test]
fn known_keys_pass_every_check_unless_their_first_byte_is_reserved() {
    for vector in vectors() {
        let key = PrivateKey::from_hex(&vector.private).unwrap();
        assert_eq!(key.public(), vector.public);
        match verify::check(key, &vector.public) {
            Ok(verified) => assert!(vector.importable && *verified.public() == vector.public),
            Err(error) => {
                assert!(!vector.importable);
                assert_eq!(
                    error,
                    CheckError::Reserved {
                        first: vector.public[0]
                    }
                );
            }
        }
    }
}

#[test]
fn no_known_key_passes_with_the_public_key_of_another() {
    let vectors = vectors();
    for (one, other) in vectors.iter().zip(vectors.iter().cycle().skip(1)) {
        let key = PrivateKey::from_hex(&one.private).unwrap();
        let error = verify::check(key, &other.public).err().unwrap();
        assert!(matches!(error, CheckError::WrongPublicKey { .. }));
    }
}

#[test]
fn the_reference_agrees_with_the_known_keys() {
    let curve = Curve::new();
    for vector in vectors() {
        let private: [u8; 64] = hex::decode(&vector.private).unwrap();
        assert_eq!(
            curve.public_key(private[..32].try_into().unwrap()),
            vector.public
        );
    }
}

#[test]
fn fresh_keys_agree_with_the_reference_in_public_key_and_signature() {
    let curve = Curve::new();
    for offset in [0, 1, -1, 12_345_678_901, i64::MIN >> 3] {
        let start = Start::fresh().unwrap();
        let key = start.key(offset).unwrap();
        assert_eq!(curve.public_key(key.scalar()), key.public());
        let signature = dalek_signature(&key, b"a message");
        assert_eq!(curve.sign(key.expose(), b"a message"), signature);
        assert!(curve.verify(&key.public(), b"a message", &signature));
        assert!(!curve.verify(&key.public(), b"a massage", &signature));
    }
}

/// What a MeshCore node signs with this key.
fn dalek_signature(key: &PrivateKey, message: &[u8]) -> [u8; 64] {
    let expanded = ExpandedSecretKey::from_bytes(key.expose());
    raw_sign::<Sha512>(&expanded, message, &VerifyingKey::from(&expanded)).to_bytes()
}

#[test]
fn the_reference_passes_the_test_of_rfc_8032() {
    // Section 7.1, test 2: a message of one byte.
    let public =
        hex::decode("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c").unwrap();
    let signature = hex::decode(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
         085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    )
    .unwrap();
    assert!(ed25519_reference::verify(public, &[0x72], signature));
    assert!(!ed25519_reference::verify(public, &[0x73], signature));
}

#[test]
fn candidates_at_a_distance_are_eight_base_points_apart_each() {
    let start = Start::from_bytes(&[0x5a; 32]);
    let mut scalar = *start.key(0).unwrap().scalar();
    for offset in 0..=32 {
        assert_eq!(
            ed25519_reference::public_key(scalar),
            start.candidate(offset).unwrap().public()
        );
        scalar[0] = scalar[0].checked_add(8).unwrap_or_else(|| {
            scalar[1] += 1;
            scalar[0].wrapping_add(8)
        });
    }
}
