//! Lists of nodes as people have them: what a file or a web address tells of the nodes of a mesh.
//!
//! ```text
//! bytes -> decode -> JSON            \
//!                 -> table           -> nodes -> filter -> occupancy (which IDs are taken, which are free)
//!                 -> lines, addresses/
//!       -> MessagePack               /
//! ```
//!
//! Nothing is guessed: a line that could tell of a node and can't be read for certain makes the whole list invalid,
//! because a search that misses one would find the ID of a node that is in the list.

#[cfg_attr(not(feature = "network"), path = "answer_absent.rs")]
mod answer;
mod decode;
mod error;
pub(crate) mod fetch;
pub(crate) mod filter;
mod json;
mod line;
mod messagepack;
pub(crate) mod occupancy;
mod secret;
mod table;
mod told;
pub(crate) mod uri;

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

pub(crate) use self::error::ListError;

/// Hex digits of a whole public key.
pub(crate) const KEY_DIGITS: usize = 64;

/// Hex digits of a private key as nodes and apps show it.
const PRIVATE_DIGITS: usize = 128;

/// Whether a text is hex digits and nothing else.
fn is_hex(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a text is the hex digits of a whole public key.
fn is_whole_key(text: &str) -> bool {
    text.len() == KEY_DIGITS && is_hex(text)
}

/// Whether a text is the hex digits of a whole private key.
fn is_private_key(text: &str) -> bool {
    text.len() == PRIVATE_DIGITS && is_hex(text)
}

/// Whether a line is a comment: it begins with `#`, and is not a row that begins with a name such as `#1`.
fn is_comment(line: &str) -> bool {
    let Some(rest) = line.trim().strip_prefix('#') else {
        return false;
    };
    let is_name = rest.starts_with(|c: char| !c.is_whitespace() && c != '#');
    let is_key = rest.get(..KEY_DIGITS).is_some_and(is_whole_key);
    let is_row = told::is_row(line) || told::words(rest).any(is_whole_key);
    !(is_name && is_row && !is_key)
}

/// What a node is for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, strum::IntoStaticStr,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub(crate) enum Role {
    Companion,
    Repeater,
    Room,
    Sensor,
}

impl Role {
    pub(crate) const ALL: [Self; 4] = [Self::Companion, Self::Repeater, Self::Room, Self::Sensor];

    pub(crate) fn name(self) -> &'static str {
        self.into()
    }

    /// The role by the firmware's number, or by one of the names that clients and maps use.
    pub(crate) fn named(text: &str) -> Option<Self> {
        let plain = text
            .trim()
            .to_ascii_lowercase()
            .replace([' ', '_', '-'], "");
        match plain.as_str() {
            "1" | "companion" | "cli" | "chat" | "client" => Some(Self::Companion),
            "2" | "repeater" | "rep" => Some(Self::Repeater),
            "3" | "room" | "roomserver" => Some(Self::Room),
            "4" | "sensor" | "sens" => Some(Self::Sensor),
            _ => None,
        }
    }
}

/// A place on the earth, in degrees.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub(crate) struct Position {
    pub latitude: f64,
    pub longitude: f64,
}

impl Position {
    /// A position that can be one; nodes without one report 0, 0.
    pub(crate) fn new(latitude: f64, longitude: f64) -> Option<Self> {
        let is_valid = (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
        (is_valid && (latitude, longitude) != (0.0, 0.0)).then_some(Self {
            latitude,
            longitude,
        })
    }

    /// Kilometres along the surface, by the haversine formula on a sphere of 6371 km radius: within 0.5 % of the truth.
    pub(crate) fn distance_km(self, other: Self) -> f64 {
        const EARTH_RADIUS_KM: f64 = 6371.0;
        let haversine = |degrees: f64| (degrees.to_radians() / 2.0).sin().powi(2);
        let parallels = self.latitude.to_radians().cos() * other.latitude.to_radians().cos();
        let h = haversine(other.latitude - self.latitude)
            + parallels * haversine(other.longitude - self.longitude);
        2.0 * EARTH_RADIUS_KM * h.min(1.0).sqrt().asin()
    }
}

/// What a list tells of one node.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub(crate) struct Node {
    /// The first hex digits of its public key, as many as the list has, at most 64, in upper case.
    pub key: String,
    pub name: Option<String>,
    pub role: Option<Role>,
    pub position: Option<Position>,
    pub last_seen: Option<Timestamp>,
}

impl Node {
    /// A node of whom only the key is known.
    fn of_key(digits: &str) -> Self {
        Self {
            key: digits.to_ascii_uppercase(),
            ..Self::default()
        }
    }
}

/// The nodes of a list, and what in it was passed over.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct NodeList {
    /// Each key once.
    pub nodes: Vec<Node>,
    /// Whole sentences about lines that tell of no node, such as a heading, and about what may be missing.
    pub notes: Vec<String>,
}

impl NodeList {
    /// Keeps one node for each key, with all facts that any of them has.
    fn without_repetitions(self) -> Self {
        let mut nodes: Vec<Node> = Vec::with_capacity(self.nodes.len());
        let mut places: HashMap<String, usize> = HashMap::new();
        for node in self.nodes {
            match places.get(&node.key) {
                Some(&place) => {
                    let known = &mut nodes[place];
                    known.name = known.name.take().or(node.name);
                    known.role = known.role.or(node.role);
                    known.position = known.position.or(node.position);
                    known.last_seen = known.last_seen.max(node.last_seen);
                }
                None => {
                    places.insert(node.key.clone(), nodes.len());
                    nodes.push(node);
                }
            }
        }
        Self { nodes, ..self }
    }
}

/// Reads a list of nodes in any of the shapes that this module knows; `name` is the list's name for people.
///
/// # Errors
/// It holds a private key, can't be read for certain, or tells of no node although it is not empty.
pub(crate) fn read(bytes: &[u8], name: &str) -> Result<NodeList, ListError> {
    let list = match messagepack::read(bytes, name)? {
        Some(list) => list,
        None => read_text(&decode::text(bytes, name)?, name)?,
    };
    let mut list = list.without_repetitions();
    if list.nodes.is_empty() {
        list.notes.push(format!(
            "{name} tells of no node: nothing is avoided because of it."
        ));
    }
    Ok(list)
}

/// What to say of a list that itself says that there are more nodes than were read.
fn incomplete(name: &str, said: u64, nodes: &[Node]) -> Option<String> {
    let keys: HashSet<&str> = nodes.iter().map(|node| node.key.as_str()).collect();
    let is_short = said > keys.len() as u64;
    is_short.then(|| {
        format!(
            "{name} says {said}, {} read: the list may be incomplete.",
            keys.len()
        )
    })
}

fn read_text(text: &str, name: &str) -> Result<NodeList, ListError> {
    if json::is_likely(text) {
        return json::read(text, name);
    }
    match table::read(text, name)? {
        Some(list) => Ok(list),
        None => line::read(text, name),
    }
}

#[cfg(test)]
mod made_up_tests;
#[cfg(test)]
mod secret_tests;
#[cfg(test)]
mod tests;
