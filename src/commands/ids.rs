//! `keygen ids`: which node IDs are taken by the nodes of lists, by how many and how near, and which are free.

use std::io::{self, Write};

use serde::Serialize;

use super::{Call, say_notes, write_json};
use crate::config::args::IdsArgs;
use crate::config::error::refuse;
use crate::config::{avoid, inputs};
use crate::exit::Ending;
use crate::nodes::Node;
use crate::nodes::filter::Filter;
use crate::nodes::occupancy::Occupancy;
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
pub(crate) fn run(args: &IdsArgs, call: &mut Call<'_>) -> anyhow::Result<Ending> {
    let (environment, streams) = call.parts();
    if args.files.is_empty() {
        refuse!(
            "keygen ids has no list of nodes to read. Name files or web addresses: contacts, neighbors or a map's JSON; \
             - is standard input."
        );
    }
    inputs::each_once(args.files.iter().map(|path| ("keygen ids", path)))?;
    let files = environment.inputs.read_all("keygen ids", &args.files)?;
    let id_bytes = usize::from(args.id_bytes.unwrap_or(1));
    let filter = Filter {
        near: args.near,
        roles: args.role.clone(),
        seen_within: args.seen,
    };
    let nodes = avoid::nodes(&files, &filter, id_bytes, false, environment)?;
    say_notes(environment, streams);
    let occupancy = Occupancy::of(&nodes, id_bytes);
    let answer = answer(&occupancy, id_bytes, nodes.len(), &filter);
    if args.json {
        write_json(&serde_json::to_value(&answer)?, streams)?;
    } else {
        text(&answer, &occupancy, streams.out)?;
    }
    Ok(Ending::Found)
}

fn answer<'a>(
    occupancy: &Occupancy<'a>,
    id_bytes: usize,
    nodes: usize,
    filter: &Filter,
) -> Answer<'a> {
    let is_free = |id: &String| occupancy.nodes_at(id).next().is_none();
    let free_ids = (id_bytes < 3).then(|| occupancy.all().filter(is_free).collect());
    let least_used = match occupancy.free() {
        0 => least_used(occupancy, filter),
        _ => Vec::new(),
    };
    let taken = occupancy.by_id().map(|(id, nodes)| Taken {
        id: id.to_owned(),
        nodes: nodes.len(),
        nearest_km: nearest(nodes.iter().copied(), filter),
        names: nodes
            .iter()
            .filter_map(|node| node.name.as_deref())
            .collect(),
    });
    Answer {
        id_bytes,
        nodes,
        possible: occupancy.possible(),
        taken: occupancy.taken(),
        free: occupancy.free(),
        taken_ids: taken.collect(),
        free_ids,
        least_used,
    }
}

/// Kilometres to the nearest of these nodes, where place and positions are known.
fn nearest<'a>(nodes: impl Iterator<Item = &'a Node>, filter: &Filter) -> Option<f64> {
    let place = filter.near?.place;
    let distances = nodes.filter_map(|node| Some(node.position?.distance_km(place)));
    distances.reduce(f64::min)
}

/// The IDs with the fewest nodes; of these the farthest first, as far as that is known.
fn least_used(occupancy: &Occupancy<'_>, filter: &Filter) -> Vec<String> {
    let mut ids: Vec<_> = occupancy.all().collect();
    let nodes = |id: &String| occupancy.nodes_at(id).count();
    let least = ids.iter().map(nodes).min();
    ids.retain(|id| Some(nodes(id)) == least);
    ids.sort_by_cached_key(|id| {
        let km = nearest(occupancy.nodes_at(id), filter).unwrap_or(0.0);
        std::cmp::Reverse((1000.0 * km) as u64)
    });
    ids
}

fn text(answer: &Answer<'_>, occupancy: &Occupancy<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "{} {} of {} taken, {} free (00 and FF are reserved).",
        thousands(answer.taken),
        avoid::ids(answer.id_bytes, answer.taken),
        thousands(answer.possible),
        thousands(answer.free)
    )?;
    if answer.id_bytes == 1 {
        map(occupancy, out)?;
    }
    let mut taken: Vec<&Taken<'_>> = answer.taken_ids.iter().collect();
    let meters = |taken: &Taken<'_>| taken.nearest_km.map_or(u64::MAX, |km| (1000.0 * km) as u64);
    taken.sort_by_key(|taken| (std::cmp::Reverse(taken.nodes), meters(taken)));
    let taken: Vec<String> = taken.into_iter().map(described).collect();
    writeln!(out, "Taken: {}", first(&taken, ", "))?;
    if answer.free == 0 {
        writeln!(out, "Used least: {}", first(&answer.least_used, " "))?;
        if answer.id_bytes < 3 {
            let longer = answer.id_bytes + 1;
            writeln!(
                out,
                "None is free. IDs of {longer} bytes: --id-bytes {longer}"
            )?;
        }
    } else if let Some(free) = &answer.free_ids {
        writeln!(out, "Free: {}", first(free, " "))?;
    }
    Ok(())
}

/// "3F by 2 nodes, 1.5 km"; by one node is not said.
fn described(taken: &Taken<'_>) -> String {
    let nodes = match taken.nodes {
        1 => String::new(),
        nodes => format!(" by {}", avoid::count(nodes)),
    };
    let near = taken.nearest_km.map(|km| format!(" at {km:.1} km"));
    format!("{}{nodes}{}", taken.id, near.unwrap_or_default())
}

/// The first of a list, and how many more there are.
fn first(items: &[String], between: &str) -> String {
    let shown = items[..items.len().min(SHOWN)].join(between);
    match items.len().saturating_sub(SHOWN) {
        0 if items.is_empty() => "none".to_owned(),
        0 => shown,
        more => format!("{shown} … ({} more)", thousands(more as u64)),
    }
}

/// The first bytes in 16 rows of 16: how many nodes have each.
fn map(occupancy: &Occupancy<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n    0  1  2  3  4  5  6  7  8  9  A  B  C  D  E  F")?;
    for row in 0..16 {
        write!(out, "{row:X} ")?;
        for column in 0..16 {
            let byte = 16 * row + column;
            let id = format!("{byte:02X}");
            let mark = match (byte, occupancy.nodes_at(&id).count()) {
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
        "   . free, a number: nodes with this first byte, ** more than 99, -- reserved\n"
    )
}
