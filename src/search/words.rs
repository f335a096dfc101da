//! The two words of a survivor against its exact public key: agreement within the engine's tolerance, and back.

use crate::engine::coarse::{HIGH_TOLERANCE, LOW_MASK};

/// Bits of the `high` word: 63, the sign of x above them is not computed by a sweep.
const HIGH_BITS: u64 = (1 << 63) - 1;

/// The words that an exact engine would yield for a public key, laid out as `engine::coarse` says.
pub(crate) fn exact_words(public: &[u8; 32]) -> (u64, u64) {
    let mut low = [0; 8];
    low[..6].copy_from_slice(&public[..6]);
    let mut high = [0; 8];
    high[2..].copy_from_slice(&public[26..]);
    (
        u64::from_le_bytes(low),
        u64::from_le_bytes(high) & HIGH_BITS,
    )
}

/// Whether a survivor's words fit its exact public key: equal `low`, and a `high` that is too small by no more than
/// the stated tolerance. If not, the engine computed something wrong.
pub(crate) fn agree(low: u64, high: u64, public: &[u8; 32]) -> bool {
    let (exact_low, exact_high) = exact_words(public);
    let lag = exact_high.wrapping_sub(high) & HIGH_BITS;
    low & LOW_MASK == exact_low && lag <= HIGH_TOLERANCE
}

/// A public key with these words and this sign of x, zero where the words tell nothing.
pub(crate) fn sketch(low: u64, high: u64, sign: bool) -> [u8; 32] {
    let mut public = [0; 32];
    public[..6].copy_from_slice(&low.to_le_bytes()[..6]);
    let top = (high & HIGH_BITS) | (u64::from(sign) << 63);
    public[26..].copy_from_slice(&top.to_le_bytes()[2..]);
    public
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public() -> [u8; 32] {
        let mut bytes = [0u8; 32];
        for (i, byte) in (0u8..).zip(bytes.iter_mut()) {
            *byte = 0xA1 ^ (i * 7);
        }
        bytes
    }

    #[test]
    fn exact_words_agree_with_either_sign() {
        let mut key = public();
        for sign in [0x00, 0x80] {
            key[31] = (key[31] & 0x7f) | sign;
            let (low, high) = exact_words(&key);
            assert!(agree(low, high, &key));
        }
    }

    #[test]
    fn a_high_word_may_lag_by_the_tolerance_and_no_more() {
        let key = public();
        let (low, high) = exact_words(&key);
        assert!(agree(
            low,
            high.wrapping_sub(HIGH_TOLERANCE) & HIGH_BITS,
            &key
        ));
        assert!(!agree(
            low,
            high.wrapping_sub(HIGH_TOLERANCE + (1 << 16)) & HIGH_BITS,
            &key
        ));
        assert!(!agree(low, high + (1 << 16), &key));
    }

    #[test]
    fn a_high_word_may_wrap_below_zero() {
        let mut key = public();
        key[26..].fill(0);
        let (low, _) = exact_words(&key);
        assert!(agree(low, HIGH_BITS & !0xffff, &key));
    }

    #[test]
    fn any_flipped_bit_of_the_low_word_is_an_error() {
        let key = public();
        let (low, high) = exact_words(&key);
        for bit in 0..48 {
            assert!(!agree(low ^ (1 << bit), high, &key), "bit {bit}");
        }
    }

    #[test]
    fn a_sketch_has_the_ends_of_the_key() {
        let key = public();
        let (low, high) = exact_words(&key);
        let sketch = sketch(low, high, key[31] & 0x80 != 0);
        assert_eq!(sketch[..6], key[..6]);
        assert_eq!(sketch[26..], key[26..]);
    }
}
