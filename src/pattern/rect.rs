//! Rectangles (a beginning and an end): walked from short beginnings to long ones, to see which are covered and what each
//! adds; and a table that finds those a key lies in, by binary search.

use super::digits::{Digits, KeyEnds};
use super::line::PatternLine;
use super::set::{DigitSet, Levels};

/// The keys with a beginning and an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rect {
    /// What the key begins with.
    pub head: Digits,
    /// What it ends with, from the last digit backwards.
    pub tail: Digits,
    /// Number of the pattern it comes from.
    pub index: u32,
}

/// What one beginning adds to the shorter ones that it begins with.
pub(super) struct Step<'a> {
    /// The beginning.
    pub head: Digits,
    /// Its rectangles that no other one covers.
    pub kept: &'a [Rect],
    /// For each of `kept`, how many ends it adds to `active`.
    pub added: &'a [u128],
    /// The ends that shorter beginnings of this one match already.
    pub active: &'a Levels,
}

/// Calls `visit` for each beginning in order, and returns the numbers of the rectangles that another covers.
pub(super) fn walk(mut rects: Vec<Rect>, mut visit: impl FnMut(&Step<'_>)) -> Vec<u32> {
    rects.sort_unstable();
    let mut dropped = Vec::new();
    let mut active = Levels::default();
    let mut open: Vec<Digits> = Vec::new();
    let (mut kept, mut added): (Vec<Rect>, Vec<u128>) = (Vec::new(), Vec::new());
    let mut rest = rects.as_slice();
    while let Some(first) = rest.first() {
        let head = first.head;
        let (own, after) = rest.split_at(rest.partition_point(|r| r.head == head));
        rest = after;
        while open.last().is_some_and(|last| !last.covers(head)) {
            open.pop();
        }
        active.truncate(open.len());
        uncovered(own, &active, &mut kept, &mut dropped);
        added.clear();
        added.extend(
            kept.iter()
                .map(|r| r.tail.size() - active.size_within(r.tail)),
        );
        visit(&Step {
            head,
            kept: &kept,
            added: &added,
            active: &active,
        });
        if !kept.is_empty() && rest.first().is_some_and(|next| head.covers(next.head)) {
            active.push(DigitSet::new(kept.iter().map(|r| r.tail).collect()), &added);
            open.push(head);
        }
    }
    dropped
}

fn uncovered(own: &[Rect], active: &Levels, kept: &mut Vec<Rect>, dropped: &mut Vec<u32>) {
    kept.clear();
    for rect in own {
        let repeated = kept.last().is_some_and(|last| last.tail.covers(rect.tail));
        if repeated || active.covers(rect.tail) {
            dropped.push(rect.index);
        } else {
            kept.push(*rect);
        }
    }
}

/// The patterns as rectangles, numbered in order.
pub(super) fn rects(patterns: &[PatternLine]) -> impl Iterator<Item = Rect> + '_ {
    let rect = |(index, line): (usize, &PatternLine)| Rect {
        head: line.head,
        tail: line.tail.reversed(),
        index: index as u32,
    };
    patterns.iter().enumerate().map(rect)
}

/// Rectangles by the lengths of their sides; a look-up costs one binary search for each pair of lengths there is.
#[derive(Clone, Debug, Default)]
pub(super) struct RectTable {
    shapes: Vec<Shape>,
}

/// The rectangles with the same lengths of both sides.
#[derive(Clone, Debug)]
struct Shape {
    head_len: usize,
    tail_len: usize,
    /// Left-aligned beginning and end, and the pattern's number, in order.
    rows: Vec<(u64, u64, u32)>,
}

impl RectTable {
    /// The table of these rectangles.
    pub(super) fn new(rects: impl IntoIterator<Item = Rect>) -> Self {
        let mut shapes: Vec<Shape> = Vec::new();
        for Rect { head, tail, index } in rects {
            let row = (head.aligned(), tail.aligned(), index);
            let same = |s: &Shape| (s.head_len, s.tail_len) == (head.len(), tail.len());
            match shapes.iter_mut().find(|s| same(s)) {
                Some(shape) => shape.rows.push(row),
                None => shapes.push(Shape {
                    head_len: head.len(),
                    tail_len: tail.len(),
                    rows: vec![row],
                }),
            }
        }
        shapes
            .iter_mut()
            .for_each(|shape| shape.rows.sort_unstable());
        Self { shapes }
    }

    /// The numbers of the rectangles that hold a key with these ends, in no order.
    pub(super) fn find(&self, ends: KeyEnds) -> impl Iterator<Item = u32> + '_ {
        self.shapes.iter().flat_map(move |shape| shape.find(ends))
    }
}

impl Shape {
    fn find(&self, ends: KeyEnds) -> impl Iterator<Item = u32> + '_ {
        let head = Digits::of_word(ends.head, self.head_len).aligned();
        let tail = Digits::of_word(ends.tail, self.tail_len).aligned();
        let start = self
            .rows
            .partition_point(|&(h, t, _)| (h, t) < (head, tail));
        let equal = move |row: &&(u64, u64, u32)| (row.0, row.1) == (head, tail);
        self.rows[start..].iter().take_while(equal).map(|row| row.2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rects(texts: &[&str]) -> Vec<Rect> {
        let rect = |(index, text): (usize, &&str)| {
            let line = PatternLine::parse_pattern(text).unwrap();
            Rect {
                head: line.head,
                tail: line.tail.reversed(),
                index: index as u32,
            }
        };
        texts.iter().enumerate().map(rect).collect()
    }

    #[test]
    fn a_rectangle_within_another_is_dropped() {
        let texts = [
            "AB...CD", "A...D", "AB...C", "A", "B...1", "B...21", "B2...1", "...F", "...EF",
            "C...F",
        ];
        let mut dropped = walk(rects(&texts), |_| {});
        dropped.sort_unstable();
        assert_eq!(dropped, [0, 1, 2, 5, 6, 8, 9]);
    }

    #[test]
    fn what_each_adds_sums_to_the_union() {
        // ends with 1 under A: 1/256; AB with any end of 12 or 21 or 1x: counted by hand in units of 16^-4
        let mut sum = 0;
        let dropped = walk(rects(&["A...1", "AB...2", "AB...21"]), |step| {
            sum += step.head.size() * step.added.iter().sum::<u128>();
        });
        assert_eq!(dropped, [2]);
        assert_eq!(sum >> (128 - 16), 256 + 16);
    }
}
