//! What a single line of text tells.
//!
//! In this order: addresses and keys of 64 digits, wherever they stand; a shortened key; a row of a client's contacts, with 12
//! digits or more; a client's neighbours and discovered nodes; `HEX8:n:n` of a console's neighbours; one word alone, or words of
//! the same length. Nothing else is taken for a node.

use std::sync::LazyLock;

use regex_lite::Regex;

use super::secret::{self, Doubt};
use super::uri::{self, Address};
use super::{KEY_DIGITS, Node, Role, is_comment, is_hex, is_private_key, is_whole_key};

/// What a line tells.
pub(super) enum Told {
    Nodes(Vec<Node>),
    /// Nodes by hex words that stand there alone.
    Bare(Vec<Node>),
    /// Blank, a comment, a rule, a command's echo, or how many nodes there are.
    Nothing,
    /// A line that may be the heading of a table.
    Unknown,
    PrivateKey,
    MaybeSecret(&'static Doubt),
}

macro_rules! pattern {
    ($name:ident, $text:expr) => {
        static $name: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new($text).ok());
    };
}

// `{name:30} {type} {12 digits}`, as meshcore-cli prints contacts, then columns for path, age, flags and distance.
pattern!(
    CONTACT,
    r"^(?:(?P<name>.*)[\s|,;])?(?P<role>NONE|CLI|REP|ROOM|SENS)[\s|,;]+(?P<key>[0-9a-fA-F]{12,64})(?:[\s|]+(?:Flood|Direct|\d+ hops?|[0-9a-fA-F]{2,6}(?:,[0-9a-fA-F]{2,6})*|\+?\d+[smhdy]|[\d.]+km))*[\s|]*$"
);
// `HEX8:seconds:snr` of a console; before it a time stamp, an arrow or a name.
pattern!(CONSOLE, r"(?:^|[\s>~])(?P<key>[0-9a-fA-F]{8}):\d+:-?\d+$");
// ` [a1b2c3d4] name   12m ago (720s), -4.25dB SNR`, ` [a1b2c3d4] name   45s, 7.5dB`.
pattern!(
    NEIGHBOUR,
    r"^\[(?P<key>[0-9a-fA-F]{4,64})\](?:\s+(?P<name>.*))?\s+\d+(?:s|[mhd] ago(?: \(\d+s\))?), -?[\d.]+dB(?: SNR)?$"
);
// ` 3f457c name   REP SNR:   7.50->  6.25 RSSI: -> -90`; a node that is no contact has 16 digits and no name.
pattern!(
    DISCOVERED,
    r"^(?P<key>[0-9a-fA-F]{6}|[0-9a-fA-F]{16})(?:\s+(?P<name>.*))?\s+(?:t:\d+|(?P<role>NONE|CLI|REP|ROOM|SENS))\s+SNR:[-> .\d]+RSSI:[-> \d]+$"
);
// `<3f457c76...f1436dd7> name`; columns have more than one blank between them, a name has not.
pattern!(
    SHORTENED,
    r"^<?(?P<key>[0-9a-fA-F]{2,60})(?:\.{2,3}|…)[0-9a-fA-F]{2,60}>?(?:\s+(?P<name>\S+(?: \S+)*))?$"
);
// What consoles and clients print around a list.
pattern!(
    AROUND,
    r"(?i)^(?:neighbou?rs|get public\.key|discover\.neighbors|contacts|pending_contacts|-?none-?|>? ?\d+ (?:from \d+ )?contacts? in device|discovered \d+ nodes?:|got \d+ neighbou?rs? out of \d+ from .*:|\d+ neighbou?rs?:?)$"
);
// How many there are, as clients say around what they print.
pattern!(
    COUNT,
    r"(?i)^>? ?(?:\d+ from )?(\d+) contacts? in device$|^discovered (\d+) nodes?:$|^got \d+ neighbou?rs? out of (\d+) from |^(\d+) neighbou?rs?:?$"
);
// A time stamp, a prompt or an arrow before what a console says.
pattern!(
    STAMP,
    r"^(?:\[?[0-9TZ:.,+\- ]*\d\d:\d\d:\d\d[0-9TZ:.,+\-]*\]?\s+)?(?:->\s*)?(?:>\s*)?"
);

/// What a line tells, after the line `before`; `bytes_of_keys`: blanks stand between the bytes of a key.
pub(super) fn told(line: &str, before: &str, bytes_of_keys: bool) -> Told {
    if is_silent(line) {
        return Told::Nothing;
    }
    if words(line).any(is_private_key) {
        return Told::PrivateKey;
    }
    let Some((mut nodes, rest)) = addresses(line) else {
        return Told::Unknown;
    };
    let keys: Vec<&str> = words(&rest).filter(|word| is_whole_key(word)).collect();
    if let Some(doubt) = doubt_of_keys(&rest, &keys, before) {
        return Told::MaybeSecret(doubt);
    }
    let is_bare = nodes.is_empty() && !keys.is_empty() && is_hex_only(&rest);
    nodes.extend(keys.into_iter().map(Node::of_key));
    if nodes.is_empty() {
        let patterns = [&*SHORTENED, &*CONTACT, &*NEIGHBOUR, &*DISCOVERED, &*CONSOLE];
        let mut known = patterns.into_iter().flatten();
        nodes.extend(known.find_map(|pattern| matched(pattern, line)));
    }
    let is_address = |word: &str| word.starts_with(uri::SCHEME);
    match nodes.is_empty() {
        false if is_bare => Told::Bare(nodes),
        false => Told::Nodes(nodes),
        true if line.split_whitespace().all(is_address) => Told::Nothing,
        true => alone(line, bytes_of_keys),
    }
}

/// Why the whole keys of a line may be secrets: by what stands before or after one, by the line before if nothing does, or
/// because two of them are the halves of a private key.
fn doubt_of_keys(line: &str, keys: &[&str], before: &str) -> Option<&'static Doubt> {
    let mut rest = line;
    for (at, key) in keys.iter().enumerate() {
        let (label, after) = rest.split_once(key)?;
        let is_silent = !label.trim_end_matches("0x").contains(char::is_alphabetic);
        if secret::is_named(label) || is_silent && secret::is_named(before) {
            return Some(&secret::LABELLED);
        }
        let is_answer = label.trim_end().ends_with("> >");
        if is_answer && !secret::is_public(before) {
            return Some(&secret::ANSWERED);
        }
        if at > 0 && label.trim().is_empty() && secret::is_clamped(keys[at - 1]) {
            return Some(&secret::BROKEN);
        }
        rest = after;
    }
    let is_label = !keys.is_empty() && secret::is_label(rest);
    (is_label && secret::is_named(rest)).then_some(&secret::LABELLED)
}

/// Whether a line has hex words and nothing that could be a name.
fn is_hex_only(line: &str) -> bool {
    words(without_numbering(line)).all(is_hex)
}

/// Whether a line is a row of a client's contacts or pending contacts, whatever the name in it is.
pub(super) fn is_row(line: &str) -> bool {
    let line = line.trim();
    let key = line.rsplit_once(": ").map(|(_, key)| key);
    key.is_some_and(is_whole_key)
        || CONTACT
            .as_ref()
            .is_some_and(|pattern| pattern.is_match(line))
}

/// Whether a line tells of nothing by itself.
pub(super) fn is_silent(line: &str) -> bool {
    let rest = without_stamp(line);
    let is_rule = rest
        .chars()
        .all(|c| matches!(c, '-' | '|' | ':' | '=' | '+' | ' ' | '>'));
    let around = AROUND
        .as_ref()
        .is_some_and(|pattern| pattern.is_match(rest));
    is_comment(line) || is_rule || around
}

fn without_stamp(line: &str) -> &str {
    let stamp = STAMP.as_ref().and_then(|pattern| pattern.find(line));
    stamp.map_or(line, |found| &line[found.end()..]).trim()
}

/// The nodes of the addresses in a line, and the line without these addresses, in which a name may look like a key; `None`:
/// one of them can't be read.
fn addresses(line: &str) -> Option<(Vec<Node>, String)> {
    let (mut nodes, mut rest) = (Vec::new(), line.to_owned());
    let words = line.split([' ', '\t', '"', '<', '>', ',']);
    for word in words.filter(|word| word.contains(uri::SCHEME)) {
        let address = &word[word.find(uri::SCHEME).unwrap_or_default()..];
        match uri::read(address) {
            Address::Node(node) => {
                nodes.push(*node);
                rest = rest.replacen(address, "", 1);
            }
            Address::Other => {}
            Address::Unreadable => return None,
        }
    }
    Some((nodes, rest))
}

fn matched(pattern: &Regex, line: &str) -> Option<Node> {
    let found = pattern.captures(line)?;
    let trimmed = |part: &str| part.trim_matches(['|', ' ', '\t']).to_owned();
    let get = |name: &str| found.name(name).map(|part| trimmed(part.as_str()));
    Some(Node {
        name: get("name").filter(|name| !name.is_empty()),
        role: get("role").as_deref().and_then(Role::named),
        ..Node::of_key(&get("key")?)
    })
}

/// Nodes of a line that is one word, or words of the same length.
fn alone(line: &str, bytes_of_keys: bool) -> Told {
    let line = without_numbering(line.split(" #").next().unwrap_or_default().trim());
    let parts = line.split([' ', '\t', ',', ';']).map(|part| {
        let part = part.trim_matches(['"', '\'', '`', '<', '>', '[', ']', '~']);
        part.strip_prefix("0x").unwrap_or(part)
    });
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    let Some(first) = parts.first() else {
        return Told::Unknown;
    };
    if let [word] = parts[..] {
        let joined = word.replace([':', '-'], "");
        let is_joined =
            joined.len() == word.len() || word.split([':', '-']).all(|byte| byte.len() == 2);
        return match is_hex(&joined) && joined.len() <= KEY_DIGITS && is_joined {
            true => Told::Bare(vec![Node::of_key(&joined)]),
            false => Told::Unknown,
        };
    }
    let same = parts
        .iter()
        .all(|part| is_hex(part) && part.len() == first.len());
    if !same || first.len() < 2 {
        Told::Unknown
    } else if bytes_of_keys && !line.contains([',', ';']) {
        Told::Bare(vec![Node::of_key(&parts.concat())])
    } else if secret::is_broken(&parts, true) {
        Told::MaybeSecret(&secret::BROKEN)
    } else {
        Told::Bare(parts.into_iter().map(Node::of_key).collect())
    }
}

/// How many nodes there are, as a line says that stands before or after a list; otherwise 0.
pub(super) fn said(line: &str) -> u64 {
    let said = COUNT
        .as_ref()
        .and_then(|pattern| pattern.captures(without_stamp(line)));
    let numbers = said.iter().flat_map(|found| found.iter().skip(1).flatten());
    numbers
        .filter_map(|number| number.as_str().parse().ok())
        .max()
        .unwrap_or(0)
}

/// A line without `1.`, `12)`, `-` or `*` before what it lists.
fn without_numbering(line: &str) -> &str {
    let Some((first, rest)) = line.split_once(' ') else {
        return line;
    };
    let number = first.strip_suffix(['.', ')']).unwrap_or_default();
    let is_numbering = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    if is_numbering || matches!(first, "-" | "*" | "+") {
        rest.trim()
    } else {
        line
    }
}

/// Runs of letters and digits; `0x` before one is no part of it.
pub(super) fn words(line: &str) -> impl Iterator<Item = &str> {
    let words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
    words
        .filter(|word| !word.is_empty())
        .map(|word| word.strip_prefix("0x").unwrap_or(word))
}
