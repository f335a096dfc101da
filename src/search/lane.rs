//! One lane of a worker: where it searches from, the survivors of the running sweep, and its counts.

use crate::batch::LaneCounts;
use crate::blind::Origin;
use crate::engine::Survivor;
use crate::pattern::Plausible;

/// Survivors of each kind that a lane holds during one sweep; spot checks never take room from hits, nor watched ones
/// from wanted ones. A wanted hit is lost to this bound only if that many earlier ones of the same lane and sweep
/// all turn out to be misses: since at most every second plausible hit is a miss, with less than 2^-63.
pub(crate) const HELD: usize = 64;

/// The origin of a lane, the survivors of a sweep, and counts.
pub(crate) struct Lane {
    /// Where the lane searches from.
    pub origin: Origin,
    /// Survivors that may be wanted.
    pub wanted: Vec<Survivor>,
    /// Survivors that may be on the watchlist, and not wanted.
    pub watched: Vec<Survivor>,
    /// Survivors that may be spot checks.
    pub spot_checks: Vec<Survivor>,
    /// Counts of the running batch.
    pub counts: LaneCounts,
    refuted: Option<Survivor>,
    /// Bytes that the lists held when they were last counted.
    counted_bytes: usize,
}

impl Lane {
    /// A lane that searches from there.
    pub(crate) fn new(origin: Origin) -> Self {
        Self {
            origin,
            wanted: Vec::new(),
            watched: Vec::new(),
            spot_checks: Vec::new(),
            counts: LaneCounts::default(),
            refuted: None,
            counted_bytes: 0,
        }
    }

    /// Keeps a survivor until the sweep is over.
    pub(crate) fn hold(&mut self, survivor: Survivor, plausible: Plausible) {
        if plausible.spot_check {
            self.counts.dropped += push(&mut self.spot_checks, survivor);
        }
        if plausible.wanted {
            self.counts.dropped += push(&mut self.wanted, survivor);
        } else if plausible.watched {
            self.counts.dropped += push(&mut self.watched, survivor);
        }
    }

    /// Counts a survivor that exact recomputation refuted.
    pub(crate) fn refute(&mut self, survivor: Survivor) {
        self.counts.refuted += 1;
        self.refuted.get_or_insert(survivor);
    }

    /// The first refuted survivor since the last call.
    pub(crate) fn take_refuted(&mut self) -> Option<Survivor> {
        self.refuted.take()
    }

    /// Whether the sweep left anything to look at.
    pub(crate) fn is_empty(&self) -> bool {
        self.wanted.is_empty() && self.watched.is_empty() && self.spot_checks.is_empty()
    }

    /// Forgets the survivors of the last sweep.
    pub(crate) fn clear(&mut self) {
        self.wanted.clear();
        self.watched.clear();
        self.spot_checks.clear();
    }

    /// Frees the lists' memory; they grow again as needed.
    pub(crate) fn reclaim(&mut self) {
        for list in [&mut self.wanted, &mut self.watched, &mut self.spot_checks] {
            list.shrink_to_fit();
        }
        self.counted_bytes = self.buffer_bytes();
    }

    /// Bytes by which the lists have grown since the last call.
    pub(crate) fn grown_bytes(&mut self) -> usize {
        let now = self.buffer_bytes();
        now - std::mem::replace(&mut self.counted_bytes, now)
    }

    /// Bytes that the lane's lists hold.
    pub(crate) fn buffer_bytes(&self) -> usize {
        let held = self.wanted.capacity() + self.watched.capacity() + self.spot_checks.capacity();
        held * size_of::<Survivor>()
    }
}

/// Adds a survivor to a bounded list; returns how many were dropped.
fn push(list: &mut Vec<Survivor>, survivor: Survivor) -> u64 {
    if list.len() < HELD {
        list.push(survivor);
        0
    } else {
        1
    }
}
