//! Patterns that are looked for on the side: a key may match several of them.

use super::digits::KeyEnds;
use super::line::PatternLine;
use super::rect::{RectTable, rects};
use super::resolve;
use super::set::DigitSet;
use super::wanted::Wanted;

/// The lines of a watchlist that some key can match.
#[derive(Clone, Debug)]
pub struct Watchlist {
    lines: Vec<PatternLine>,
    table: RectTable,
    avoid: DigitSet,
}

impl Watchlist {
    /// The watchlist of these lines; what `wanted` avoids is not reported here either, nor are reserved keys.
    ///
    /// A note says which lines can never match. They are left out; lines that cover one another are all kept.
    pub fn new(lines: Vec<PatternLine>, wanted: &Wanted) -> (Self, Vec<String>) {
        let mut notes = Vec::new();
        let avoid = wanted.avoid().clone();
        let lines = resolve::lines(lines, &avoid, &mut notes);
        let table = RectTable::new(rects(&lines));
        (
            Self {
                lines,
                table,
                avoid,
            },
            notes,
        )
    }

    /// The numbers of the lines that this public key matches, ascending.
    pub fn matches(&self, public: &[u8; 32]) -> Vec<usize> {
        let ends = KeyEnds::of(public);
        if self.avoid.find(ends.head).is_some() {
            return Vec::new();
        }
        let mut found: Vec<usize> = self.table.find(ends).map(|i| i as usize).collect();
        found.sort_unstable();
        found
    }

    /// Line number `index`, as [`Self::matches`] gives it.
    pub fn line(&self, index: usize) -> Option<&PatternLine> {
        self.lines.get(index)
    }

    /// All lines.
    pub fn lines(&self) -> &[PatternLine] {
        &self.lines
    }
}
