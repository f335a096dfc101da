//! Keys that a search saves are good, secret, and independent of one another, with one worker and with two.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::common::ed25519_reference::Curve;
use crate::common::program::{self, Pair, Place, hex};
use ed25519_dalek::hazmat::{ExpandedSecretKey, raw_sign};
use ed25519_dalek::{Signature, VerifyingKey};
use num_bigint::BigUint;
use sha2::Sha512;

const KEYS: usize = 200;

/// A search for many keys under a umask that would let everybody read them.
fn many_keys(workers: &str) -> (Place, Vec<Pair>) {
    let place = Place::new();
    let shell = ["/bin/sh", "-c", "umask 000; exec \"$@\"", "sh"];
    let words = ["-n", "200", "--prefix", "A", "--workers", workers];
    let run = place.finish(place.wrapped(&shell, &words));
    assert_eq!(run.code, Some(0), "{}", run.err);
    let mut lines = run.lines();
    let pairs = place.pairs();
    let mut saved: Vec<_> = pairs
        .iter()
        .map(|pair| (hex(&pair.public), fs::canonicalize(&pair.file).unwrap()))
        .collect();
    lines.sort();
    saved.sort();
    assert_eq!(lines, saved, "printed is what was saved");
    (place, pairs)
}

fn assert_right(pair: &Pair, curve: &Curve) {
    let scalar: [u8; 32] = pair.private[..32].try_into().unwrap();
    assert_eq!(scalar[0] & 7, 0, "clamped");
    assert_eq!(scalar[31] & 0xc0, 0x40, "clamped");
    assert_eq!(pair.public[0] >> 4, 0xa);
    assert_eq!(curve.public_key(&scalar), pair.public);
    assert_ne!(pair.private[32..], pair.public);
    let public = VerifyingKey::from_bytes(&pair.public).unwrap();
    let expanded = ExpandedSecretKey::from_bytes(&pair.private);
    let signature = raw_sign::<Sha512>(&expanded, b"message", &public);
    assert!(public.verify_strict(b"message", &signature).is_ok());
}

fn assert_signs(pair: &Pair, curve: &Curve) {
    let signature = curve.sign(&pair.private, b"message");
    let public = VerifyingKey::from_bytes(&pair.public).unwrap();
    let read = Signature::from_bytes(&signature);
    assert!(public.verify_strict(b"message", &read).is_ok());
    assert!(curve.verify(&pair.public, b"message", &signature));
}

fn assert_independent(pairs: &[Pair]) {
    let prefixes: HashSet<_> = pairs.iter().map(|pair| &pair.private[32..]).collect();
    assert_eq!(prefixes.len(), pairs.len(), "signing prefixes are distinct");
    let scalar = |pair: &Pair| BigUint::from_bytes_le(&pair.private[..32]);
    let mut scalars: Vec<_> = pairs.iter().map(scalar).collect();
    scalars.sort();
    let distances = scalars.windows(2).map(|two| &two[1] - &two[0]);
    assert!(distances.min().unwrap().bits() > 200);
}

fn assert_private(place: &Place) {
    for name in place.names() {
        let mode = place
            .keys()
            .join(&name)
            .metadata()
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
        assert!(!name.starts_with('.'), "{name} was left behind");
    }
    assert_eq!(place.names().len(), 2 * KEYS);
}

fn check_many(workers: &str) {
    let curve = Curve::new();
    let (place, pairs) = many_keys(workers);
    assert_eq!(pairs.len(), KEYS);
    pairs.iter().for_each(|pair| assert_right(pair, &curve));
    pairs.iter().for_each(|pair| assert_signs(pair, &curve));
    assert_independent(&pairs);
    assert_private(&place);
}

#[test]
fn two_hundred_keys_of_one_worker_are_right_private_and_independent() {
    check_many("1");
}

#[test]
fn two_hundred_keys_of_two_workers_are_right_private_and_independent() {
    check_many("2");
}

#[test]
fn text_files_are_named_by_the_first_eight_digits() {
    let place = Place::new();
    place.finds(&["--prefix", "F8"]);
    let pair = &place.pairs()[0];
    let digits = hex(&pair.public[..4]).to_uppercase();
    let expected = ["private", "public"].map(|kind| format!("meshcore_{digits}_{kind}.txt"));
    assert_eq!(place.names(), expected);
}

#[test]
fn json_files_hold_both_keys_and_verify() {
    let place = Place::new();
    let folder = place.path("new/folder");
    let folder = folder.to_str().unwrap();
    place.finds(&[
        "--prefix", "A8", "--format", "json", "--output", folder, "-n", "3",
    ]);
    let pairs = program::pairs(folder.as_ref());
    assert_eq!((pairs.len(), program::names(folder.as_ref()).len()), (3, 3));
    pairs
        .iter()
        .for_each(|pair| assert_right(pair, &Curve::new()));
}

#[test]
fn a_search_in_a_folder_with_keys_leaves_them_as_they_are() {
    let place = Place::new();
    place.finds(&["--prefix", "F8", "-n", "5"]);
    let before: Vec<_> = place.pairs().iter().map(|pair| pair.private).collect();
    place.finds(&["--prefix", "F8", "-n", "5"]);
    let after: HashSet<_> = place.pairs().iter().map(|pair| pair.private).collect();
    assert!(before.iter().all(|key| after.contains(key)) && after.len() == 10);
}
