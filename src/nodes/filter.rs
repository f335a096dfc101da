//! Which nodes of a list matter: near a place, of some roles, seen lately.
//!
//! A node that lacks the fact that is asked for matters: its ID counts as taken.

use std::time::Duration;

use jiff::Timestamp;

use super::{Node, Position, Role};

/// Kilometres within which an ID should be unique: the firmware's FAQ says about 10 miles.
pub(crate) const DEFAULT_RADIUS_KM: f64 = 16.0;

/// A place and how far around it nodes matter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Near {
    pub place: Position,
    pub radius_km: f64,
}

/// Which nodes matter; `None` or empty: all.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Filter {
    pub near: Option<Near>,
    pub roles: Vec<Role>,
    /// Nodes that were seen within this time.
    pub seen_within: Option<Duration>,
}

/// How a list fared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Filtered {
    /// Nodes that were left out.
    pub left_out: usize,
    /// Nodes that were kept because they lack a fact that is asked for.
    pub unknown: usize,
}

impl Filter {
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Keeps the nodes that matter at this moment.
    pub(crate) fn apply(&self, nodes: &mut Vec<Node>, now: Timestamp) -> Filtered {
        let mut filtered = Filtered::default();
        nodes.retain(|node| match self.matters(node, now) {
            Some(matters) => {
                filtered.left_out += usize::from(!matters);
                matters
            }
            None => {
                filtered.unknown += 1;
                true
            }
        });
        filtered
    }

    /// Whether a node matters; `None`: it can't be told.
    fn matters(&self, node: &Node, now: Timestamp) -> Option<bool> {
        let near = self.near.map(|near| {
            let distance = node.position.map(|place| place.distance_km(near.place));
            distance.map(|distance| distance <= near.radius_km)
        });
        let role =
            (!self.roles.is_empty()).then(|| node.role.map(|role| self.roles.contains(&role)));
        let seen = self.seen_within.map(|within| {
            let since = node.last_seen.map(|seen| now.duration_since(seen));
            since.map(|since| {
                since <= jiff::SignedDuration::try_from(within).unwrap_or(jiff::SignedDuration::MAX)
            })
        });
        let answers = [near, role, seen];
        if answers
            .iter()
            .flatten()
            .any(|answer| *answer == Some(false))
        {
            return Some(false);
        }
        answers
            .iter()
            .flatten()
            .all(Option::is_some)
            .then_some(true)
    }
}
