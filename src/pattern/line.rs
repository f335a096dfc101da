//! A beginning and an end of a key: `ABCD...EF12` or a bare prefix, with an optional description.

use std::fmt;

use super::digits::{Digits, KeyEnds};
use super::error::HexError;

/// A beginning, an end, or both; digits as they are read, the end's last digit last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PatternLine {
    /// What the key begins with; no digits: anything.
    pub head: Digits,
    /// What the key ends with; no digits: anything.
    pub tail: Digits,
    /// What the user wrote behind `|`; empty when there was nothing.
    pub description: String,
    /// Line number in its file, counted from 1; 0 when it was typed.
    pub line: usize,
}

impl PatternLine {
    /// Parses `ABCD...EF12`; one side may be empty, `…` means `...`, spaces around the sides are ignored.
    ///
    /// # Errors
    /// No dots or too many, both sides empty, digits that are not hex or too many.
    pub fn parse_match(text: &str) -> Result<Self, HexError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(HexError::Empty);
        }
        match split_dots(text)? {
            Some((head, tail)) => Self::of_sides(head, tail),
            None => Digits::parse(text).and(Err(HexError::NoDots)),
        }
    }

    /// Parses the pattern of a line in a file: as [`Self::parse_match`], or a bare prefix.
    ///
    /// # Errors
    /// As [`Self::parse_match`], but for missing dots.
    pub fn parse_pattern(text: &str) -> Result<Self, HexError> {
        match split_dots(text.trim())? {
            Some((head, tail)) => Self::of_sides(head, tail),
            None => Ok(Self {
                head: Digits::parse(text)?,
                ..Self::default()
            }),
        }
    }

    /// Parses a line of a pattern file with its `|description` and `#` comment; nothing on a line without pattern.
    ///
    /// A `#` within a description begins a comment only with a space on both sides, so that `|Node #1` stays whole.
    ///
    /// # Errors
    /// As [`Self::parse_pattern`].
    pub fn parse_line(text: &str, line: usize) -> Result<Option<Self>, HexError> {
        let end = text.bytes().position(|b| matches!(b, b'#' | b'|'));
        let end = end.unwrap_or(text.len());
        let (pattern, rest) = text.split_at(end);
        if pattern.trim().is_empty() && !rest.starts_with('|') {
            return Ok(None);
        }
        let parsed = Self::parse_pattern(pattern)?;
        let description = rest.strip_prefix('|').map(clean_description);
        let description = description.unwrap_or_default();
        Ok(Some(Self {
            description,
            line,
            ..parsed
        }))
    }

    /// Reads lines that [`Self`] wrote as text.
    ///
    /// # Errors
    /// A line can't be read.
    pub(crate) fn read_all(texts: &[String]) -> Result<Vec<Self>, HexError> {
        let lines: Result<Vec<_>, _> = texts.iter().map(|text| Self::parse_line(text, 0)).collect();
        Ok(lines?.into_iter().flatten().collect())
    }

    /// Whether the key with these ends has this beginning and end. Reserved keys are not looked at here.
    pub fn holds(&self, ends: KeyEnds) -> bool {
        self.head.begins(ends.head) && self.tail.reversed().begins(ends.tail)
    }

    /// The pattern without its description: `ABCD...EF12`, or a bare prefix.
    pub fn pattern(&self) -> String {
        if self.tail.is_empty() {
            self.head.to_string()
        } else {
            self.as_match()
        }
    }

    /// The pattern as [`Self::parse_match`] reads it, with dots even when one side is empty.
    pub fn as_match(&self) -> String {
        format!("{}...{}", self.head, self.tail)
    }

    /// What to call a key that matches this line: its description, or what it is.
    pub fn label(&self) -> String {
        match (self.description.is_empty(), self.tail.is_empty()) {
            (false, _) => self.description.clone(),
            (true, true) => format!("prefix {}", self.head),
            (true, false) => format!("match {}", self.pattern()),
        }
    }

    /// The pattern with its description behind it: `ABCD...EF12 (a node)`.
    pub(crate) fn described(&self) -> String {
        if self.description.is_empty() {
            return self.pattern();
        }
        format!("{} ({})", self.pattern(), self.description)
    }

    /// The same wherever it stands.
    pub(super) fn without_number(&self) -> Self {
        Self {
            line: 0,
            ..self.clone()
        }
    }

    fn of_sides(head: &str, tail: &str) -> Result<Self, HexError> {
        let side = |text: &str| match text.trim() {
            "" => Ok(Digits::ANY),
            text => Digits::parse(text),
        };
        let (head, tail) = (side(head)?, side(tail)?);
        if head.is_empty() && tail.is_empty() {
            return Err(HexError::NoSides);
        }
        Ok(Self {
            head,
            tail,
            ..Self::default()
        })
    }
}

/// The line as a pattern file holds it: it reads back as the same line.
impl fmt::Display for PatternLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.pattern())?;
        match self.description.as_str() {
            "" => Ok(()),
            description => write!(f, "|{description}"),
        }
    }
}

fn split_dots(text: &str) -> Result<Option<(&str, &str)>, HexError> {
    // '…' begins with a byte that is not ASCII; any other such character can't be part of a pattern anyway
    let dots = text.bytes().position(|b| b == b'.' || !b.is_ascii());
    let Some(start) = dots.filter(|at| text[*at..].starts_with(['.', '…'])) else {
        return Ok(None);
    };
    let (head, rest) = text.split_at(start);
    let tail = rest
        .strip_prefix("...")
        .or_else(|| rest.strip_prefix('…'))
        .ok_or(HexError::Dots)?;
    if tail.contains(['.', '…']) {
        Err(HexError::Dots)
    } else {
        Ok(Some((head, tail)))
    }
}

/// Without a trailing comment, and without control characters, which could garble a terminal.
fn clean_description(text: &str) -> String {
    let mut end = text.len();
    for (at, _) in text.match_indices('#') {
        let before = text[..at].chars().next_back();
        let after = text[at + 1..].chars().next();
        if [before, after].iter().flatten().all(|c| c.is_whitespace()) {
            end = at;
            break;
        }
    }
    text[..end].trim().replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> PatternLine {
        PatternLine::parse_line(text, 1).unwrap().unwrap()
    }

    #[test]
    fn lines_are_read_with_comments_descriptions_and_spaces() {
        for (text, pattern, description) in [
            ("ABCD...EF12", "ABCD...EF12", ""),
            ("  abcd … ef12  # comment", "ABCD...EF12", ""),
            ("F8A1", "F8A1", ""),
            ("...12|ends", "...12", "ends"),
            ("AB... | Node #1 | b", "AB", "Node #1 | b"),
            ("AB...CD|desc # comment", "AB...CD", "desc"),
        ] {
            assert_eq!(
                (
                    line(text).pattern().as_str(),
                    line(text).description.as_str()
                ),
                (pattern, description)
            );
            assert_eq!(line(&line(text).to_string()), line(text));
        }
        for text in ["", "   ", "# AB...CD", "  #"] {
            assert_eq!(PatternLine::parse_line(text, 1), Ok(None));
        }
    }

    #[test]
    fn malformed_lines_say_what_is_wrong() {
        for (text, reason) in [
            ("...", HexError::NoSides),
            ("AB..CD", HexError::Dots),
            ("AB....CD", HexError::Dots),
            ("AB...CD...EF", HexError::Dots),
            ("|name", HexError::Empty),
            ("12345678901234567", HexError::TooLong { digits: 17 }),
            ("ABCD...EFGH", HexError::not_hex("EFGH")),
            ("AB CD", HexError::not_hex("AB CD")),
        ] {
            assert_eq!(PatternLine::parse_line(text, 1), Err(reason), "{text}");
        }
        assert_eq!(PatternLine::parse_match("ABCD"), Err(HexError::NoDots));
        let coffee = Digits::parse("COFFEE").unwrap_err().to_string();
        assert!(
            coffee.starts_with("O is not hex (position 2; did you mean 0?)"),
            "{coffee}"
        );
    }
}
