//! `keygen ids`: which node IDs are taken by the nodes of lists, by how many and how near, and which are free.

use std::io::{self, Write};

use serde::Serialize;

use super::write_json;
use crate::config::args::IdsArgs;
use crate::config::{Environment, UsageError, avoid, inputs};
use crate::exit::Ending;
use crate::nodes::Node;
use crate::nodes::filter::Filter;
use crate::nodes::occupancy::Occupancy;
use crate::report::streams::Streams;
use crate::text::number::thousands;

/// IDs that a text names; JSON has all.
const SHOWN: usize = 16;

/// An ID with nodes.
#[derive(Serialize)]
struct Taken<'a> {
    id: String,
    nodes: usize,
    /// Kilometres to the nearest of them, where place and positions are known.
    nearest_km: Option<f64>,
    names: Vec<&'a str>,
}

#[derive(Serialize)]
struct Answer<'a> {
    id_bytes: usize,
    nodes: usize,
    possible: u64,
    taken: u64,
    free: u64,
    taken_ids: Vec<Taken<'a>>,
    /// All of them for IDs of one and two bytes; `null` for three, of which there are 16 million.
    free_ids: Option<Vec<String>>,
    /// The IDs that the fewest nodes have, if none is free.
    least_used: Vec<String>,
}

/// Reads the lists and writes which IDs they leave.
///
/// # Errors
/// Lists that can't be read for certain; or standard output does not take the answer.
pub(crate) fn run(
    args: &IdsArgs,
    environment: &Environment<'_>,
    streams: &mut Streams<'_>,
) -> anyhow::Result<Ending> {
    if args.files.is_empty() {
        return Err(UsageError::combination(
            "keygen ids has no list of nodes to read",
            "Name files or web addresses: contacts, neighbors or a map's JSON; - is standard input.",
        )
        .into());
    }
    inputs::each_once(args.files.iter().map(|path| ("keygen ids", path)))?;
    let files = args
        .files
        .iter()
        .map(|path| environment.inputs.read("keygen ids", path))
        .collect::<Result<Vec<_>, _>>()?;
    let id_bytes = usize::from(args.id_bytes.unwrap_or(1));
    let filter = Filter {
        near: args.near,
        roles: args.role.clone(),
        seen_within: args.seen,
    };
    let mut notes = Vec::new();
    let nodes = avoid::nodes(&files, &filter, id_bytes, environment, &mut notes)?;
    notes.iter().for_each(|note| streams.say(note));
    let answer = answer(&nodes, id_bytes, &filter);
    if args.json {
        write_json(&serde_json::to_value(&answer)?, streams)?;
    } else {
        text(&answer, &nodes, streams.out)?;
    }
    Ok(Ending::Found)
}

fn answer<'a>(nodes: &'a [Node], id_bytes: usize, filter: &Filter) -> Answer<'a> {
    let occupancy = Occupancy::of(nodes, id_bytes);
    let enumerable = id_bytes < 3;
    let free_ids = enumerable.then(|| {
        let free = occupancy.all().filter(|(_, nodes)| *nodes == 0);
        free.map(|(id, _)| id).collect::<Vec<_>>()
    });
    let least_used = match occupancy.free() {
        0 => least_used(&occupancy),
        _ => Vec::new(),
    };
    Answer {
        id_bytes,
        nodes: nodes.len(),
        possible: occupancy.possible(),
        taken: occupancy.taken(),
        free: occupancy.free(),
        taken_ids: taken_ids(nodes, 2 * id_bytes, filter),
        free_ids,
        least_used,
    }
}

fn taken_ids<'a>(nodes: &'a [Node], digits: usize, filter: &Filter) -> Vec<Taken<'a>> {
    let mut by_id = std::collections::BTreeMap::<&str, Vec<&Node>>::new();
    for node in nodes {
        let id = node.key.get(..digits).unwrap_or(&node.key);
        by_id.entry(id).or_default().push(node);
    }
    let taken = by_id.into_iter().map(|(id, nodes)| {
        let distance = |node: &&Node| Some(node.position?.distance_km(filter.near?.place));
        Taken {
            id: id.to_owned(),
            nodes: nodes.len(),
            nearest_km: nodes.iter().filter_map(distance).reduce(f64::min),
            names: nodes
                .iter()
                .filter_map(|node| node.name.as_deref())
                .collect(),
        }
    });
    taken.collect()
}

/// The IDs with the fewest nodes.
fn least_used(occupancy: &Occupancy) -> Vec<String> {
    let least = occupancy.all().map(|(_, nodes)| nodes).min();
    let with_least = occupancy.all().filter(|(_, nodes)| Some(*nodes) == least);
    with_least.map(|(id, _)| id).collect()
}

fn text(answer: &Answer<'_>, nodes: &[Node], out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "{} {} of {} taken, {} free (00 and FF are reserved).",
        thousands(answer.taken),
        avoid::ids(answer.id_bytes, answer.possible),
        thousands(answer.possible),
        thousands(answer.free)
    )?;
    if answer.id_bytes == 1 {
        map(&Occupancy::of(nodes, 1), out)?;
    }
    let mut shared: Vec<&Taken<'_>> = answer
        .taken_ids
        .iter()
        .filter(|taken| taken.nodes > 1)
        .collect();
    shared.sort_by_key(|taken| std::cmp::Reverse(taken.nodes));
    for taken in shared.iter().take(SHOWN) {
        let near = taken
            .nearest_km
            .map(|km| format!(", the nearest {km:.1} km away"));
        writeln!(
            out,
            "{}: {}{}",
            taken.id,
            avoid::count(taken.nodes),
            near.unwrap_or_default()
        )?;
    }
    if answer.free == 0 {
        writeln!(out, "Used least: {}", first(&answer.least_used))?;
        if answer.id_bytes < 3 {
            writeln!(
                out,
                "None is free. IDs of {} bytes: --id-bytes {}",
                answer.id_bytes + 1,
                answer.id_bytes + 1
            )?;
        }
    } else if let Some(free) = &answer.free_ids {
        writeln!(out, "Free: {}", first(free))?;
    }
    Ok(())
}

/// The first IDs of a list, and how many more there are.
fn first(ids: &[String]) -> String {
    let shown = ids
        .iter()
        .take(SHOWN)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(" ");
    match ids.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} … ({} more)", thousands(more as u64)),
    }
}

/// The first bytes in 16 rows of 16: how many nodes have each.
fn map(occupancy: &Occupancy, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n    0  1  2  3  4  5  6  7  8  9  A  B  C  D  E  F")?;
    for row in 0..16 {
        write!(out, "{row:X} ")?;
        for column in 0..16 {
            let byte = 16 * row + column;
            let mark = match (byte, occupancy.nodes_at(&format!("{byte:02X}"))) {
                (0x00 | 0xff, _) => "--".to_owned(),
                (_, 0) => " .".to_owned(),
                (_, nodes @ 1..=99) => format!("{nodes:2}"),
                _ => "**".to_owned(),
            };
            write!(out, " {mark}")?;
        }
        writeln!(out)?;
    }
    writeln!(
        out,
        "   . free, a number: nodes with this first byte, -- reserved\n"
    )
}
