//! Walks rectangles (a beginning and an end) from short beginnings to long ones: which are covered, what each adds.

use super::digits::Digits;
use super::levels::Levels;
use super::set::DigitSet;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::line::PatternLine;

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
