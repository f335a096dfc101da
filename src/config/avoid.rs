//! Lists of nodes whose IDs are to be avoided.

use super::inputs::SourceFile;
use super::{Environment, InvalidValue, UsageError};
use crate::nodes::filter::{DEFAULT_RADIUS_KM, Filter, Near};
use crate::nodes::occupancy::Occupancy;
use crate::nodes::{self, Node};
use crate::text::number::{counted, thousands};

/// The nodes of all lists that pass the filter; adds a note about each list, with all its IDs if they are to be `named`.
///
/// # Errors
/// All lists that can't be read with certainty.
pub(crate) fn nodes(
    files: &[SourceFile],
    filter: &Filter,
    id_bytes: usize,
    named: bool,
    environment: &Environment<'_>,
) -> Result<Vec<Node>, UsageError> {
    let (mut all, mut wrong) = (Vec::new(), Vec::new());
    for file in files {
        match nodes::read(&file.bytes, &file.name) {
            Ok(mut list) => {
                environment.notes.extend(list.notes);
                let read = list.nodes.len();
                let filtered = filter.apply(&mut list.nodes, environment.now.timestamp());
                let occupancy = Occupancy::of(&list.nodes, id_bytes);
                let mut note = taken(&occupancy, read, &file.name, id_bytes);
                if !filter.is_empty() {
                    let left_out = count(filtered.left_out);
                    let unknown = match filtered.unknown {
                        1 => "1 lacks what is filtered by and counts as taken".to_owned(),
                        many => format!(
                            "{} lack what is filtered by and count as taken",
                            thousands(many as u64)
                        ),
                    };
                    note += &format!(" {left_out} left out by the filters; {unknown}.");
                }
                environment.notes.push(note);
                if named {
                    let ids: Vec<&str> = occupancy.by_id().map(|(id, _)| id).collect();
                    environment.notes.push(format!("Taken: {}.", ids.join(" ")));
                }
                all.append(&mut list.nodes);
            }
            Err(error) => wrong.push(error.to_string()),
        }
    }
    UsageError::unless_empty(&wrong)?;
    Ok(all)
}

/// "8 nodes read from contacts.txt: 8 one-byte IDs taken, 246 free."
fn taken(occupancy: &Occupancy<'_>, read: usize, name: &str, id_bytes: usize) -> String {
    format!(
        "{} read from {name}: {} {} taken, {} free.",
        count(read),
        thousands(occupancy.taken()),
        ids(id_bytes, occupancy.taken()),
        thousands(occupancy.free())
    )
}

/// "1 node", "2 nodes".
pub(crate) fn count(nodes: usize) -> String {
    counted(nodes as u64, "node")
}

/// "one-byte IDs".
pub(crate) fn ids(id_bytes: usize, number: u64) -> String {
    let bytes = ["one", "two", "three"][id_bytes.clamp(1, 3) - 1];
    let plural = if number == 1 { "" } else { "s" };
    format!("{bytes}-byte ID{plural}")
}

/// Reads `LAT,LON` or `LAT,LON,KM`.
pub(crate) fn near(text: &str) -> Result<Near, InvalidValue> {
    let allowed = "Allowed are latitude and longitude in degrees, and kilometres if they are not 16: 52.5,13.4 or 52.5,13.4,30.";
    let refused = |problem: &str| InvalidValue::new(problem, allowed);
    let numbers: Result<Vec<f64>, _> = text.split(',').map(|part| part.trim().parse()).collect();
    let numbers = numbers.map_err(|_| refused("not numbers"))?;
    let (latitude, longitude, radius_km) = match numbers[..] {
        [latitude, longitude] => (latitude, longitude, DEFAULT_RADIUS_KM),
        [latitude, longitude, km] => (latitude, longitude, km),
        _ => return Err(refused("two or three numbers are needed")),
    };
    if !(radius_km > 0.0 && radius_km <= 20_100.0) {
        return Err(refused("the distance is more than 0 and at most 20,100 km"));
    }
    let place = nodes::Position::new(latitude, longitude).ok_or_else(|| {
        refused("latitudes are -90 to 90, longitudes -180 to 180, and 0,0 is no place")
    })?;
    Ok(Near { place, radius_km })
}

/// Reads the role of a node.
pub(crate) fn role(text: &str) -> Result<nodes::Role, InvalidValue> {
    nodes::Role::named(text).ok_or_else(|| {
        let names = nodes::Role::ALL.map(nodes::Role::name).join(", ");
        InvalidValue::new("not the role of a node", format!("Allowed are {names}."))
    })
}
