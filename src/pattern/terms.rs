//! Counts the keys whose ends repeat one another, exactly: equations between digits, joined by inclusion and exclusion.
//!
//! The 32 digits that patterns look at are the first 16 of a key, then its last 16 from the last one backwards. "The
//! first N digits equal the last N" is a set of equations between them, so is "… reversed", and so are several of these
//! together: a partition of the digits into classes that must be equal. Different choices of lengths often give the same
//! partition; merging those keeps the sum over all 2^n choices to a few hundred terms for every length there is.

use std::collections::BTreeMap;

use super::digits::Digits;

/// Number of digits that patterns look at.
const PLACES: usize = 32;
/// Where the digits of the end begin, the last one first.
const TAIL: usize = 16;

/// Stands for the digit of a class that no given digit names.
const UNKNOWN: u8 = 0xFF;

/// For each place the first place that must be equal to it.
type Classes = [u8; PLACES];

/// A signed set of equations: the keys that fulfil it count `weight` times.
#[derive(Clone, Debug)]
struct Term {
    classes: Classes,
    free: u32,
    weight: i64,
}

/// The union of conditions as a signed sum of sets of equations.
#[derive(Clone, Debug)]
pub(super) struct Terms(Vec<Term>);

impl Terms {
    /// No condition: every key counts.
    pub(super) fn every_key() -> Self {
        Self(vec![Term::new(no_equations(), 1)])
    }

    /// The keys whose first N digits equal the last N, or the last N reversed, for any N of `lengths` (2 to 16).
    pub(super) fn vanity(lengths: &[u8]) -> Self {
        // reversed N digits contain every shorter reversed length, so that the shortest stands for all
        let mut conditions: Vec<Classes> = lengths
            .iter()
            .min()
            .map(|&n| reversed(n))
            .into_iter()
            .collect();
        conditions.extend(lengths.iter().map(|&n| forward(n)));
        let mut sums = BTreeMap::from([(no_equations(), -1i64)]);
        for condition in conditions {
            for (classes, weight) in sums.clone() {
                *sums.entry(joined(classes, &condition)).or_default() -= weight;
            }
            sums.retain(|_, weight| *weight != 0);
        }
        sums.remove(&no_equations());
        Self(
            sums.into_iter()
                .map(|(classes, weight)| Term::new(classes, weight))
                .collect(),
        )
    }

    /// How many pairs of 16-digit ends fulfil the union, begin with `head` and end with `tail` (its digits from the last
    /// one backwards). A count of 2^128 wraps to zero.
    pub(super) fn count(&self, head: Digits, tail: Digits) -> u128 {
        let counts = self.0.iter().map(|term| term.count(head, tail));
        counts.fold(0, u128::wrapping_add)
    }

    /// For each set of equations the digits that it forces upon the end of a key that begins with `head` and ends with
    /// `tail` (last digit first), as mask and value of the left-aligned end, and a function that counts the set alone.
    pub(super) fn forced(&self, head: Digits, tail: Digits) -> impl Iterator<Item = Forced<'_>> {
        self.0
            .iter()
            .filter_map(move |term| term.forced(head, tail))
    }

    /// Whether any of the equations hold with these digits: no key can match when none does.
    pub(super) fn can_hold(&self, head: Digits, tail: Digits) -> bool {
        self.0.iter().any(|term| term.pairs(head, tail).is_some())
    }
}

/// One set of equations with what it forces upon the end of a key.
pub(super) struct Forced<'a> {
    term: &'a Term,
    head: Digits,
    /// The digits that are forced.
    pub mask: u64,
    /// What they must be.
    pub value: u64,
}

impl Forced<'_> {
    /// What this set of equations contributes to [`Terms::count`] for the end `tail`.
    pub(super) fn count(&self, tail: Digits) -> u128 {
        self.term.count(self.head, tail)
    }
}

impl Term {
    fn new(classes: Classes, weight: i64) -> Self {
        let free = (0..PLACES)
            .filter(|&place| usize::from(classes[place]) == place)
            .count();
        Self {
            classes,
            free: free as u32,
            weight,
        }
    }

    fn count(&self, head: Digits, tail: Digits) -> u128 {
        let pairs = self.pairs(head, tail).unwrap_or(0);
        pairs.wrapping_mul(i128::from(self.weight) as u128)
    }

    /// Pairs of ends with these digits that fulfil the equations; none when the digits contradict them.
    fn pairs(&self, head: Digits, tail: Digits) -> Option<u128> {
        let (_, known) = self.known(head, tail)?;
        Some(1u128.checked_shl(4 * (self.free - known)).unwrap_or(0))
    }

    fn forced(&self, head: Digits, tail: Digits) -> Option<Forced<'_>> {
        let (known, _) = self.known(head, tail)?;
        let (mut mask, mut value) = (0, 0);
        for place in 0..PLACES - TAIL {
            let digit = known[usize::from(self.classes[TAIL + place])];
            if digit != UNKNOWN {
                mask |= 15 << (60 - 4 * place);
                value |= u64::from(digit) << (60 - 4 * place);
            }
        }
        Some(Forced {
            term: self,
            head,
            mask,
            value,
        })
    }

    /// The digit of each class that these ends name, and how many classes those are; none when they contradict.
    fn known(&self, head: Digits, tail: Digits) -> Option<([u8; PLACES], u32)> {
        let mut known = [UNKNOWN; PLACES];
        let mut count = 0;
        let heads = (0..head.len()).map(|i| (i, head.digit(i)));
        let tails = (0..tail.len()).map(|i| (TAIL + i, tail.digit(i)));
        for (place, digit) in heads.chain(tails) {
            let class = &mut known[usize::from(self.classes[place])];
            if *class == UNKNOWN {
                *class = digit;
                count += 1;
            } else if *class != digit {
                return None;
            }
        }
        Some((known, count))
    }
}

fn no_equations() -> Classes {
    std::array::from_fn(|place| place as u8)
}

/// Digit j from the start equals digit j from the end.
fn reversed(length: u8) -> Classes {
    equal(length, |digit| digit)
}

/// Digit j from the start equals digit N + 1 − j from the end.
fn forward(length: u8) -> Classes {
    equal(length, |digit| usize::from(length) - 1 - digit)
}

/// So many digits from the end, each equal to a digit from the start.
fn equal(length: u8, from_start: impl Fn(usize) -> usize) -> Classes {
    let mut classes = no_equations();
    for digit in 0..usize::from(length) {
        classes[TAIL + digit] = from_start(digit) as u8;
    }
    classes
}

/// Both sets of equations together.
fn joined(mut classes: Classes, other: &Classes) -> Classes {
    for place in 0..PLACES {
        let (a, b) = (classes[place], classes[usize::from(other[place])]);
        let (first, second) = (a.min(b), a.max(b));
        for class in classes.iter_mut().filter(|class| **class == second) {
            *class = first;
        }
    }
    classes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::digits::reverse_nibbles;

    #[test]
    fn every_vanity_length_at_once_needs_few_terms() {
        let all: Vec<u8> = (2..=16).collect();
        let terms = Terms::vanity(&all);
        assert!(terms.0.len() < 2000, "{} terms", terms.0.len());
    }

    /// The 3-digit beginnings and endings that repeat one another in one of the lengths, by trying all of them.
    fn repeating(lengths: &[u8]) -> Vec<(u64, u64)> {
        let digits = |word: u64| [word >> 8 & 15, word >> 4 & 15, word & 15];
        let holds = |h: u64, t: u64| {
            lengths.iter().map(|n| usize::from(*n)).any(|n| {
                let (first, last) = (digits(h), digits(t));
                let (first, last) = (&first[..n], &last[3 - n..]);
                first == last || first.iter().eq(last.iter().rev())
            })
        };
        let pairs = (0..1 << 24).map(|pair| (pair >> 12, pair & 0xFFF));
        pairs.filter(|(h, t)| holds(*h, *t)).collect()
    }

    #[test]
    fn counts_agree_with_trying_every_end() {
        let digits = |text: &str| {
            if text.is_empty() {
                Digits::ANY
            } else {
                Digits::parse(text).unwrap()
            }
        };
        for lengths in [vec![2], vec![3], vec![2, 3]] {
            let terms = Terms::vanity(&lengths);
            let pairs = repeating(&lengths);
            for (head, tail) in [
                ("", ""),
                ("A", ""),
                ("", "B"),
                ("AB", "B"),
                ("AA", "AA"),
                ("ABA", ""),
                ("A1", "22"),
            ] {
                let (head, tail) = (digits(head), digits(tail));
                let fits =
                    |(h, t): &&(u64, u64)| head.begins(h << 52) && tail.begins(reverse_nibbles(*t));
                let counted = pairs.iter().filter(fits).count() as u128;
                assert_eq!(
                    terms.count(head, tail),
                    counted << 104,
                    "{head} {tail} {lengths:?}"
                );
                assert_eq!(terms.can_hold(head, tail), terms.count(head, tail) != 0);
            }
        }
    }

    #[test]
    fn every_set_of_lengths_counts_right_with_two_digits_instead_of_sixteen() {
        const N: usize = 7;
        let digits = |word: u32| -> [u32; N] { std::array::from_fn(|i| word >> (N - 1 - i) & 1) };
        let holds = |h: u32, t: u32, n: usize| {
            let (first, last) = (digits(h), digits(t));
            let (first, last) = (&first[..n], &last[N - n..]);
            first == last || first.iter().eq(last.iter().rev())
        };
        for set in 1u32..1 << (N - 1) {
            let lengths: Vec<u8> = (2..=N as u8).filter(|n| set >> (n - 2) & 1 == 1).collect();
            let pairs = (0..1u32 << (2 * N)).map(|pair| (pair >> N, pair & ((1 << N) - 1)));
            let any = |(h, t): &(u32, u32)| lengths.iter().any(|n| holds(*h, *t, usize::from(*n)));
            let counted = pairs.filter(any).count() as i64;
            let unused = 2 * (16 - N) as u32;
            let sum: i64 = Terms::vanity(&lengths)
                .0
                .iter()
                .map(|t| t.weight << (t.free - unused))
                .sum();
            assert_eq!(sum, counted, "{lengths:?}");
        }
    }
}
