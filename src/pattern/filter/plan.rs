//! Chooses for every pattern the word by which the coarse rules look for it: its beginning, its end, or both compared.

use super::index::{Target, WANTED, WATCHED};
use super::words::{Bits, Repeat};
use crate::pattern::digits::Digits;
use crate::pattern::group::Group;
use crate::pattern::set::DigitSet;
use crate::pattern::wanted::Wanted;
use crate::pattern::watchlist::Watchlist;

/// Up to this many pairs of prefix and suffix become patterns of their own; more stay a group.
const MOST_PAIRS: usize = 1 << 16;

/// Survivors a candidate that are worth as much as leaving a word out of the comparison.
const COST_OF_A_WORD: f64 = 0.01;

/// Which patterns are looked for where.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Patterns looked for by their beginning.
    pub low: Vec<Target>,
    /// Patterns looked for by their end.
    pub high: Vec<Target>,
    /// The group, where it is not taken apart into patterns.
    pub group: Option<(Group, Anchor)>,
}

/// Where a group is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    /// By its prefixes.
    Low,
    /// By its suffixes.
    High,
    /// By comparing both ends.
    Ends,
}

impl Plan {
    /// The cheapest plan for what is wanted and what is watched.
    #[must_use]
    pub(super) fn new(wanted: &Wanted, watchlist: Option<&Watchlist>) -> Self {
        let lines = |lines: &[crate::pattern::PatternLine], class| {
            let target = |l: &crate::pattern::PatternLine| Target {
                head: l.head,
                tail: l.tail.reversed(),
                class,
            };
            lines.iter().map(target).collect::<Vec<_>>()
        };
        let mut targets = lines(wanted.patterns(), WANTED);
        targets.extend(
            watchlist
                .map(|w| lines(w.lines(), WATCHED))
                .unwrap_or_default(),
        );
        let mut group = None;
        match wanted.group().map(|g| (g, pairs_of(g))) {
            Some((_, Some(pairs))) => targets.extend(pairs),
            Some((whole, None)) => group = Some((whole.clone(), anchor_of(whole))),
            None => {}
        }
        let (low, high) = split(targets);
        Self { low, high, group }
    }

    /// The beginnings to look for in the low word.
    #[must_use]
    pub(super) fn heads(&self) -> DigitSet {
        let own = self.low.iter().map(|t| t.head);
        DigitSet::new(
            own.chain(self.of_group(Anchor::Low, |g| g.heads.items()))
                .collect(),
        )
    }

    /// The ends to look for in the high word, last digit first.
    #[must_use]
    pub(super) fn tails(&self) -> DigitSet {
        let own = self.high.iter().map(|t| t.tail);
        DigitSet::new(
            own.chain(self.of_group(Anchor::High, |g| g.tails.items()))
                .collect(),
        )
    }

    /// The vanity lengths to look for by comparing both ends.
    #[must_use]
    pub(super) fn vanities(&self) -> &[u8] {
        match &self.group {
            Some((group, Anchor::Ends)) => &group.vanities,
            _ => &[],
        }
    }

    fn of_group(
        &self,
        anchor: Anchor,
        items: fn(&Group) -> &[Digits],
    ) -> impl Iterator<Item = Digits> + '_ {
        let here = self.group.iter().filter(move |(_, at)| *at == anchor);
        here.flat_map(move |(group, _)| items(group).iter().copied())
    }
}

/// The comparisons of both ends that find every key with one of these vanity lengths.
///
/// A shorter reversed length finds every longer one.
#[must_use]
pub(super) fn repeats_of(vanities: &[u8]) -> Vec<Repeat> {
    let reversed = vanities.iter().min().map(|&n| Repeat::reversed(n));
    vanities
        .iter()
        .map(|&n| Repeat::forward(n))
        .chain(reversed)
        .collect()
}

fn pairs_of(group: &Group) -> Option<Vec<Target>> {
    let (heads, tails) = (group.heads.items(), group.tails.items());
    if !group.vanities.is_empty() || heads.len().saturating_mul(tails.len()) > MOST_PAIRS {
        return None;
    }
    let with_tails = |&head| {
        tails.iter().map(move |&tail| Target {
            head,
            tail,
            class: WANTED,
        })
    };
    Some(heads.iter().flat_map(with_tails).collect())
}

fn anchor_of(group: &Group) -> Anchor {
    let sum = |shares: &mut dyn Iterator<Item = f64>| shares.sum::<f64>();
    let low = sum(&mut group
        .heads
        .items()
        .iter()
        .map(|d| Bits::of_head(*d).share()));
    let high = sum(&mut group
        .tails
        .items()
        .iter()
        .map(|d| Bits::of_tail(*d).share()));
    let ends = match group.vanities.as_slice() {
        [] => 1.0,
        lengths => sum(&mut repeats_of(lengths).iter().map(Repeat::share)),
    };
    match () {
        () if low <= high && low <= ends => Anchor::Low,
        () if high <= ends => Anchor::High,
        () => Anchor::Ends,
    }
}

/// Each target to the word that knows more of it, or all that can to the same word where that is cheaper.
fn split(targets: Vec<Target>) -> (Vec<Target>, Vec<Target>) {
    let choices: [fn(&Target) -> bool; 3] = [
        |t| Bits::of_head(t.head).share() <= Bits::of_tail(t.tail).share(),
        |t| !t.head.is_empty() || t.tail.is_empty(),
        |t| t.tail.is_empty(),
    ];
    let cheapest = choices
        .into_iter()
        .min_by(|a, b| cost(&targets, *a).total_cmp(&cost(&targets, *b)));
    targets.into_iter().partition(cheapest.unwrap_or(|_| true))
}

fn cost(targets: &[Target], is_low: fn(&Target) -> bool) -> f64 {
    let (mut share, mut words) = (0.0, [0.0f64; 2]);
    for target in targets {
        let low = is_low(target);
        share += if low {
            Bits::of_head(target.head)
        } else {
            Bits::of_tail(target.tail)
        }
        .share();
        words[usize::from(low)] = COST_OF_A_WORD;
    }
    share + words[0] + words[1]
}
