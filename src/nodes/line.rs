//! Nodes in lines of text: what consoles and clients print, rows without a heading, addresses, and plain lists.
//!
//! In this order: an address; keys of 64 digits, wherever they stand; a row of a client's contacts; `HEX8:n:n` of a console's
//! neighbours; a client's neighbours; a shortened key; one word of 12 digits or more; one word alone, or words of the same
//! length. Nothing else is taken for a node.

use std::sync::LazyLock;

use regex_lite::Regex;

use super::error::BadLine;
use super::uri::{self, Address};
use super::{
    KEY_DIGITS, ListError, Node, NodeList, PRIVATE_DIGITS, Role, is_comment, is_hex, is_whole_key,
};

/// Digits of a key in a client's tables: shorter words in a line of several may be part of a name.
const TABLE_DIGITS: usize = 12;

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
    let has_digits =
        words(&line.text).any(|word| is_hex(word) && word.chars().any(|c| c.is_ascii_digit()));
    (any_node && is_first && is_table && !has_digits).then_some(line)
}

macro_rules! pattern {
    ($name:ident, $text:expr) => {
        static $name: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new($text).ok());
    };
}

// `{name:30} {type} {12 digits} {path}`, as meshcore-cli prints contacts.
pattern!(
    CONTACT,
    r"^(?P<name>.*?)\s+(?P<role>CLI|REP|ROOM|SENS)\s+(?P<key>[0-9a-fA-F]{12,64})(?:\s+(?:Flood|Direct|\d+ hops?|[0-9a-fA-F]{2,6}(?:,[0-9a-fA-F]{2,6})*)?)?$"
);
// `HEX8:seconds:snr` of a console; before it a time stamp, an arrow or a name.
pattern!(CONSOLE, r"(?:^|[\s>~])(?P<key>[0-9a-fA-F]{8}):\d+:-?\d+$");
// ` [a1b2c3d4] name   12m ago (720s), -4.25dB SNR`.
pattern!(
    NEIGHBOUR,
    r"^\[(?P<key>[0-9a-fA-F]{4,64})\]\s+(?P<name>.*?)\s+\S+ ago\b.*SNR$"
);
// `<3f457c76...f1436dd7> name`.
pattern!(
    SHORTENED,
    r"^<?(?P<key>[0-9a-fA-F]{2,60})(?:\.{2,3}|…)[0-9a-fA-F]{2,60}>?(?:\s+(?P<name>.*))?$"
);
// What consoles and clients print around a list.
pattern!(
    AROUND,
    r"(?i)^(?:neighbou?rs|discover\.neighbors|contacts|pending_contacts|-?none-?|>? ?\d+ contacts? in device|got \d+ neighbou?rs? out of \d+ from .*:|\d+ neighbou?rs?:?)$"
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
    if line.contains(uri::SCHEME) {
        return addresses(line);
    }
    let whole = keys(line, KEY_DIGITS);
    if words(line).any(|word| is_hex(word) && word.len() == PRIVATE_DIGITS)
        || names_a_secret(line, &whole)
    {
        return Told::PrivateKey;
    }
    if !whole.is_empty() {
        return Told::Nodes(whole);
    }
    let patterns = [&*CONTACT, &*CONSOLE, &*NEIGHBOUR, &*SHORTENED];
    if let Some(node) = patterns
        .into_iter()
        .flatten()
        .find_map(|pattern| matched(pattern, line))
    {
        return Told::Nodes(vec![node]);
    }
    let long: Vec<&str> = words(line)
        .filter(|word| is_hex(word) && (TABLE_DIGITS..KEY_DIGITS).contains(&word.len()))
        .collect();
    match long[..] {
        [word] if words(line).count() > 1 && line.split_whitespace().count() > 1 => {
            return Told::Nodes(vec![Node::of_key(word)]);
        }
        _ => {}
    }
    match alone(line, bytes_of_keys) {
        Some(nodes) => Told::Nodes(nodes),
        None => Told::Unknown,
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

/// Whether 64 digits are named a seed or a private key.
fn names_a_secret(line: &str, keys: &[Node]) -> bool {
    let line = line.to_ascii_lowercase();
    let names = ["private", "prv", "seed", "secret"];
    let label = line.split([':', '=']).next().unwrap_or_default();
    let is_label = label.len() < line.len() && label.len() <= 24;
    !keys.is_empty() && is_label && names.iter().any(|name| label.contains(name))
}

fn addresses(line: &str) -> Told {
    let mut nodes = Vec::new();
    for word in line
        .split([' ', '\t', '"', '<', '>', ','])
        .filter(|word| word.contains(uri::SCHEME))
    {
        let begin = word.find(uri::SCHEME).unwrap_or_default();
        match uri::read(&word[begin..]) {
            Address::Node(node) => nodes.push(*node),
            Address::Other => {}
            Address::Unreadable => return Told::Unknown,
        }
    }
    if nodes.is_empty() {
        Told::Nothing
    } else {
        Told::Nodes(nodes)
    }
}

fn matched(pattern: &Regex, line: &str) -> Option<Node> {
    let found = pattern.captures(line)?;
    let get = |name: &str| found.name(name).map(|part| part.as_str().trim());
    Some(Node {
        name: get("name")
            .filter(|name| !name.is_empty())
            .map(str::to_owned),
        role: get("role").and_then(Role::named),
        ..Node::of_key(get("key")?)
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

/// The nodes of the words with so many digits.
fn keys(line: &str, digits: usize) -> Vec<Node> {
    let fits = |word: &&str| word.len() == digits && is_hex(word);
    words(line).filter(fits).map(Node::of_key).collect()
}

/// Runs of letters and digits; `0x` before one is no part of it.
pub(super) fn words(line: &str) -> impl Iterator<Item = &str> {
    let words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
    words
        .filter(|word| !word.is_empty())
        .map(|word| word.strip_prefix("0x").unwrap_or(word))
}
