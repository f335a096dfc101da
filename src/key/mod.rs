//! A MeshCore key: where its scalar comes from, how it is checked, and the files it is kept in.
//!
//! A private key travels on one short way only: [`Start`] → [`PrivateKey`] → [`verify::check`] → [`VerifiedKey`] →
//! [`Store`]. Each step is a type of its own, so that a key that nobody checked cannot be saved. All secret types are
//! wiped when dropped; none can be cloned, printed with `{}` or `{:?}`, or serialised.

mod exchange;
pub mod hex;
pub mod inspect;
pub mod load;
pub(crate) mod offset;
pub(crate) mod private;
mod scalar;
pub(crate) mod secret;
pub(crate) mod start;
pub mod store;
pub mod verify;

pub(crate) use offset::Offset;
pub(crate) use private::PrivateKey;
#[cfg(test)]
pub(crate) use start::Candidate;
pub(crate) use start::{KeyError, Start};
pub(crate) use store::{KeyFormat, Label, Saved, Store};
pub(crate) use verify::{CheckError, VerifiedKey};

/// A public key as RFC 8032 encodes it: the 255 bits of y, little-endian, with the sign of x in the top bit.
pub(crate) type PublicKey = [u8; 32];

/// The most bytes of a public key that MeshCore uses as a node's ID.
pub(crate) const MAX_NODE_ID_BYTES: usize = 3;

/// The name that a node goes by on the mesh: the first `bytes` bytes (1 to 3) of its public key, as upper-case hex.
pub(crate) fn node_id(public: &PublicKey, bytes: usize) -> String {
    hex::encode_upper(&public[..bytes.clamp(1, MAX_NODE_ID_BYTES)])
}

/// The most bytes of a name that MeshCore keeps (32 with the zero at its end).
pub(crate) const MAX_NAME_BYTES: usize = 31;

/// Whether a node can have this name.
pub(crate) fn is_name(name: &str) -> bool {
    (1..=MAX_NAME_BYTES).contains(&name.len()) && !name.contains(char::is_control)
}

/// The name that MeshCore gives a node that has none: the first 4 bytes of its public key.
pub(crate) fn default_name(public: &PublicKey) -> String {
    hex::encode_upper(&public[..4])
}

#[cfg(test)]
mod tests {
    use super::{
        secret::{Secret, SecretText},
        *,
    };

    /// Does not compile if the type has the trait: then two implementations fit the call, and neither is chosen.
    macro_rules! assert_lacks {
        ($type:ty: $($trait:path),+) => {
            $({
                trait Choice<A> {
                    fn choose() {}
                }
                struct Second;
                impl<T: ?Sized> Choice<()> for T {}
                impl<T: ?Sized + $trait> Choice<Second> for T {}
                <$type as Choice<_>>::choose();
            })+
        };
    }

    macro_rules! assert_is_secret {
        ($($type:ty),+) => {
            $(assert_lacks!($type: Clone, Copy, std::fmt::Debug, std::fmt::Display, serde::Serialize);)+
        };
    }

    #[test]
    fn secret_types_can_be_neither_copied_nor_printed_nor_serialised() {
        assert_is_secret!(
            Secret<32>,
            SecretText,
            Start,
            Candidate,
            PrivateKey,
            VerifiedKey
        );
        assert_is_secret!(load::FoundKey);
    }

    #[test]
    fn secret_types_are_wiped_when_dropped() {
        fn is_wiped<T: zeroize::ZeroizeOnDrop>() {}
        is_wiped::<(Secret<32>, SecretText)>();
        is_wiped::<(Start, Candidate)>();
        is_wiped::<PrivateKey>();
    }

    #[test]
    fn a_node_id_is_the_beginning_of_the_public_key_in_upper_case() {
        let mut public = [0; 32];
        public[..3].copy_from_slice(&[0xf8, 0xa1, 0x0b]);
        assert_eq!(node_id(&public, 1), "F8");
        assert_eq!(node_id(&public, 2), "F8A1");
        assert_eq!(node_id(&public, 3), "F8A10B");
    }

    #[test]
    fn a_node_id_has_at_least_one_and_at_most_three_bytes() {
        assert_eq!(node_id(&[0xab; 32], 0), "AB");
        assert_eq!(node_id(&[0xab; 32], 9), "ABABAB");
    }
}
