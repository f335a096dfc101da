//! From bytes to text: UTF-8, UTF-16 with or without a byte order mark, else Latin-1 as Windows has it.

use std::borrow::Cow;

use super::ListError;

/// What Windows-1252 has where Latin-1 has control characters, 0x80 to 0x9F; unassigned bytes keep their control character
/// (<https://encoding.spec.whatwg.org/index-windows-1252.txt>).
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
    '\u{8f}', //
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// The text of a file. Terminal escape sequences are left out: clients colour what they print.
///
/// # Errors
/// It is no text.
pub(super) fn text(bytes: &[u8], name: &str) -> Result<String, ListError> {
    let text = match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => match (guessed_utf16(bytes), std::str::from_utf8(bytes)) {
            (Some(from_bytes), _) => utf16(bytes, from_bytes),
            (None, Ok(text)) => Cow::Borrowed(text),
            (None, Err(_)) => bytes.iter().map(|byte| windows_1252(*byte)).collect(),
        },
    };
    let text = without_escapes(&text);
    let is_binary = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}');
    // C1 controls come from wrongly declared encodings; a NUL or a bell comes from binary data.
    if text.chars().any(|c| c < ' ' && is_binary(c)) {
        return Err(ListError::not_text(name));
    }
    Ok(text)
}

type UnitFromBytes = fn([u8; 2]) -> u16;

/// A byte that is left over at the end, as in a file that was cut off, becomes a replacement character.
fn utf16(bytes: &[u8], unit: UnitFromBytes) -> Cow<'static, str> {
    let (pairs, cut) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| unit(*pair));
    let cut = cut.iter().map(|_| char::REPLACEMENT_CHARACTER);
    let text = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER));
    Cow::Owned(text.chain(cut).collect())
}

fn windows_1252(byte: u8) -> char {
    match byte {
        0x80..=0x9f => WINDOWS_1252[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

/// UTF-16 without a mark shows by zeros in every other byte of ASCII text.
fn guessed_utf16(bytes: &[u8]) -> Option<UnitFromBytes> {
    let start = &bytes[..bytes.len().min(512) & !1];
    let zeros = |offset| {
        start
            .iter()
            .skip(offset)
            .step_by(2)
            .filter(|b| **b == 0)
            .count()
    };
    let (even, odd, half) = (zeros(0), zeros(1), start.len() / 2);
    match (even, odd) {
        (0, odd) if odd > half / 2 && half > 1 => Some(u16::from_le_bytes),
        (even, 0) if even > half / 2 && half > 1 => Some(u16::from_be_bytes),
        _ => None,
    }
}

/// Leaves out sequences such as `ESC[34G`: from the escape to the letter that ends it. Clients also write `\x1b`-less
/// remains when a terminal recording dropped the escape itself; those stay, since they can't be told from text.
fn without_escapes(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if c != '\u{1b}' {
            plain.push(c);
            continue;
        }
        if rest.next_if_eq(&'[').is_some() {
            // Parameters and intermediates end at the first byte from @ to ~ (ECMA-48, 5.4).
            while rest.next_if(|c| !('@'..='~').contains(c)).is_some() {}
            rest.next();
            plain.push(' ');
        } else {
            rest.next();
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_encoding_gives_the_same_text() {
        let words = "F8 Müller\n";
        let utf16 = |big: bool| -> Vec<u8> {
            let unit = |u: u16| {
                if big {
                    u.to_be_bytes()
                } else {
                    u.to_le_bytes()
                }
            };
            words.encode_utf16().flat_map(unit).collect()
        };
        let marked = |mark: &[u8], rest: Vec<u8>| [mark.to_vec(), rest].concat();
        for bytes in [
            words.as_bytes().to_vec(),
            marked(b"\xef\xbb\xbf", words.as_bytes().to_vec()),
            utf16(false),
            utf16(true),
            marked(b"\xff\xfe", utf16(false)),
            marked(b"\xfe\xff", utf16(true)),
            b"F8 M\xfcller\n".to_vec(),
        ] {
            assert_eq!(text(&bytes, "list").unwrap(), words, "{bytes:?}");
        }
    }

    #[test]
    fn colours_are_left_out_and_binary_data_is_refused() {
        assert_eq!(
            text(b"Roof\x1b[34GREP\x1b[0m", "list").unwrap(),
            "Roof REP "
        );
        assert!(text(b"\x7fELF\x01\x00\x02", "list").is_err());
    }
}
