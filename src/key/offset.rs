//! How far a candidate lies from a start that others search from: more than 128 bits, exact, in decimal and hex.

use std::fmt;
use std::str::FromStr;

use getrandom::SysRng;
use thiserror::Error;

use super::KeyError;
use super::start::{REACH, fill};

/// A number of candidates, `o` in `s + 8·o`. Public: it says nothing about the scalar that it is added to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Offset {
    high: u64,
    low: u128,
}

/// The highest power of ten that fits into 64 bits, for the digits of a decimal number.
const TEN_19: u64 = 10_000_000_000_000_000_000;

/// How often a lane's distance is drawn again if it is too small to go back from: once in 2^70 is a surprise.
const DRAWS: u32 = 8;

/// A text that is no offset.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("an offset is a whole number in decimal digits, below 2^131")]
pub struct NotAnOffset;

impl Offset {
    /// Above every offset that a search can claim: a lane begins below 2^130 and goes less than 2^61 from there.
    pub const LIMIT: Self = Self { high: 8, low: 0 };

    /// Where a lane begins: uniform below 2^130, but not so near to zero that its sweeps could go below it.
    ///
    /// # Errors
    /// The operating system's generator fails.
    pub fn fresh() -> Result<Self, KeyError> {
        for _ in 0..DRAWS {
            let mut bytes = [0; 24];
            fill(&mut SysRng, &mut bytes)?;
            let (low, high) = bytes.split_at(16);
            let offset = Self {
                high: word(high) as u64 & 3,
                low: word(low),
            };
            if offset.plus(-REACH).is_some() {
                return Ok(offset);
            }
        }
        Err(KeyError::NotRandom)
    }

    /// The offset so many candidates further or before; nothing below zero or from [`Offset::LIMIT`] on.
    #[must_use]
    pub fn plus(self, candidates: i64) -> Option<Self> {
        let distance = u128::from(candidates.unsigned_abs());
        let (low, carried) = match candidates < 0 {
            true => self.low.overflowing_sub(distance),
            false => self.low.overflowing_add(distance),
        };
        let high = match candidates < 0 {
            true => self.high.checked_sub(carried.into())?,
            false => self.high.checked_add(carried.into())?,
        };
        Some(Self { high, low }).filter(|offset| *offset < Self::LIMIT)
    }

    /// Eight times the offset, as four little-endian words.
    pub(crate) fn eightfold(self) -> [u64; 4] {
        let low = self.low << 3;
        let high = u128::from(self.high) << 3 | self.low >> 125;
        [
            low as u64,
            (low >> 64) as u64,
            high as u64,
            (high >> 64) as u64,
        ]
    }

    /// The same as a scalar in bytes.
    pub(crate) fn eightfold_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for (out, word) in bytes.chunks_exact_mut(8).zip(self.eightfold()) {
            out.copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }

    /// The offset in lower-case hex, without zeros in front.
    pub fn hex(self) -> String {
        match self.high {
            0 => format!("{:x}", self.low),
            high => format!("{high:x}{:032x}", self.low),
        }
    }

    /// Quotient and remainder by [`TEN_19`].
    fn divided(self) -> (Self, u64) {
        let ten = u128::from(TEN_19);
        let words = [self.high, (self.low >> 64) as u64, self.low as u64];
        let mut rest = 0;
        let [high, middle, low] = words.map(|word| {
            let dividend = rest << 64 | u128::from(word);
            rest = dividend % ten;
            dividend / ten
        });
        let quotient = Self {
            high: high as u64,
            low: middle << 64 | low,
        };
        (quotient, rest as u64)
    }

    /// Ten times the offset and a digit; nothing from [`Offset::LIMIT`] on.
    fn append(self, digit: u32) -> Option<Self> {
        let word = |shift| u128::from((self.low >> shift) as u64) * 10;
        let low = word(0) + u128::from(digit);
        let middle = word(64) + (low >> 64);
        let high = u128::from(self.high) * 10 + (middle >> 64);
        let appended = Self {
            high: u64::try_from(high).ok()?,
            low: middle << 64 | low & u128::from(u64::MAX),
        };
        Some(appended).filter(|offset| *offset < Self::LIMIT)
    }
}

/// Up to 16 little-endian bytes.
fn word(bytes: &[u8]) -> u128 {
    (bytes.iter().rev()).fold(0, |value, byte| value << 8 | u128::from(*byte))
}

/// In decimal.
impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rest, last) = self.divided();
        let (first, middle) = rest.divided();
        let text = format!("{:019}{middle:019}{last:019}", first.low);
        let digits = text.trim_start_matches('0');
        f.write_str(if digits.is_empty() { "0" } else { digits })
    }
}

/// Decimal digits only, and none of them a zero in front, so that an offset has one text.
impl FromStr for Offset {
    type Err = NotAnOffset;

    fn from_str(text: &str) -> Result<Self, NotAnOffset> {
        if text.is_empty() || text.len() > 1 && text.starts_with('0') {
            return Err(NotAnOffset);
        }
        let none = Self { high: 0, low: 0 };
        let mut digits = text.chars().map(|c| c.to_digit(10));
        digits
            .try_fold(none, |offset, digit| offset.append(digit?))
            .ok_or(NotAnOffset)
    }
}

#[cfg(test)]
mod tests {
    use num_bigint::BigUint;
    use proptest::prelude::*;

    use super::*;

    fn value(offset: Offset) -> BigUint {
        (BigUint::from(offset.high) << 128) + offset.low
    }

    proptest! {
        #[test]
        fn an_offset_is_a_big_integer_in_every_form(high in 0u64..8, low: u128, step: i64) {
            let offset = Offset { high, low };
            let exact = value(offset);
            prop_assert_eq!(offset.to_string(), exact.to_string());
            prop_assert_eq!(offset.hex(), exact.to_str_radix(16));
            prop_assert_eq!(offset.to_string().parse(), Ok(offset));
            let eightfold = BigUint::from_bytes_le(&offset.eightfold_bytes());
            prop_assert_eq!(eightfold, &exact * 8u32);
            let moved = num_bigint::BigInt::from(exact) + step;
            let inside = moved >= 0.into() && moved < (num_bigint::BigInt::from(1) << 131);
            prop_assert_eq!(offset.plus(step).is_some(), inside);
            if let Some(stepped) = offset.plus(step) {
                prop_assert_eq!(num_bigint::BigInt::from(value(stepped)), moved);
            }
        }
    }

    #[test]
    fn small_numbers_and_powers_of_ten_have_their_digits() {
        for text in [
            "0",
            "7",
            "10000000000000000000",
            "99999999999999999999999999999999999999",
        ] {
            assert_eq!(text.parse::<Offset>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_offset_is_refused() {
        let limit = value(Offset::LIMIT);
        assert!((limit.clone() - 1u32).to_string().parse::<Offset>().is_ok());
        for text in [
            "",
            "-1",
            "+1",
            "01",
            "0x1",
            "1 ",
            "1e3",
            "½",
            &limit.to_string(),
            &"9".repeat(400),
        ] {
            assert_eq!(text.parse::<Offset>(), Err(NotAnOffset), "{text}");
        }
    }

    #[test]
    fn fresh_lanes_begin_below_2_to_the_130_and_far_apart() {
        let mut lanes: Vec<_> = (0..1000).map(|_| Offset::fresh().unwrap()).collect();
        lanes.sort();
        assert!(
            lanes
                .iter()
                .all(|lane| lane.high < 4 && lane.plus(-REACH).is_some())
        );
        assert!((0..4).all(|high| lanes.iter().any(|lane| lane.high == high)));
        // Of 1,000 lanes two are nearer than 2^64 with a chance below 2^-46.
        assert!(
            lanes
                .windows(2)
                .all(|two| value(two[1]) - value(two[0]) > BigUint::from(u64::MAX))
        );
    }
}
