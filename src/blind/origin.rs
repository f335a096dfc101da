//! Where a lane searches from: a secret start of its own, or somebody's public start at a random distance; and what a
//! candidate there becomes, a private key or a claim.

use super::{ClaimedAt, PublicStart};
use crate::engine::base_point::moved;
use crate::engine::point::Point;
use crate::key::verify::{CheckError, check, check_public};
use crate::key::{KeyError, Offset, PrivateKey, PublicKey, Start, VerifiedKey};

/// Where a lane searches from. A secret start is wiped when it is replaced.
pub(crate) struct Origin {
    place: Place,
    /// The point at which the lane begins, where it is known.
    point: Option<Point>,
}

enum Place {
    /// A start whose scalar is known here.
    Own(Start),
    /// A start whose scalar is known to somebody else only.
    Blind {
        /// That start.
        start: Box<PublicStart>,
        /// How far from it the lane begins.
        distance: Offset,
    },
}

/// What was found, before it was checked.
pub(crate) enum Unchecked {
    /// A private key.
    Key(PrivateKey),
    /// The place of a key that only the owner of the start can make.
    Claim(ClaimedAt),
}

/// The same after the check.
pub(crate) enum Checked {
    /// A key that works.
    Key(VerifiedKey),
    /// A claim whose point is the public key that it names.
    Claim,
}

impl Origin {
    /// A fresh secret start.
    ///
    /// # Errors
    /// The operating system gives no random bytes.
    pub(crate) fn own() -> Result<Self, KeyError> {
        Ok(Self {
            place: Place::Own(Start::fresh()?),
            point: None,
        })
    }

    /// A fresh place beyond a public start, that no other lane of any machine comes near.
    ///
    /// # Errors
    /// As [`Origin::own`].
    pub(crate) fn blind(start: PublicStart) -> Result<Self, KeyError> {
        Offset::fresh().map(|distance| Self::beyond(start, distance))
    }

    fn beyond(start: PublicStart, distance: Offset) -> Self {
        Self {
            place: Place::Blind {
                start: Box::new(start),
                distance,
            },
            point: None,
        }
    }

    /// The secret scalar of the point at which the lane begins, where it is known here.
    pub(crate) fn scalar(&self) -> Option<&[u8; 32]> {
        match &self.place {
            Place::Own(start) => Some(start.expose()),
            Place::Blind { .. } => None,
        }
    }

    /// The same with that point, which the engine computed.
    pub(crate) fn at_point(self, point: Point) -> Self {
        Self {
            point: Some(point),
            ..self
        }
    }

    /// The public start of a blind search.
    pub(crate) fn public_start(&self) -> Option<&PublicStart> {
        match &self.place {
            Place::Own(_) => None,
            Place::Blind { start, .. } => Some(start),
        }
    }

    /// The public key so many candidates from there, computed by curve25519-dalek from the scalar or the public start, without
    /// the engine.
    ///
    /// # Errors
    /// The candidate leaves the clamped scalars, which no search lives to see.
    pub(crate) fn public_at(&self, candidates: i64) -> Result<PublicKey, KeyError> {
        match &self.place {
            Place::Own(start) => start.candidate(candidates).map(|at| at.public()),
            Place::Blind { start, distance } => Ok(start.public_at(beyond(*distance, candidates)?)),
        }
    }

    /// The same from the point at which the lane begins, where it is known: a quarter of the time, for what is checked from
    /// its scalar later. One at a time on 64-bit words; that the point belongs to the scalar is proven by spot checks, and for
    /// every key that is saved by [`Unchecked::check`].
    ///
    /// # Errors
    /// As [`Origin::public_at`].
    pub(crate) fn public_by_point(&self, candidates: i64) -> Result<PublicKey, KeyError> {
        let Some(point) = &self.point else {
            return self.public_at(candidates);
        };
        // What lies beyond the clamped scalars is no candidate, whatever its point.
        match &self.place {
            Place::Own(start) => drop(start.candidate(candidates)?),
            Place::Blind { distance, .. } => _ = beyond(*distance, candidates)?,
        }
        Ok(moved(point, candidates).compress())
    }

    /// Whether the lane's point is that of its scalar or of its place beyond a public start.
    ///
    /// # Errors
    /// As [`Origin::public_at`].
    pub(crate) fn is_at_its_point(&self) -> Result<bool, KeyError> {
        Ok(self.public_by_point(0)? == self.public_at(0)?)
    }

    /// What that candidate is.
    ///
    /// # Errors
    /// As [`Origin::public_at`], or the operating system gives no random bytes for a signing prefix.
    pub(crate) fn found_at(&self, candidates: i64) -> Result<Unchecked, KeyError> {
        match &self.place {
            Place::Own(start) => start.key(candidates).map(Unchecked::Key),
            Place::Blind { start, distance } => Ok(Unchecked::Claim(ClaimedAt {
                start: *start.bytes(),
                offset: beyond(*distance, candidates)?,
            })),
        }
    }
}

fn beyond(distance: Offset, candidates: i64) -> Result<Offset, KeyError> {
    let offset = distance.plus(candidates);
    offset.ok_or(KeyError::OutOfRange(candidates))
}

impl Unchecked {
    /// Checks that it belongs to this public key, and that a node can have that key.
    ///
    /// # Errors
    /// It does not, or none can: the engine computed something wrong.
    pub(crate) fn check(self, public: &PublicKey) -> Result<Checked, CheckError> {
        match self {
            Self::Key(key) => check(key, public).map(Checked::Key),
            Self::Claim(claim) => {
                let derived = claim.public()?;
                let expected = *public;
                if derived != expected {
                    return Err(CheckError::WrongPublicKey { expected, derived });
                }
                check_public(public)?;
                Ok(Checked::Claim)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::start::REACH;

    fn blind(distance: &str) -> Origin {
        let start = Start::from_bytes(&[0x42; 32]);
        let start = PublicStart::from_bytes(start.public()).unwrap();
        Origin::beyond(start, distance.parse().unwrap())
    }

    #[test]
    fn offsets_that_leave_the_range_are_never_claimed() {
        // 2^131 − 1, the last offset that is allowed.
        let ends = [("0", -1), ("2722258935367507707706996859454145691647", 1)];
        for (distance, outward) in ends {
            let lane = blind(distance);
            assert!(lane.public_at(0).is_ok() && lane.public_at(-outward).is_ok());
            for step in [outward, outward * REACH] {
                assert!(matches!(lane.public_at(step), Err(KeyError::OutOfRange(_))));
                assert!(lane.found_at(step).is_err());
            }
        }
    }

    #[test]
    fn a_key_from_a_lane_with_the_point_of_another_scalar_is_refused() {
        let other = Origin::own().unwrap();
        let point = Point::decompress(&other.public_at(0).unwrap()).unwrap();
        let lane = Origin::own().unwrap().at_point(point);
        let public = lane.public_by_point(-5).unwrap();
        assert_eq!(public, other.public_at(-5).unwrap());
        assert_ne!(public, lane.public_at(-5).unwrap());
        let checked = lane.found_at(-5).unwrap().check(&public);
        assert!(matches!(checked, Err(CheckError::WrongPublicKey { .. })));
    }

    #[test]
    fn a_claim_passes_the_check_with_its_own_public_key_only() {
        let lane = blind("1234567890123456789012345678901234567");
        let good = |at: &i64| check_public(&lane.public_at(*at).unwrap()).is_ok();
        let at = (7..).find(good).unwrap();
        let mut public = lane.public_at(at).unwrap();
        assert!(lane.found_at(at).unwrap().check(&public).is_ok());
        public[31] ^= 0x80;
        let wrong = lane.found_at(at).unwrap().check(&public);
        assert!(matches!(wrong, Err(CheckError::WrongPublicKey { .. })));
    }

    #[test]
    fn a_claim_for_a_reserved_key_is_refused() {
        let lane = blind("1234567890123456789012345678901234567");
        let reserved = |at: &i64| lane.public_at(*at).unwrap()[0] == 0xff;
        let at = (0..).find(reserved).unwrap();
        let checked = lane
            .found_at(at)
            .unwrap()
            .check(&lane.public_at(at).unwrap());
        assert!(matches!(checked, Err(CheckError::Reserved { first: 0xff })));
    }
}
