//! Reads lists of beginnings to avoid: key lists, or what a repeater's `neighbors` command prints.

use super::digits::Digits;
use super::error::{Note, PatternFileErrors};
use super::file::read_lines;

/// The beginnings in an avoid file, each cut to the node ID's length.
///
/// The first hex word of a line counts: a word is what stands between spaces, up to the first character that is
/// neither letter nor digit, so `A1B2C3D4:123:-45` and `a1b2… name` both give A1B2C3D4 or A1B2. A numbering such as
/// `1.` or `12)` is passed over, and a word of one digit counts only when it stands alone.
///
/// `id_bytes` is the node ID's length in bytes, 1 to 3; 2 hex digits a byte are kept.
///
/// # Errors
/// Every line without a hex word, with its number. Empty lines, comments, `-none-` and the command's own echo are fine.
pub(crate) fn parse(
    text: &[u8],
    source_name: &str,
    id_bytes: usize,
) -> Result<(Vec<Digits>, Vec<Note>), PatternFileErrors> {
    let digits = 2 * id_bytes.clamp(1, 3);
    let mut found = read_lines(text, source_name, |text, _| read_line(text, digits))?;
    found.sort_unstable();
    found.dedup();
    let empty = found.is_empty();
    let notes = empty.then(|| Note::new(format!("{source_name}: no beginning to avoid in it")));
    Ok((found, notes.into_iter().collect()))
}

fn read_line(text: &str, digits: usize) -> Result<Option<Digits>, String> {
    let text = text.split('#').next().unwrap_or_default().trim();
    let echo = text
        .trim_start_matches(['>', '-', ' ', '|'])
        .trim_end_matches('-');
    if echo.is_empty()
        || echo.eq_ignore_ascii_case("none")
        || echo.eq_ignore_ascii_case("neighbors")
    {
        return Ok(None);
    }
    let alone = text.split_whitespace().count() == 1;
    text.split_whitespace()
        .find_map(|word| hex_word(word, alone, digits))
        .map(Some)
        .ok_or_else(|| {
            "no hex word in it; a line begins with a public key or its first hex digits".to_owned()
        })
}

fn hex_word(word: &str, alone: bool, digits: usize) -> Option<Digits> {
    let word = word.trim_start_matches(|c: char| !c.is_alphanumeric());
    let word = word.strip_prefix("0x").unwrap_or(word);
    let end = word
        .find(|c: char| !c.is_alphanumeric())
        .unwrap_or(word.len());
    let (hex, rest) = word.split_at(end);
    let numbering = matches!(rest, "." | ")");
    let long_enough = hex.len() > 1 || (alone && rest.is_empty());
    if numbering || !long_enough || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    Digits::parse(&hex[..hex.len().min(digits)]).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, id_bytes: usize) -> Vec<String> {
        let (found, _) = parse(text.as_bytes(), "avoid.txt", id_bytes).unwrap();
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn neighbors_output_and_key_lists_are_cut_to_the_id() {
        let neighbors = "> neighbors\r\n-> A1B2C3D4:123:-45\r\nB7000000:5:12\r\n";
        assert_eq!(read(neighbors, 1), ["A1", "B7"]);
        assert_eq!(read(neighbors, 2), ["A1B2", "B700"]);
        let key = "c0ffee".repeat(10) + "c0ff";
        assert_eq!(
            read(
                &format!("{key} Mountain top\n1. 0xabcdef # x\n\"12ab\", \n"),
                3
            ),
            ["12AB", "ABCDEF", "C0FFEE"]
        );
        assert_eq!(read("A\n-none-\n# only\n", 2), ["A"]);
    }

    #[test]
    fn lines_without_a_hex_word_are_errors() {
        let errors = parse(b"A1\nG8A1:33:-4\nxyz\n", "avoid.txt", 1).unwrap_err();
        assert_eq!(
            errors.errors.iter().map(|e| e.line).collect::<Vec<_>>(),
            [2, 3]
        );
    }

    #[test]
    fn an_empty_list_is_said() {
        assert_eq!(parse(b"-none-\n", "avoid.txt", 1).unwrap().1.len(), 1);
    }
}
