//! What the bytes of a file mean: MeshCore's 64 bytes, a seed that can be expanded, or something that cannot be used.

use sha2::{Digest, Sha512};
use zeroize::Zeroizing;

use super::{
    FoundKey,
    fields::{Fields, RawSecret},
    file::Source,
};
use crate::key::{PrivateKey, PublicKey, scalar, secret::Secret, start::public_of};

/// The key that these fields give.
pub(super) fn key(name: String, fields: Fields, sources: &[&Source]) -> FoundKey {
    let Fields { public, secret } = fields;
    let mut found = FoundKey {
        source: name,
        files: sources
            .iter()
            .filter_map(|source| source.path.clone())
            .collect(),
        public,
        private: None,
        defect: None,
        notes: if secret.is_some() {
            sources
                .iter()
                .filter_map(|source| readable(source))
                .collect()
        } else {
            vec![]
        },
    };
    match secret {
        Some(RawSecret::Long(private)) => take_long(&mut found, private),
        Some(RawSecret::Short(seed)) => take_short(&mut found, &seed),
        None => {}
    }
    found
}

/// A note on a file that others can read. The public half of a pair may be read by all.
fn readable(source: &Source) -> Option<String> {
    let is_public_half = source.role() == Some(super::Role::Public);
    (source.open_mode != 0 && !is_public_half).then(|| {
        let (name, mode) = (&source.name, source.open_mode);
        format!("{name} can be read by others (mode {mode:04o}); close it: chmod 600 {name}")
    })
}

/// 64 bytes. libsodium and NaCl keep a seed with its public key behind it, which has the same length.
fn take_long(found: &mut FoundKey, private: PrivateKey) {
    let expanded = expand(private.scalar());
    let is_seed_and_public = expanded.public() == *private.signing_prefix();
    if is_seed_and_public {
        found.notes.push(
            "it is kept as NaCl and libsodium do, seed then public key, which MeshCore cannot import; \
             `keygen key export` writes the 64 bytes that it can"
                .to_owned(),
        );
    }
    found.private = Some(if is_seed_and_public {
        expanded
    } else {
        private
    });
}

/// 32 bytes: usable only if they are the seed of the public key that stands beside them.
fn take_short(found: &mut FoundKey, bytes: &Secret<32>) {
    let Some(public) = found.public else {
        found.defect = Some(
            "the private key has 32 bytes, where MeshCore keeps 64: it is a seed or a bare scalar, and without its \
             public key nobody can tell which; put the public key beside it"
                .to_owned(),
        );
        return;
    };
    let expanded = expand(bytes.expose());
    if expanded.public() == public {
        found.notes.push(
            "it is kept as a 32-byte seed (RFC 8032), which MeshCore cannot import; \
             `keygen key export` writes the 64 bytes that it can"
                .to_owned(),
        );
        found.private = Some(expanded);
    } else {
        found.defect = Some(explain_short(bytes, &public));
    }
}

fn explain_short(bytes: &Secret<32>, public: &PublicKey) -> String {
    if public_of(bytes.expose()) == *public {
        "the private key is the bare scalar of 32 bytes: its other half, the signing prefix, is missing, and MeshCore \
         imports only the whole 64 bytes"
            .to_owned()
    } else {
        "the private key has 32 bytes, where MeshCore keeps 64, and the public key beside it belongs to them neither \
         as a seed (RFC 8032) nor as a scalar"
            .to_owned()
    }
}

/// RFC 8032 section 5.1.5: the 64 bytes that a seed stands for.
fn expand(seed: &[u8; 32]) -> PrivateKey {
    let hash = Zeroizing::new(<[u8; 64]>::from(Sha512::digest(seed)));
    let mut bytes = Secret::<64>::copied_from(&hash);
    if let Some(half) = bytes.expose_mut().first_chunk_mut::<32>() {
        scalar::clamp(half);
    }
    PrivateKey::from_secret(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::hex;

    /// RFC 8032 section 7.1, test 1.
    const SEED: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    const PUBLIC: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

    fn found(public: Option<PublicKey>, secret: RawSecret) -> FoundKey {
        key(
            "test".to_owned(),
            Fields {
                public,
                secret: Some(secret),
            },
            &[],
        )
    }

    fn seed() -> [u8; 32] {
        hex::decode(SEED).unwrap()
    }

    fn public() -> PublicKey {
        hex::decode(PUBLIC).unwrap()
    }

    #[test]
    fn a_seed_beside_its_public_key_is_expanded() {
        let found = found(
            Some(public()),
            RawSecret::Short(Secret::copied_from(&seed())),
        );
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
        let found = found(None, RawSecret::Short(Secret::copied_from(&seed())));
        assert!(
            found.private.is_none() && found.defect.unwrap().contains("a seed or a bare scalar")
        );
    }

    #[test]
    fn a_bare_scalar_is_told_apart_from_bytes_that_belong_to_another_key() {
        let scalar = Secret::copied_from(expand(&seed()).scalar());
        let defect = found(Some(public()), RawSecret::Short(scalar))
            .defect
            .unwrap();
        assert!(defect.contains("bare scalar of 32 bytes"), "{defect}");
        let defect = found(
            Some([7; 32]),
            RawSecret::Short(Secret::copied_from(&seed())),
        )
        .defect
        .unwrap();
        assert!(defect.contains("neither"), "{defect}");
    }

    #[test]
    fn sixty_four_bytes_are_taken_as_they_are() {
        let private = PrivateKey::from_bytes(expand(&seed()).expose());
        let found = found(Some(public()), RawSecret::Long(private));
        assert_eq!(found.private.unwrap().expose(), expand(&seed()).expose());
        assert!(found.notes.is_empty() && found.defect.is_none());
    }
}
