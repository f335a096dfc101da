//! The public start of a blind search, checked before anything is searched from it.

use std::fmt;
use std::str::FromStr;

use curve25519_dalek::edwards::CompressedEdwardsY;
use curve25519_dalek::traits::IsIdentity;
use curve25519_dalek::{EdwardsPoint, Scalar};
use thiserror::Error;

use crate::key::{Offset, PublicKey, hex};

/// A point of the group of prime order in its one encoding, other than its neutral element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PublicStart {
    point: EdwardsPoint,
    bytes: PublicKey,
}

/// Why a text is no public start.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub(crate) enum NoStart {
    /// It is not 32 bytes in hex.
    #[error("{0}")]
    Hex(#[from] hex::HexError),
    /// Every digit is a zero.
    #[error("it is all zeros")]
    Zeros,
    /// No point has this encoding, or the point has another one.
    #[error("it is no point of the curve in its one encoding")]
    NoPoint,
    /// One of the eight points whose order divides 8.
    #[error("it is one of the few points of small order, from which nothing can be searched")]
    SmallOrder,
    /// It is the sum of a point of the group and one of small order.
    #[error("it lies outside the group that keys belong to, so it is nobody's start")]
    OutsideGroup,
}

impl PublicStart {
    /// The start with this encoding.
    ///
    /// # Errors
    /// It is not the encoding of a point that some scalar can have.
    pub(crate) fn from_bytes(bytes: PublicKey) -> Result<Self, NoStart> {
        if bytes == [0; 32] {
            return Err(NoStart::Zeros);
        }
        let point = CompressedEdwardsY(bytes).decompress();
        let point = point.ok_or(NoStart::NoPoint)?;
        if point.compress().to_bytes() != bytes {
            return Err(NoStart::NoPoint);
        }
        if point.is_small_order() || point.is_identity() {
            return Err(NoStart::SmallOrder);
        }
        if !point.is_torsion_free() {
            return Err(NoStart::OutsideGroup);
        }
        Ok(Self { point, bytes })
    }

    /// Its encoding.
    #[must_use]
    pub(crate) fn bytes(&self) -> &PublicKey {
        &self.bytes
    }

    /// The public key at an offset, `A + 8o·B`, by curve25519-dalek, which shares no arithmetic with the engine.
    #[must_use]
    pub(crate) fn public_at(&self, offset: Offset) -> PublicKey {
        let distance = Scalar::from_bytes_mod_order(offset.eightfold_bytes());
        let point = self.point + EdwardsPoint::mul_base(&distance);
        point.compress().to_bytes()
    }
}

/// 64 hex digits in lower case.
impl fmt::Display for PublicStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.bytes))
    }
}

impl FromStr for PublicStart {
    type Err = NoStart;

    fn from_str(text: &str) -> Result<Self, NoStart> {
        Self::from_bytes(hex::decode(text)?)
    }
}

#[cfg(test)]
mod tests {
    use curve25519_dalek::constants::EIGHT_TORSION;
    use getrandom::SysRng;

    use super::*;
    use crate::key::Start;

    fn owned() -> (Start, PublicStart) {
        let start = Start::for_others(&mut SysRng).unwrap();
        let public = PublicStart::from_bytes(start.public()).unwrap();
        (start, public)
    }

    #[test]
    fn the_point_at_an_offset_is_that_of_the_scalar_there() {
        for _ in 0..20 {
            let (start, public) = owned();
            let lane = Offset::fresh().unwrap();
            for step in [0, 1, -1, 1 << 60, -(1 << 60)] {
                let offset = lane.plus(step).unwrap();
                let candidate = start.candidate_beyond(offset).unwrap();
                assert_eq!(public.public_at(offset), candidate.public());
            }
        }
    }

    #[test]
    fn no_offset_below_the_limit_leaves_the_clamped_scalars_of_the_highest_start() {
        // 2^255 − 2^140 − 8, the highest scalar that is drawn.
        let mut highest = [0xff_u8; 32];
        highest[..18].copy_from_slice(&[0xff; 18]);
        (highest[0], highest[17], highest[31]) = (0xf8, 0xef, 0x7f);
        let start = Start::from_hex(&hex::encode(&highest)).unwrap();
        let last = Offset::LIMIT.to_string();
        assert!(last.parse::<Offset>().is_err());
        let last: Offset = "2722258935367507707706996859454145691647".parse().unwrap();
        assert!(start.candidate_beyond(last).is_ok());
        highest[17] = 0xf0;
        assert!(Start::from_hex(&hex::encode(&highest)).is_err());
    }

    #[test]
    fn points_that_are_no_start_are_told_apart() {
        let (_, public) = owned();
        let read = |bytes: [u8; 32]| PublicStart::from_bytes(bytes);
        assert_eq!(read([0; 32]), Err(NoStart::Zeros));
        for (index, small) in EIGHT_TORSION.iter().enumerate() {
            let bytes = small.compress().to_bytes();
            let expected = match bytes == [0; 32] {
                true => NoStart::Zeros,
                false => NoStart::SmallOrder,
            };
            assert_eq!(read(bytes), Err(expected));
            if index > 0 {
                let outside = (public.point + small).compress().to_bytes();
                assert_eq!(read(outside), Err(NoStart::OutsideGroup));
            }
        }
        // y = p + 1 is 1 in another encoding; y = 2 is on no point; x = 0 has no sign.
        let mut other = [0xff; 32];
        (other[0], other[31]) = (0xee, 0x7f);
        let mut two = [0; 32];
        two[0] = 2;
        let mut signed = [0; 32];
        (signed[0], signed[31]) = (1, 0x80);
        for bytes in [other, two, signed, [0xff; 32]] {
            assert_eq!(read(bytes), Err(NoStart::NoPoint), "{bytes:?}");
        }
    }

    #[test]
    fn a_start_is_read_in_either_case_and_written_in_lower_case() {
        let (_, public) = owned();
        let text = public.to_string();
        assert_eq!(text.to_uppercase().parse(), Ok(public));
        for wrong in [
            "",
            &text[1..],
            &format!("{text}0"),
            &format!("0x{text}"),
            &text.replace(&text[..1], "g"),
        ] {
            assert!(
                matches!(wrong.parse::<PublicStart>(), Err(NoStart::Hex(_))),
                "{wrong}"
            );
        }
    }
}
