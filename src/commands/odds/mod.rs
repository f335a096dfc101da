//! `keygen odds`: the exact chance of a pattern, and how long a search for it takes on this machine.

mod forecast;

use std::ops::RangeInclusive;
use std::time::Duration;

use serde::Serialize;
use serde_json::json;

pub(super) use self::forecast::Forecast;
use super::bench::{default_pattern, speed};
use super::{Call, say_notes, write_facts, write_json};
use crate::config::args::OddsArgs;
use crate::config::{patterns, workers};
use crate::engine::Backend;
use crate::exit::Ending;
use crate::pattern::{PatternError, Request, Wanted};
use crate::report::streams::Streams;
use crate::text::number;

/// How long the rate is measured if none is given.
const MEASURING_TIME: Duration = Duration::from_millis(300);

/// Lengths of prefixes in the table, in hex digits.
const PREFIXES: RangeInclusive<usize> = 1..=12;

/// Lengths of vanities in the table, in hex digits.
const VANITIES: RangeInclusive<u8> = 2..=12;

/// The prefixes stand for all others of their length, except those that reach into the reserved 00 and FF.
const DIGITS: &str = "ABCDEF123456";

const TABLE_NOTE: &str = "\
A search has no memory: these times count from any moment. A prefix has the chance of every other prefix with as many
digits, except those that reach into the reserved beginnings 00 and FF.";

/// How fast candidates are tested.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct AssumedRate {
    /// Candidates a second.
    pub rate: f64,
    rate_measured: bool,
    /// The rate with its origin, for people.
    #[serde(skip)]
    pub text: String,
}

/// An answer as JSON: the odds, and the rate behind them.
#[derive(Serialize)]
pub(super) struct Answer<T> {
    #[serde(flatten)]
    pub odds: T,
    #[serde(flatten)]
    pub rate: AssumedRate,
}

/// Prints the odds of a pattern, or a table of patterns.
///
/// # Errors
/// An invalid pattern, the rate can't be measured, or standard output can't be written.
pub(crate) fn run(args: &OddsArgs, call: &mut Call<'_>) -> anyhow::Result<Ending> {
    let (environment, streams) = call.parts();
    let wanted = patterns::of_command(&args.pattern, environment)?;
    say_notes(environment, streams);
    let rate = rate(args.rate, wanted.as_ref())?;
    let forecast = |wanted: &Wanted| Forecast::new(wanted, rate.rate, args.time);
    match (&wanted, args.json) {
        (Some(wanted), true) => {
            let odds = forecast(wanted);
            write_json(&Answer { odds, rate }, streams)?;
        }
        (Some(wanted), false) => write_facts(&forecast(wanted).facts(&rate.text), streams)?,
        (None, _) => {
            let table: Vec<_> = table_patterns()?.iter().map(forecast).collect();
            write_table(&table, rate, args.json, streams)?;
        }
    }
    Ok(Ending::Found)
}

fn write_table(
    table: &[Forecast],
    rate: AssumedRate,
    json: bool,
    streams: &mut Streams<'_>,
) -> anyhow::Result<()> {
    if json {
        let odds = json!({"table": table});
        return write_json(&Answer { odds, rate }, streams);
    }
    writeln!(streams.out, "rate: {}\n", rate.text)?;
    let heading = table.first().map(Forecast::heading);
    for line in heading.into_iter().chain(table.iter().map(Forecast::row)) {
        writeln!(streams.out, "{line}")?;
    }
    Ok(writeln!(streams.out, "\n{TABLE_NOTE}")?)
}

/// The rate that was given, or a short measurement of all workers with this pattern.
pub(super) fn rate(given: Option<u64>, wanted: Option<&Wanted>) -> anyhow::Result<AssumedRate> {
    let (rate, origin) = match given {
        Some(given) => (given as f64, "as given".to_owned()),
        None => measured_rate(wanted)?,
    };
    Ok(AssumedRate {
        rate,
        rate_measured: given.is_none(),
        text: format!("{} ({origin})", number::rate(rate)),
    })
}

/// Candidates a second of all processors, measured for a moment, and with what.
pub(super) fn measured_rate(wanted: Option<&Wanted>) -> anyhow::Result<(f64, String)> {
    let wanted = wanted.cloned().map_or_else(default_pattern, Ok)?;
    let (backend, workers) = (Backend::detect(), workers::usable_processors());
    let speed = speed::measure(&wanted, backend, workers, MEASURING_TIME)?;
    let workers = number::counted(workers as u64, "worker");
    let origin = format!("measured now: {backend}, {workers}");
    Ok((speed.candidates_per_second, origin))
}

/// The patterns of the table, prefixes first.
///
/// # Errors
/// Never: every one of them is valid.
fn table_patterns() -> Result<Vec<Wanted>, PatternError> {
    let prefix = |digits| Request {
        prefixes: vec![DIGITS.chars().take(digits).collect()],
        ..Request::default()
    };
    let vanity = |digits| Request {
        vanities: vec![digits],
        ..Request::default()
    };
    let requests = PREFIXES.map(prefix).chain(VANITIES.map(vanity));
    requests
        .map(|request| Ok(Wanted::new(request)?.0))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_prefixes_of_1_to_12_digits_and_vanities_of_2_to_12() {
        let patterns = table_patterns().unwrap();
        assert_eq!(patterns.len(), 12 + 11);
        assert_eq!(patterns[0].probability(), 1.0 / 16.0);
        assert_eq!(patterns[11].probability(), 16_f64.powi(-12));
        assert_eq!(patterns[12].describe(), "vanity 2");
        assert_eq!(patterns[22].describe(), "vanity 12");
    }
}
