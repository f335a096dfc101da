//! Statistics with their p-values: chi-square of counts, and how far a count of rare things lies from its mean.

use puruspe::{betai, gammp, gammq};

/// A sound generator gives a p-value below this once in a million statistics.
pub const THRESHOLD: f64 = 1e-6;

/// With fewer counts expected a class, a chi-square says nothing reliable.
const LEAST_EXPECTED: f64 = 10.0;

/// A number that a trial came to, and how likely chance alone gives one at least as far from what is expected.
#[derive(Clone, Debug, PartialEq)]
pub struct Statistic {
    /// What it is about.
    pub name: String,
    /// The number and what is expected of it, in words.
    pub text: String,
    /// The p-value, two-sided: what is too good is suspicious, too. `None`: there are too few keys to judge.
    pub p: Option<f64>,
}

impl Statistic {
    /// Whether chance gives such a number too rarely to be believed.
    #[must_use]
    pub fn is_suspicious(&self) -> bool {
        self.p.is_some_and(|p| p < THRESHOLD)
    }
}

/// Pearson's chi-square of counts that should be equal.
#[must_use]
pub fn uniform(name: &str, counts: &[u64]) -> Statistic {
    let total: u64 = counts.iter().sum();
    let expected = total as f64 / counts.len() as f64;
    let squares = counts
        .iter()
        .map(|count| (*count as f64 - expected).powi(2));
    let value = squares.sum::<f64>() / expected.max(f64::MIN_POSITIVE);
    chi_square(name, value, counts.len() - 1, expected >= LEAST_EXPECTED)
}

/// The chi-square of bits each of which should be set in half of `total` keys; `set` counts them.
#[must_use]
pub fn fair_bits(name: &str, set: &[u64], total: u64) -> Statistic {
    let score = |set: &u64| (2.0 * *set as f64 - total as f64).powi(2) / total as f64;
    let value = set.iter().map(score).sum();
    chi_square(name, value, set.len(), total as f64 / 2.0 >= LEAST_EXPECTED)
}

fn chi_square(name: &str, value: f64, freedom: usize, is_reliable: bool) -> Statistic {
    let (half_freedom, half) = (freedom as f64 / 2.0, value / 2.0);
    let p = || two_sided(gammp(half_freedom, half), gammq(half_freedom, half));
    Statistic {
        name: name.to_owned(),
        text: format!("chi-square {value:.1} with {freedom} degrees of freedom"),
        p: is_reliable.then(p),
    }
}

/// A count of rare, nearly independent things of which `mean` are expected (Poisson).
#[must_use]
pub fn rare(name: &str, count: u64, mean: f64) -> Statistic {
    let p = if mean > 0.0 {
        let up_to = gammq(count as f64 + 1.0, mean);
        let from = if count == 0 {
            1.0
        } else {
            gammp(count as f64, mean)
        };
        two_sided(up_to, from)
    } else {
        f64::from(count == 0)
    };
    counted(name, count, mean, p)
}

/// How many of `total` independent things are so, where each is with this probability (binomial).
#[must_use]
pub fn share(name: &str, count: u64, total: u64, probability: f64) -> Statistic {
    let (k, n) = (count as f64, total as f64);
    let from = if count == 0 {
        1.0
    } else {
        betai(k, n - k + 1.0, probability)
    };
    let up_to = if count >= total {
        1.0
    } else {
        1.0 - betai(k + 1.0, n - k, probability)
    };
    counted(name, count, n * probability, two_sided(up_to, from))
}

fn counted(name: &str, count: u64, mean: f64, p: f64) -> Statistic {
    Statistic {
        name: name.to_owned(),
        text: format!("{count}, expected {}", expected(mean)),
        p: Some(p),
    }
}

/// A mean with the digits that it is worth.
fn expected(mean: f64) -> String {
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
        assert_eq!(share("", 0, 1, 0.0).p, Some(1.0));
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
    fn a_handful_of_keys_is_not_judged() {
        assert_eq!(uniform("", &[1, 0, 2]).p, None);
        assert!(!uniform("", &[0; 256]).is_suspicious());
    }
}
