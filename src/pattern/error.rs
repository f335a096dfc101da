//! What can be wrong with patterns and with the files that hold them.

use thiserror::Error;

/// Why a text is not a value of 1 to 16 hex digits.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum HexError {
    /// Nothing there.
    #[error("no hex digits; allowed are 1 to 16 digits 0-9, A-F")]
    Empty,
    /// More than 16 digits.
    #[error("{digits} digits are too many; allowed are 1 to 16")]
    TooLong {
        /// How many there were.
        digits: usize,
    },
    /// A character that is not a hex digit.
    #[error("{} is not hex (position {position}{}); allowed are 1 to 16 digits 0-9, A-F", shown(*.found), hinted(.hint))]
    NotHex {
        /// Where it stands, counted from 1.
        position: usize,
        /// The character.
        found: char,
        /// What may have been meant.
        hint: Option<&'static str>,
    },
    /// Both sides of `...` are empty.
    #[error("both sides of ... are empty; give digits on at least one")]
    NoSides,
    /// No `...` where one is needed.
    #[error("there is no ... in it; write ABCD...EF12 (one side may be empty)")]
    NoDots,
    /// More than one `...`, or the wrong number of dots.
    #[error("write exactly one ... (three dots) between beginning and end")]
    Dots,
}

impl HexError {
    /// The error for the first character of `text` that is not a hex digit.
    pub(super) fn not_hex(text: &str) -> Self {
        let mut characters = text.chars().enumerate();
        let (index, found) = characters
            .find(|(_, c)| !c.is_ascii_hexdigit())
            .unwrap_or_default();
        let hint = match found {
            'x' | 'X' if index == 1 && text.starts_with('0') => Some("leave out 0x"),
            'O' | 'o' | 'Q' => Some("did you mean 0?"),
            'I' | 'i' | 'L' | 'l' => Some("did you mean 1?"),
            'Z' | 'z' => Some("did you mean 2?"),
            'S' | 's' => Some("did you mean 5?"),
            'G' | 'g' => Some("did you mean 6?"),
            'T' | 't' => Some("did you mean 7?"),
            _ => None,
        };
        Self::NotHex {
            position: index + 1,
            found,
            hint,
        }
    }
}

fn shown(found: char) -> String {
    match found.is_ascii_graphic() {
        true => found.to_string(),
        false => format!("{found:?}"),
    }
}

fn hinted(hint: &Option<&'static str>) -> String {
    hint.map_or_else(String::new, |hint| format!("; {hint}"))
}

/// What is wrong with a request; every message says what, where and what is allowed.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum PatternError {
    /// A value that cannot be read.
    #[error("{option} {value}: {reason}")]
    Value {
        /// The option as typed, for example `--prefix`.
        option: &'static str,
        /// The value as typed.
        value: String,
        /// What is wrong with it.
        reason: HexError,
    },
    /// A vanity length out of range.
    #[error("--vanity {length}: allowed are 2 to 16 hex digits")]
    VanityLength {
        /// The length given.
        length: u8,
    },
    /// The same value twice.
    #[error("{option} {value} is given twice; give each value once")]
    Twice {
        /// The option as typed.
        option: &'static str,
        /// The value.
        value: String,
    },
    /// A value that only reserved keys have.
    #[error(
        "{option} {value} can never match: MeshCore reserves public keys that begin with 00 or FF; \
         choose a beginning from 01 to FE"
    )]
    Reserved {
        /// The option as typed.
        option: &'static str,
        /// The value.
        value: String,
    },
    /// Conditions that no key meets together.
    #[error("{what} can never hold together{why}; leave one of them out or change it")]
    Contradiction {
        /// The conditions.
        what: String,
        /// Why, where there is more to say; begins with a separator.
        why: String,
    },
    /// The avoided beginnings leave nothing.
    #[error(
        "{what}: every beginning that is left is avoided; avoid fewer, ask for another beginning, or compare longer IDs \
         with --id-bytes 2. keygen ids shows which are taken"
    )]
    AllAvoided {
        /// What was asked for.
        what: String,
    },
    /// Nothing is left to look for.
    #[error(
        "none of the {lines} lines of the pattern files can match: each begins with 00 or FF, which MeshCore reserves, or is avoided"
    )]
    NothingLeft {
        /// How many lines there were.
        lines: usize,
    },
}

/// A file with malformed lines, each with number, text and reason.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{0}")]
pub(crate) struct PatternFileErrors(pub(super) String);
