//! The parts of a key as files name them, before anybody asks what the bytes mean.

use zeroize::Zeroizing;

use crate::key::{
    PrivateKey, PublicKey,
    hex::{self, HexError},
    secret::Secret,
};

/// What a label says about the bytes beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Public,
    Private,
    /// 32 bytes that RFC 8032 expands to a private key.
    Seed,
    /// `prv.key` on a node's console, which is always a whole private key.
    Console,
}

impl Role {
    /// What a label such as `prv.key`, `PrivateKey` or `pub_key` announces; `Some(None)` if it contradicts itself.
    ///
    /// Public needs more than the three letters, a word of its own: what is taken for public is printed.
    pub(crate) fn of_label(label: &str) -> Option<Option<Self>> {
        let plain = letters(label);
        let has = |parts: &[&str]| parts.iter().any(|part| plain.contains(part));
        let secret = if has(&["seed", "identitykey"]) {
            Some(Self::Seed)
        } else if has(&["getprvkey", "setprvkey"]) {
            Some(Self::Console)
        } else {
            has(&["priv", "prv", "secret"]).then_some(Self::Private)
        };
        let names_public = names_public(label);
        match (secret, has(&["pub"])) {
            (Some(_), true) => Some(None),
            (Some(role), false) => Some(Some(role)),
            (None, _) => names_public.then_some(Some(Self::Public)),
        }
    }
}

/// Whether a label names a public key, as `public_key`, `PubKey (hex)`, `node-public` and `pub:` do, but not `brewpub`,
/// `Republic` and `not public`.
fn names_public(label: &str) -> bool {
    let words: Vec<_> = label
        .split(|c: char| !c.is_ascii_alphabetic())
        .filter(|word| !word.is_empty())
        .map(|word| Zeroizing::new(word.to_ascii_lowercase()))
        .collect();
    let is_short = |word: &str| matches!(word, "public" | "pub");
    let is_key = |pair: &[Zeroizing<String>]| is_short(&pair[0]) && pair[1].starts_with("key");
    let has_name = words
        .iter()
        .any(|word| word.starts_with("publickey") || word.starts_with("pubkey"))
        || words.windows(2).any(is_key)
        || words.last().is_some_and(|word| is_short(word));
    has_name && !words.iter().any(|word| word.as_str() == "not")
}

/// The ASCII letters of a text in lower case. It is wiped, because it may hold a part of a broken key.
pub(super) fn letters(text: &str) -> Zeroizing<String> {
    let mut letters = Zeroizing::new(String::with_capacity(text.len()));
    letters.extend(
        text.chars()
            .filter(char::is_ascii_alphabetic)
            .map(|c| c.to_ascii_lowercase()),
    );
    letters
}

/// What stands where a private key belongs.
pub(super) enum RawSecret {
    /// 64 bytes: MeshCore's private key, or a seed with its public key.
    Long(PrivateKey),
    /// 32 bytes, and what their label says.
    Short(Secret<32>, Role),
}

/// One key's fields.
#[derive(Default)]
pub(super) struct Fields {
    pub(super) name: Option<String>,
    pub(super) public: Option<PublicKey>,
    pub(super) secret: Option<RawSecret>,
    /// 32 bytes without a label: a public key or a seed.
    pub(super) unlabelled: Option<Secret<32>>,
}

impl Fields {
    /// 32 bytes with the label `role`.
    pub(super) fn of_short(bytes: Secret<32>, role: Option<Role>) -> Self {
        let mut fields = Self::default();
        match role {
            None => fields.unlabelled = Some(bytes),
            Some(Role::Public) => fields.public = Some(*bytes.expose()),
            Some(role) => fields.secret = Some(RawSecret::Short(bytes, role)),
        }
        fields
    }

    /// A key that a file holds as bytes, not as text: 32 bytes, the 64 of a private key, or the firmware's `_main.id` with
    /// the public key before them and up to 32 bytes of a name after them.
    pub(super) fn of_bytes(bytes: &[u8], role: Option<Role>) -> Option<Self> {
        let private = |bytes| Some(RawSecret::Long(PrivateKey::from_bytes(bytes)));
        Some(match bytes.len() {
            32 => Self::of_short(Secret::copied_from(bytes.first_chunk()?), role),
            64 => Self {
                secret: private(bytes.first_chunk()?),
                ..Self::default()
            },
            96..=128 => Self {
                name: bytes[96..].split(|byte| *byte == 0).next().and_then(name),
                // Not taken for public before it is compared: the file may be something else.
                unlabelled: bytes.first_chunk().map(Secret::copied_from),
                secret: private(bytes[32..].first_chunk()?),
                ..Self::default()
            },
            _ => return None,
        })
    }

    /// Whether only one of the two halves is known.
    pub(super) fn is_half(&self) -> bool {
        self.public.is_none() != self.secret.is_none()
    }

    /// Takes over the half that is missing here.
    pub(super) fn complete_with(&mut self, other: Self) {
        self.public = self.public.or(other.public);
        if self.secret.is_none() {
            self.secret = other.secret;
        }
    }

    /// Joins two keys of 32 bytes if one is the seed of the other, whatever their labels say.
    pub(super) fn join_as_seed(&mut self, other: &Self) -> bool {
        let (first, second) = (self.unlabelled.as_ref(), other.unlabelled.as_ref());
        let joined = seed_of(first, other).or_else(|| seed_of(second, self));
        let Some((seed, public)) = joined.filter(|_| self.secret.is_none()) else {
            return false;
        };
        *self = Self {
            public: Some(public),
            secret: Some(RawSecret::Short(seed, Role::Seed)),
            ..Self::default()
        };
        true
    }
}

/// The seed, if these are its bytes and `of` is its public key.
fn seed_of(bytes: Option<&Secret<32>>, of: &Fields) -> Option<(Secret<32>, PublicKey)> {
    let bytes = bytes?.expose();
    let public = of
        .public
        .as_ref()
        .or(of.unlabelled.as_ref().map(Secret::expose))?;
    (PrivateKey::of_seed(bytes).public() == *public).then(|| (Secret::copied_from(bytes), *public))
}

fn name(bytes: &[u8]) -> Option<String> {
    let name = std::str::from_utf8(bytes).ok()?;
    (!name.is_empty()).then(|| name.to_owned())
}

/// Reads 128 digits as a private key, 64 as what `role` says.
pub(super) fn from_hex(digits: &str, role: Option<Role>) -> Result<Fields, String> {
    let is_short = digits.len() == 64 || role == Some(Role::Public);
    if !is_short || digits.len() == 128 {
        let private = PrivateKey::from_hex(digits).map_err(|error| explain(error, role))?;
        return Ok(Fields {
            secret: Some(RawSecret::Long(private)),
            ..Fields::default()
        });
    }
    let mut bytes = Secret::zeroed();
    hex::decode_into(digits, bytes.expose_mut()).map_err(|error| explain(error, role))?;
    Ok(Fields::of_short(bytes, role))
}

/// Hex digits without a `0x` in front.
pub(super) fn without_0x(text: &str) -> &str {
    text.strip_prefix("0x")
        .or_else(|| text.strip_prefix("0X"))
        .unwrap_or(text)
}

/// What is wrong with digits that should be a key, and what would be right.
fn explain(error: HexError, role: Option<Role>) -> String {
    let allowed = match role {
        Some(Role::Public) => "a public key has 64 hex digits",
        Some(_) => "a private key has 128 hex digits (a seed 64)",
        None => {
            "a public key has 64 hex digits, a private key 128 (a seed 64); if its line was broken, join the parts"
        }
    };
    match error {
        HexError::Length { found, .. } => format!("{found} hex digits; {allowed}"),
        error @ HexError::Digit { .. } => format!("{error}; {allowed}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_known_in_the_words_of_many_programs() {
        let role = |label| Role::of_label(label).flatten();
        for label in [
            "Public Key (hex)",
            "PUBKEY=",
            "pub: ",
            "node-public",
            "get public.key",
        ] {
            assert_eq!(role(label), Some(Role::Public), "{label}");
        }
        for label in ["private_key: ", "export PRV_KEY=", "Secret", "prv.key:"] {
            assert_eq!(role(label), Some(Role::Private), "{label}");
        }
        for label in [
            "seed = ",
            "get prv.seed",
            "ED25519_SEED_HEX",
            "identity_key: \"",
        ] {
            assert_eq!(role(label), Some(Role::Seed), "{label}");
        }
        assert_eq!(role("[12:00:01] get prv.key"), Some(Role::Console));
    }

    #[test]
    fn what_may_be_a_secret_is_not_taken_for_public() {
        for label in [
            "Public Library",
            "name: pub quiz",
            "the published list",
            "brewpub",
            "The Republic: ",
            "key (not public): ",
            "-> >",
            "",
        ] {
            assert_eq!(Role::of_label(label), None, "{label}");
        }
        assert_eq!(Role::of_label("seed of the public key"), Some(None));
    }
}
