//! The public point of a start, and of candidates at a distance from it, by curve25519-dalek.

use std::sync::LazyLock;

use curve25519_dalek::EdwardsPoint;
use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};

use super::PublicKey;

/// Bits of a digit of a distance.
const DIGIT_BITS: u32 = 4;

/// Digits of a distance, whose amount is at most 2^63.
const DIGITS: usize = (u64::BITS / DIGIT_BITS) as usize;

/// Digits other than zero.
const VALUES: usize = (1 << DIGIT_BITS) - 1;

/// 8 · 16^i · j · B for i from 0 and j from 1.
static MULTIPLES: LazyLock<Vec<[EdwardsPoint; VALUES]>> = LazyLock::new(|| {
    let mut unit = ED25519_BASEPOINT_POINT.mul_by_cofactor();
    (0..DIGITS)
        .map(|_| {
            let mut multiples = [unit; VALUES];
            for value in 1..VALUES {
                multiples[value] = multiples[value - 1] + unit;
            }
            unit += multiples[VALUES - 1];
            multiples
        })
        .collect()
});

/// `point + 8·candidates·B`, which takes a fifth of the time of a multiple of B by a scalar.
///
/// The time depends on the distance, which is no secret: it tells nothing of the scalar of `point`.
pub(crate) fn moved(point: &EdwardsPoint, candidates: i64) -> EdwardsPoint {
    let mut rest = candidates.unsigned_abs();
    let mut sum = *point;
    for multiples in MULTIPLES.iter() {
        let digit = (rest & VALUES as u64) as usize;
        match digit.checked_sub(1).and_then(|at| multiples.get(at)) {
            Some(multiple) if candidates < 0 => sum -= multiple,
            Some(multiple) => sum += multiple,
            None => {}
        }
        rest >>= DIGIT_BITS;
        if rest == 0 {
            break;
        }
    }
    sum
}

/// The encodings of points and of each plus one of order 4, from which the engine takes both coordinates of a point without
/// a square root. One inversion serves them all.
pub(crate) fn encodings(points: &[EdwardsPoint]) -> Vec<[PublicKey; 2]> {
    let quarter = EIGHT_TORSION[2];
    let both: Vec<_> = points
        .iter()
        .flat_map(|point| [*point, point + quarter])
        .collect();
    let encodings = EdwardsPoint::compress_batch_alloc(&both);
    let (pairs, _) = encodings.as_chunks::<2>();
    pairs
        .iter()
        .map(|pair| pair.map(|encoding| encoding.to_bytes()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::point::Point;
    use crate::key::Start;

    #[test]
    fn a_moved_point_is_that_of_the_moved_scalar() {
        let start = Start::fresh().unwrap();
        let point = start.point();
        let near = (-40..40).chain([255, 256, 4095, 65_536, 1_000_003]);
        let far = [1 << 40, (1 << 60) - 1, i64::MAX, i64::MIN + 1, i64::MIN];
        for candidates in near.chain(far) {
            for candidates in [candidates, candidates.wrapping_neg()] {
                let exact = start.candidate(candidates).unwrap().public();
                let moved = moved(&point, candidates).compress().to_bytes();
                assert_eq!(moved, exact, "{candidates}");
            }
        }
    }

    #[test]
    fn the_engine_takes_a_point_from_its_two_encodings() {
        let starts: Vec<_> = (0..32).map(|_| Start::fresh().unwrap()).collect();
        let points: Vec<_> = starts.iter().map(Start::point).collect();
        for (start, [public, turned]) in starts.iter().zip(encodings(&points)) {
            assert_eq!(public, start.public());
            let point = Point::from_turned(&public, &turned).unwrap();
            let exact = Point::decompress(&public).unwrap();
            assert_eq!(point.compress(), public);
            assert_eq!(point.x.to_bytes(), exact.x.to_bytes());
            let mut wrong = turned;
            wrong[7] ^= 1;
            assert!(Point::from_turned(&public, &wrong).is_none());
        }
    }
}
