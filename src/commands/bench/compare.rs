//! What the figures of a bench are beside others: those of the portable backend, and those of an earlier bench.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::speed::Speed;
use crate::config::error::{UsageError, refuse};
use crate::engine::Backend;

/// The JSON of an earlier bench, as far as it is compared.
#[derive(Debug, Deserialize)]
pub(super) struct Earlier {
    results: Vec<Speed>,
}

/// What became of one line of an earlier bench: each figure is now over then.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Change {
    backend: Cow<'static, str>,
    workers: usize,
    candidates_per_second: f64,
    cycles_per_candidate: Option<f64>,
    /// The least and the greatest ratio of cycles within both 95 % intervals.
    cycles_range: Option<[f64; 2]>,
}

impl Earlier {
    /// Reads what `keygen bench --json` printed.
    ///
    /// # Errors
    /// The file can't be read, or holds something else.
    pub(super) fn read(path: &Path) -> Result<Self, UsageError> {
        let shown = path.display();
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => {
                refuse!("--compare {shown}: {error}. It takes the output of keygen bench --json.")
            }
        };
        match serde_json::from_str(&text) {
            Ok(earlier) => Ok(earlier),
            Err(error) => refuse!(
                "--compare {shown}: not what keygen bench --json prints: {error}. Make such a file with keygen bench --json > FILE."
            ),
        }
    }

    /// The changes of those lines that both benches have, of the same pattern.
    pub(super) fn changes(&self, speeds: &[Speed]) -> Vec<Change> {
        speeds.iter().filter_map(|now| self.change(now)).collect()
    }

    fn change(&self, now: &Speed) -> Option<Change> {
        let same = |then: &&Speed| {
            (&then.backend, &then.device) == (&now.backend, &now.device)
                && (then.workers, &then.pattern) == (now.workers, &now.pattern)
        };
        let then = self.results.iter().find(same)?;
        let pair = now.cycles_per_candidate.zip(then.cycles_per_candidate);
        let intervals = now.cycles_interval.zip(then.cycles_interval);
        Some(Change {
            backend: now.backend.clone(),
            workers: now.workers,
            candidates_per_second: now.candidates_per_second / then.candidates_per_second,
            cycles_per_candidate: pair.map(|(now, then)| now / then),
            cycles_range: intervals.map(|(now, then)| [now.low / then.high, now.high / then.low]),
        })
    }
}

/// How many times the portable backend's rate each backend has, with one worker; nothing where that was not measured.
pub(super) fn ratios(speeds: &[Speed]) -> BTreeMap<&str, f64> {
    let alone = || speeds.iter().filter(|speed| speed.workers == 1);
    let portable = alone().find(|speed| speed.backend == Backend::Portable.name());
    let Some(portable) = portable else {
        return BTreeMap::new();
    };
    // cycles are not disturbed by other programs; where there is no clock, rates have to do
    let ratio = |speed: &Speed| {
        let cycles = portable
            .cycles_per_candidate
            .zip(speed.cycles_per_candidate);
        cycles.map_or(
            speed.candidates_per_second / portable.candidates_per_second,
            |(portable, own)| portable / own,
        )
    };
    alone()
        .map(|speed| (&*speed.backend, ratio(speed)))
        .collect()
}

/// The same for people.
///
/// # Errors
/// Standard output can't be written.
pub(super) fn write(
    ratios: &BTreeMap<&str, f64>,
    changes: Option<&[Change]>,
    out: &mut dyn Write,
) -> io::Result<()> {
    if ratios.len() > 1 {
        let each = ratios
            .iter()
            .map(|(backend, ratio)| format!("{backend} {ratio:.1}"));
        let each: Vec<_> = each.collect();
        writeln!(
            out,
            "\nSpeed over that of portable, one worker: {}",
            each.join(", ")
        )?;
    }
    let Some(changes) = changes else {
        return Ok(());
    };
    writeln!(out, "\nNow over then:")?;
    if changes.is_empty() {
        writeln!(
            out,
            "no line of the earlier bench has this pattern, backend and number of workers"
        )?;
    }
    changes
        .iter()
        .try_for_each(|change| writeln!(out, "{}", change.line()))
}

impl Change {
    fn line(&self) -> String {
        let Self {
            backend, workers, ..
        } = self;
        let rate = self.candidates_per_second;
        let cycles = self.cycles_per_candidate;
        let cycles = cycles.map_or_else(String::new, |cycles| format!(", cycles {cycles:.3}"));
        let range = self.cycles_range;
        let range = range.map_or_else(String::new, |[low, high]| {
            format!(" ({low:.3} to {high:.3})")
        });
        format!("{backend:<12}{workers:>7}  candidates {rate:.3}{cycles}{range}")
    }
}

#[cfg(test)]
mod tests {
    use super::super::median::MedianInterval;
    use super::*;

    fn speed(backend: &'static str, cycles: Option<f64>) -> Speed {
        Speed {
            backend: backend.into(),
            device: None,
            workers: 1,
            pattern: "prefix F8".to_owned(),
            candidates_per_second: 1e8,
            clock_hz: None,
            cycles_per_candidate: cycles,
            cycles_interval: cycles.map(|median| MedianInterval {
                median,
                low: 0.9 * median,
                high: 1.1 * median,
            }),
        }
    }

    fn earlier(speeds: &[Speed]) -> Earlier {
        let json = serde_json::json!({"results": speeds, "more": 1});
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_change_has_the_spread_of_both_measurements() {
        let changes = earlier(&[speed("avx2", Some(60.0))]).changes(&[speed("avx2", Some(45.0))]);
        assert_eq!(changes[0].cycles_per_candidate, Some(0.75));
        let [low, high] = changes[0].cycles_range.unwrap();
        assert!((low - 0.75 * 9.0 / 11.0).abs() < 1e-9 && (high - 0.75 * 11.0 / 9.0).abs() < 1e-9);
        assert!(changes[0].line().contains("cycles 0.750 (0.614 to 0.917)"));
    }

    #[test]
    fn only_the_same_backend_number_of_workers_and_pattern_are_compared() {
        let then = earlier(&[speed("avx2", None)]);
        assert!(then.changes(&[speed("portable", None)]).is_empty());
        let mut other = speed("avx2", None);
        other.pattern = "suffix F8".to_owned();
        assert!(then.changes(&[other]).is_empty());
        assert_eq!(
            then.changes(&[speed("avx2", None)])[0].candidates_per_second,
            1.0
        );
    }

    #[test]
    fn a_bench_of_an_older_version_has_no_intervals() {
        let json = r#"{"results": [{"backend": "avx2", "workers": 1, "pattern": "prefix F8",
            "candidates_per_second": 5e7, "clock_hz": null, "cycles_per_candidate": 60.0}]}"#;
        let then: Earlier = serde_json::from_str(json).unwrap();
        let change = &then.changes(&[speed("avx2", Some(60.0))])[0];
        assert_eq!(
            (change.candidates_per_second, change.cycles_range),
            (2.0, None)
        );
    }

    #[test]
    fn ratios_to_portable_are_by_cycles_where_these_are_known() {
        let speeds = [speed("avx2", Some(50.0)), speed("portable", Some(80.0))];
        assert_eq!(ratios(&speeds)["avx2"], 1.6);
        assert!(ratios(&speeds[..1]).is_empty());
        let unknown = [speed("avx2", None), speed("portable", None)];
        assert_eq!(ratios(&unknown)["avx2"], 1.0);
    }
}
