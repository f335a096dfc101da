//! The rate over time as a chart has it: one value a column.

use std::time::Duration;

use jiff::Timestamp;

/// The longest time that a chart shows.
pub(super) const LONGEST: Duration = Duration::from_secs(3600);

/// The shortest.
const SHORTEST: Duration = Duration::from_secs(60);

/// A value that stands still is written again after five minutes.
const HOLDS: Duration = Duration::from_secs(310);

/// A rate at a moment.
pub(super) type Point = (Timestamp, f64);

/// The columns of a chart of these points, which are in order, and how much time it shows; a column is nothing where the
/// rate is not known.
pub(super) fn columns(
    points: &[Point],
    now: Timestamp,
    width: usize,
) -> (Vec<Option<f64>>, Duration) {
    let age = |at: Timestamp| Duration::try_from(now.duration_since(at)).unwrap_or_default();
    let first = points.first().map_or(Duration::ZERO, |point| age(point.0));
    let shown = first.clamp(SHORTEST, LONGEST);
    let column = |index: usize| {
        // The youngest point that is not younger than the end of the column.
        let end = shown.mul_f64(1.0 - (index + 1) as f64 / width as f64);
        let upto = points.partition_point(|point| age(point.0) >= end);
        let (at, rate) = *points.get(upto.checked_sub(1)?)?;
        (age(at) <= end + HOLDS).then_some(rate)
    };
    ((0..width).map(column).collect(), shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    #[test]
    fn a_value_holds_until_the_next_and_not_longer_than_it_would_be_written_again() {
        let points = [(at(0), 1.0), (at(1800), 2.0), (at(3590), 3.0)];
        let (columns, shown) = columns(&points, at(3600), 60);
        assert_eq!(shown, LONGEST);
        let known: Vec<_> = columns
            .iter()
            .map(|rate| rate.map(|rate| rate as u32))
            .collect();
        // A column is a minute: five of them after each point, and the last one.
        let expected = |range: std::ops::Range<usize>, rate| range.map(move |index| (index, rate));
        let all = expected(0..5, 1)
            .chain(expected(29..35, 2))
            .chain(expected(59..60, 3));
        let mut wanted = vec![None; 60];
        all.for_each(|(index, rate)| wanted[index] = Some(rate));
        assert_eq!(known, wanted);
    }

    #[test]
    fn a_young_search_fills_its_chart_from_the_right_within_a_minute() {
        let points = [(at(50), 1.0)];
        let (columns, shown) = columns(&points, at(60), 6);
        assert_eq!(shown, SHORTEST);
        assert_eq!(columns, [None, None, None, None, Some(1.0), Some(1.0)]);
        assert_eq!(super::columns(&[], at(0), 2).0, [None, None]);
    }
}
