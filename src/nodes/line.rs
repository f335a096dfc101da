//! Nodes in lines of text: what consoles and clients print, rows without a heading, addresses, and plain lists.
//!
//! In this order: addresses and keys of 64 digits, wherever they stand; a shortened key; a row of a client's contacts, with 12
//! digits or more; a client's neighbours and discovered nodes; `HEX8:n:n` of a console's neighbours; one word alone, or words of
//! the same length. Nothing else is taken for a node.

use std::sync::LazyLock;

use regex_lite::Regex;

use super::error::BadLine;
use super::uri::{self, Address};
use super::{
    KEY_DIGITS, ListError, Node, NodeList, Role, is_comment, is_hex, is_private_key, is_whole_key,
};

/// What a line tells.
enum Told {
    Nodes(Vec<Node>),
    /// Blank, a comment, a rule, a command's echo, or how many nodes there are.
    Nothing,
    /// A line that may be the heading of a table.
    Unknown,
    PrivateKey,
}

/// Reads all lines.
pub(super) fn read(text: &str, source_name: &str) -> Result<NodeList, ListError> {
    let bytes_of_keys = rows_of_bytes(text);
    let (mut nodes, mut bad) = (Vec::new(), Vec::new());
    let mut any = false;
    for (at, line) in text.lines().enumerate() {
        let number = at + 1;
        match told(line.trim(), bytes_of_keys) {
            Told::Nothing => continue,
            Told::Nodes(found) => nodes.extend(found),
            Told::Unknown => bad.push(BadLine {
                number,
                text: line.trim().to_owned(),
            }),
            Told::PrivateKey => {
                return Err(ListError::PrivateKey {
                    source_name: source_name.to_owned(),
                    place: format!("line {number}"),
                });
            }
        }
        any = true;
    }
    let mut notes = Vec::new();
    if let Some(heading) = heading(text, &bad, !nodes.is_empty()) {
        notes.push(format!(
            "{source_name}: line {} is a heading.",
            heading.number
        ));
        bad.clear();
    }
    if !bad.is_empty() {
        return Err(ListError::lines(source_name, bad));
    }
    if any && nodes.is_empty() {
        return Err(ListError::NoNodes {
            source_name: source_name.to_owned(),
        });
    }
    Ok(NodeList { nodes, notes })
}

/// The only unreadable line, if it is the first one of a table: it has a delimiter, and nothing in it is like a key.
fn heading<'b>(text: &str, bad: &'b [BadLine], any_node: bool) -> Option<&'b BadLine> {
    let [line] = bad else { return None };
    let before = text.lines().take(line.number - 1);
    let is_first = before.into_iter().all(|line| is_silent(line.trim()));
    let is_table = line.text.contains(['|', ',', ';', '\t']);
    let has_id = words(&line.text).any(|word| word.len() > 1 && is_hex(word));
    (any_node && is_first && is_table && !has_id).then_some(line)
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
    r"(?i)^(?:neighbou?rs|discover\.neighbors|contacts|pending_contacts|-?none-?|>? ?\d+ (?:from \d+ )?contacts? in device|discovered \d+ nodes?:|got \d+ neighbou?rs? out of \d+ from .*:|\d+ neighbou?rs?:?)$"
);
// A time stamp, a prompt or an arrow before what a console says.
pattern!(
    STAMP,
    r"^(?:\[?[0-9TZ:.,+\- ]*\d\d:\d\d:\d\d[0-9TZ:.,+\-]*\]?\s+)?(?:->\s*)?(?:>\s*)?"
);

fn told(line: &str, bytes_of_keys: bool) -> Told {
    if is_silent(line) {
        return Told::Nothing;
    }
    let Some(mut nodes) = addresses(line) else {
        return Told::Unknown;
    };
    nodes.extend(
        words(line)
            .filter(|word| is_whole_key(word))
            .map(Node::of_key),
    );
    if words(line).any(is_private_key) || !nodes.is_empty() && names_a_secret(line) {
        return Told::PrivateKey;
    }
    if nodes.is_empty() {
        let patterns = [&*SHORTENED, &*CONTACT, &*NEIGHBOUR, &*DISCOVERED, &*CONSOLE];
        let mut known = patterns.into_iter().flatten();
        nodes.extend(known.find_map(|pattern| matched(pattern, line)));
    }
    let is_address = |word: &str| word.starts_with(uri::SCHEME);
    if !nodes.is_empty() {
        Told::Nodes(nodes)
    } else if line.split_whitespace().all(is_address) {
        Told::Nothing
    } else {
        alone(line, bytes_of_keys).map_or(Told::Unknown, Told::Nodes)
    }
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
fn is_silent(line: &str) -> bool {
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

/// Whether 64 digits are named a seed or a private key: a node may be called Seed Hill, so each word must be one of a label.
fn names_a_secret(line: &str) -> bool {
    const SECRET: [&str; 9] = [
        "private",
        "privatekey",
        "priv",
        "privkey",
        "prv",
        "prvkey",
        "seed",
        "secret",
        "secretkey",
    ];
    const OTHERS: [&str; 10] = [
        "key", "node", "identity", "ed25519", "hex", "my", "the", "bytes", "get", "meshcore",
    ];
    let Some((label, _)) = without_stamp(line).split_once([':', '=']) else {
        return false;
    };
    let label = label.to_ascii_lowercase();
    let words = label.split(|c: char| !c.is_alphanumeric());
    // Numbers (of bytes, of the key) and what is between two separators say nothing.
    let words: Vec<&str> = words
        .filter(|word| !word.bytes().all(|b| b.is_ascii_digit()))
        .collect();
    let is_secret = |word: &&str| SECRET.contains(word);
    let is_label = words
        .iter()
        .all(|word| is_secret(word) || OTHERS.contains(word));
    is_label && words.iter().any(is_secret)
}

/// The nodes of the addresses in a line; `None`: one of them can't be read.
fn addresses(line: &str) -> Option<Vec<Node>> {
    let mut nodes = Vec::new();
    let words = line.split([' ', '\t', '"', '<', '>', ',']);
    for word in words.filter(|word| word.contains(uri::SCHEME)) {
        let begin = word.find(uri::SCHEME).unwrap_or_default();
        match uri::read(&word[begin..]) {
            Address::Node(node) => nodes.push(*node),
            Address::Other => {}
            Address::Unreadable => return None,
        }
    }
    Some(nodes)
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
fn alone(line: &str, bytes_of_keys: bool) -> Option<Vec<Node>> {
    let line = without_numbering(line.split(" #").next()?.trim());
    let parts = line.split([' ', '\t', ',', ';']).map(|part| {
        let part = part.trim_matches(['"', '\'', '`', '<', '>', '[', ']', '~']);
        part.strip_prefix("0x").unwrap_or(part)
    });
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    let first = *parts.first()?;
    if let [word] = parts[..] {
        let joined = word.replace([':', '-'], "");
        let is_joined =
            joined.len() == word.len() || word.split([':', '-']).all(|byte| byte.len() == 2);
        let fits = is_hex(&joined) && joined.len() <= KEY_DIGITS;
        return (fits && is_joined).then(|| vec![Node::of_key(&joined)]);
    }
    let same = parts
        .iter()
        .all(|part| is_hex(part) && part.len() == first.len());
    if !same || first.len() < 2 {
        return None;
    }
    if bytes_of_keys && !line.contains([',', ';']) {
        return Some(vec![Node::of_key(&parts.concat())]);
    }
    Some(parts.into_iter().map(Node::of_key).collect())
}

/// Whether the text is two or more lines of the same number of bytes with blanks between them: then each line is one key.
/// On a single line they are a list of IDs.
fn rows_of_bytes(text: &str) -> bool {
    let rows = text.lines().map(str::trim).filter(|line| !is_silent(line));
    let counts = rows.map(|line| {
        let all_bytes = line
            .split_whitespace()
            .all(|word| word.len() == 2 && is_hex(word));
        all_bytes.then(|| line.split_whitespace().count())
    });
    let counts: Option<Vec<usize>> = counts.collect();
    counts.is_some_and(|counts| {
        counts.len() > 1
            && counts[0] > 1
            && counts[0] <= 32
            && counts.iter().all(|n| *n == counts[0])
    })
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
