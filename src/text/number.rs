//! Numbers as people read them: thousands separated, shares in per cent, rates with a unit.

use indicatif::HumanCount;

/// Groups of three digits: "1,048,576".
pub(crate) fn thousands(number: u64) -> String {
    HumanCount(number).to_string()
}

/// "1 key", "2,000 keys".
pub(crate) fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", thousands(number))
}

/// A number that need not be whole and may be huge: "256", "1,048,576", "1.84e19".
pub(crate) fn about(number: f64) -> String {
    if !number.is_finite() || number >= 1e15 {
        format!("{number:.2e}")
    } else if number < 100.0 && (number - number.round()).abs() > 0.05 {
        format!("{number:.1}")
    } else if number < 2.0 && number != number.round() {
        format!("{number:.3}")
    } else {
        thousands(number.round() as u64)
    }
}

/// A share of 1 in per cent, never rounded to "0 %" or "100 %" while it is neither: "42 %", "0.31 %", "> 99.99 %".
pub(crate) fn percent(share: f64) -> String {
    let value = share * 100.0;
    if value <= 0.0 {
        "0 %".to_owned()
    } else if value < 0.01 {
        "< 0.01 %".to_owned()
    } else if value >= 100.0 {
        "100 %".to_owned()
    } else if value > 99.99 {
        "> 99.99 %".to_owned()
    } else if !(1.0..=99.0).contains(&value) {
        format!("{value:.2} %")
    } else {
        format!("{value:.0} %")
    }
}

/// Candidates a second: "260.1 million/s".
pub(crate) fn rate(per_second: f64) -> String {
    let (scaled, unit) = match per_second {
        r if r >= 1e9 => (r / 1e9, " billion/s"),
        r if r >= 1e6 => (r / 1e6, " million/s"),
        r if r >= 1e3 => (r / 1e3, " thousand/s"),
        r => (r, "/s"),
    };
    format!("{scaled:.1}{unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated() {
        let cases = [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (131_000_000, "131,000,000"),
        ];
        for (number, text) in cases {
            assert_eq!(thousands(number), text);
        }
        assert_eq!(thousands(u64::MAX), "18,446,744,073,709,551,615");
    }

    #[test]
    fn huge_and_small_numbers_stay_readable() {
        assert_eq!(about(256.0), "256");
        assert_eq!(about(257.007_874), "257");
        assert_eq!(about(1.5), "1.5");
        assert_eq!(about(256.0 / 253.0), "1.012");
        assert_eq!(about(1.0), "1");
        assert_eq!(about(16f64.powi(16)), "1.84e19");
        assert_eq!(about(f64::INFINITY), "inf");
    }

    #[test]
    fn a_chance_is_never_rounded_to_certainty() {
        let cases = [
            (0.0, "0 %"),
            (1e-9, "< 0.01 %"),
            (0.0031, "0.31 %"),
            (0.424, "42 %"),
            (0.9987, "99.87 %"),
            (1.0 - 1e-9, "> 99.99 %"),
            (1.0, "100 %"),
        ];
        for (share, text) in cases {
            assert_eq!(percent(share), text);
        }
    }

    #[test]
    fn a_rate_has_a_unit_that_fits() {
        assert_eq!(rate(12.0), "12.0/s");
        assert_eq!(rate(260_123_456.0), "260.1 million/s");
        assert_eq!(rate(1.25e9), "1.2 billion/s");
    }
}
