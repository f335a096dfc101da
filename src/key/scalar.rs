//! Clamped scalars as bytes: what clamped means, and `s + 8·offset` with its carry, apart from any field arithmetic.

use zeroize::Zeroizing;

use super::secret::Secret;

/// Whether a little-endian scalar is clamped as RFC 8032 section 5.1.5 wants it: a multiple of 8, bit 254 set,
/// bit 255 clear. That is every multiple of 8 from 2^254 to 2^255 − 8.
pub(super) fn is_clamped(scalar: &[u8; 32]) -> bool {
    scalar[0] & 7 == 0 && scalar[31] & 0xc0 == 0x40
}

/// Clamps 32 bytes in place.
pub(super) fn clamp(scalar: &mut [u8; 32]) {
    scalar[0] &= 0xf8;
    scalar[31] = scalar[31] & 0x3f | 0x40;
}

/// `scalar + 8·offset`, or nothing where that leaves the clamped range.
pub(super) fn step(scalar: &[u8; 32], offset: i64) -> Option<Secret<32>> {
    let distance = 8 * u128::from(offset.unsigned_abs());
    let words = [distance as u64, (distance >> 64) as u64, 0, 0];
    moved(scalar, words, offset < 0)
}

/// `scalar + distance`, or the difference, where that is a clamped scalar; `distance` is below 2^254.
pub(super) fn moved(scalar: &[u8; 32], distance: [u64; 4], down: bool) -> Option<Secret<32>> {
    let mut sum = Secret::zeroed();
    let mut carry = Zeroizing::new(0);
    let words = scalar.chunks_exact(8).zip(distance);
    for (out, (word, distance)) in sum.expose_mut().chunks_exact_mut(8).zip(words) {
        let word = word
            .iter()
            .rev()
            .fold(0, |value, &byte| value << 8 | u64::from(byte));
        let (value, carried) = combine(word, distance, *carry, down);
        out.copy_from_slice(&value.to_le_bytes());
        *carry = carried;
    }
    // No distance reaches around the 2^254 scalars below or above the clamped range, so the bits tell all of it.
    is_clamped(sum.expose()).then_some(sum)
}

/// One word of a sum or difference, and the carry (0 or 1) into the next.
fn combine(word: u64, other: u64, carry: u64, subtract: bool) -> (u64, u64) {
    let (first, second) = if subtract {
        let (value, borrowed) = word.overflowing_sub(other);
        ((value, borrowed), value.overflowing_sub(carry))
    } else {
        let (value, carried) = word.overflowing_add(other);
        ((value, carried), value.overflowing_add(carry))
    };
    (second.0, u64::from(first.1 | second.1))
}

#[cfg(test)]
mod tests {
    use num_bigint::BigInt;
    use proptest::prelude::*;

    use super::*;

    fn value(scalar: &[u8; 32]) -> BigInt {
        BigInt::from_bytes_le(num_bigint::Sign::Plus, scalar)
    }

    fn smallest() -> [u8; 32] {
        let mut scalar = [0; 32];
        scalar[31] = 0x40;
        scalar
    }

    fn largest() -> [u8; 32] {
        let mut scalar = [0xff; 32];
        clamp(&mut scalar);
        scalar
    }

    proptest! {
        #[test]
        fn a_step_is_the_sum_of_big_integers(mut scalar: [u8; 32], offset: i64) {
            clamp(&mut scalar);
            let sum = value(&scalar) + BigInt::from(offset) * 8;
            let inside = value(&smallest()) <= sum && sum <= value(&largest());
            let stepped = step(&scalar, offset);
            prop_assert_eq!(stepped.is_some(), inside);
            if let Some(stepped) = stepped {
                prop_assert_eq!(value(stepped.expose()), sum);
            }
        }
    }

    #[test]
    fn carries_and_borrows_run_through_every_word() {
        let mut scalar = [0xff; 32];
        scalar[0] = 0xf8;
        scalar[31] = 0x40;
        let up = step(&scalar, 1).unwrap();
        assert_eq!(value(up.expose()), value(&scalar) + 8);
        assert_eq!(step(up.expose(), -1).unwrap().expose(), &scalar);
    }

    #[test]
    fn the_ends_of_the_clamped_range_cannot_be_left() {
        assert!(step(&smallest(), 0).is_some() && step(&largest(), 0).is_some());
        for (end, outward) in [(smallest(), -1), (largest(), 1)] {
            for distance in [1, 2, 1 << 60, i64::MAX] {
                assert!(step(&end, outward * distance).is_none());
                assert!(step(&end, -outward * distance).is_some());
            }
        }
        assert!(step(&smallest(), i64::MIN).is_none() && step(&largest(), i64::MIN).is_some());
    }

    #[test]
    fn clamping_gives_clamped_scalars_and_changes_no_clamped_one() {
        for fill in 0..=255 {
            let mut scalar = [fill; 32];
            clamp(&mut scalar);
            assert!(is_clamped(&scalar));
            let before = scalar;
            clamp(&mut scalar);
            assert_eq!(scalar, before);
        }
    }
}
