//! The regularised incomplete gamma functions, from which the tails of chi-square and Poisson counts come.
//!
//! Series below the mean, continued fraction (by Lentz's method) above it: Abramowitz and Stegun, 6.5.29 and 6.5.31.
//! Both tails are computed directly, so that a tiny one keeps its digits. Of the crates that have these functions one
//! gave NaN below the mean of large arguments, and the other brings a library of linear algebra along.

/// Where terms no longer change the sum.
const PRECISION: f64 = 1e-15;

/// Terms that may be needed: about 10 √a of them, so this is enough beyond a = 10^12.
const MOST_TERMS: u32 = 20_000_000;

/// Keeps a denominator of the continued fraction away from zero.
const TINY: f64 = 1e-300;

/// P(a, x) and Q(a, x) = 1 − P(a, x), for a > 0 and x ≥ 0.
///
/// P(k/2, x/2) is the chance that a chi-square with k degrees of freedom is at most x; Q(n + 1, m) the chance that a
/// Poisson count with mean m is at most n.
#[must_use]
pub(super) fn tails(a: f64, x: f64) -> (f64, f64) {
    if x <= 0.0 {
        (0.0, 1.0)
    } else if x < a + 1.0 {
        let lower = series(a, x);
        (lower, 1.0 - lower)
    } else {
        let upper = continued_fraction(a, x);
        (1.0 - upper, upper)
    }
}

/// x^a e^−x / Γ(a).
fn front(a: f64, x: f64) -> f64 {
    (a * x.ln() - x - libm::lgamma(a)).exp()
}

fn series(a: f64, x: f64) -> f64 {
    let (mut term, mut sum, mut n) = (1.0 / a, 1.0 / a, a);
    for _ in 0..MOST_TERMS {
        n += 1.0;
        term *= x / n;
        sum += term;
        if term < sum * PRECISION {
            break;
        }
    }
    (sum * front(a, x)).min(1.0)
}

fn continued_fraction(a: f64, x: f64) -> f64 {
    let away = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut b = x + 1.0 - a;
    let (mut c, mut d) = (1.0 / TINY, 1.0 / away(b));
    let mut product = d;
    for i in 1..MOST_TERMS {
        let i = f64::from(i);
        let numerator = -i * (i - a);
        b += 2.0;
        d = 1.0 / away(numerator * d + b);
        c = away(b + numerator / c);
        product *= d * c;
        if (d * c - 1.0).abs() < PRECISION {
            break;
        }
    }
    (product * front(a, x)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// a, x, P, Q: from mpmath's `gammainc` with 30 digits.
    const KNOWN: [(f64, f64, f64, f64); 10] = [
        (7.5, 2.8, 0.014_287_596_067_077_495, 0.985_712_403_932_922_5),
        (
            7.5,
            15.0,
            0.988_078_504_061_840_3,
            0.011_921_495_938_159_695,
        ),
        (
            127.5,
            118.1,
            0.204_926_500_845_897_6,
            0.795_073_499_154_102_4,
        ),
        (
            127.5,
            120.15,
            0.262_974_225_106_781_86,
            0.737_025_774_893_218_1,
        ),
        (
            127.5,
            146.6239,
            0.949_999_853_994_480_1,
            0.050_000_146_005_519_87,
        ),
        (
            127.5,
            200.0,
            0.999_999_983_399_974_8,
            1.660_002_524_412_451_8e-8,
        ),
        (
            127.5,
            90.0,
            0.000_113_474_756_382_979_48,
            0.999_886_525_243_617,
        ),
        (
            125.5,
            141.5,
            0.919_413_932_302_508_2,
            0.080_586_067_697_491_79,
        ),
        (1.0, 0.5, 0.393_469_340_287_366_6, 0.606_530_659_712_633_4),
        (2.5, 40.0, 0.999_999_999_999_999_2, 8.391_825_114_831_61e-16),
    ];

    #[test]
    fn both_tails_are_the_known_ones() {
        for (a, x, lower, upper) in KNOWN {
            let (p, q) = tails(a, x);
            assert!(
                (p / lower - 1.0).abs() < 1e-11,
                "P({a}, {x}) = {p}, not {lower}"
            );
            assert!(
                (q / upper - 1.0).abs() < 1e-11,
                "Q({a}, {x}) = {q}, not {upper}"
            );
        }
    }

    #[test]
    fn large_arguments_lose_few_digits() {
        let (_, upper) = tails(98_001.0, 100_000.0);
        assert!(
            (upper / 1.121_599_489_826_47e-10 - 1.0).abs() < 1e-6,
            "{upper}"
        );
        let (_, upper) = tails(7_690_001.0, 7_689_000.0);
        assert!(
            (upper / 0.640_899_915_645_908 - 1.0).abs() < 1e-6,
            "{upper}"
        );
    }

    #[test]
    fn no_argument_gives_anything_but_a_probability() {
        for a in [0.5, 1.0, 7.5, 99.5, 127.5, 1e4, 1e7] {
            let mut last = 0.0;
            for step in 0..60 {
                let x = a * f64::from(step) / 20.0;
                let (p, q) = tails(a, x);
                assert!(
                    (0.0..=1.0).contains(&p) && (0.0..=1.0).contains(&q),
                    "{a} {x}: {p} {q}"
                );
                assert!(
                    p >= last - 1e-9 && (p + q - 1.0).abs() < 1e-12,
                    "{a} {x}: {p} {q}"
                );
                last = p;
            }
        }
    }
}
