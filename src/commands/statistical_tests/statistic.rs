//! Statistics with their p-values: chi-square of counts, and how far a count of rare things lies from its mean.

use std::fmt;

use statrs::distribution::{Binomial, ChiSquared, ContinuousCDF, DiscreteCDF, Poisson};

/// A sound generator gives a p-value below this once in a million statistics.
pub(super) const THRESHOLD: f64 = 1e-6;

/// With fewer counts expected per class, the tails of a chi-square are not reliable. In a simulation the tails at 1e-4
/// were right within a factor of about two for 16 classes of 10.6 and for 254 classes of 3.9 expected counts.
const LEAST_EXPECTED: f64 = 10.0;

/// The same for many classes.
const LEAST_EXPECTED_OF_MANY: f64 = 3.0;

/// So many classes are many.
const MANY: usize = 100;

/// A number that a test found, and how likely chance alone gives one at least as far from what is expected.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Statistic {
    pub name: String,
    /// The number and what is expected of it, in words.
    pub text: String,
    /// The p-value, two-sided: what is too good is suspicious, too. `None`: there are too few keys to judge.
    pub p: Option<f64>,
}

impl Statistic {
    /// Whether chance gives such a number too rarely to be believed.
    #[allow(clippy::neg_cmp_op_on_partial_ord)]
    pub(super) fn is_suspicious(&self) -> bool {
        // Not the other way round: what is no number must not pass for a good one.
        self.p.is_some_and(|p| !(p >= THRESHOLD))
    }
}

impl fmt::Display for Statistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}, ", self.name, self.text)?;
        match self.p {
            None => f.write_str("not judged: too few keys"),
            Some(p) if p < 1e-3 => write!(f, "p = {p:.1e}"),
            Some(p) => write!(f, "p = {p:.3}"),
        }
    }
}

/// Pearson's chi-square of counts that should be equal.
pub(super) fn uniform(name: &str, counts: &[u64]) -> Statistic {
    let expected = counts.iter().sum::<u64>() as f64 / counts.len() as f64;
    let squares = counts
        .iter()
        .map(|count| (*count as f64 - expected).powi(2));
    let value = squares.sum::<f64>() / expected.max(f64::MIN_POSITIVE);
    let is_many = counts.len() >= MANY;
    let needed = if is_many {
        LEAST_EXPECTED_OF_MANY
    } else {
        LEAST_EXPECTED
    };
    chi_square(name, value, counts.len() - 1, expected >= needed)
}

/// The chi-square of bits each of which should be set in half of `total` keys; `set` counts them.
pub(super) fn fair_bits(name: &str, set: &[u64], total: u64) -> Statistic {
    let score = |set: &u64| (2.0 * *set as f64 - total as f64).powi(2) / total as f64;
    let value = set.iter().map(score).sum();
    chi_square(name, value, set.len(), total as f64 / 2.0 >= LEAST_EXPECTED)
}

fn chi_square(name: &str, value: f64, freedom: usize, is_reliable: bool) -> Statistic {
    let distribution = ChiSquared::new(freedom as f64).ok().filter(|_| is_reliable);
    Statistic {
        name: name.to_owned(),
        text: format!("chi-square {value:.1} with {freedom} degrees of freedom"),
        p: distribution.map(|chances| two_sided(chances.cdf(value), chances.sf(value))),
    }
}

/// A count of rare, nearly independent things of which `mean` are expected (Poisson).
pub(super) fn rare(name: &str, count: u64, mean: f64) -> Statistic {
    let never = f64::from(count == 0);
    let p = Poisson::new(mean).map_or(never, |chances| p_of_count(&chances, count));
    counted(name, count, mean, p)
}

/// How many of `total` independent things are so, where each is with this probability (binomial).
pub(super) fn share(name: &str, count: u64, total: u64, probability: f64) -> Statistic {
    let chances = Binomial::new(probability, total);
    let p = chances.map_or(f64::NAN, |chances| p_of_count(&chances, count));
    counted(name, count, total as f64 * probability, p)
}

fn p_of_count(chances: &impl DiscreteCDF<u64, f64>, count: u64) -> f64 {
    let at_least = count.checked_sub(1).map_or(1.0, |below| chances.sf(below));
    two_sided(chances.cdf(count), at_least)
}

fn counted(name: &str, count: u64, mean: f64, p: f64) -> Statistic {
    Statistic {
        name: name.to_owned(),
        text: format!("{count}, expected {}", mean_text(mean)),
        p: Some(p),
    }
}

/// A mean with as many digits as are significant.
fn mean_text(mean: f64) -> String {
    match mean {
        m if m == 0.0 || m >= 10.0 => format!("{m:.0}"),
        m if m >= 0.01 => format!("{m:.2}"),
        m => format!("{m:.0e}"),
    }
}

/// Twice the smaller tail, at most 1.
fn two_sided(lower: f64, upper: f64) -> f64 {
    (2.0 * lower.min(upper)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(p: Option<f64>, expected: f64) {
        let p = p.unwrap();
        assert!((p / expected - 1.0).abs() < 1e-6, "{p} is not {expected}");
    }

    // The expected values below were computed with mpmath's incomplete gamma and beta functions, 30 digits.

    #[test]
    fn the_tails_of_chi_square_are_the_known_ones() {
        close(
            chi_square("", 30.0, 15, true).p,
            2.0 * 0.011_921_491_593_849_66,
        );
        close(
            chi_square("", 293.2478, 255, true).p,
            2.0 * 0.050_000_146_005_519_87,
        );
        close(
            chi_square("", 400.0, 255, true).p,
            2.0 * 1.660_002_524_412_457_6e-8,
        );
    }

    #[test]
    fn the_tails_of_a_rare_count_are_the_known_ones() {
        close(rare("", 3, 7.5).p, 2.0 * 0.059_145_459_832_683_95);
        close(rare("", 20, 7.5).p, 2.0 * 0.000_110_749_464_881_830_3);
        assert_eq!(rare("", 0, 1e-9).p, Some(1.0));
        assert_eq!(
            (rare("", 0, 0.0).p, rare("", 1, 0.0).p),
            (Some(1.0), Some(0.0))
        );
    }

    #[test]
    fn a_mean_of_many_is_judged_by_its_tail_too() {
        let p = rare("", 98_000, 1e5).p.unwrap();
        assert!((p / 2.243e-10 - 1.0).abs() < 0.1, "{p}");
        assert!(rare("", 7_690_000, 7_689_000.0).p.unwrap() > 0.1);
    }

    #[test]
    fn the_tails_of_a_share_are_the_known_ones() {
        close(
            share("", 20, 1000, 1.0 / 128.0).p,
            2.0 * 0.000_174_331_357_242_450_7,
        );
        close(
            share("", 2, 1000, 1.0 / 128.0).p,
            2.0 * 0.015_635_226_833_250_4,
        );
    }

    #[test]
    fn equal_counts_are_too_good_and_one_favourite_is_too_bad() {
        assert!(uniform("", &[1000; 256]).is_suspicious());
        let mut counts = [1000; 256];
        counts[0xf8] = 1300;
        assert!(uniform("", &counts).is_suspicious());
    }

    #[test]
    fn a_bit_that_sticks_is_suspicious() {
        let mut set = [500; 251];
        for (at, set) in (0..).zip(&mut set) {
            *set += (at * 37 % 61) - 30;
        }
        let fair = fair_bits("", &set.map(|n: i64| n as u64), 1000);
        set[7] = 1000;
        let stuck = fair_bits("", &set.map(|n| n as u64), 1000);
        assert!(
            !fair.is_suspicious() && stuck.is_suspicious(),
            "{fair:?} {stuck:?}"
        );
    }

    #[test]
    fn what_is_no_number_does_not_pass() {
        let statistic = Statistic {
            p: Some(f64::NAN),
            ..uniform("", &[1; 2])
        };
        assert!(statistic.is_suspicious());
    }

    #[test]
    fn a_handful_of_keys_is_not_judged() {
        assert_eq!(uniform("", &[1, 0, 2]).p, None);
        assert!(!uniform("", &[0; 256]).is_suspicious());
    }
}
