//! Which node IDs are taken, by which nodes, and which are free.

use std::collections::BTreeMap;

use super::Node;

/// Nodes by an ID, or by a beginning that is shorter.
type ById<'a> = BTreeMap<&'a str, Vec<&'a Node>>;

/// The IDs of one length, 1 to 3 bytes, that nodes have.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Occupancy<'a> {
    id_bytes: usize,
    /// By hex digits in upper case.
    taken: ById<'a>,
    /// Beginnings that are shorter than an ID: a list that has only these leaves open which ID is meant, so all are taken.
    short: ById<'a>,
}

impl<'a> Occupancy<'a> {
    /// The IDs of these nodes.
    pub(crate) fn of(nodes: &'a [Node], id_bytes: usize) -> Self {
        let mut occupancy = Self {
            id_bytes,
            ..Self::default()
        };
        for node in nodes {
            let (by_id, id) = match node.key.get(..2 * id_bytes) {
                Some(id) => (&mut occupancy.taken, id),
                None => (&mut occupancy.short, node.key.as_str()),
            };
            by_id.entry(id).or_default().push(node);
        }
        occupancy
    }

    /// The IDs and shorter beginnings that are taken, each with its nodes.
    pub(crate) fn by_id(&self) -> impl Iterator<Item = (&'a str, &[&'a Node])> {
        let all = self.taken.iter().chain(&self.short);
        all.map(|(id, nodes)| (*id, nodes.as_slice()))
    }

    /// IDs of this length that a node can have: 00 and FF are reserved as first byte.
    pub(crate) fn possible(&self) -> u64 {
        254 << (8 * (self.id_bytes - 1))
    }

    /// How many of them are taken.
    pub(crate) fn taken(&self) -> u64 {
        let is_possible = |id: &str| !id.starts_with("00") && !id.starts_with("FF");
        let shorts = self.beginnings();
        let covered = |id: &str| shorts.iter().any(|short| id.starts_with(*short));
        let single = self
            .taken
            .keys()
            .filter(|id| is_possible(id) && !covered(id));
        let wide = shorts.iter().map(|short| self.possible_within(short));
        single.count() as u64 + wide.sum::<u64>()
    }

    /// How many are free.
    pub(crate) fn free(&self) -> u64 {
        self.possible().saturating_sub(self.taken())
    }

    /// The nodes that have this ID, or may have it.
    pub(crate) fn nodes_at<'s>(&'s self, id: &'s str) -> impl Iterator<Item = &'a Node> + 's {
        let shorts = self.short.iter();
        let shorts = shorts.filter(move |(short, _)| id.starts_with(**short));
        let exact = self.taken.get(id).into_iter();
        exact
            .chain(shorts.map(|(_, nodes)| nodes))
            .flatten()
            .copied()
    }

    /// All IDs of one or two bytes in order.
    pub(crate) fn all(&self) -> impl Iterator<Item = String> + use<> {
        let digits = 2 * self.id_bytes;
        let ids = (0..1_u64 << (4 * digits)).map(move |id| format!("{id:0digits$X}"));
        ids.filter(|id| !id.starts_with("00") && !id.starts_with("FF"))
    }

    /// Short beginnings of which none begins with another.
    fn beginnings(&self) -> Vec<&'a str> {
        let mut kept: Vec<&str> = Vec::new();
        for short in self.short.keys() {
            if !kept.iter().any(|known| short.starts_with(known)) {
                kept.push(short);
            }
        }
        kept
    }

    /// Possible IDs that begin with a beginning that is shorter than an ID.
    fn possible_within(&self, short: &str) -> u64 {
        let free_digits = 2 * self.id_bytes - short.len();
        let all = 1_u64 << (4 * free_digits);
        match short {
            "0" | "F" => all - (1 << (4 * (2 * self.id_bytes - 2))),
            _ if short.starts_with("00") || short.starts_with("FF") => 0,
            _ => all,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taken_and_free_ids_are_all_that_exist() {
        for (keys, id_bytes, taken) in [
            (&["A1B2", "A1C3", "00FF", "B7"][..], 1, 2),
            (&["A1B2C3", "A1"], 2, 256),
            (&["A"], 1, 16),
            (&["0"], 1, 15),
            (&["F", "FF", "FE"], 1, 15),
            (&[], 3, 0),
        ] {
            let nodes: Vec<Node> = keys.iter().map(|key| Node::of_key(key)).collect();
            let occupancy = Occupancy::of(&nodes, id_bytes);
            assert_eq!(occupancy.taken(), taken, "{keys:?}");
            let is_taken = |id: &String| occupancy.nodes_at(id).next().is_some();
            let counted = (id_bytes < 3).then(|| occupancy.all().filter(is_taken).count() as u64);
            assert_eq!(counted.unwrap_or(taken), taken, "{keys:?}");
            assert_eq!(
                occupancy.free(),
                254 * 256u64.pow(id_bytes as u32 - 1) - taken
            );
        }
    }
}
