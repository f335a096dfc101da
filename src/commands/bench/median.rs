//! The median, and its confidence interval that assumes nothing about the distribution.

use serde::{Deserialize, Serialize};
use statrs::distribution::{Binomial, DiscreteCDF};

/// A median and where it lies with 95 % confidence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::commands) struct MedianInterval {
    pub median: f64,
    pub low: f64,
    pub high: f64,
}

/// One minus the confidence, on each side.
const TAIL: f64 = 0.025;

impl MedianInterval {
    /// The median of a sample, `None` of fewer than six figures, for which there is no such interval.
    ///
    /// The interval goes from the k-th smallest to the k-th greatest figure, with the greatest k for which fewer than k
    /// of n tosses of a coin show heads with at most 2.5 % (the sign test's interval; see Conover, Practical
    /// Nonparametric Statistics, section 3.4).
    pub(super) fn of(mut sample: Vec<f64>) -> Option<Self> {
        let median = median(&mut sample)?;
        let k = rank(sample.len())?;
        Some(Self {
            median,
            low: *sample.get(k - 1)?,
            high: *sample.get(sample.len() - k)?,
        })
    }
}

/// The k of the interval, at least 1.
fn rank(n: usize) -> Option<usize> {
    let heads = Binomial::new(0.5, n as u64).ok()?.inverse_cdf(TAIL);
    usize::try_from(heads).ok().filter(|k| *k > 0)
}

/// The median of `values`, which it sorts, or `None` of nothing.
pub(super) fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let upper = values.get(values.len() / 2)?;
    let lower = values.get(values.len().saturating_sub(1) / 2)?;
    Some((lower + upper) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ranks_are_those_of_the_published_tables() {
        for (n, k) in [
            (5, None),
            (6, Some(1)),
            (10, Some(2)),
            (20, Some(6)),
            (50, Some(18)),
            (100, Some(40)),
        ] {
            assert_eq!(rank(n), k, "{n}");
        }
    }

    #[test]
    fn large_samples_do_not_overflow() {
        let k = rank(100_000).unwrap();
        let normal = 50_000.0 - 1.96 * (100_000f64).sqrt() / 2.0;
        assert!((k as f64 - normal).abs() < 2.0, "{k}");
    }

    #[test]
    fn the_median_of_an_even_number_lies_between_the_two_in_the_middle() {
        assert_eq!(median(&mut []), None);
        assert_eq!(median(&mut [5.0, 1.0, 3.0]), Some(3.0));
        assert_eq!(median(&mut [4.0, 1.0, 2.0, 9.0]), Some(3.0));
    }

    #[test]
    fn the_median_lies_in_its_interval() {
        let interval = MedianInterval::of((0..101).map(f64::from).collect()).unwrap();
        assert_eq!(
            (interval.median, interval.low, interval.high),
            (50.0, 40.0, 60.0)
        );
        assert_eq!(MedianInterval::of(vec![1.0; 5]), None);
    }
}
