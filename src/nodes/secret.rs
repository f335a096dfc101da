//! What in a list may be a secret: a seed or a private key, whole or broken into pieces.
//!
//! Half of all seeds are the bytes of some public key, so the digits alone don't tell. What stands before them does, by the
//! knowledge of those who read key files; and so do their number and order.

use std::path::Path;

use curve25519_dalek::edwards::CompressedEdwardsY;

use super::{KEY_DIGITS, PRIVATE_DIGITS};
use crate::key::hex;
use crate::key::load::Role;

/// Why something may be a secret, and what to do if it is none.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Doubt {
    pub(super) why: &'static str,
    pub(super) remedy: &'static str,
}

/// A label or a heading calls it one.
pub(super) const LABELLED: Doubt = Doubt {
    why: "its label is that of a seed or a private key",
    remedy: "label it as a public key",
};

/// The file's name does.
pub(super) const NAMED: Doubt = Doubt {
    why: "the file's name says that it holds a seed or a private key",
    remedy: "rename the file",
};

/// A console answered with it, and the question is not there.
pub(super) const ANSWERED: Doubt = Doubt {
    why: "a console that is asked for its private key or seed answers like that, too",
    remedy: "put the line \"get public.key\" before it",
};

/// It may be a key that was broken into pieces.
pub(super) const BROKEN: Doubt = Doubt {
    why: "its hex digits together are as many as a private key or a seed has",
    remedy: "put each node on a line of its own, and add a line 00, which takes no ID",
};

/// No node can have it as its public key.
pub(super) const NO_POINT: Doubt = Doubt {
    why: "no node can have these 64 digits as its public key (no point on the curve), but they can be a seed",
    remedy: "correct the digits",
};

/// What labels of keys are made of: a name has other words, too, such as "Seed Hill".
const LABEL_PARTS: &str = "base byte device ed entropy expanded export get hex identity is key master meshcore \
    mnemonic my node of passphrase password phrase prv priv private pub public raw s \
    scalar secret seed set signing sk the";

/// Secrets that no key file names by these words alone.
const OTHER_SECRETS: &str = "sk mnemonic entropy passphrase password scalar";

/// Whether a text before or after 64 digits, or the heading above them, calls them a secret: the last words that are a
/// label's decide, because a node may be called "Seed Hill" or "Private Road 5"; so do those before "of" and "for".
pub(super) fn is_named(label: &str) -> bool {
    let words = words(label);
    let is_link = |word: &String| matches!(word.as_str(), "for" | "of" | "from");
    let head = words.split(is_link).next().unwrap_or_default();
    is_secret_noun(head) || is_secret_noun(&words)
}

/// Whether the last words name a secret: as many of them as are those of a label.
fn is_secret_noun(words: &[String]) -> bool {
    let name = words.iter().rposition(|word| !is_of_label(word));
    let own = &words[name.map_or(0, |last| last + 1)..];
    let known = Role::of_label(&own.join(" "));
    let is_other = |word: &String| OTHER_SECRETS.split(' ').any(|other| other == word);
    known.map_or_else(
        || own.iter().any(is_other),
        |role| role != Some(Role::Public),
    )
}

/// Whether a text has no word that is not one of a label.
pub(super) fn is_label(text: &str) -> bool {
    words(text).iter().all(|word| is_of_label(word))
}

/// Whether a text announces a public key.
pub(super) fn is_public(label: &str) -> bool {
    Role::of_label(label) == Some(Some(Role::Public))
}

/// Whether the name of a list says that it holds secrets, as `node-seed.txt` and `x_private.txt` do.
pub(super) fn is_in_name(list: &str) -> bool {
    let stem = Path::new(list).file_stem().and_then(|stem| stem.to_str());
    let role = stem.and_then(Role::of_label);
    role.is_some_and(|role| role != Some(Role::Public))
}

/// The words of a label in lower case, without numbers: of bytes, of the key.
fn words(label: &str) -> Vec<String> {
    let label = label.trim_end_matches("0x");
    let words = label.split(|c: char| !c.is_alphanumeric()).map(letters);
    words.filter(|word| !word.is_empty()).collect()
}

fn letters(word: &str) -> String {
    let kept = word.chars().filter(|c| !c.is_ascii_digit());
    kept.flat_map(char::to_lowercase).collect()
}

fn is_of_label(word: &str) -> bool {
    let mut rests = LABEL_PARTS
        .split(' ')
        .filter_map(|part| word.strip_prefix(part));
    word.is_empty() || rests.any(is_of_label)
}

/// Whether hex words may be the pieces of one private key or seed.
///
/// A private key shows by its scalar, of which bits are fixed ("clamped"): one list of 32 that have as many digits by chance
/// does so, too. On one line pieces have no order, a list of short IDs mostly has. A seed has no mark: on several lines only words
/// of 16 digits or more are taken for its pieces, because eight beginnings of 8 digits are a common list.
pub(super) fn is_broken<W: AsRef<str>>(words: &[W], on_one_line: bool) -> bool {
    const LONG: usize = 16;
    if words.len() < 2 {
        return false;
    }
    let pieces: Vec<String> = words
        .iter()
        .map(|word| word.as_ref().to_ascii_uppercase())
        .collect();
    let joined = pieces.concat();
    let is_long = pieces[0].len() >= LONG;
    let in_order = on_one_line && pieces.is_sorted_by(|a, b| a < b);
    match (joined.len(), on_one_line) {
        (PRIVATE_DIGITS, true) => is_clamped(&joined) || is_long || !in_order,
        (PRIVATE_DIGITS, false) => is_clamped(&joined),
        (KEY_DIGITS, true) => is_long || !in_order,
        (KEY_DIGITS, false) => is_long,
        _ => false,
    }
}

/// Whether digits begin with a scalar as RFC 8032 makes it: 8 divides it, and its highest bit is bit 254.
pub(super) fn is_clamped(digits: &str) -> bool {
    let byte = |at: usize| u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok();
    byte(0).is_some_and(|first| first & 7 == 0) && byte(31).is_some_and(|last| last & 0xc0 == 0x40)
}

/// Whether 64 digits are a point on the curve, as every public key is and half of all seeds are.
pub(super) fn is_point(digits: &str) -> bool {
    hex::decode::<32>(digits).is_ok_and(|bytes| CompressedEdwardsY(bytes).decompress().is_some())
}
