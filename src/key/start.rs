//! Where searches start: secret scalars straight from the operating system, and the candidates at a distance from them.

use curve25519_dalek::{EdwardsPoint, Scalar};
use getrandom::SysRng;
use rand_core::TryCryptoRng;
use thiserror::Error;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::{Offset, PrivateKey, PublicKey, hex, scalar, secret::Secret, secret::SecretText};

/// How far, in candidates, a search may go from its start in either direction: at 10^9 candidates a second, 36 years.
pub(crate) const REACH: i64 = 1 << 60;

/// How often a start near an end of the clamped range is drawn again before the generator is called broken: one draw
/// in 2^189 is so near, so even a second is a sign of a generator that repeats itself.
const DRAWS: u32 = 8;

/// Why there is no secret.
#[derive(Debug, Error)]
pub enum KeyError {
    /// The operating system gave no random bytes. There is no second source: the program must end.
    #[error(
        "the operating system's random generator failed: {0}; no key can be made without it, and none was made from anything else"
    )]
    Generator(String),
    /// The generator's output is not random.
    #[error(
        "the random generator returned {DRAWS} scalars in a row at the end of the range, which chance does not do; it cannot be trusted"
    )]
    NotRandom,
    /// `s + 8·offset` is not a clamped scalar.
    #[error(
        "the candidate at offset {0} of this start lies outside the clamped scalars (2^254 to 2^255 − 8)"
    )]
    OutOfRange(i64),
    /// The same for an offset from a start that others search from.
    #[error(
        "the candidate at offset {0} of this start lies outside the clamped scalars (2^254 to 2^255 − 8)"
    )]
    FarOutOfRange(Offset),
    /// What should be the scalar of a start is none.
    #[error("the scalar of the start is not 64 hex digits of a clamped scalar with room above it")]
    Damaged,
}

/// The secret scalar at which a lane's search begins: 32 bytes from the operating system, clamped. Wiped when dropped.
pub struct Start(Secret<32>);

impl ZeroizeOnDrop for Start {}

impl Start {
    /// A start from the operating system's generator, uniform over the clamped scalars.
    ///
    /// # Errors
    /// The generator fails: fatal, there is nothing to fall back on.
    pub fn fresh() -> Result<Self, KeyError> {
        Self::draw(&mut SysRng)
    }

    /// A start from `generator`. For anything but a test this is [`Start::fresh`].
    ///
    /// A scalar within `8 ·` [`REACH`] of an end of the clamped range (one in 2^189) is drawn again, so that no
    /// candidate leaves that range.
    ///
    /// # Errors
    /// The generator fails or returns such scalars again and again.
    pub fn draw(generator: &mut impl TryCryptoRng) -> Result<Self, KeyError> {
        Self::draw_until(generator, |start| {
            start.candidate(REACH).is_ok() && start.candidate(-REACH).is_ok()
        })
    }

    /// A start that others search from: uniform over the multiples of 8 from 2^254 to below 2^255 − 2^140, so that no
    /// offset up to [`Offset::LIMIT`] leaves the clamped scalars.
    ///
    /// # Errors
    /// As [`Start::draw`].
    pub fn for_others(generator: &mut impl TryCryptoRng) -> Result<Self, KeyError> {
        Self::draw_until(generator, Self::has_room_above)
    }

    /// Whether 2^140 can be added.
    fn has_room_above(&self) -> bool {
        scalar::moved(self.0.expose(), [0, 0, 1 << 12, 0], false).is_some()
    }

    fn draw_until(
        generator: &mut impl TryCryptoRng,
        is_good: impl Fn(&Self) -> bool,
    ) -> Result<Self, KeyError> {
        for _ in 0..DRAWS {
            let mut secret = Secret::zeroed();
            fill(generator, secret.expose_mut())?;
            scalar::clamp(secret.expose_mut());
            let start = Self(secret);
            if is_good(&start) {
                return Ok(start);
            }
        }
        Err(KeyError::NotRandom)
    }

    /// The start for others that [`Start::hex`] wrote.
    ///
    /// # Errors
    /// It is none.
    pub fn from_hex(text: &str) -> Result<Self, KeyError> {
        let mut secret = Secret::zeroed();
        hex::decode_into(text, secret.expose_mut()).map_err(|_| KeyError::Damaged)?;
        let start = Self(secret);
        let is_good = scalar::is_clamped(start.0.expose()) && start.has_room_above();
        is_good.then_some(start).ok_or(KeyError::Damaged)
    }

    /// The scalar as 64 hex digits, for the file that keeps it.
    pub fn hex(&self) -> SecretText {
        hex::encode_secret(self.0.expose())
    }

    /// The candidate with scalar `s + 8·offset`, wherever others found it.
    ///
    /// # Errors
    /// That leaves the clamped scalars.
    pub fn candidate_beyond(&self, offset: Offset) -> Result<Candidate, KeyError> {
        scalar::moved(self.0.expose(), offset.eightfold(), false)
            .map(Candidate)
            .ok_or(KeyError::FarOutOfRange(offset))
    }

    /// The start with these bytes, clamped. For known-answer tests and nothing else: bytes that anybody knows make a
    /// key that anybody knows.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        let mut secret = Secret::copied_from(bytes);
        scalar::clamp(secret.expose_mut());
        Self(secret)
    }

    /// The scalar, for the engine, which keeps no copy.
    pub(crate) fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }

    /// The public key of the start itself, the candidate at offset 0.
    pub fn public(&self) -> PublicKey {
        public_of(self.0.expose())
    }

    /// The candidate with scalar `s + 8·offset`.
    ///
    /// # Errors
    /// [`KeyError::OutOfRange`], which cannot happen up to [`REACH`] from a start that was drawn.
    pub fn candidate(&self, offset: i64) -> Result<Candidate, KeyError> {
        scalar::step(self.0.expose(), offset)
            .map(Candidate)
            .ok_or(KeyError::OutOfRange(offset))
    }

    /// The private key at `offset`, with a fresh signing prefix. Not checked yet: see [`super::verify::check`].
    ///
    /// # Errors
    /// The offset leaves the clamped range, or the operating system's generator fails.
    pub fn key(&self, offset: i64) -> Result<PrivateKey, KeyError> {
        self.candidate(offset)?.into_private_key()
    }
}

/// A clamped scalar at some distance from a start: half of a private key. Wiped when dropped.
pub struct Candidate(Secret<32>);

impl ZeroizeOnDrop for Candidate {}

impl Candidate {
    /// This candidate's public key, computed by curve25519-dalek, which shares no arithmetic with the engine.
    pub fn public(&self) -> PublicKey {
        public_of(self.0.expose())
    }

    /// The whole private key: this scalar and 32 fresh random bytes as the signing prefix.
    ///
    /// # Errors
    /// The operating system's generator fails.
    pub fn into_private_key(self) -> Result<PrivateKey, KeyError> {
        let mut bytes = Secret::<64>::zeroed();
        let (scalar, prefix) = bytes.expose_mut().split_at_mut(32);
        scalar.copy_from_slice(self.0.expose());
        fill(&mut SysRng, prefix)?;
        Ok(PrivateKey::from_secret(bytes))
    }
}

/// The public key of a scalar, clamped or not, as MeshCore's firmware derives it: no clamping on the way.
pub(super) fn public_of(scalar: &[u8; 32]) -> PublicKey {
    let mut scalar = Scalar::from_bytes_mod_order(*scalar);
    let point = EdwardsPoint::mul_base(&scalar);
    scalar.zeroize();
    point.compress().to_bytes()
}

pub(super) fn fill(generator: &mut impl TryCryptoRng, bytes: &mut [u8]) -> Result<(), KeyError> {
    generator
        .try_fill_bytes(bytes)
        .map_err(|error| KeyError::Generator(error.to_string()))
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, io};

    use rand_core::TryRng;

    use super::*;

    /// A generator that repeats one byte, or fails.
    struct Broken(Option<u8>);

    impl TryRng for Broken {
        type Error = io::Error;

        fn try_next_u32(&mut self) -> io::Result<u32> {
            Err(io::Error::other("not used"))
        }

        fn try_next_u64(&mut self) -> io::Result<u64> {
            Err(io::Error::other("not used"))
        }

        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> io::Result<()> {
            let value = self.0.ok_or_else(|| io::Error::other("no entropy"))?;
            bytes.fill(value);
            Ok(())
        }
    }

    impl TryCryptoRng for Broken {}

    #[test]
    fn a_failing_generator_is_an_error_that_says_so() {
        let error = Start::draw(&mut Broken(None)).err().unwrap();
        assert!(matches!(error, KeyError::Generator(_)));
        assert!(error.to_string().contains("no entropy"));
    }

    #[test]
    fn a_generator_stuck_at_the_end_of_the_range_is_not_trusted() {
        for stuck in [0, 0xff] {
            assert!(matches!(
                Start::draw(&mut Broken(Some(stuck))),
                Err(KeyError::NotRandom)
            ));
        }
    }

    #[test]
    fn fresh_starts_are_clamped_and_distinct() {
        let starts: Vec<_> = (0..256).map(|_| Start::fresh().unwrap()).collect();
        assert!(
            starts
                .iter()
                .all(|start| scalar::is_clamped(start.0.expose()))
        );
        let distinct: HashSet<_> = starts.iter().map(|start| *start.0.expose()).collect();
        assert_eq!(distinct.len(), starts.len());
    }

    #[test]
    fn every_free_bit_of_fresh_starts_takes_both_values() {
        let starts: Vec<_> = (0..256).map(|_| Start::fresh().unwrap()).collect();
        for bit in 3..254 {
            let ones = starts
                .iter()
                .filter(|start| start.0.expose()[bit / 8] >> (bit % 8) & 1 == 1)
                .count();
            // A fair bit is further than 70 from 128 with a probability below 1e-17.
            assert!(
                (58..=198).contains(&ones),
                "bit {bit} is set in {ones} of 256 starts"
            );
        }
    }

    #[test]
    fn an_offset_that_leaves_the_clamped_range_is_an_error() {
        let lowest = Start::from_bytes(&[0; 32]);
        assert!(matches!(
            lowest.candidate(-1),
            Err(KeyError::OutOfRange(-1))
        ));
        assert!(lowest.key(1).is_ok());
    }

    #[test]
    fn two_keys_of_one_candidate_share_the_scalar_but_not_the_signing_prefix() {
        let start = Start::fresh().unwrap();
        let (one, two) = (start.key(-77).unwrap(), start.key(-77).unwrap());
        assert_eq!(one.scalar(), two.scalar());
        assert_ne!(one.signing_prefix(), two.signing_prefix());
        assert_eq!(one.public(), start.candidate(-77).unwrap().public());
    }
}
