//! Why a list of nodes can't be used.

use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

use regex_lite::{Captures, Regex};

use super::secret::Doubt;
use crate::text::number::thousands;

/// Unreadable lines that are shown.
const SHOWN: usize = 3;

/// Characters of a line that are shown.
const SHOWN_CHARS: usize = 60;

/// A line that can't be read for certain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BadLine {
    /// Its number, from 1.
    pub number: usize,
    pub text: String,
}

/// Why a list can't be used. No text of this error shows more than the first three lines of it, and none of a private key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct ListError(String);

impl ListError {
    /// A private key in a list of public ones.
    pub(super) fn private_key(source_name: &str, place: &str) -> Self {
        let place = Shortened(place);
        Self(format!(
            "{source_name}: {place} is a private key (or a seed): a list of nodes holds public keys, of 64 hex digits. Keep \
             that file secret, and give a list of public keys."
        ))
    }

    /// Digits at `place` that may be a seed or a private key, although they could be something else.
    pub(super) fn secret(source_name: &str, place: &str, doubt: &Doubt) -> Self {
        let (place, Doubt { why, remedy }) = (Shortened(place), doubt);
        Self(format!(
            "{source_name}: {place} may be a secret: {why}. A list of nodes holds public keys or their beginnings. If it is \
             a secret, keep that file to yourself; if not, {remedy}."
        ))
    }

    /// Neither text nor MessagePack.
    pub(super) fn not_text(source_name: &str) -> Self {
        Self(format!(
            "{source_name}: that is no text, and no MessagePack of the map. Allowed are JSON, CSV, a Markdown table, what a \
             console or client prints, meshcore:// addresses, or a key a line."
        ))
    }

    /// JSON or MessagePack that ends too early, or is none.
    pub(super) fn damaged(source_name: &str, problem: &str) -> Self {
        Self(format!(
            "{source_name}: {problem}. Nothing was taken from it; fetch or export it again."
        ))
    }

    /// A field that should hold a key, and does not.
    pub(super) fn no_key(source_name: &str, place: &str, value: &str) -> Self {
        let (place, value) = (Shortened(place), Shortened(value));
        Self(format!(
            "{source_name}: {place}: \"{value}\" is no public key. Allowed are 2 to 64 hex digits, an even number of them."
        ))
    }

    /// An object with a key-like value in a field that this program does not know.
    pub(super) fn unknown_field(source_name: &str, place: &str) -> Self {
        let place = Shortened(place);
        Self(format!(
            "{source_name}: {place} holds 64 hex digits in a field that is not known to be a public key. Allowed names are \
             public_key, pubkey, pk, hex_id; rename the field, or give a list of keys, one a line."
        ))
    }

    /// Lines that can't be read for certain, of which the first few are shown.
    pub(super) fn lines(source_name: &str, bad: &[BadLine]) -> Self {
        let plural = if bad.len() == 1 { "line" } else { "lines" };
        let mut text = format!(
            "{source_name}: {} {plural} can't be read for certain:\n",
            thousands(bad.len() as u64)
        );
        for BadLine { number, text: line } in bad.iter().take(SHOWN) {
            text += &format!("{source_name}:{number}: {}\n", Shortened(line));
        }
        Self(
            text + "A line may hold a public key of 64 hex digits anywhere, HEX8:seconds:snr as the console's neighbors prints, \
             a row of a client's contacts with 12 digits or more, or one ID or beginning alone. In a table with a heading the \
             column of keys is called public_key, pubkey, pk, hex_id, public_key_prefix or prefix. Put # before a line that \
             is no node.",
        )
    }

    /// It is not empty, and tells of no node.
    pub(super) fn no_nodes(source_name: &str) -> Self {
        Self(format!(
            "{source_name}: no node in it. Allowed are JSON with public_key, CSV, a Markdown table, what a console or client \
             prints, meshcore:// addresses, or a key or ID a line."
        ))
    }
}

/// A text without what could disturb a terminal, not too long, and without what may be a secret.
struct Shortened<'a>(&'a str);

/// 16 hex digits or more, also with separators between them, or characters of Base64: they may be part of a private key.
static SECRET_LIKE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\b(?:[0-9A-Fa-f][ :,-]*){15,}[0-9A-Fa-f]|[A-Za-z0-9+/_-]{25,}=*").ok()
});

fn left_out(found: &Captures<'_>) -> String {
    let kept = found[0].chars().filter(char::is_ascii_alphanumeric);
    let kind = match kept.clone().all(|c| c.is_ascii_hexdigit()) {
        true => "hex digits",
        false => "characters",
    };
    format!("[{} {kind}]", kept.count())
}

impl fmt::Display for Shortened<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pattern = SECRET_LIKE.as_ref();
        let masked = pattern.map_or(Cow::Borrowed(""), |secret| {
            secret.replace_all(self.0, left_out)
        });
        for c in masked.chars().take(SHOWN_CHARS) {
            write!(f, "{}", if c.is_control() { ' ' } else { c })?;
        }
        if masked.chars().nth(SHOWN_CHARS).is_some() {
            write!(f, "…")?;
        }
        Ok(())
    }
}
