//! Tables: CSV, TSV and Markdown, where a heading names the column of keys.
//!
//! Without such a heading the rows are lines like any other, in which only a key of 64 digits (or a client's 12) counts.

use serde_json::Map;

use super::error::BadLine;
use super::{
    KEY_DIGITS, ListError, Node, NodeList, is_comment, is_hex, is_private_key, is_whole_key, json,
    secret, told,
};

/// A row, and the line that it begins at.
struct Row {
    line: usize,
    cells: Vec<String>,
}

/// Names of columns, without case and separators, that hold the beginning of a key in tables only: in JSON `prefix` may be
/// anything.
const PREFIX_COLUMNS: [&str; 2] = ["prefix", "idprefix"];

/// What the columns of a table are.
struct Columns<'a> {
    heading: &'a Row,
    /// Those of keys, the best first.
    keys: Vec<usize>,
}

impl<'a> Columns<'a> {
    fn of(heading: &'a Row) -> Self {
        let ranked = heading.cells.iter().enumerate();
        let ranked = ranked.filter_map(|(at, name)| Some((rank(name)?, at)));
        let mut ranked: Vec<(usize, usize)> = ranked.collect();
        ranked.sort_unstable();
        let keys = ranked.into_iter().map(|(_, at)| at).collect();
        Self { heading, keys }
    }

    fn name(&self, at: usize) -> &str {
        self.heading.cells.get(at).map_or("", String::as_str)
    }
}

/// Whether a column of this name holds public keys or their beginnings; its place in order of preference.
fn rank(name: &str) -> Option<usize> {
    let is_prefix = PREFIX_COLUMNS.contains(&json::plain(name).as_str());
    json::key_rank(name).or(is_prefix.then_some(usize::MAX))
}

/// Reads a table with a heading that names a column of keys; `None`: the text is no such table.
pub(super) fn read(text: &str, source_name: &str) -> Result<Option<NodeList>, ListError> {
    let rows = rows(text).unwrap_or_default();
    let Some((heading, rows)) = rows.split_first() else {
        return Ok(None);
    };
    let columns = Columns::of(heading);
    // A row of which a cell is a key is no heading, even if its node is called "pk".
    let is_row = |cell: &String| cell.len() > 1 && is_hex(cell);
    if heading.cells.iter().any(is_row) {
        return Ok(None);
    }
    let (mut nodes, mut bad, mut more) = (Vec::new(), Vec::new(), 0);
    for row in rows {
        let place = || format!("line {}", row.line);
        if row.cells.iter().any(|cell| is_private_key(cell)) {
            return Err(ListError::private_key(source_name, &place()));
        }
        if has_secret(&columns, row) {
            return Err(ListError::secret(source_name, &place(), &secret::LABELLED));
        }
        match node(&columns, row) {
            Some(node) => {
                let others = other_keys(&columns, row, &node.key);
                more += others.len();
                nodes.push(node);
                nodes.extend(others);
            }
            None => bad.push(BadLine {
                number: row.line,
                text: row.cells.join(" | "),
            }),
        }
    }
    let Some(first) = columns.keys.first() else {
        return Ok(None);
    };
    if !bad.is_empty() {
        return Err(ListError::lines(source_name, &bad));
    }
    let mut notes = vec![format!(
        "{source_name}: line {} is a heading; keys stand in its column {:?}.",
        heading.line,
        columns.name(*first)
    )];
    if more > 0 {
        notes.push(format!(
            "{source_name}: keys in its other columns count as nodes, too: {more}."
        ));
    }
    Ok(Some(NodeList { nodes, notes }))
}

/// Whether a row has as many digits as a key in a column that is called a seed or a private key.
fn has_secret(columns: &Columns<'_>, row: &Row) -> bool {
    let mut cells = row.cells.iter().enumerate();
    cells
        .any(|(at, cell)| secret::is_named(columns.name(at)) && told::words(cell).any(is_whole_key))
}

/// The node whose key stands in the first column of keys that is not empty.
fn node(columns: &Columns<'_>, row: &Row) -> Option<Node> {
    // A quote that is never closed, in a name, would swallow the rows after it.
    if row.cells.iter().any(|cell| cell.contains('\n')) {
        return None;
    }
    let mut fields = Map::new();
    for (column, cell) in columns.heading.cells.iter().zip(&row.cells) {
        json::put_fact(&mut fields, column, cell);
    }
    let cells = columns.keys.iter().filter_map(|at| row.cells.get(*at));
    let mut cells = cells.map(|cell| cell.trim().trim_matches('`'));
    let digits = cells.find(|cell| !cell.is_empty())?;
    let digits = digits.strip_prefix("0x").unwrap_or(digits);
    let fits = (2..=KEY_DIGITS).contains(&digits.len()) && is_hex(digits);
    fits.then(|| json::node_of_row(digits, &fields))
}

/// Whole keys in the row's other columns, such as that of the node by which this one was heard: a key is a node's wherever it
/// stands, unless its column is known to hold something else.
fn other_keys(columns: &Columns<'_>, row: &Row, own: &str) -> Vec<Node> {
    let cells = row.cells.iter().enumerate();
    let cells = cells.filter(|(at, _)| !json::is_no_key(columns.name(*at)));
    let words = cells.flat_map(|(_, cell)| told::words(cell));
    words
        .filter(|word| is_whole_key(word) && !word.eq_ignore_ascii_case(own))
        .map(Node::of_key)
        .collect()
}

/// The rows of a text whose first line has a delimiter in it.
fn rows(text: &str) -> Option<Vec<Row>> {
    let first = text.lines().find(|line| !is_silent(line))?;
    if first.trim_start().starts_with('|') {
        return Some(markdown(text));
    }
    let delimiter = [b'\t', b';', b',']
        .into_iter()
        .find(|d| first.as_bytes().contains(d))?;
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let row = |record: csv::StringRecord| Row {
        line: record.position().map_or(0, |at| at.line() as usize),
        cells: record.iter().map(|cell| cell.trim().to_owned()).collect(),
    };
    let records: Result<Vec<_>, _> = reader.records().map(|record| record.map(row)).collect();
    let mut rows = records.ok()?;
    rows.retain(|row| !is_silent_row(row));
    Some(rows)
}

fn is_silent(line: &str) -> bool {
    line.trim().is_empty() || is_comment(line)
}

/// A row without anything in it, or a comment: `#` alone, `# ` before words, or a single cell that begins with it.
fn is_silent_row(row: &Row) -> bool {
    let mut cells = row.cells.iter().filter(|cell| !cell.is_empty());
    let Some(first) = cells.next() else {
        return true;
    };
    first == "#" || first.starts_with("# ") || (first.starts_with('#') && cells.next().is_none())
}

/// The rows between bars; what is no row, such as the text around a table, is left to those who read lines.
fn markdown(text: &str) -> Vec<Row> {
    let numbered = text
        .lines()
        .enumerate()
        .map(|(at, line)| (at + 1, line.trim()));
    let rows = numbered
        .filter(|(_, line)| !is_silent(line))
        .map(|(line, text)| Row {
            line,
            cells: cells(text),
        });
    rows.filter(|row| !row.cells.iter().all(|cell| is_rule(cell)))
        .collect()
}

/// The cells of a row; `\|` is a bar within one.
fn cells(row: &str) -> Vec<String> {
    const BAR: &str = "\u{1}";
    let row = row.replace("\\|", BAR);
    let row = row.strip_prefix('|').unwrap_or(&row);
    let row = row.strip_suffix('|').unwrap_or(row);
    let cell = |cell: &str| cell.trim().replace(BAR, "|");
    row.split('|').map(cell).collect()
}

/// The line between heading and rows.
fn is_rule(cell: &str) -> bool {
    !cell.is_empty() && cell.chars().all(|c| matches!(c, '-' | ':'))
}
