//! A node gets a key, keeps the one that it had in a file, and is believed only by its answer.

mod clients;
mod companion;
mod console;
mod port;
mod search;
mod simulated;

use meshcore_keygen::testing::key::{VerifiedKey, hex};

use crate::common::program::{Place, Run};
use simulated::{Simulated, private_of};

/// Seconds for an answer where the node gives one.
const PATIENT: &str = "1";

/// Seconds for an answer where the node gives none.
const HASTY: &str = "0.2";

/// A key file of the app's form.
fn key_file(place: &Place, name: &str, key: &VerifiedKey) -> String {
    let (public, private) = (hex::encode(key.public()), key.private().hex());
    let private = private.expose();
    place.write(
        name,
        format!(r#"{{"name":"Hill","public_key":"{public}","private_key":"{private}"}}"#),
    )
}

/// Runs `keygen node` on a simulated node. No private key that the node ever had may show.
fn on_node(place: &Place, node: &Simulated, words: &[&str]) -> Run {
    let timeout = if node.is_silent() { HASTY } else { PATIENT };
    let address = node.option();
    let address = [address[0].as_str(), address[1].as_str()];
    let run = place.run(&[&["node"], words, &address, &["--timeout", timeout]].concat());
    assert_no_secret(&run, &node.secrets());
    run
}

/// No half of any of these private keys, in hex of either case, may have been printed.
fn assert_no_secret(run: &Run, secrets: &[[u8; 64]]) {
    let text = (run.out.clone() + &run.err).to_lowercase();
    for half in secrets.iter().flat_map(|secret| secret.chunks(32)) {
        assert!(
            !text.contains(&hex::encode(half)),
            "a private key was printed"
        );
    }
}

/// The first digits of a public key, as messages have them.
fn short(key: &VerifiedKey) -> String {
    hex::encode_upper(&key.public()[..4])
}

/// The private keys in the backups of a place.
fn backups(place: &Place) -> Vec<[u8; 64]> {
    let is_backup = |file: &std::path::Path| {
        let name = file.file_name().unwrap().to_str().unwrap();
        name.starts_with("backup_")
    };
    let pairs = place.pairs().into_iter();
    pairs
        .filter(|pair| is_backup(&pair.file))
        .map(|pair| pair.private)
        .collect()
}

/// `keygen node import` of `key` into `node`, without a question.
fn import(place: &Place, node: &Simulated, key: &VerifiedKey, more: &[&str]) -> Run {
    let file = key_file(place, "new.json", key);
    let run = on_node(place, node, &[&["import", &file, "--yes"], more].concat());
    assert_no_secret(&run, &[private_of(key)]);
    run
}
