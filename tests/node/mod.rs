//! A node gets a key, keeps the one that it had in a file, and is believed only by its answer.

mod clients;
mod companion;
mod console;
mod port;
mod search;
mod simulated;
mod trouble;

use meshcore_keygen::testing::key::{VerifiedKey, hex};

use crate::common::key_samples::key;
use crate::common::program::{Place, Run};
use simulated::{Behaviour, Simulated, private_of};

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
    let mut pairs = place.pairs();
    pairs.retain(|pair| is_backup(&pair.file));
    for pair in &pairs {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&pair.file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    pairs.into_iter().map(|pair| pair.private).collect()
}

/// `keygen node import` of `key` into `node`, without a question.
fn import(place: &Place, node: &Simulated, key: &VerifiedKey, more: &[&str]) -> Run {
    let file = key_file(place, "new.json", key);
    let run = on_node(place, node, &[&["import", &file, "--yes"], more].concat());
    assert_no_secret(&run, &[private_of(key)]);
    run
}

/// The key gets into a node that behaves so, on either line, with its old key in a backup.
fn works(does: &Behaviour) {
    for node in [does.clone().on_tcp(), does.clone().on_terminal()] {
        let (place, new, old) = (Place::new(), key(1), node.private());
        let run = import(&place, &node, &new, &[]);
        assert_eq!(run.code, Some(0), "{}", run.err);
        let verified = format!("node now has {}…: verified\n", short(&new));
        assert_eq!(run.out, verified, "{}", run.err);
        assert_eq!(node.private(), private_of(&new));
        assert_eq!(backups(&place), [old]);
    }
}

/// It does not get into a node that behaves so, which is said in these words, and with what the node has then.
fn fails(does: &Behaviour, words: &str) -> Run {
    let node = does.clone().on_tcp();
    let (place, old) = (Place::new(), node.private());
    let run = import(&place, &node, &key(1), &[]);
    assert_eq!((run.code, run.out.as_str()), (Some(1), ""));
    assert!(run.err.contains(words), "{}", run.err);
    assert_eq!(backups(&place), [old]);
    assert_honest(&run, &node, &key(1));
    run
}

/// What was said of the node is true, and it says something of it.
fn assert_honest(run: &Run, node: &Simulated, new: &VerifiedKey) {
    let said = &run.err;
    let public = node.public().to_uppercase();
    assert_eq!(run.code == Some(0), run.out.contains("verified"), "{said}");
    if run.code == Some(0) {
        assert_eq!(node.stored(), private_of(new), "{said}");
    } else if let Some((_, now)) = said.split_once("The node has ") {
        assert!(now.starts_with(&public), "{public}: {said}");
    } else if let Some((_, now)) = said.split_once("The node uses ") {
        let stored = hex::encode_upper(&simulated::public_of(&node.stored()));
        let until = format!("{public} until it is restarted, then {stored}");
        let perhaps = format!("{public} now, but may have stored the key that was sent");
        assert!(
            now.starts_with(&until) || now.starts_with(&perhaps),
            "{public}: {said}"
        );
    } else if !said.contains("is not known") {
        let is_told = [
            "nothing was changed",
            "no MeshCore node",
            "connection to the node broke",
        ];
        assert!(is_told.iter().any(|words| said.contains(words)), "{said}");
        assert!(!node.has_got_a_key(), "{said}");
    }
}
