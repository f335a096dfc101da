//! Tables: CSV, TSV and Markdown, where a heading names the column of keys.
//!
//! Without such a heading the rows are lines like any other, in which only a key of 64 digits (or a client's 12) counts.

use serde_json::Map;

use super::error::BadLine;
use super::{KEY_DIGITS, ListError, Node, NodeList, is_comment, is_hex, is_private_key, json};

/// A row, and the line that it begins at.
struct Row {
    line: usize,
    cells: Vec<String>,
}

/// Reads a table with a heading that names a column of keys; `None`: the text is no such table.
pub(super) fn read(text: &str, source_name: &str) -> Result<Option<NodeList>, ListError> {
    let Some(rows) = rows(text) else {
        return Ok(None);
    };
    let mut rows = rows.into_iter();
    let Some(heading) = rows.next() else {
        return Ok(None);
    };
    let ranked = heading.cells.iter().enumerate();
    let ranked = ranked.filter_map(|(at, name)| Some((json::key_rank(name)?, at)));
    let mut columns: Vec<(usize, usize)> = ranked.collect();
    columns.sort_unstable();
    // A row of which a cell is a key is no heading, even if its node is called "pk".
    let is_row = heading
        .cells
        .iter()
        .any(|cell| cell.len() > 1 && is_hex(cell));
    if columns.is_empty() || is_row {
        return Ok(None);
    }
    let (mut nodes, mut bad) = (Vec::new(), Vec::new());
    for row in rows {
        match node(&heading.cells, &columns, &row) {
            Cell::Key(node) => nodes.push(*node),
            Cell::Private => {
                return Err(ListError::PrivateKey {
                    source_name: source_name.to_owned(),
                    place: format!("line {}", row.line),
                });
            }
            Cell::Nothing => bad.push(BadLine {
                number: row.line,
                text: row.cells.join(" | "),
            }),
        }
    }
    if !bad.is_empty() {
        return Err(ListError::lines(source_name, bad));
    }
    let notes = vec![format!(
        "{source_name}: line {} is a heading; keys stand in its column {:?}.",
        heading.line, heading.cells[columns[0].1]
    )];
    Ok(Some(NodeList { nodes, notes }))
}

/// What the columns of keys hold in a row.
enum Cell {
    Key(Box<Node>),
    Private,
    Nothing,
}

fn node(heading: &[String], columns: &[(usize, usize)], row: &Row) -> Cell {
    if row.cells.iter().any(|cell| is_private_key(cell)) {
        return Cell::Private;
    }
    // A quote that is never closed, in a name, would swallow the rows after it.
    if row.cells.iter().any(|cell| cell.contains('\n')) {
        return Cell::Nothing;
    }
    let mut fields = Map::new();
    for (column, cell) in heading.iter().zip(&row.cells) {
        json::put_fact(&mut fields, column, cell);
    }
    for (_, at) in columns {
        let cell = row.cells.get(*at).map(|cell| cell.trim().trim_matches('`'));
        let Some(digits) = cell.filter(|cell| !cell.is_empty()) else {
            continue;
        };
        let digits = digits.strip_prefix("0x").unwrap_or(digits);
        if is_private_key(digits) {
            return Cell::Private;
        }
        let fits = (2..=KEY_DIGITS).contains(&digits.len()) && is_hex(digits);
        return match fits {
            true => Cell::Key(Box::new(json::node_of_row(digits, &fields))),
            false => Cell::Nothing,
        };
    }
    Cell::Nothing
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
