//! The public starts of a search, and how many claims each has: lanes search from those that have room for another.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use super::{Origin, PublicStart};
use crate::key::{KeyError, PublicKey};

/// The starts that lanes search from; none: each lane draws a secret one of its own.
#[derive(Debug, Default)]
pub(crate) struct Starts {
    starts: Vec<Claimed>,
    /// Claims that a start may have; `None`: as many as are found.
    most: Option<u64>,
    /// Raised when a start has no more room.
    version: AtomicU64,
    turn: AtomicUsize,
}

#[derive(Debug)]
struct Claimed {
    start: PublicStart,
    claims: AtomicU64,
}

impl Starts {
    /// These starts, of which `before` says how many claims earlier runs made. Of `count` claims in all, no start gets
    /// more than its share.
    pub(crate) fn new(
        starts: &[PublicStart],
        count: Option<u64>,
        before: impl Fn(&PublicKey) -> u64,
    ) -> Self {
        let claimed = |start: &PublicStart| Claimed {
            start: *start,
            claims: AtomicU64::new(before(start.bytes())),
        };
        Self {
            starts: starts.iter().map(claimed).collect(),
            most: count.map(|count| count.div_ceil(starts.len().max(1) as u64)),
            ..Self::default()
        }
    }

    /// Where the next lane begins: beyond the starts with room in turn.
    ///
    /// # Errors
    /// The operating system gives no random bytes.
    pub(crate) fn draw(&self) -> Result<Origin, KeyError> {
        if self.starts.is_empty() {
            return Origin::own();
        }
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let in_turn = |index| &self.starts[(turn + index) % self.starts.len()];
        let mut order = (0..self.starts.len()).map(in_turn);
        let claimed = order.find(|claimed| self.is_open(claimed));
        // Where none has room the search is about to end.
        Origin::blind(claimed.unwrap_or(in_turn(0)).start)
    }

    /// Whether a lane may stay where it is.
    pub(crate) fn has_room(&self, origin: &Origin) -> bool {
        let start = origin.public_start();
        start.is_none_or(|start| self.takes(start.bytes()))
    }

    /// Whether a claim of this start is still wanted.
    pub(crate) fn takes(&self, start: &PublicKey) -> bool {
        self.find(start)
            .is_some_and(|claimed| self.is_open(claimed))
    }

    /// Counts a claim of this start.
    pub(crate) fn count(&self, start: &PublicKey) {
        if let Some(claimed) = self.find(start) {
            claimed.claims.fetch_add(1, Ordering::Relaxed);
            if !self.is_open(claimed) {
                self.version.fetch_add(1, Ordering::Release);
            }
        }
    }

    /// Whether a start has lost its room since `seen`, which then is the present.
    #[inline]
    pub(crate) fn changed(&self, seen: &mut u64) -> bool {
        let version = self.version.load(Ordering::Acquire);
        std::mem::replace(seen, version) != version
    }

    fn find(&self, start: &PublicKey) -> Option<&Claimed> {
        let is_it = |claimed: &&Claimed| claimed.start.bytes() == start;
        self.starts.iter().find(is_it)
    }

    fn is_open(&self, claimed: &Claimed) -> bool {
        let claims = claimed.claims.load(Ordering::Relaxed);
        self.most.is_none_or(|most| claims < most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Start;

    fn starts(number: u8) -> Vec<PublicStart> {
        let start = |byte| PublicStart::from_bytes(Start::from_bytes(&[byte; 32]).public());
        (1..=number).map(|byte| start(byte).unwrap()).collect()
    }

    fn drawn(starts: &Starts) -> PublicKey {
        let origin = starts.draw().unwrap();
        origin
            .public_start()
            .map_or([0; 32], |start| *start.bytes())
    }

    #[test]
    fn lanes_take_turns_among_the_starts_that_still_lack_a_claim() {
        let list = starts(3);
        let starts = Starts::new(&list, Some(3), |_| 0);
        let first: Vec<_> = (0..3).map(|_| drawn(&starts)).collect();
        assert_eq!(
            first,
            list.iter().map(|start| *start.bytes()).collect::<Vec<_>>()
        );
        let mut seen = 0;
        assert!(!starts.changed(&mut seen));
        starts.count(&first[1]);
        assert!(starts.changed(&mut seen) && !starts.changed(&mut seen));
        assert!(!starts.takes(&first[1]) && starts.takes(&first[2]));
        assert!((0..9).all(|_| drawn(&starts) != first[1]));
    }

    #[test]
    fn claims_of_earlier_runs_count_and_more_keys_than_starts_are_shared_out() {
        let list = starts(2);
        let before = *list[0].bytes();
        let starts = Starts::new(&list, Some(3), |start| 2 * u64::from(*start == before));
        assert!(!starts.takes(&before) && starts.takes(list[1].bytes()));
        starts.count(list[1].bytes());
        assert!(starts.takes(list[1].bytes()));
        let all = Starts::new(&list, None, |_| 1_000_000);
        assert!(all.takes(&before));
        assert!(!all.takes(&[7; 32]));
    }

    #[test]
    fn without_starts_every_lane_has_a_secret_of_its_own() {
        assert_eq!(drawn(&Starts::default()), [0; 32]);
    }
}
