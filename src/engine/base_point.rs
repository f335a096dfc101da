//! Multiples of the base point by secret scalars, one a lane: no branch and no address depends on a scalar.
//!
//! A scalar is Σ d_i · 8^i with digits from 0 to 7. A table holds d · 8^i · B for every i and d; of each row all eight entries
//! are read, and a mask keeps the one of the lane's digit.

use std::sync::LazyLock;

use zeroize::Zeroizing;

use super::backend::{Backend, Task};
use super::extended::{Extended, NEUTRAL, Projective, Summand, affine, summand};
use super::field::portable::Portable;
use super::field::{FieldElement, MAX_LANES, Simd, Vector};
use super::known_answers::KEYS;
use super::point::{Point, multiples};
use super::sweeper::EngineError;
use super::table::{Encoded, EntryOf};

/// Bits of a digit.
const DIGIT_BITS: usize = 3;

/// Values of a digit.
const VALUES: usize = 1 << DIGIT_BITS;

/// Digits of a scalar, which is below 2^255.
const DIGITS: usize = 255 / DIGIT_BITS;

/// For each digit of a scalar, the multiples that its values stand for.
static MULTIPLES: LazyLock<Vec<[Summand<FieldElement>; VALUES]>> = LazyLock::new(|| {
    let mut unit = Point::base();
    let rows = (0..DIGITS).map(|_| {
        let mut multiples = multiples(&unit, VALUES);
        // the last one is the unit of the next digit, and zero times is the neutral point
        unit = std::mem::replace(&mut multiples[VALUES - 1], NEUTRAL);
        multiples.rotate_right(1);
        std::array::from_fn(|value| summand(&multiples[value]))
    });
    rows.collect()
});

/// The base point on an instruction set.
pub struct BasePoint {
    backend: Backend,
    table: Box<dyn Multiples>,
}

impl BasePoint {
    /// The base point on the fastest instruction set that computes its multiples right.
    ///
    /// # Errors
    /// That of the last instruction set, where all fail.
    pub fn on_fastest() -> Result<Self, EngineError> {
        let mut failed = EngineError::Unsupported(Backend::Portable);
        for backend in Backend::supported() {
            match Self::on(backend) {
                Ok(base) => return Ok(base),
                Err(error) => failed = error,
            }
        }
        Err(failed)
    }

    /// The base point on this instruction set.
    ///
    /// # Errors
    /// [`EngineError::Unsupported`], or [`EngineError::WrongAnswer`] where known multiples come out differently.
    pub fn on(backend: Backend) -> Result<Self, EngineError> {
        let table = backend.run(Encode);
        let table = table.ok_or(EngineError::Unsupported(backend))?;
        let base = Self { backend, table };
        let scalars = KEYS.map(|(scalar, _)| scalar);
        let scalars: Vec<_> = (0..MAX_LANES).map(|lane| &scalars[lane % 2]).collect();
        let multiples = base.multiples(&scalars)?;
        let mut known = KEYS.iter().map(|(_, public)| *public).cycle();
        if multiples
            .iter()
            .any(|point| Some(point.compress()) != known.next())
        {
            return Err(base.wrong("a multiple of the base point differs from the known answer"));
        }
        Ok(base)
    }

    /// Each scalar, 32 little-endian bytes of a number below 2^255, times the base point.
    ///
    /// # Errors
    /// [`EngineError::WrongAnswer`]: what came out is no point of the curve.
    pub fn multiples(&self, scalars: &[&[u8; 32]]) -> Result<Vec<Point>, EngineError> {
        let sums: Vec<_> = scalars
            .chunks(self.table.lanes())
            .flat_map(|scalars| self.table.multiples(&digits(scalars), scalars.len()))
            .collect();
        // a Z tells something of the way that the digits took
        let sums = Zeroizing::new(sums);
        let points = affine(&sums, FieldElement::invert);
        if !points.iter().all(Point::is_on_curve) {
            return Err(self.wrong("a multiple of the base point is not on the curve"));
        }
        Ok(points)
    }

    fn wrong(&self, what: &str) -> EngineError {
        EngineError::WrongAnswer {
            backend: self.backend,
            what: what.to_owned(),
        }
    }
}

/// The same table for one lane at a time.
static ONE_LANE: LazyLock<Rows<Portable>> = LazyLock::new(|| Rows::new(Portable));

/// `point` + 8 · `candidates` · B, one at a time.
///
/// The time depends on the distance, which is no secret: it tells nothing of the scalar of `point`.
pub fn moved(point: &Point, candidates: i64) -> Point {
    let simd = Portable;
    let sum = simd.vectorize(
        #[inline(always)]
        || {
            let mut sum = Extended::of(simd, point);
            let mut rest = candidates.unsigned_abs();
            for row in &ONE_LANE.rows[1..] {
                let [mut plus, mut minus, mut dxy] = row[(rest % VALUES as u64) as usize];
                if candidates < 0 {
                    std::mem::swap(&mut plus, &mut minus);
                    dxy = simd.sub(&Portable::limbs(&FieldElement::ZERO), &dxy);
                }
                sum = sum.plus(simd, &[plus, minus, dxy]);
                rest >>= DIGIT_BITS;
                if rest == 0 {
                    break;
                }
            }
            sum
        },
    );
    affine(&[sum.extract(simd, 0)], FieldElement::invert_vartime)[0]
}

/// The digits of some scalars, the lowest first, one scalar a lane.
type Digits = Zeroizing<Vec<[u64; MAX_LANES]>>;

fn digits(scalars: &[&[u8; 32]]) -> Digits {
    let mut digits = Zeroizing::new(vec![[0; MAX_LANES]; DIGITS]);
    for (at, row) in digits.iter_mut().enumerate() {
        let (byte, shift) = (DIGIT_BITS * at / 8, DIGIT_BITS * at % 8);
        for (digit, scalar) in row.iter_mut().zip(scalars) {
            let above = scalar.get(byte + 1).copied().unwrap_or(0);
            let window = u16::from_le_bytes([scalar[byte], above]);
            *digit = u64::from(window >> shift) % VALUES as u64;
        }
    }
    digits
}

/// The table in the limbs of an instruction set.
trait Multiples: Send {
    fn lanes(&self) -> usize;
    /// The multiples in the first lanes.
    fn multiples(&self, digits: &Digits, lanes: usize) -> Vec<Projective>;
}

struct Encode;

impl Task for Encode {
    type Output = Box<dyn Multiples>;

    fn run<S: Simd>(self, simd: S) -> Self::Output
    where
        EntryOf<S>: Encoded,
    {
        Box::new(Rows::new(simd))
    }
}

struct Rows<S: Simd> {
    simd: S,
    rows: Vec<[Summand<S::Limbs>; VALUES]>,
}

impl<S: Simd> Rows<S> {
    fn new(simd: S) -> Self {
        let limbs = |summand: &Summand<FieldElement>| summand.each_ref().map(S::limbs);
        let rows = MULTIPLES.iter().map(|row| row.each_ref().map(limbs));
        let rows = rows.collect();
        Self { simd, rows }
    }
}

impl<S: Simd> Multiples for Rows<S> {
    fn lanes(&self) -> usize {
        S::LANES
    }

    fn multiples(&self, digits: &Digits, lanes: usize) -> Vec<Projective> {
        let simd = self.simd;
        let sum = simd.vectorize(
            #[inline(always)]
            || {
                let mut sum = Extended::of(simd, &NEUTRAL);
                for (row, digit) in self.rows.iter().zip(digits.iter()) {
                    sum = sum.plus(simd, &select(simd, row, simd.load(digit)));
                }
                sum
            },
        );
        (0..lanes).map(|lane| sum.extract(simd, lane)).collect()
    }
}

/// The entry that each lane's digit stands for.
#[inline(always)]
fn select<S: Simd>(simd: S, row: &[Summand<S::Limbs>; VALUES], digit: S::Word) -> Summand<S::Fe> {
    let zero = simd.splat(&S::limbs(&FieldElement::ZERO));
    let mut chosen = [zero; 3];
    for (value, entry) in (0..).zip(row) {
        let difference = simd.word_xor(digit, simd.word(value));
        // 0 − 1 has its top bit, and no other difference less 1 has: all ones for the digit itself
        let is_it = simd.word_shr(simd.word_sub(difference, simd.word(1)), 63);
        // the compiler must not make a branch of what it knows to be all ones or nothing
        let mask = std::hint::black_box(simd.word_sub(simd.word(0), is_it));
        for (chosen, limbs) in chosen.iter_mut().zip(entry) {
            simd.or_masked(chosen, mask, limbs);
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By doubling and adding in affine coordinates.
    fn doubled_and_added(scalar: &[u8; 32]) -> Point {
        let mut sum = None::<Point>;
        for bit in (0..255).rev() {
            sum = sum.map(|sum| sum.add(&sum));
            if scalar[bit / 8] >> (bit % 8) & 1 == 1 {
                let base = Point::base();
                sum = Some(sum.map_or(base, |sum| sum.add(&base)));
            }
        }
        sum.unwrap_or(NEUTRAL)
    }

    fn scalars() -> Vec<[u8; 32]> {
        let mut most = [0xff; 32];
        most[31] = 0x7f;
        let small = [0, 1, 7, 8, 255].map(|value| {
            let mut scalar = [0; 32];
            scalar[0] = value;
            scalar
        });
        // no pattern repeats after three bits, so that digits differ
        let more = (1..=6_u8).map(|k| {
            let mut scalar =
                std::array::from_fn(|i| (i as u8).wrapping_mul(k).wrapping_mul(37) ^ k);
            scalar[31] &= 0x7f;
            scalar
        });
        small.into_iter().chain([most]).chain(more).collect()
    }

    #[test]
    fn every_backend_multiplies_the_base_point_by_scalars_of_all_lanes() {
        let scalars = scalars();
        let expected = scalars.iter().map(doubled_and_added);
        let expected: Vec<_> = expected.map(|point| point.compress()).collect();
        for backend in Backend::supported() {
            let base = BasePoint::on(backend).unwrap();
            for count in [0, 1, 3, scalars.len()] {
                let some: Vec<_> = scalars[..count].iter().collect();
                let multiples = base.multiples(&some).unwrap();
                let encodings: Vec<_> = multiples.iter().map(Point::compress).collect();
                assert_eq!(encodings, expected[..count], "{backend}");
            }
        }
    }

    /// A processor that computes what is no point.
    struct Faulty;

    impl Multiples for Faulty {
        fn lanes(&self) -> usize {
            1
        }

        fn multiples(&self, _: &Digits, lanes: usize) -> Vec<Projective> {
            vec![[FieldElement::ONE; 3]; lanes]
        }
    }

    #[test]
    fn a_multiple_that_is_no_point_is_an_error_of_its_backend() {
        let base = BasePoint {
            backend: Backend::Portable,
            table: Box::new(Faulty),
        };
        let refused = base.multiples(&[&[1; 32], &[2; 32]]);
        let Err(EngineError::WrongAnswer { backend, what }) = refused else {
            panic!("{:?} points", refused.map(|points| points.len()));
        };
        assert_eq!(backend, Backend::Portable);
        assert!(what.contains("not on the curve"), "{what}");
    }

    #[test]
    fn each_digit_of_a_scalar_is_in_its_row() {
        let scalars = scalars();
        let rows = digits(&scalars.iter().take(MAX_LANES).collect::<Vec<_>>());
        for (lane, scalar) in scalars.iter().take(MAX_LANES).enumerate() {
            for bit in 0..255 {
                let digit = rows[bit / DIGIT_BITS][lane];
                let expected = scalar[bit / 8] >> (bit % 8) & 1;
                assert_eq!(digit >> (bit % DIGIT_BITS) & 1, u64::from(expected));
                assert!(digit < VALUES as u64);
            }
        }
    }

    #[test]
    fn a_moved_point_is_that_of_the_moved_scalar() {
        let mut scalar = [0; 32];
        scalar[8..16].fill(0x5a);
        scalar[31] = 0x40;
        let at = |scalar: &[u8; 32]| doubled_and_added(scalar);
        let near = [0, 1, 7, 8, 64, 4095, 65_536, 1_000_003, 1 << 40];
        for candidates in near.into_iter().chain([i64::MAX, i64::MIN + 1, i64::MIN]) {
            for candidates in [candidates, candidates.wrapping_neg()] {
                let low = u128::from_le_bytes(scalar[..16].try_into().unwrap());
                let low = low.wrapping_add_signed(8 * i128::from(candidates));
                let mut sum = scalar;
                sum[..16].copy_from_slice(&low.to_le_bytes());
                let moved = moved(&at(&scalar), candidates);
                assert_eq!(moved.compress(), at(&sum).compress(), "{candidates}");
            }
        }
    }
}
