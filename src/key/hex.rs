//! Hex text of keys: digits in either case to bytes, bytes to digits, and the same for secrets without a stray copy.

use thiserror::Error;

use super::secret::SecretText;

const LOWER: &[u8; 16] = b"0123456789abcdef";
const UPPER: &[u8; 16] = b"0123456789ABCDEF";

/// Why a text is not the hex of so many bytes.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum HexError {
    /// The number of digits is wrong.
    #[error("{found} hex digits where {expected} are needed")]
    Length {
        /// Characters found.
        found: usize,
        /// Digits needed.
        expected: usize,
    },
    /// A character is not a hex digit.
    #[error("character {position}, {character:?}, is not a hex digit (0 to 9, A to F)")]
    Digit {
        /// The character's place, counted from 1.
        position: usize,
        /// The character.
        character: char,
    },
}

/// `bytes` as lower-case hex.
pub fn encode(bytes: &[u8]) -> String {
    encode_with(bytes, LOWER).collect()
}

/// `bytes` as upper-case hex.
pub fn encode_upper(bytes: &[u8]) -> String {
    encode_with(bytes, UPPER).collect()
}

/// Secret `bytes` as lower-case hex.
pub fn encode_secret(bytes: &[u8]) -> SecretText {
    let mut text = SecretText::with_capacity(2 * bytes.len());
    let mut digit = [0; 4];
    for character in encode_with(bytes, LOWER) {
        text.push_str(character.encode_utf8(&mut digit));
    }
    text
}

fn encode_with<'a>(bytes: &'a [u8], digits: &'static [u8; 16]) -> impl Iterator<Item = char> + 'a {
    let digit = |nibble: u8| char::from(digits[usize::from(nibble)]);
    bytes
        .iter()
        .flat_map(move |&byte| [digit(byte >> 4), digit(byte & 15)])
}

/// Reads exactly `out.len()` bytes from hex digits in either case.
///
/// # Errors
/// The text has another length or a character that is not a hex digit; `out` is then partly written.
pub fn decode_into(text: &str, out: &mut [u8]) -> Result<(), HexError> {
    if let Some((index, character)) = text
        .chars()
        .enumerate()
        .find(|(_, c)| !c.is_ascii_hexdigit())
    {
        return Err(HexError::Digit {
            position: index + 1,
            character,
        });
    }
    if text.len() != 2 * out.len() {
        return Err(HexError::Length {
            found: text.len(),
            expected: 2 * out.len(),
        });
    }
    for (byte, pair) in out.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = nibble(pair[0]) << 4 | nibble(pair[1]);
    }
    Ok(())
}

/// Reads a value of `N` bytes that is not secret, such as a public key.
///
/// # Errors
/// As [`decode_into`].
pub fn decode<const N: usize>(text: &str) -> Result<[u8; N], HexError> {
    let mut bytes = [0; N];
    decode_into(text, &mut bytes)?;
    Ok(bytes)
}

/// The value of an ASCII hex digit that was checked before.
fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20) - b'a' + 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_survives_the_way_through_hex_in_both_cases() {
        let bytes: [u8; 256] = std::array::from_fn(|i| i as u8);
        assert_eq!(decode::<256>(&encode(&bytes)).unwrap(), bytes);
        assert_eq!(decode::<256>(&encode_upper(&bytes)).unwrap(), bytes);
        assert_eq!(encode_secret(&bytes).expose(), encode(&bytes));
    }

    #[test]
    fn a_wrong_digit_is_named_with_its_place() {
        let error = decode::<3>("c0fOee").unwrap_err();
        assert_eq!(
            error,
            HexError::Digit {
                position: 4,
                character: 'O'
            }
        );
        let message = error.to_string();
        assert!(message.contains("character 4, 'O'"), "{message}");
    }

    #[test]
    fn a_wrong_length_is_named() {
        assert_eq!(
            decode::<3>("c0ffe").unwrap_err(),
            HexError::Length {
                found: 5,
                expected: 6
            }
        );
    }

    #[test]
    fn characters_beyond_ascii_are_wrong_digits() {
        assert_eq!(
            decode::<1>("é").unwrap_err(),
            HexError::Digit {
                position: 1,
                character: 'é'
            }
        );
    }
}
