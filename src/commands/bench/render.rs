//! The figures of `bench` as a table for people and as JSON.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::measure::Figure;
use super::overhead::{Overhead, SLICE};
use super::ratio::Median;
use crate::text::number;

/// What stands where the latency of a multiplication is not known.
const UNKNOWN: &str = "unknown";

/// Writes what comes before the figures.
pub(super) fn head(pattern: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "pattern: {pattern}\n")?;
    row_of(
        [
            "backend",
            "workers",
            "candidates",
            "core clock",
            "cycles a candidate",
        ],
        out,
    )
}

/// Writes one figure.
pub(super) fn row(figure: &Figure, out: &mut dyn Write) -> io::Result<()> {
    let unknown = || UNKNOWN.to_owned();
    let clock = figure
        .clock_hz
        .map(|hertz| format!("{:.2} GHz", hertz / 1e9));
    let cycles = figure
        .cycles_per_candidate
        .map(|cycles| format!("{cycles:.1}"));
    let cells = [
        figure.backend.to_string(),
        figure.workers.to_string(),
        number::rate(figure.candidates_per_second),
        clock.unwrap_or_else(unknown),
        cycles.unwrap_or_else(unknown),
    ];
    row_of(cells.each_ref().map(String::as_str), out)?;
    out.flush()
}

fn row_of(
    [backend, workers, rate, clock, cycles]: [&str; 5],
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(
        out,
        "{backend:<12}{workers:>7}{rate:>18}{clock:>14}{cycles:>21}"
    )
}

/// Writes what the figures mean.
pub(super) fn foot(figures: &[Figure], out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "\nCandidates a second are by the clock on the wall, all workers together. Cycles a candidate are by the \
         processor\ntime of the workers and the real clock of their cores, measured between slices of the work; \
         medians over slices."
    )?;
    if figures.iter().any(|figure| figure.clock_hz.is_none()) {
        writeln!(
            out,
            "The clock is {UNKNOWN}: how many cycles a multiplication takes on this processor is not known."
        )?;
    }
    Ok(())
}

/// Writes what supervision costs.
pub(super) fn overhead(overhead: &Overhead, out: &mut dyn Write) -> io::Result<()> {
    let Overhead {
        backend, workers, ..
    } = overhead;
    writeln!(out, "pattern: {}", overhead.pattern)?;
    writeln!(
        out,
        "{backend}, workers: {workers}, {} slices of {} ms, supervision off, on, on, off, ...\n",
        overhead.slices,
        SLICE.as_millis()
    )?;
    let ratio = |median: Option<Median>| {
        median.map_or_else(
            || UNKNOWN.to_owned(),
            |m| format!("{:.4} (95 %: {:.4} to {:.4})", m.value, m.low, m.high),
        )
    };
    let share = overhead
        .others_share
        .map_or_else(|| UNKNOWN.to_owned(), |s| format!("{:.3} %", 100.0 * s));
    writeln!(
        out,
        "candidates a processor second, with supervision over without: {}",
        ratio(overhead.by_processor)
    )?;
    writeln!(
        out,
        "candidates a second, with supervision over without:           {}",
        ratio(overhead.by_wall)
    )?;
    writeln!(
        out,
        "processor time of all threads but the workers:                {share} of the total"
    )
}

/// What supervision costs as JSON; what is not known is null.
pub(super) fn overhead_json(overhead: &Overhead) -> Value {
    let ratio = |median: Option<Median>| {
        median.map(|m| json!({"median": m.value, "low": m.low, "high": m.high}))
    };
    json!({"overhead": {
        "backend": overhead.backend.name(),
        "workers": overhead.workers,
        "pattern": overhead.pattern,
        "slices": overhead.slices,
        "ratio_by_processor": ratio(overhead.by_processor),
        "ratio_by_wall": ratio(overhead.by_wall),
        "other_threads_share": overhead.others_share,
    }})
}

/// The figures as JSON; what is not known is null.
pub(super) fn json(figures: &[Figure]) -> Value {
    let result = |figure: &Figure| {
        json!({
            "backend": figure.backend.name(),
            "workers": figure.workers,
            "pattern": figure.pattern,
            "candidates_per_second": figure.candidates_per_second,
            "clock_hz": figure.clock_hz,
            "cycles_per_candidate": figure.cycles_per_candidate,
        })
    };
    json!({ "results": figures.iter().map(result).collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Backend;

    fn figure() -> Figure {
        Figure {
            backend: Backend::Avx2,
            workers: 2,
            pattern: "prefix F8".to_owned(),
            candidates_per_second: 1.5e8,
            clock_hz: None,
            cycles_per_candidate: None,
        }
    }

    #[test]
    fn what_is_not_known_is_called_unknown_and_null_in_json() {
        let mut out = Vec::new();
        row(&figure(), &mut out).unwrap();
        foot(&[figure()], &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text.matches(UNKNOWN).count(), 3, "{text}");
        let result = &json(&[figure()])["results"][0];
        assert!(result["clock_hz"].is_null() && result["cycles_per_candidate"].is_null());
        assert_eq!(result["candidates_per_second"], 1.5e8);
    }

    #[test]
    fn the_columns_of_all_rows_are_equally_wide() {
        let known = Figure {
            clock_hz: Some(2.5e9),
            cycles_per_candidate: Some(18.04),
            ..figure()
        };
        let mut out = Vec::new();
        head("prefix F8", &mut out).unwrap();
        row(&figure(), &mut out).unwrap();
        row(&known, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let widths: Vec<_> = text.lines().skip(2).map(str::len).collect();
        assert_eq!(widths, [widths[0]; 3], "{text}");
    }
}
