//! `--until HH:MM`: the next moment at which the clock on the wall shows that time.

use jiff::civil::Time;
use jiff::{ToSpan, Zoned};

use super::InvalidValue;

/// What a clock time may look like, as a sentence.
const ALLOWED: &str =
    "Allowed is a clock time from 00:00 to 23:59, such as 07:30: the next time that it comes.";

/// The next moment after `now` at which a local clock shows `time`; `None` beyond the calendar.
///
/// When clocks are set back and show a time twice, either counts; when they are set forward over it, the moment counts
/// that lies as far behind the jump as the time lies behind its beginning (02:30 becomes 03:30).
pub(crate) fn next(time: Time, now: &Zoned) -> Option<Zoned> {
    (0..=2).find_map(|days| on_day(time, now, days))
}

/// The first moment after `now` that shows `time`, `days` days from today.
fn on_day(time: Time, now: &Zoned, days: i64) -> Option<Zoned> {
    let date = now.date().checked_add(days.days()).ok()?;
    let moment = || now.time_zone().to_ambiguous_zoned(date.to_datetime(time));
    let candidates = match moment().offset() {
        jiff::tz::AmbiguousOffset::Fold { .. } => [moment().earlier(), moment().later()],
        _ => [moment().compatible(), moment().compatible()],
    };
    candidates.into_iter().flatten().find(|moment| moment > now)
}

/// Reads `HH:MM`.
pub(crate) fn clock_time(text: &str) -> Result<Time, InvalidValue> {
    let text = text.trim();
    let wrong = |problem| InvalidValue::new(problem, ALLOWED);
    if text.is_empty() || text.starts_with("--") {
        return Err(wrong("a clock time is missing"));
    }
    let digits =
        |text: &str| (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    let parts = text.split_once(':');
    let parts = parts.filter(|(hour, minute)| digits(hour) && digits(minute) && minute.len() == 2);
    let (hour, minute) = parts.ok_or_else(|| wrong("not a clock time"))?;
    let time = hour.parse().ok().zip(minute.parse().ok());
    time.and_then(|(hour, minute)| Time::new(hour, minute, 0, 0).ok())
        .ok_or_else(|| wrong("there is no such time of day"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;

    /// Central European time with its usual changes, without a time zone database.
    fn at(text: &str) -> Zoned {
        let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        text.parse::<jiff::Timestamp>().unwrap().to_zoned(zone)
    }

    fn next_utc(text: &str, now: &str) -> String {
        next(clock_time(text).unwrap(), &at(now))
            .unwrap()
            .timestamp()
            .to_string()
    }

    #[test]
    fn a_time_still_to_come_is_today() {
        assert_eq!(
            next_utc("07:30", "2026-01-10T05:00:00Z"),
            "2026-01-10T06:30:00Z"
        );
        assert_eq!(
            next_utc("7:30", "2026-01-10T05:00:00Z"),
            "2026-01-10T06:30:00Z"
        );
    }

    #[test]
    fn a_time_that_passed_or_is_now_is_tomorrow() {
        assert_eq!(
            next_utc("07:30", "2026-01-10T07:00:00Z"),
            "2026-01-11T06:30:00Z"
        );
        assert_eq!(
            next_utc("07:30", "2026-01-10T06:30:00Z"),
            "2026-01-11T06:30:00Z"
        );
        assert_eq!(
            next_utc("07:30", "2026-01-10T06:30:30Z"),
            "2026-01-11T06:30:00Z"
        );
    }

    #[test]
    fn a_night_in_which_clocks_change_is_an_hour_longer_or_shorter() {
        assert_eq!(
            next_utc("07:00", "2026-10-24T20:00:00Z"),
            "2026-10-25T06:00:00Z"
        );
        assert_eq!(
            next_utc("07:00", "2026-03-28T20:00:00Z"),
            "2026-03-29T05:00:00Z"
        );
    }

    #[test]
    fn a_time_that_comes_twice_counts_each_time() {
        assert_eq!(
            next_utc("02:30", "2026-10-24T23:00:00Z"),
            "2026-10-25T00:30:00Z"
        );
        assert_eq!(
            next_utc("02:30", "2026-10-25T00:45:00Z"),
            "2026-10-25T01:30:00Z"
        );
        assert_eq!(
            next_utc("02:30", "2026-10-25T01:45:00Z"),
            "2026-10-26T01:30:00Z"
        );
    }

    #[test]
    fn a_time_that_is_skipped_comes_after_the_jump() {
        assert_eq!(
            next_utc("02:30", "2026-03-29T00:00:00Z"),
            "2026-03-29T01:30:00Z"
        );
        assert_eq!(
            next_utc("02:30", "2026-03-29T01:30:00Z"),
            "2026-03-30T00:30:00Z"
        );
    }

    #[test]
    fn what_is_no_clock_time_is_refused_with_a_reason() {
        for (text, reason) in [
            ("", "missing"),
            ("7", "not a clock time"),
            ("7:5", "not a clock time"),
            ("07:30:00", "not a clock time"),
            ("-7:30", "not a clock time"),
            ("24:00", "no such time"),
            ("12:60", "no such time"),
            ("noon", "not a clock time"),
        ] {
            let refused = clock_time(text).unwrap_err();
            assert!(
                refused.problem.contains(reason),
                "{text}: {}",
                refused.problem
            );
            assert!(refused.allowed.contains("07:30"), "{text}");
        }
    }
}
