//! `keygen odds`: the exact chance of a pattern, and how long a search for it takes on this machine.

mod forecast;
mod render;
mod table;

use std::time::Duration;

use self::forecast::Forecast;
use super::bench::{default_pattern, measure::measure};
use super::write_json;
use crate::config::args::OddsArgs;
use crate::config::wanted::if_asked;
use crate::config::{Environment, processors};
use crate::engine::Backend;
use crate::exit::Ending;
use crate::pattern::Wanted;
use crate::report::streams::Streams;

/// How long the rate is measured if none is given.
const MOMENT: Duration = Duration::from_millis(300);

/// How fast candidates are tested.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rate {
    /// Candidates a second.
    pub per_second: f64,
    /// On what it was measured: backend and workers; `None`: the user gave it.
    pub measured: Option<(Backend, usize)>,
}

/// Writes the odds that are asked for.
///
/// # Errors
/// The rate can't be measured, or standard output does not take the answer.
pub(crate) fn run(
    args: &OddsArgs,
    environment: &Environment<'_>,
    streams: &mut Streams<'_>,
) -> anyhow::Result<Ending> {
    let mut notes = Vec::new();
    let wanted = if_asked(&args.pattern, environment, &mut notes)?;
    notes.iter().for_each(|note| streams.say(note));
    let rate = rate(args.rate, wanted.as_ref())?;
    let forecast = |wanted: &Wanted| Forecast::new(wanted, rate.per_second, args.time);
    match (&wanted, args.json) {
        (Some(wanted), true) => write_json(&render::json(&forecast(wanted), rate), streams)?,
        (Some(wanted), false) => render::text(&forecast(wanted), rate, streams.out)?,
        (None, json) => {
            let rows: Vec<_> = table::patterns()?.iter().map(forecast).collect();
            if json {
                write_json(&render::table_json(&rows, rate), streams)?;
            } else {
                render::table(&rows, rate, streams.out)?;
            }
        }
    }
    Ok(Ending::Found)
}

/// The rate that was given, or that of all workers for a moment: of the search's own loop, with this pattern.
fn rate(given: Option<u64>, wanted: Option<&Wanted>) -> anyhow::Result<Rate> {
    if let Some(given) = given {
        return Ok(Rate {
            per_second: given as f64,
            measured: None,
        });
    }
    let wanted = match wanted {
        Some(wanted) => wanted.clone(),
        None => default_pattern()?,
    };
    let (backend, workers) = (Backend::detect(), processors::usable());
    let figure = measure(&wanted, backend, workers, MOMENT)?;
    Ok(Rate {
        per_second: figure.candidates_per_second,
        measured: Some((backend, workers)),
    })
}
