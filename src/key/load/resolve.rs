//! What the bytes of a file mean: MeshCore's 64 bytes, a seed that can be expanded, or something that cannot be used.

use curve25519_dalek::edwards::CompressedEdwardsY;

use super::{
    FoundKey, Role,
    fields::{Fields, RawSecret},
    file::Source,
};
use crate::key::{PrivateKey, PublicKey, secret::Secret, start::public_of, verify::examine};

/// The key that these fields give.
pub(super) fn key(source: String, fields: Fields, sources: &[&Source]) -> FoundKey {
    let paths = sources.iter().filter_map(|source| source.path.clone());
    let has_secret = fields.secret.is_some() || fields.unlabelled.is_some();
    let mut found = FoundKey {
        source,
        files: paths.collect(),
        name: fields.name,
        public: fields.public,
        private: None,
        short: None,
        defect: None,
        notes: if has_secret {
            sources
                .iter()
                .filter_map(|source| readable(source))
                .collect()
        } else {
            vec![]
        },
    };
    match (fields.secret, fields.unlabelled) {
        (Some(secret), beside) => {
            let stray = beside.filter(|word| !belongs(word.expose(), &secret, &mut found.public));
            take_secret(&mut found, secret);
            if stray.is_some() && found.defect.is_none() {
                found.defect = Some(STRAY.to_owned());
            }
        }
        (None, Some(bytes)) => {
            found.defect = Some(unlabelled(bytes.expose()));
            found.short = Some(bytes);
        }
        (None, None) => {}
    }
    found
}

/// A note on a file that others can read. The public half of a pair may be read by all.
fn readable(source: &Source) -> Option<String> {
    let is_public_half = source.role() == Some(Role::Public);
    (source.open_mode != 0 && !is_public_half).then(|| {
        let (name, mode) = (&source.name, source.open_mode);
        format!("{name} can be read by others (mode {mode:04o}); close it: chmod 600 {name}")
    })
}

const STRAY: &str = "the 64 hex digits without a label beside the private key are not its public key: what they are does \
    not belong to it (they are not shown, because they may be a secret)";

/// Whether 32 bytes without a label are the public key of `secret`, which becomes known then.
fn belongs(word: &PublicKey, secret: &RawSecret, public: &mut Option<PublicKey>) -> bool {
    let scalar = match secret {
        RawSecret::Long(private) => private.scalar(),
        RawSecret::Short(bytes, _) => bytes.expose(),
    };
    let is_public = public_of(scalar) == *word || PrivateKey::of_seed(scalar).public() == *word;
    if is_public {
        *public = Some(*word);
    }
    is_public
}

/// What 32 bytes can be of which nothing is known.
fn unlabelled(bytes: &[u8; 32]) -> String {
    let no_point = match CompressedEdwardsY(*bytes).decompress() {
        Some(_) => "",
        None => " (these are not on the curve, so they are not a public key)",
    };
    format!(
        "64 hex digits (32 bytes) without a label may be a public key or a seed, or half of a private key that was \
         broken{no_point}; they are not shown, because they may be a secret. If they are a seed, give --seed; if a public \
         key, write \"public key:\" before them"
    )
}

fn take_secret(found: &mut FoundKey, secret: RawSecret) {
    match (secret, found.public) {
        (RawSecret::Long(private), _) => take_long(found, private),
        (RawSecret::Short(bytes, _), Some(public)) => take_short(found, &bytes, &public),
        (RawSecret::Short(bytes, Role::Seed), None) => take_seed(found, &bytes),
        (RawSecret::Short(_, Role::Console), None) => found.defect = Some(CUT.to_owned()),
        (RawSecret::Short(bytes, _), None) => {
            found.defect = Some(UNCLEAR.to_owned());
            found.short = Some(bytes);
        }
    }
}

const CUT: &str = "the private key was cut: a node's prv.key has 128 hex digits, and here are only 64, so this is half of it \
    and no seed. Read it from the node again, and copy the whole line";

const UNCLEAR: &str = "the private key has 32 bytes (64 hex digits), where MeshCore keeps 64: it is the first half of a key \
    that was cut, or a seed or a bare scalar, and without its public key nobody can tell which. If it is a seed, give \
    --seed, or put its public key beside it";

/// 64 bytes. libsodium and NaCl keep a seed with its public key behind it, which has the same length.
fn take_long(found: &mut FoundKey, private: PrivateKey) {
    let expanded = PrivateKey::of_seed(private.scalar());
    if expanded.public() == *private.signing_prefix() {
        take_expanded(
            found,
            expanded,
            "a seed with its public key, as NaCl and libsodium keep it",
        );
    } else {
        found.private = Some(private);
    }
}

/// 32 bytes beside a public key: usable only if they are its seed.
fn take_short(found: &mut FoundKey, bytes: &Secret<32>, public: &PublicKey) {
    if PrivateKey::of_seed(bytes.expose()).public() == *public {
        return take_seed(found, bytes);
    }
    let why = if public_of(bytes.expose()) == *public {
        "the private key is the bare scalar of 32 bytes: its other half, the signing prefix, is missing, and MeshCore \
         imports only the whole 64 bytes"
    } else {
        "the private key has 32 bytes, where MeshCore keeps 64, and the public key beside it belongs to them neither as a \
         seed (RFC 8032) nor as a scalar"
    };
    found.defect = Some(why.to_owned());
}

/// Takes 32 bytes as a seed.
pub(super) fn take_seed(found: &mut FoundKey, seed: &Secret<32>) {
    take_expanded(
        found,
        PrivateKey::of_seed(seed.expose()),
        "a 32-byte seed (RFC 8032)",
    );
}

fn take_expanded(found: &mut FoundKey, expanded: PrivateKey, what: &str) {
    let firmware = match examine(&expanded, None).failures.first() {
        None => {
            "MeshCore cannot import it, but its firmware accepts the 64 bytes that it stands for, which `keygen key export` \
             writes"
                .to_owned()
        }
        Some(failure) => format!("MeshCore cannot use it, because {failure}"),
    };
    found.notes.push(format!("it is {what}; {firmware}"));
    found.private = Some(expanded);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::hex;

    /// RFC 8032 section 7.1, test 1.
    const SEED: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    const PUBLIC: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

    fn found(public: Option<PublicKey>, secret: RawSecret) -> FoundKey {
        let fields = Fields {
            public,
            secret: Some(secret),
            ..Fields::default()
        };
        key("test".to_owned(), fields, &[])
    }

    fn short(bytes: &[u8; 32], role: Role) -> RawSecret {
        RawSecret::Short(Secret::copied_from(bytes), role)
    }

    fn seed() -> [u8; 32] {
        hex::decode(SEED).unwrap()
    }

    fn public() -> PublicKey {
        hex::decode(PUBLIC).unwrap()
    }

    #[test]
    fn a_seed_beside_its_public_key_is_expanded() {
        let found = found(Some(public()), short(&seed(), Role::Private));
        assert_eq!(found.private.unwrap().public(), public());
        assert!(found.defect.is_none() && found.notes[0].contains("RFC 8032"));
    }

    #[test]
    fn a_seed_with_its_public_key_behind_it_is_expanded() {
        let private = PrivateKey::from_hex(&format!("{SEED}{PUBLIC}")).unwrap();
        let found = found(None, RawSecret::Long(private));
        assert_eq!(found.private.unwrap().public(), public());
        assert!(found.notes[0].contains("libsodium"));
    }

    #[test]
    fn thirty_two_bytes_alone_are_explained_but_not_guessed_at() {
        let found = found(None, short(&seed(), Role::Private));
        assert!(
            found.private.is_none() && found.defect.unwrap().contains("a seed or a bare scalar")
        );
    }

    #[test]
    fn a_bare_scalar_is_told_apart_from_bytes_that_belong_to_another_key() {
        let scalar = *PrivateKey::of_seed(&seed()).scalar();
        let defect = found(Some(public()), short(&scalar, Role::Private))
            .defect
            .unwrap();
        assert!(defect.contains("bare scalar of 32 bytes"), "{defect}");
        let defect = found(Some([7; 32]), short(&seed(), Role::Seed))
            .defect
            .unwrap();
        assert!(defect.contains("neither"), "{defect}");
    }

    #[test]
    fn sixty_four_bytes_are_taken_as_they_are() {
        let private = PrivateKey::from_bytes(PrivateKey::of_seed(&seed()).expose());
        let found = found(Some(public()), RawSecret::Long(private));
        assert_eq!(
            found.private.unwrap().expose(),
            PrivateKey::of_seed(&seed()).expose()
        );
        assert!(found.notes.is_empty() && found.defect.is_none());
    }
}
