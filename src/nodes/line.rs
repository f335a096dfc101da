//! Nodes in lines of text: what consoles and clients print, rows without a heading, addresses, and plain lists.

use super::error::BadLine;
use super::secret::{self, Doubt};
use super::told::{Told, is_silent, said, told, words};
use super::{KEY_DIGITS, ListError, Node, NodeList, incomplete, is_hex};

/// Hex digits of the longest ID of a node, 3 bytes.
const MOST_ID_DIGITS: usize = 6;

/// What the lines told so far.
#[derive(Default)]
struct Lines {
    nodes: Vec<Node>,
    bad: Vec<BadLine>,
    /// Words that are shorter than a key and stand alone: after a heading they are cells of a table, and no IDs.
    short: Vec<BadLine>,
    /// Whether every node stands there by its digits alone.
    all_bare: bool,
    /// The most nodes that the list says there are.
    said: u64,
}

/// Reads all lines.
pub(super) fn read(text: &str, source_name: &str) -> Result<NodeList, ListError> {
    let lines = told_by_all(text, source_name)?;
    let Lines {
        nodes,
        mut bad,
        short,
        ..
    } = lines;
    let any = !nodes.is_empty() || !bad.is_empty();
    if lines.all_bare
        && let Some(doubt) = doubt_of_bare(&nodes, source_name)
    {
        return Err(ListError::secret(source_name, "the list", doubt));
    }
    let mut notes = Vec::new();
    if let Some(heading) = heading(text, &bad, !nodes.is_empty()) {
        notes.push(format!(
            "{source_name}: line {} is a heading.",
            heading.number
        ));
        bad = short;
    }
    if !bad.is_empty() {
        return Err(ListError::lines(source_name, &bad));
    }
    if any && nodes.is_empty() {
        return Err(ListError::no_nodes(source_name));
    }
    notes.extend(incomplete(source_name, lines.said, &nodes));
    Ok(NodeList { nodes, notes })
}

fn told_by_all(text: &str, source_name: &str) -> Result<Lines, ListError> {
    let bytes_of_keys = rows_of_bytes(text);
    let mut lines = Lines {
        all_bare: true,
        ..Lines::default()
    };
    let mut before = "";
    for (at, line) in text.lines().map(str::trim).enumerate() {
        let this = BadLine {
            number: at + 1,
            text: line.to_owned(),
        };
        let place = format!("line {}", this.number);
        match told(line, before, bytes_of_keys) {
            Told::Nothing => lines.said = lines.said.max(said(line)),
            Told::Nodes(found) => {
                lines.all_bare = false;
                lines.nodes.extend(found);
            }
            Told::Bare(found) => {
                if found.iter().any(|node| node.key.len() < KEY_DIGITS) {
                    lines.short.push(this);
                }
                lines.nodes.extend(found);
            }
            Told::Unknown => lines.bad.push(this),
            Told::PrivateKey => {
                return Err(ListError::private_key(source_name, &place));
            }
            Told::MaybeSecret(doubt) => return Err(ListError::secret(source_name, &place, doubt)),
        }
        before = if line.is_empty() { before } else { line };
    }
    Ok(lines)
}

/// Why a list of nothing but hex words may be a secret.
fn doubt_of_bare(nodes: &[Node], source_name: &str) -> Option<&'static Doubt> {
    let words: Vec<&str> = nodes.iter().map(|node| node.key.as_str()).collect();
    let [first, ..] = words[..] else { return None };
    // Lists that were put together by hand have digits that are no key, so one point is enough.
    let is_point = |word: &&str| word.len() < KEY_DIGITS || secret::is_point(word);
    if secret::is_in_name(source_name) && first.len() > MOST_ID_DIGITS {
        Some(&secret::NAMED)
    } else if secret::is_broken(&words, false) {
        Some(&secret::BROKEN)
    } else {
        (!words.iter().any(is_point)).then_some(&secret::NO_POINT)
    }
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
