//! Reads pattern files and watchlists: a pattern a line, every malformed line collected.

use std::borrow::Cow;

use super::digits::Digits;
use super::error::PatternFileErrors;
use super::line::PatternLine;

/// Longest part of a malformed line that an error repeats, in characters.
const SHOWN_CHARS: usize = 40;

/// The lines of a pattern file, and notes about repeated lines and lines that can never match, which are left out.
///
/// # Errors
/// Every malformed line with its number and the reason.
pub(crate) fn parse(
    text: &[u8],
    source_name: &str,
) -> Result<(Vec<PatternLine>, Vec<String>), PatternFileErrors> {
    let (lines, errors) = read_lines(text);
    if errors.is_empty() {
        return Ok(without_useless(lines, source_name));
    }
    let plural = if errors.len() == 1 { "" } else { "s" };
    let lines = errors
        .iter()
        .map(|(line, error)| format!("\n{source_name}:{line}: {error}"));
    Err(PatternFileErrors(format!(
        "{source_name}: {} malformed line{plural}{}",
        errors.len(),
        lines.collect::<String>()
    )))
}

/// The same for a file that the user did not name: malformed lines are left out, and a note names the first three.
pub(crate) fn parse_usable(text: &[u8], source_name: &str) -> (Vec<PatternLine>, Vec<String>) {
    let (lines, errors) = read_lines(text);
    let (lines, mut notes) = without_useless(lines, source_name);
    if !errors.is_empty() {
        let shown = errors.iter().take(3);
        let shown = shown.map(|(line, error)| format!("line {line}, {error}"));
        let more = if errors.len() > 3 { "; …" } else { "" };
        let plural = if errors.len() == 1 { "line" } else { "lines" };
        notes.push(format!(
            "WARNING: {source_name}: {} {plural} can't be used and left out ({}{more})",
            errors.len(),
            shown.collect::<Vec<_>>().join("; ")
        ));
    }
    (lines, notes)
}

/// The lines that can be read, and what the others are and why, by their number.
fn read_lines(text: &[u8]) -> (Vec<PatternLine>, Vec<(usize, String)>) {
    let (mut lines, mut errors) = (Vec::new(), Vec::new());
    for (line, text) in (1..).zip(decoded(text).lines()) {
        match PatternLine::parse_line(text, line) {
            Ok(read) => lines.extend(read),
            Err(reason) => errors.push((line, format!("{}: {reason}", shortened(text)))),
        }
    }
    (lines, errors)
}

/// The text without a byte order mark; UTF-16 as Windows editors write it is understood too.
fn decoded(text: &[u8]) -> Cow<'_, str> {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        Cow::Owned(String::from_utf16_lossy(&units.collect::<Vec<u16>>()))
    };
    match text {
        [0xFF, 0xFE, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest),
        _ => String::from_utf8_lossy(text),
    }
}

fn shortened(text: &str) -> String {
    let text = text.trim();
    let shown: String = text.chars().take(SHOWN_CHARS).collect();
    let mut shown = shown.escape_debug().to_string();
    if text.chars().count() > SHOWN_CHARS {
        shown.push('…');
    }
    shown
}

fn without_useless(lines: Vec<PatternLine>, source_name: &str) -> (Vec<PatternLine>, Vec<String>) {
    let (mut reserved, mut repeated) = (Vec::new(), Vec::new());
    let repeats = repeats(&lines);
    let mut kept = lines;
    let mut at = 0;
    kept.retain(|line| {
        let (is_reserved, is_repeated) = (line.head.is_reserved(), repeats[at]);
        at += 1;
        match (is_reserved, is_repeated) {
            (true, _) => reserved.push(line.line),
            (_, true) => repeated.push(line.line),
            _ => {}
        }
        !is_reserved && !is_repeated
    });
    let why_reserved =
        "that can never match, since MeshCore reserves keys that begin with 00 or FF";
    let parts = [
        (reserved, why_reserved),
        (repeated, "with the same pattern as an earlier line"),
    ];
    let parts = parts.into_iter().filter(|(numbers, _)| !numbers.is_empty());
    let parts: Vec<String> = parts
        .map(|(numbers, what)| format!("{} {what}", counted_lines(&numbers)))
        .collect();
    let note = format!("{source_name}: left out {}", parts.join("; "));
    (kept, Vec::from_iter((!parts.is_empty()).then_some(note)))
}

/// For each line whether an earlier one has the same beginning and end.
fn repeats(lines: &[PatternLine]) -> Vec<bool> {
    let row = |(i, line): (usize, &PatternLine)| (line.head, line.tail, i);
    let mut order: Vec<(Digits, Digits, usize)> = lines.iter().enumerate().map(row).collect();
    order.sort_unstable();
    let mut repeats = vec![false; lines.len()];
    for pair in order.windows(2) {
        if (pair[0].0, pair[0].1) == (pair[1].0, pair[1].1) {
            repeats[pair[1].2] = true;
        }
    }
    repeats
}

/// "line 3" or "4 lines (3, 7, 9, …)".
pub(super) fn counted_lines(numbers: &[usize]) -> String {
    if let [only] = numbers {
        return format!("line {only}");
    }
    let shown: Vec<String> = numbers.iter().take(3).map(usize::to_string).collect();
    let more = if numbers.len() > 3 { ", …" } else { "" };
    format!("{} lines ({}{more})", numbers.len(), shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crlf_byte_order_marks_and_comments_are_fine() {
        let text = "\u{feff}# list\r\nABCD...EF12|one\r\n\r\nF8 # two\r\n…77";
        let (lines, notes) = parse(text.as_bytes(), "list.txt").unwrap();
        let texts: Vec<String> = lines.iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["ABCD...EF12|one", "F8", "...77"]);
        assert_eq!(lines.iter().map(|l| l.line).collect::<Vec<_>>(), [2, 4, 5]);
        assert!(notes.is_empty());
    }

    #[test]
    fn utf_16_from_windows_editors_is_read() {
        let bytes: Vec<u8> = "\u{feff}AB...CD\r\nEF"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(parse(&bytes, "list.txt").unwrap().0.len(), 2);
    }

    #[test]
    fn every_malformed_line_is_listed_with_file_line_and_reason() {
        let errors = parse(b"AB\nXY\n12...G\n\xff\xffAB\n", "p.txt").unwrap_err();
        let text = errors.to_string();
        assert!(text.starts_with("p.txt: 3 malformed lines\n"), "{text}");
        assert!(text.contains("\np.txt:4: "), "{text}");
        assert!(text.contains("p.txt:2: XY: X is not hex"), "{text}");
        assert!(text.contains("p.txt:3: 12...G: G is not hex"), "{text}");
    }

    #[test]
    fn of_a_file_that_nobody_named_what_can_be_read_counts() {
        let (lines, notes) = parse_usable(b"ABCD...EFGH|cool\nDEAD...BEEF\n", "w.txt");
        assert_eq!(lines.len(), 1);
        let said = notes[0].as_str();
        assert!(
            said.starts_with("WARNING: w.txt: 1 line can't be used"),
            "{said}"
        );
        assert!(
            said.contains("line 1, ABCD...EFGH|cool: G is not hex"),
            "{said}"
        );
        assert!(parse_usable(b"DEAD...BEEF\n", "w.txt").1.is_empty());
    }

    #[test]
    fn repeated_lines_and_reserved_lines_are_one_note() {
        let (lines, notes) = parse(b"AB\n00\nff12...3\nab\nAB...\nF\n0\n", "p.txt").unwrap();
        assert_eq!(lines.len(), 3);
        let note = "p.txt: left out 2 lines (2, 3) that can never match, since MeshCore reserves keys that begin with \
                    00 or FF; 2 lines (4, 5) with the same pattern as an earlier line";
        assert_eq!(notes, [note]);
    }
}
