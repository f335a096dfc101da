//! Spans of time as people type them: 8 and 0.5 (hours), 2:30 (h:mm), 90m, 1h 30m, 1.5h, 45s, 1d.
//!
//! The units are humantime's. Numbers are read here: its parser refuses a fraction that is not a whole number of seconds
//! (0.3333h), jiff's a fraction before another unit (1.5h 30m) and days.

use std::time::Duration;

use super::error::InvalidValue;
use super::number::Decimal;

/// What a time may look like, as a sentence.
const ALLOWED: &str = "Allowed are hours (8, 0.5), h:mm (2:30), or numbers with d, h, m or s (90m, 1h 30m, 45s, 1d), \
                       above zero and at most 100 years.";

/// The longest time that is accepted.
const LONGEST: Duration = Duration::from_secs(100 * 31_557_600);

/// Nanoseconds of an hour and of a second.
const HOUR: u128 = 3_600 * SECOND;
const SECOND: u128 = 1_000_000_000;

/// Reads a time above zero; a bare number is hours.
pub(crate) fn hours(text: &str) -> Result<Duration, InvalidValue> {
    read(text, HOUR, ALLOWED)
}

/// Reads a time above zero; a bare number is seconds.
pub(crate) fn seconds(text: &str) -> Result<Duration, InvalidValue> {
    read(
        text,
        SECOND,
        "Allowed are seconds (5, 0.5) or numbers with h, m or s (2m, 1m 30s), above zero.",
    )
}

/// Reads the time between two samples or looks, at least a second; a bare number is seconds.
pub(crate) fn interval(text: &str) -> Result<Duration, InvalidValue> {
    let time = seconds(text)?;
    if time < Duration::from_secs(1) {
        let allowed = "Allowed is one second or more, such as 30s.";
        return Err(InvalidValue::new("too short", allowed));
    }
    Ok(time)
}

/// Reads a time whose bare form counts `bare` nanoseconds.
fn read(text: &str, bare: u128, allowed: &str) -> Result<Duration, InvalidValue> {
    let refuse = |problem: String| InvalidValue::new(problem, allowed);
    let nanoseconds = nanoseconds(text.trim(), bare).map_err(refuse)?;
    if nanoseconds == 0 {
        return Err(refuse("must be longer than zero".into()));
    }
    if nanoseconds > LONGEST.as_nanos() {
        return Err(refuse("over 100 years".into()));
    }
    let seconds = u64::try_from(nanoseconds / SECOND).unwrap_or(u64::MAX);
    let rest = u32::try_from(nanoseconds % SECOND).unwrap_or(0);
    Ok(Duration::new(seconds, rest))
}

/// The time in nanoseconds; the error is what is wrong, without a full stop.
fn nanoseconds(text: &str, bare: u128) -> Result<u128, String> {
    if text.is_empty() || text.starts_with("--") {
        return Err("a time is missing".into());
    }
    if text.starts_with('-') {
        return Err("negative".into());
    }
    if let Some((hours, minutes)) = text.split_once(':') {
        return clock(hours, minutes);
    }
    Decimal::parse(text).map_or_else(|| words(text), |number| product(number, bare))
}

/// `h:mm` in nanoseconds.
fn clock(hours: &str, minutes: &str) -> Result<u128, String> {
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !plain(hours) || !plain(minutes) || minutes.len() != 2 || minutes > "59" {
        return Err(
            "with a colon it is read as hours:minutes, the minutes two digits from 00 to 59".into(),
        );
    }
    let number = |text| Decimal::parse(text).ok_or_else(too_long);
    Ok(product(number(hours)?, HOUR)?.saturating_add(product(number(minutes)?, 60 * SECOND)?))
}

/// Numbers with units, such as `1h 30m` or `1.5 h`, in nanoseconds.
fn words(text: &str) -> Result<u128, String> {
    let mut rest = text;
    let mut sum = 0u128;
    while !rest.is_empty() {
        let (part, after) = next_part(rest)?;
        sum = sum.saturating_add(part);
        rest = after;
    }
    Ok(sum)
}

/// The first number with its unit in nanoseconds, and what follows.
fn next_part(text: &str) -> Result<(u128, &str), String> {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | '_'))
        .unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    let number = Decimal::parse(number).ok_or_else(|| "not a time".to_owned())?;
    let rest = rest.trim_start();
    let end = rest
        .find(|c: char| !c.is_alphabetic())
        .unwrap_or(rest.len());
    let (unit, rest) = rest.split_at(end);
    Ok((product(number, unit_of(unit)?)?, rest.trim_start()))
}

/// Nanoseconds of a unit; the names are those of `humantime`, in either case, so that M is minutes too.
fn unit_of(name: &str) -> Result<u128, String> {
    if name.is_empty() {
        return Err("a number beside other numbers needs a unit".into());
    }
    humantime::parse_duration(&format!("1{}", name.to_lowercase()))
        .map(|unit| unit.as_nanos())
        .map_err(|_| format!("\"{name}\" is not a unit of time"))
}

/// `number` · `unit`, to the nearest nanosecond.
fn product(number: Decimal, unit: u128) -> Result<u128, String> {
    match number.times(unit) {
        Some(Ok(value) | Err(value)) => Ok(value),
        None => Err(too_long()),
    }
}

fn too_long() -> String {
    "over 100 years".into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds_of(text: &str) -> f64 {
        hours(text)
            .unwrap_or_else(|refused| panic!("{text}: {refused:?}"))
            .as_secs_f64()
    }

    #[test]
    fn a_bare_number_is_hours() {
        assert_eq!(seconds_of("8"), 28_800.0);
        assert_eq!(seconds_of("0.5"), 1_800.0);
        assert_eq!(seconds_of("1_000"), 3_600_000.0);
    }

    #[test]
    fn a_colon_separates_hours_and_minutes() {
        assert_eq!(seconds_of("2:30"), 9_000.0);
        assert_eq!(seconds_of("0:01"), 60.0);
        assert_eq!(seconds_of("100:00"), 360_000.0);
    }

    #[test]
    fn numbers_with_units_are_added() {
        for (text, seconds) in [
            ("90m", 5_400.0),
            ("1h 30m", 5_400.0),
            ("1h30m", 5_400.0),
            ("1 h 30 min", 5_400.0),
            ("1.5h", 5_400.0),
            ("45s", 45.0),
            ("1d", 86_400.0),
            ("2 days 12 hours", 216_000.0),
            ("90M", 5_400.0),
            ("500ms", 0.5),
            ("0.25s", 0.25),
        ] {
            assert_eq!(seconds_of(text), seconds, "{text}");
        }
    }

    #[test]
    fn a_third_of_an_hour_is_rounded_to_a_nanosecond() {
        assert_eq!(
            hours("0.33333333333333333").unwrap().as_nanos(),
            1_200_000_000_000
        );
    }

    #[test]
    fn what_is_no_time_is_refused_with_a_reason() {
        for (text, reason) in [
            ("", "missing"),
            ("--json", "missing"),
            ("0", "longer than zero"),
            ("0:00", "zero"),
            ("0s", "zero"),
            ("-1", "negative"),
            ("-1h", "negative"),
            ("5x", "\"x\" is not a unit"),
            ("5 fortnights", "\"fortnights\" is not a unit"),
            ("1 30m", "needs a unit"),
            ("1h 30", "needs a unit"),
            ("h", "not a time"),
            ("soon", "not a time"),
            ("1:5", "hours:minutes"),
            ("1:60", "hours:minutes"),
            ("1:30:00", "hours:minutes"),
            (":30", "hours:minutes"),
            ("1.5:30", "hours:minutes"),
            ("900000", "100 years"),
            ("18446744073709551615s 1000ms", "100 years"),
            ("99999999999999999999999999999y", "100 years"),
            ("99999999999999999999999999999999999:00", "100 years"),
        ] {
            let refused = hours(text).unwrap_err();
            assert!(
                refused.problem.contains(reason),
                "{text}: {}",
                refused.problem
            );
            assert!(refused.allowed.contains("2:30"), "{text}");
        }
    }

    #[test]
    fn an_interval_is_a_second_at_least() {
        assert_eq!(interval("10"), Ok(Duration::from_secs(10)));
        assert_eq!(interval("2m"), Ok(Duration::from_secs(120)));
        for wrong in ["0.5", "0", "-1", "x", ""] {
            assert!(interval(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn seconds_are_the_bare_unit_of_a_measurement() {
        assert_eq!(seconds("2.5").unwrap(), Duration::from_millis(2_500));
        assert_eq!(seconds("1m").unwrap(), Duration::from_secs(60));
    }
}
