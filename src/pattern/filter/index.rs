//! Finds the patterns that a sweep's words may belong to: a directory by index bits, then a short scan.

use super::words::{Bits, Side, Words};
use crate::engine::coarse::{HIGH_MASK, LOW_MASK};
use crate::pattern::digits::{Digits, swap_nibbles};
use crate::pattern::work;

/// Marks a pattern that a search reports.
pub(super) const WANTED: u8 = 1;
/// Marks a pattern of a watchlist.
pub(super) const WATCHED: u8 = 2;

/// A beginning and an end (last digit first), and whether it is wanted or watched.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    /// What the key begins with.
    pub head: Digits,
    /// What it ends with, from the last digit backwards.
    pub tail: Digits,
    /// [`WANTED`] or [`WATCHED`].
    pub class: u8,
}

/// Patterns by the index bits of one word.
#[derive(Clone, Debug)]
pub(super) struct Index {
    side: Side,
    bits: u32,
    /// Where each bucket's entries begin; one more than there are buckets.
    starts: Vec<u32>,
    entries: Vec<Entry>,
    /// All classes that occur.
    classes: u8,
}

/// A pattern as it shows in the two words. The bits that carry no digits hold the lengths and the class.
#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    /// Bits 0 to 47: the low word; from 48: number of digits; from 56: class.
    low: u64,
    /// Bits 16 to 62: the high word; from 0: number of digits.
    high: u64,
}

impl Index {
    /// Most index bits: the directory then takes 4 MiB.
    const MOST_BITS: u32 = 20;

    /// The index of `targets` by the word on `side`.
    pub(super) fn new(side: Side, targets: &[Target]) -> Self {
        let bits = index_bits(side, targets);
        let mut starts = vec![0u32; (1 << bits) + 1];
        for target in targets {
            side.each_index(target.bits(side), bits, |i| starts[i + 1] += 1);
        }
        for i in 0..1usize << bits {
            starts[i + 1] += starts[i];
        }
        let mut entries = vec![Entry::default(); starts[1 << bits] as usize];
        work::count(entries.len());
        let mut next = starts.clone();
        for target in targets {
            let entry = Entry::new(target);
            side.each_index(target.bits(side), bits, |i| {
                entries[next[i] as usize] = entry;
                next[i] += 1;
            });
        }
        let classes = targets.iter().fold(0, |all, t| all | t.class);
        Self {
            side,
            bits,
            starts,
            entries,
            classes,
        }
    }

    /// The classes of the patterns that these words may belong to.
    #[inline]
    pub(super) fn classes_of(&self, words: &Words) -> u8 {
        if self.side == Side::Low {
            return self.scan(Side::Low.index(words.low, self.bits), words);
        }
        let bottom = Side::High.index(words.high, self.bits);
        let top = Side::High.index(words.high_top, self.bits);
        let found = self.scan(bottom, words);
        if top == bottom {
            found
        } else {
            found | self.scan(top, words)
        }
    }

    #[inline]
    fn scan(&self, bucket: usize, words: &Words) -> u8 {
        let range = self.starts[bucket] as usize..self.starts[bucket + 1] as usize;
        let mut found = 0;
        work::count(range.len());
        for entry in &self.entries[range] {
            if entry.may_hold(words) {
                found |= entry.class();
                if found == self.classes {
                    break;
                }
            }
        }
        found
    }
}

impl Target {
    fn bits(&self, side: Side) -> Bits {
        match side {
            Side::Low => Bits::of_head(self.head),
            Side::High => Bits::of_tail(self.tail),
        }
    }
}

impl Entry {
    fn new(target: &Target) -> Self {
        let low = Bits::of_head(target.head).value;
        let high = Bits::of_tail(target.tail).value;
        let class = u64::from(target.class);
        Self {
            low: low | (target.head.len() as u64) << 48 | class << 56,
            high: high | target.tail.len() as u64,
        }
    }

    #[inline]
    fn class(&self) -> u8 {
        (self.low >> 56) as u8
    }

    #[inline]
    fn may_hold(&self, words: &Words) -> bool {
        let head_len = (self.low >> 48) as usize & 31;
        (self.low ^ words.low) & LOW_MASKS[head_len] == 0
            && words.high_may_be(HIGH_MASKS[self.high as usize & 31], self.high)
    }
}

/// About two buckets a pattern, but fewer where short patterns would fill very many.
fn index_bits(side: Side, targets: &[Target]) -> u32 {
    let most = (targets.len().max(1).ilog2() + 2).clamp(4, Index::MOST_BITS);
    let room = 4 * targets.len() + (1 << 16);
    let filled = |bits: u32| {
        targets
            .iter()
            .map(|t| side.indexes(t.bits(side), bits))
            .sum::<usize>()
    };
    (5..=most)
        .rev()
        .find(|&bits| filled(bits) <= room)
        .unwrap_or(4)
}

/// The bits of the first digits in the low word, by their number; 32 entries so that an index needs no check.
const LOW_MASKS: [u64; 32] = masks(true);
/// The bits of the last digits in the high word, by their number.
const HIGH_MASKS: [u64; 32] = masks(false);

const fn masks(low: bool) -> [u64; 32] {
    let mut masks = [0; 32];
    let mut len = 1;
    while len < 32 {
        let digits = if len < 16 {
            u64::MAX << (64 - 4 * len)
        } else {
            u64::MAX
        };
        masks[len] = if low {
            digits.swap_bytes() & LOW_MASK
        } else {
            swap_nibbles(digits) & HIGH_MASK
        };
        len += 1;
    }
    masks
}
