//! The median of many ratios with a confidence interval that assumes nothing of how they are distributed.

/// A median and where it lies with 95 % confidence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Median {
    /// The median of the sample.
    pub value: f64,
    /// The lower end of the interval.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// One minus the confidence, on each side.
const TAIL: f64 = 0.025;

impl Median {
    /// The median of a sample, `None` of fewer than six figures, for which there is no such interval.
    ///
    /// The interval goes from the k-th smallest to the k-th greatest figure, with the greatest k for which fewer than k
    /// of n tosses of a coin show heads with at most 2.5 % (the sign test's interval; see Conover, Practical
    /// Nonparametric Statistics, section 3.4).
    pub(crate) fn of(mut sample: Vec<f64>) -> Option<Self> {
        sample.sort_by(f64::total_cmp);
        let n = sample.len();
        let k = rank(n)?;
        let upper = sample.get(n / 2)?;
        let lower = sample.get((n - 1) / 2)?;
        Some(Self {
            value: (lower + upper) / 2.0,
            low: *sample.get(k - 1)?,
            high: *sample.get(n - k)?,
        })
    }
}

/// The k of the interval, at least 1.
fn rank(n: usize) -> Option<usize> {
    let (mut below, mut k) = (0.0, 0);
    while k < n {
        below += probability(n, k);
        if below > TAIL {
            break;
        }
        k += 1;
    }
    (k > 0).then_some(k)
}

/// The probability that `k` of `n` tosses show heads.
fn probability(n: usize, k: usize) -> f64 {
    let ln_factorial = |m: usize| libm::lgamma(m as f64 + 1.0);
    let ln = ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k);
    (ln - n as f64 * std::f64::consts::LN_2).exp()
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
    fn the_median_lies_in_its_interval() {
        let median = Median::of((0..101).map(f64::from).collect()).unwrap();
        assert_eq!((median.value, median.low, median.high), (50.0, 40.0, 60.0));
        assert_eq!(Median::of(vec![1.0; 5]), None);
    }
}
