//! What stands in each kind of key file.

use crate::key::{PrivateKey, PublicKey, VerifiedKey, hex, secret::SecretText};

/// The kinds of key file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::key) enum Kind {
    /// One line: the private key.
    Private,
    /// One line: the public key.
    Public,
    /// Both, as the MeshCore app imports them.
    Json,
}

/// The whole text of a file of this kind.
pub(in crate::key) fn of(kind: Kind, key: &VerifiedKey) -> SecretText {
    match kind {
        Kind::Private => joined(&[key.private().hex().expose(), "\n"]),
        Kind::Public => joined(&[&hex::encode(key.public()), "\n"]),
        Kind::Json => json(key.public(), key.private()),
    }
}

/// The JSON object that holds a key. Written by hand: a general serialiser would leave copies of the secret behind.
fn json(public: &PublicKey, private: &PrivateKey) -> SecretText {
    joined(&[
        "{\n  \"public_key\": \"",
        &hex::encode(public),
        "\",\n  \"private_key\": \"",
        private.hex().expose(),
        "\"\n}\n",
    ])
}

fn joined(parts: &[&str]) -> SecretText {
    let mut text = SecretText::with_capacity(parts.iter().map(|part| part.len()).sum());
    parts.iter().for_each(|part| text.push_str(part));
    text
}
