//! Which node IDs are taken, by how many nodes, and which are free.

use std::collections::BTreeMap;

use super::Node;

/// The IDs of one length, 1 to 3 bytes, that nodes have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Occupancy {
    id_bytes: usize,
    /// How many nodes have an ID, by its hex digits in upper case.
    taken: BTreeMap<String, usize>,
    /// Beginnings that are shorter than an ID: a list that has only these leaves open which ID is meant, so all are taken.
    short: BTreeMap<String, usize>,
}

impl Occupancy {
    /// Counts the IDs of these nodes.
    pub(crate) fn of(nodes: &[Node], id_bytes: usize) -> Self {
        let mut occupancy = Self {
            id_bytes,
            ..Self::default()
        };
        let digits = 2 * id_bytes;
        for node in nodes {
            let (counts, id) = match node.key.get(..digits) {
                Some(id) => (&mut occupancy.taken, id),
                None => (&mut occupancy.short, node.key.as_str()),
            };
            *counts.entry(id.to_owned()).or_default() += 1;
        }
        occupancy
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
            .filter(|id| is_possible(id) && !covered(id))
            .count() as u64;
        let wide = shorts.iter().map(|short| self.possible_within(short));
        single + wide.sum::<u64>()
    }

    /// How many are free.
    pub(crate) fn free(&self) -> u64 {
        self.possible().saturating_sub(self.taken())
    }

    /// How many nodes have this ID, or may have it.
    pub(crate) fn nodes_at(&self, id: &str) -> usize {
        let shorts = self
            .short
            .iter()
            .filter(|(short, _)| id.starts_with(short.as_str()));
        self.taken.get(id).copied().unwrap_or_default() + shorts.map(|(_, n)| n).sum::<usize>()
    }

    /// All IDs of one or two bytes in order, each with how many nodes have it.
    pub(crate) fn all(&self) -> impl Iterator<Item = (String, usize)> + '_ {
        let digits = 2 * self.id_bytes;
        let end = 1_u64 << (4 * digits);
        let ids = (0..end).map(move |id| format!("{id:0digits$X}"));
        ids.filter(|id| !id.starts_with("00") && !id.starts_with("FF"))
            .map(|id| {
                let nodes = self.nodes_at(&id);
                (id, nodes)
            })
    }

    /// Short beginnings of which none begins with another.
    fn beginnings(&self) -> Vec<&str> {
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

    fn of(keys: &[&str], id_bytes: usize) -> Occupancy {
        let nodes: Vec<Node> = keys.iter().map(|key| Node::of_key(key)).collect();
        Occupancy::of(&nodes, id_bytes)
    }

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
            let occupancy = of(keys, id_bytes);
            assert_eq!(occupancy.taken(), taken, "{keys:?}");
            let counted =
                (id_bytes < 3).then(|| occupancy.all().filter(|(_, n)| *n > 0).count() as u64);
            assert_eq!(counted.unwrap_or(taken), taken, "{keys:?}");
            assert_eq!(
                occupancy.free(),
                254 * 256u64.pow(id_bytes as u32 - 1) - taken
            );
        }
    }
}
