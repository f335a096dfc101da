//! How many keys of each line of the watchlist were saved and seen.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Counts of one line.
#[derive(Debug, Default)]
struct Line {
    claimed: AtomicU64,
    seen_halves: AtomicU64,
}

/// Counts of all lines: at most so many keys of a line are saved, further ones are only counted.
#[derive(Debug, Default)]
pub struct WatchlistCounters {
    max: u64,
    lines: Vec<Line>,
    any_full: AtomicBool,
}

impl WatchlistCounters {
    /// Counters for `lines` lines, of each of which at most `max` keys are saved.
    pub fn new(lines: usize, max: u64) -> Self {
        Self {
            max,
            lines: (0..lines).map(|_| Line::default()).collect(),
            any_full: AtomicBool::new(max == 0 && lines > 0),
        }
    }

    /// The same after earlier runs, which saved so many keys of a line.
    #[must_use]
    pub(crate) fn after(self, line: usize, saved: u64) -> Self {
        if let Some(entry) = self.lines.get(line) {
            entry.claimed.store(saved.min(self.max), Ordering::Relaxed);
            self.any_full.fetch_or(saved >= self.max, Ordering::Relaxed);
        }
        self
    }

    /// Takes one of the places of a line; false if the line has none left.
    pub fn claim(&self, line: usize) -> bool {
        let Some(entry) = self.lines.get(line) else {
            return false;
        };
        let take = |n| (n < self.max).then_some(n + 1);
        let before = (entry.claimed).try_update(Ordering::Relaxed, Ordering::Relaxed, take);
        if before.is_ok_and(|n| n + 1 >= self.max) {
            self.any_full.store(true, Ordering::Relaxed);
        }
        before.is_ok()
    }

    /// Gives a place back: the key could not be handed over.
    pub fn release(&self, line: usize) {
        if let Some(entry) = self.lines.get(line) {
            entry.claimed.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Whether no further key of this line is saved.
    pub fn is_full(&self, line: usize) -> bool {
        let claimed = |entry: &Line| entry.claimed.load(Ordering::Relaxed);
        self.lines.get(line).is_none_or(|e| claimed(e) >= self.max)
    }

    /// Whether any line is full, which is cheaper to ask first.
    pub fn any_full(&self) -> bool {
        self.any_full.load(Ordering::Relaxed)
    }

    /// Counts a key of this line that was recomputed exactly.
    pub fn see(&self, line: usize) {
        self.see_halves(line, 2);
    }

    /// Counts a key of a full line by the engine's words alone: they leave the sign of x open, so a line that fits
    /// one sign only is counted as half a key, which is right on average.
    pub fn see_halves(&self, line: usize, halves: u64) {
        if let Some(entry) = self.lines.get(line) {
            entry.seen_halves.fetch_add(halves, Ordering::Relaxed);
        }
    }

    /// Takes a place of the first of these lines that has one left; returns that line.
    pub fn claim_any(&self, lines: &[usize]) -> Option<usize> {
        lines.iter().copied().find(|line| self.claim(*line))
    }

    /// Counts a key by the lines that its sketches fit, for either sign of x, if no further key of them is saved;
    /// false if one of them still has places or there is no line: then the key must be recomputed exactly.
    pub fn count_if_full(&self, lines: &[Vec<usize>; 2]) -> bool {
        let mut fitting = lines.iter().flatten().copied().peekable();
        if fitting.peek().is_none() || !fitting.clone().all(|line| self.is_full(line)) {
            return false;
        }
        fitting.for_each(|line| self.see_halves(line, 1));
        true
    }

    /// Keys of this line that were seen, saved or not.
    pub fn seen(&self, line: usize) -> u64 {
        let halves = |entry: &Line| entry.seen_halves.load(Ordering::Relaxed);
        self.lines.get(line).map_or(0, halves).div_ceil(2)
    }

    /// Keys of all lines that were seen, saved or not.
    pub fn seen_in_all(&self) -> u64 {
        (0..self.lines.len()).map(|line| self.seen(line)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_has_its_own_places() {
        let watchlist_counters = WatchlistCounters::new(2, 2);
        assert!(watchlist_counters.claim(0) && watchlist_counters.claim(0));
        assert!(!watchlist_counters.claim(0));
        assert!(watchlist_counters.claim(1));
        assert!(watchlist_counters.is_full(0) && !watchlist_counters.is_full(1));
        assert!(watchlist_counters.any_full());
    }

    #[test]
    fn a_place_that_is_given_back_can_be_taken_again() {
        let watchlist_counters = WatchlistCounters::new(1, 1);
        assert!(watchlist_counters.claim(0));
        watchlist_counters.release(0);
        assert!(watchlist_counters.claim(0));
    }

    #[test]
    fn a_key_on_several_lines_takes_a_place_of_the_first_that_has_one() {
        let watchlist_counters = WatchlistCounters::new(2, 1);
        assert_eq!(watchlist_counters.claim_any(&[0, 1]), Some(0));
        assert_eq!(watchlist_counters.claim_any(&[0, 1]), Some(1));
        assert_eq!(watchlist_counters.claim_any(&[0, 1]), None);
    }

    #[test]
    fn two_halves_make_a_key() {
        let watchlist_counters = WatchlistCounters::new(1, 1);
        watchlist_counters.see(0);
        watchlist_counters.see_halves(0, 1);
        watchlist_counters.see_halves(0, 1);
        assert_eq!(watchlist_counters.seen(0), 2);
        assert_eq!(watchlist_counters.seen_in_all(), 2);
    }

    #[test]
    fn a_key_is_counted_without_recomputation_only_if_all_its_lines_are_full() {
        let watchlist_counters = WatchlistCounters::new(2, 1);
        assert!(!watchlist_counters.count_if_full(&[vec![0], vec![0]]));
        assert!(watchlist_counters.claim(0));
        assert!(watchlist_counters.count_if_full(&[vec![0], vec![0]]));
        assert!(watchlist_counters.count_if_full(&[vec![], vec![0]]));
        assert!(!watchlist_counters.count_if_full(&[vec![0], vec![0, 1]]));
        assert!(!watchlist_counters.count_if_full(&[vec![], vec![]]));
        assert_eq!(
            (watchlist_counters.seen(0), watchlist_counters.seen(1)),
            (2, 0)
        );
    }

    #[test]
    fn a_line_that_does_not_exist_has_no_places() {
        let watchlist_counters = WatchlistCounters::default();
        assert!(!watchlist_counters.claim(7));
        assert!(watchlist_counters.is_full(7));
        assert_eq!(watchlist_counters.seen(7), 0);
    }
}
