//! Looks up which of many rectangles (a beginning and an end) a key lies in, by binary search.

use super::cover::Rect;
use super::digits::{Digits, KeyEnds};

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
    #[must_use]
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
