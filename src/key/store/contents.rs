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
    /// A claim, which is public.
    Claim,
}

/// What is saved.
pub enum Contents<'a> {
    /// A checked key, in files that only their owner can read.
    Key(&'a VerifiedKey),
    /// The text of a claim about this public key, which anybody may read.
    Claim(&'a PublicKey, &'a str),
}

impl Contents<'_> {
    /// The public key that it is about.
    pub(super) fn public(&self) -> &PublicKey {
        match self {
            Self::Key(key) => key.public(),
            Self::Claim(public, _) => public,
        }
    }

    /// The whole text of a file of this kind.
    pub(super) fn text(&self, kind: Kind) -> SecretText {
        match self {
            Self::Key(key) => of(kind, key),
            Self::Claim(_, text) => joined(&[text]),
        }
    }
}

/// The whole text of a key's file of this kind.
pub(in crate::key) fn of(kind: Kind, key: &VerifiedKey) -> SecretText {
    match kind {
        Kind::Private => joined(&[key.private().hex().expose(), "\n"]),
        Kind::Public => joined(&[&hex::encode(key.public()), "\n"]),
        Kind::Json | Kind::Claim => json(key.public(), key.private()),
    }
}

/// Bytes of the whole text of a file of this kind.
pub(super) fn length(kind: Kind) -> u64 {
    let [public, private] = [2 * size_of::<PublicKey>(), 2 * 64];
    let bytes = match kind {
        Kind::Private => private + 1,
        Kind::Public => public + 1,
        // The least that a claim needs; whether it is whole is seen from its end.
        Kind::Claim => public,
        Kind::Json => JSON.iter().map(|part| part.len()).sum::<usize>() + public + private,
    };
    bytes as u64
}

/// What stands before, between and after both keys in JSON.
const JSON: [&str; 3] = [
    "{\n  \"public_key\": \"",
    "\",\n  \"private_key\": \"",
    "\"\n}\n",
];

/// The JSON object that holds a key. Written by hand: a general serialiser would leave copies of the secret behind.
pub(crate) fn json(public: &PublicKey, private: &PrivateKey) -> SecretText {
    let [before, between, after] = JSON;
    joined(&[
        before,
        &hex::encode(public),
        between,
        private.hex().expose(),
        after,
    ])
}

fn joined(parts: &[&str]) -> SecretText {
    let mut text = SecretText::with_capacity(parts.iter().map(|part| part.len()).sum());
    parts.iter().for_each(|part| text.push_str(part));
    text
}
