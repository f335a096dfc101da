//! The two halves of a key as files name them, before anybody asks what the bytes mean.

use crate::key::{
    PrivateKey, PublicKey,
    hex::{self, HexError},
    secret::Secret,
};

/// What a name says about the bytes beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Public,
    Private,
}

/// What stands where a private key belongs.
pub(super) enum RawSecret {
    /// 64 bytes: MeshCore's private key, or a seed with its public key.
    Long(PrivateKey),
    /// 32 bytes: a seed, or a bare scalar.
    Short(Secret<32>),
}

/// One key's fields.
#[derive(Default)]
pub(super) struct Fields {
    pub(super) public: Option<PublicKey>,
    pub(super) secret: Option<RawSecret>,
}

impl Fields {
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
}

/// Reads a private key of 128 digits or a seed of 64.
pub(super) fn secret_from_hex(digits: &str) -> Result<RawSecret, HexError> {
    if digits.len() == 64 {
        let mut seed = Secret::zeroed();
        hex::decode_into(digits, seed.expose_mut())?;
        return Ok(RawSecret::Short(seed));
    }
    PrivateKey::from_hex(digits).map(RawSecret::Long)
}

/// Hex digits without a `0x` in front.
pub(super) fn without_0x(text: &str) -> &str {
    text.strip_prefix("0x")
        .or_else(|| text.strip_prefix("0X"))
        .unwrap_or(text)
}

/// What is wrong with digits that should be a key, and what would be right.
pub(super) fn explain(error: HexError, role: Role) -> String {
    let allowed = match role {
        Role::Public => "a public key has 64 hex digits",
        Role::Private => "a private key has 128 hex digits (a seed 64)",
    };
    match error {
        HexError::Length { found, .. } => format!("{found} hex digits; {allowed}"),
        error @ HexError::Digit { .. } => format!("{error}; {allowed}"),
    }
}
