//! A set of words given by their first digits: sorted, and no member begins with another.

use super::digits::Digits;
use super::work;

/// Disjoint values in order; one that another covers is left out when the set is made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct DigitSet {
    items: Vec<Digits>,
}

impl DigitSet {
    /// The union of `values`.
    #[must_use]
    pub(crate) fn new(values: Vec<Digits>) -> Self {
        Self::with_dropped(values).0
    }

    /// The union of `values`, and each value that another covers (or repeats) with the one that covers it.
    #[must_use]
    pub(crate) fn with_dropped(mut values: Vec<Digits>) -> (Self, Vec<(Digits, Digits)>) {
        values.sort_unstable();
        let mut items: Vec<Digits> = Vec::with_capacity(values.len());
        let mut dropped = Vec::new();
        for value in values {
            match items.last() {
                Some(&last) if last.covers(value) => dropped.push((value, last)),
                _ => items.push(value),
            }
        }
        (Self { items }, dropped)
    }

    /// The set of every word.
    #[must_use]
    pub(crate) fn everything() -> Self {
        Self {
            items: vec![Digits::ANY],
        }
    }

    /// The members, in order.
    #[must_use]
    pub(crate) fn items(&self) -> &[Digits] {
        &self.items
    }

    /// Whether every word is in the set because a member has no digits.
    #[must_use]
    pub(crate) fn is_everything(&self) -> bool {
        self.items.first().is_some_and(|d| d.is_empty())
    }

    /// The member that `word` begins with.
    #[must_use]
    pub(crate) fn find(&self, word: u64) -> Option<Digits> {
        self.before(word).filter(|d| d.begins(word))
    }

    /// The member that covers `digits`.
    #[must_use]
    pub(crate) fn covering(&self, digits: Digits) -> Option<Digits> {
        self.before(digits.aligned()).filter(|d| d.covers(digits))
    }

    /// The members that `digits` covers. A member that covers `digits` instead is not among them, unless it is equal.
    #[must_use]
    pub(crate) fn within(&self, digits: Digits) -> &[Digits] {
        let range = self.range_within(digits);
        &self.items[range]
    }

    /// Where [`Self::within`] lies in [`Self::items`].
    pub(super) fn range_within(&self, digits: Digits) -> std::ops::Range<usize> {
        let start = self.items.partition_point(|d| d < &digits);
        let last = digits.last_word();
        let len = self.items[start..].partition_point(|d| d.aligned() <= last);
        start..start + len
    }

    /// How many of the words that begin with `digits` are in the set.
    #[must_use]
    pub(crate) fn size_within(&self, digits: Digits) -> u128 {
        match self.covering(digits) {
            Some(_) => digits.size(),
            None => self.within(digits).iter().map(|d| d.size()).sum(),
        }
    }

    fn before(&self, word: u64) -> Option<Digits> {
        work::count(1);
        let after = self.items.partition_point(|d| d.aligned() <= word);
        after.checked_sub(1).map(|i| self.items[i])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(texts: &[&str]) -> DigitSet {
        DigitSet::new(texts.iter().map(|t| Digits::parse(t).unwrap()).collect())
    }

    fn digits(text: &str) -> Digits {
        Digits::parse(text).unwrap()
    }

    #[test]
    fn a_value_that_another_covers_is_left_out() {
        let (kept, dropped) =
            DigitSet::with_dropped(vec![digits("AB"), digits("A"), digits("B0"), digits("A0")]);
        assert_eq!(kept, set(&["A", "B0"]));
        assert_eq!(
            dropped,
            vec![(digits("A0"), digits("A")), (digits("AB"), digits("A"))]
        );
    }

    #[test]
    fn words_are_found_under_the_member_they_begin_with() {
        let set = set(&["A", "B01", "B1"]);
        assert_eq!(set.find(0xA123 << 48), Some(digits("A")));
        assert_eq!(set.find(0xB012 << 48), Some(digits("B01")));
        assert_eq!(set.find(0xB022 << 48), None);
        assert_eq!(set.covering(digits("B0")), None);
        assert_eq!(set.covering(digits("B10")), Some(digits("B1")));
        assert_eq!(set.within(digits("B")), [digits("B01"), digits("B1")]);
        assert_eq!(set.size_within(digits("B0")), digits("B01").size());
        assert_eq!(set.size_within(digits("AA")), digits("AA").size());
    }

    #[test]
    fn the_set_of_everything_covers_every_word() {
        assert!(DigitSet::everything().is_everything());
        assert_eq!(DigitSet::everything().size_within(Digits::ANY), 1 << 64);
    }
}
