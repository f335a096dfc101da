//! Spans of time as people read them.

use std::time::Duration;

use super::number::thousands;

const MINUTE: f64 = 60.0;
const HOUR: f64 = 60.0 * MINUTE;
/// Seconds of a day.
pub(crate) const DAY: f64 = 24.0 * HOUR;
const YEAR: f64 = 365.25 * DAY;

/// "0.35 s", "12.3 s", "3 min 20 s", "5 h 12 min", "3.4 days", "12.3 years", "1,234,567 years".
pub(crate) fn span(time: Duration) -> String {
    seconds(time.as_secs_f64())
}

/// The same for a number of seconds that may exceed a [`Duration`].
pub(crate) fn seconds(time: f64) -> String {
    match time {
        t if !t.is_finite() || t >= 1e15 * YEAR => "longer than 10^15 years".to_owned(),
        t if t > 0.0 && t < 0.005 => "< 0.01 s".to_owned(),
        t if t < 1.0 => format!("{t:.2} s"),
        t if t < 59.95 => format!("{t:.1} s"),
        t if t < HOUR - 0.5 => pair(t, MINUTE, "min", 1.0, "s"),
        t if t < DAY - 30.0 => pair(t, HOUR, "h", MINUTE, "min"),
        t if t < 100.0 * DAY => format!("{:.1} days", t / DAY),
        t if t < YEAR => format!("{:.0} days", t / DAY),
        t if t < 100.0 * YEAR => format!("{:.1} years", t / YEAR),
        t => format!("{} years", thousands((t / YEAR).round() as u64)),
    }
}

/// A span in two units, the smaller one rounded and left out when it is zero.
fn pair(time: f64, large: f64, large_name: &str, small: f64, small_name: &str) -> String {
    let smalls = (time / small).round();
    let per_large = large / small;
    let (whole, rest) = ((smalls / per_large).floor(), smalls % per_large);
    if rest == 0.0 {
        return format!("{whole:.0} {large_name}");
    }
    format!("{whole:.0} {large_name} {rest:.0} {small_name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_the_unit_that_fits_them() {
        let cases = [
            (0.0, "0.00 s"),
            (1e-9, "< 0.01 s"),
            (0.005, "0.01 s"),
            (0.346, "0.35 s"),
            (12.34, "12.3 s"),
            (59.97, "1 min"),
            (60.0, "1 min"),
            (200.4, "3 min 20 s"),
            (3599.9, "1 h"),
            (18_720.0, "5 h 12 min"),
            (86_399.0, "1.0 days"),
            (3.4 * DAY, "3.4 days"),
            (200.0 * DAY, "200 days"),
            (12.3 * YEAR, "12.3 years"),
            (1_234_567.0 * YEAR, "1,234,567 years"),
            (f64::INFINITY, "longer than 10^15 years"),
        ];
        for (time, text) in cases {
            assert_eq!(seconds(time), text);
        }
        assert_eq!(span(Duration::from_millis(1500)), "1.5 s");
    }
}
