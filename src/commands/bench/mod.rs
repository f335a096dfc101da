//! `keygen bench`: how fast the search is here, by its own worker loop, and how many cycles a candidate takes.
//!
//! The loop is that of a search with everything in it: filter, spot checks, exact recomputation, reports. Only keys are
//! not put together. The clock of the core is measured on the same threads between short slices of the work, so that
//! its swings cancel. The rate is by the wall; cycles are by the processor time of the workers' threads, so that
//! other programs on the same cores lower the rate but not the quality of the other figure.

mod core_clock;
pub(crate) mod measure;
mod multiply;
pub(crate) mod overhead;
pub(crate) mod ratio;
mod render;
mod slice;
mod threads;
mod toggled;

use std::time::Duration;

use self::measure::{Figure, measure};
use super::write_json;
use crate::config::args::{BackendChoice, BenchArgs};
use crate::config::wanted::if_asked;
use crate::config::{Environment, processors};
use crate::engine::Backend;
use crate::exit::Ending;
use crate::pattern::{PatternError, Request, Wanted};
use crate::report::streams::Streams;

/// How long each measurement takes if nothing else is said.
const TIME: Duration = Duration::from_secs(2);

/// The pattern if none is given: 10 digits, which no measurement lives to see.
const DEFAULT_PREFIX: &str = "C0FFEE1234";

/// Measures what is asked for and writes each figure as soon as it is known, or all as one JSON object.
///
/// # Errors
/// A backend that this processor lacks, trouble with threads or the engine, standard output.
pub(crate) fn run(
    args: &BenchArgs,
    environment: &Environment<'_>,
    streams: &mut Streams<'_>,
) -> anyhow::Result<Ending> {
    let mut notes = Vec::new();
    let wanted = match if_asked(&args.pattern, environment, &mut notes)? {
        Some(wanted) => wanted,
        None => default_pattern()?,
    };
    let backends = backends(args.backend, streams);
    notes.iter().for_each(|note| streams.say(note));
    let time = args.seconds.unwrap_or(TIME);
    if args.overhead {
        let backend = args.backend.unwrap_or_default().backend();
        let overhead = overhead::measure(&wanted, backend, processors::usable(), time)?;
        if args.json {
            write_json(&render::overhead_json(&overhead), streams)?;
        } else {
            render::overhead(&overhead, streams.out)?;
        }
        return Ok(Ending::Found);
    }
    if !args.json {
        render::head(&wanted.describe(), streams.out)?;
    }
    let mut figures = Vec::new();
    for (backend, workers) in plan(&backends, processors::usable()) {
        let figure = measure(&wanted, backend, workers, time)?;
        if !args.json {
            render::row(&figure, streams.out)?;
        }
        figures.push(figure);
    }
    finish(&figures, args.json, streams)?;
    Ok(Ending::Found)
}

fn finish(figures: &[Figure], json: bool, streams: &mut Streams<'_>) -> anyhow::Result<()> {
    if json {
        write_json(&render::json(figures), streams)
    } else {
        Ok(render::foot(figures, streams.out)?)
    }
}

/// What a search looks for where no pattern is given and only its speed matters.
///
/// # Errors
/// Never: the pattern is a valid one.
pub(crate) fn default_pattern() -> Result<Wanted, PatternError> {
    let request = Request {
        prefixes: vec![DEFAULT_PREFIX.to_owned()],
        ..Request::default()
    };
    Wanted::new(request).map(|(wanted, _)| wanted)
}

/// The backends to measure; those that this processor lacks are named.
fn backends(choice: Option<BackendChoice>, streams: &mut Streams<'_>) -> Vec<Backend> {
    if let Some(choice) = choice {
        return vec![choice.backend()];
    }
    for missing in Backend::ALL
        .iter()
        .filter(|backend| !backend.is_supported())
    {
        streams.say(format_args!(
            "{missing}: not measured, this processor does not have it"
        ));
    }
    Backend::supported()
}

/// Each backend with one worker, and with all if there are several.
fn plan(backends: &[Backend], processors: usize) -> Vec<(Backend, usize)> {
    let mut workers = vec![1, processors];
    workers.dedup();
    let with_each = |backend: &Backend| workers.iter().map(move |n| (*backend, *n)).collect();
    backends
        .iter()
        .flat_map(|backend| -> Vec<_> { with_each(backend) })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_backend_is_measured_with_one_worker_and_with_all() {
        let both = [Backend::Avx2, Backend::Portable];
        let expected = [
            (Backend::Avx2, 1),
            (Backend::Avx2, 4),
            (Backend::Portable, 1),
            (Backend::Portable, 4),
        ];
        assert_eq!(plan(&both, 4), expected);
        assert_eq!(plan(&both[1..], 1), [(Backend::Portable, 1)]);
    }

    #[test]
    fn the_default_pattern_is_a_prefix_of_ten_digits() {
        let wanted = default_pattern().unwrap();
        assert_eq!(wanted.probability(), 16_f64.powi(-10));
    }
}
