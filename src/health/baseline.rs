//! Baselines: the median of a worker's first windows, which may rise and never follows a degradation down.

use std::collections::HashMap;

use crate::engine::Backend;

/// Windows after which the baseline may rise.
const BLOCK: usize = 60;

/// What a baseline belongs to: figures of different keys can't be compared.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The arithmetic.
    pub backend: Backend,
    /// The kind of filter.
    pub filter: String,
    /// Workers that share the machine's caches.
    pub workers: usize,
}

/// The normal value of a figure.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Baseline {
    value: Option<f64>,
    seen: Vec<f64>,
    /// Whether an earlier run learned it, and this run has not confirmed it.
    provisional: bool,
}

impl Baseline {
    /// A baseline that an earlier run learned.
    pub fn known(value: f64) -> Self {
        Self {
            value: Some(value),
            seen: Vec::new(),
            provisional: true,
        }
    }

    /// Takes the figure of a window; the caller leaves out the first window of a worker. The median of the `first`
    /// ones is the first baseline.
    ///
    /// Once known, the baseline rises to the lower quartile of the last 60 windows if that is higher: noise alone does
    /// not raise it, whereas a median of few windows would climb a little with every lucky one.
    pub fn learn(&mut self, figure: f64, first: usize) {
        self.seen.push(figure);
        match self.value {
            None if self.seen.len() >= first => self.value = Some(self.take_quantile(first / 2)),
            Some(value) if self.seen.len() == BLOCK => {
                self.value = Some(value.max(self.take_quantile(BLOCK / 4)));
                self.provisional = false;
            }
            _ => {}
        }
    }

    /// The normal value, once it is known.
    pub fn value(&self) -> Option<f64> {
        self.value
    }

    /// The value to store for later runs, unless it only comes from an earlier one.
    #[must_use]
    pub fn learned(&self) -> Option<f64> {
        self.value.filter(|_| !self.provisional)
    }

    /// A figure as a share of the baseline.
    pub fn share(&self, figure: f64) -> Option<f64> {
        self.value.filter(|v| *v > 0.0).map(|v| figure / v)
    }

    fn take_quantile(&mut self, index: usize) -> f64 {
        let mut seen = std::mem::take(&mut self.seen);
        *seen.select_nth_unstable_by(index, f64::total_cmp).1
    }
}

/// Baselines of performance and of candidates a processor second.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Normal {
    /// Of performance, see [`super::window::performance`].
    pub performance: Baseline,
    /// Of candidates a processor second.
    pub rate: Baseline,
}

/// All baselines of a machine; empty at first.
pub(crate) type Baselines = HashMap<Key, Normal>;

impl Normal {
    /// Takes over the values of earlier runs, unless this run has its own.
    pub(crate) fn recall(&mut self, performance: f64, rate: f64) {
        for (baseline, value) in [(&mut self.performance, performance), (&mut self.rate, rate)] {
            if baseline.value().is_none() && value > 0.0 {
                *baseline = Baseline::known(value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(figures: &[f64]) -> Baseline {
        let mut baseline = Baseline::default();
        figures.iter().for_each(|f| baseline.learn(*f, 5));
        baseline
    }

    #[test]
    fn five_windows_give_the_median() {
        assert_eq!(after(&[9.0, 10.0, 11.0, 100.0]).value(), None);
        assert_eq!(after(&[9.0, 10.0, 11.0, 100.0, 1.0]).value(), Some(10.0));
    }

    #[test]
    fn what_was_learned_before_is_worth_remembering_again_only_after_a_minute_of_windows() {
        let mut baseline = Baseline::known(10.0);
        (0..59).for_each(|_| baseline.learn(9.0, 5));
        assert_eq!((baseline.value(), baseline.learned()), (Some(10.0), None));
        baseline.learn(9.0, 5);
        assert_eq!(baseline.learned(), Some(10.0));
    }

    #[test]
    fn a_degradation_does_not_move_it() {
        let mut baseline = Baseline::known(10.0);
        (0..1000).for_each(|_| baseline.learn(6.0, 5));
        assert_eq!(baseline.value(), Some(10.0));
        assert_eq!(baseline.share(6.0), Some(0.6));
    }

    #[test]
    fn a_lasting_improvement_raises_it_and_a_lucky_minute_half_of_noise_does_not() {
        let mut baseline = Baseline::known(10.0);
        (0..60).for_each(|i| baseline.learn(if i % 2 == 0 { 9.0 } else { 13.0 }, 5));
        assert_eq!(baseline.value(), Some(10.0));
        (0..60).for_each(|_| baseline.learn(12.0, 5));
        assert_eq!(baseline.value(), Some(12.0));
    }

    #[test]
    fn backends_filters_and_numbers_of_workers_have_baselines_of_their_own() {
        let key = |workers| Key {
            backend: Backend::Portable,
            filter: "prefix".to_owned(),
            workers,
        };
        let mut all = Baselines::default();
        (0..5).for_each(|_| all.entry(key(1)).or_default().rate.learn(7.0, 5));
        assert_eq!(all[&key(1)].rate.value(), Some(7.0));
        assert!(!all.contains_key(&key(2)));
    }
}
