//! `keygen bench`: how fast the search is here, by its own worker loop, and how many cycles a candidate takes.
//!
//! The loop is that of a search with everything in it: filter, spot checks, exact recomputation, reports. Only keys are
//! not put together. The clock of the core is measured on the same threads between short slices of the work, so that
//! its swings cancel. The rate is by the wall; cycles are by the processor time of the workers' threads, so that
//! other programs on the same cores lower the rate but not the quality of the other figure.

mod compare;
mod core_clock;
mod median;
mod overhead;
mod search;
mod slices;
pub(super) mod speed;

use std::time::Duration;

use anyhow::ensure;
use meshcore_keygen_gpu::Device;
use serde_json::json;

use self::compare::Earlier;
use self::speed::Speed;
use super::{Call, say_notes, write_json};
use crate::app::trusted_backend;
use crate::config::args::{BackendChoice, BenchArgs};
use crate::config::devices::{self, ChosenDevice};
use crate::config::error::refuse;
use crate::config::{patterns, workers};
use crate::engine::{Backend, self_test};
use crate::exit::Ending;
use crate::pattern::{PatternError, Request, Wanted};
use crate::report::streams::Streams;

/// The default length of a measurement.
const DEFAULT_TIME: Duration = Duration::from_secs(2);

/// The pattern if none is given: 10 digits, so that no measurement finds a key.
const DEFAULT_PREFIX: &str = "C0FFEE1234";

/// Printed for what can't be measured here.
const UNKNOWN: &str = "unknown";

const NOTE: &str = "
Candidates a second are wall-clock rates of all workers together. Cycles a candidate are by the processor time of the
workers and the real clock of their cores, measured between slices of the work; medians over slices.";

const UNKNOWN_CLOCK: &str =
    "The clock is unknown: how many cycles a multiplication takes on this processor is not known.";

/// Measures speeds, or the cost of supervision.
///
/// # Errors
/// An invalid pattern, a failure of threads or the engine, or standard output can't be written.
pub(crate) fn run(args: &BenchArgs, call: &mut Call<'_>) -> anyhow::Result<Ending> {
    let (environment, streams) = call.parts();
    let typed = patterns::of_command(&args.pattern, environment)?;
    let wanted = typed.map_or_else(default_pattern, Ok)?;
    let (choice, card) = args.backend.unwrap_or_default().split();
    if card.is_some() && args.overhead {
        refuse!(
            "--overhead: supervision of a card costs nothing that could be measured. Name another --backend."
        );
    }
    let mut devices = args.device.clone();
    devices.extend(card.filter(|_| args.device.is_empty()));
    let devices = devices::resolve(&devices, false, &environment.notes)?;
    let backends = match args.backend.filter(|_| card.is_none()) {
        None if !devices.is_empty() => Vec::new(),
        None => {
            name_devices(streams);
            backends(None, streams)?
        }
        Some(_) => backends(Some(choice), streams)?,
    };
    say_notes(environment, streams);
    let earlier = args.compare.as_deref().map(Earlier::read).transpose()?;
    let time = args.seconds.unwrap_or(DEFAULT_TIME);
    if args.overhead {
        write_overhead(args, &wanted, time, streams)?;
        return Ok(Ending::Found);
    }
    let speeds = write_speeds(&backends, &devices, &wanted, time, args.json, streams)?;
    let ratios = compare::ratios(&speeds);
    let changes = earlier.map(|earlier| earlier.changes(&speeds));
    if args.json {
        let object = json!({"results": speeds, "times_portable": ratios, "changes": changes});
        write_json(&object, streams)?;
    } else {
        compare::write(&ratios, changes.as_deref(), streams.out)?;
    }
    Ok(Ending::Found)
}

fn write_overhead(
    args: &BenchArgs,
    wanted: &Wanted,
    time: Duration,
    streams: &mut Streams<'_>,
) -> anyhow::Result<()> {
    let backend = args.backend.unwrap_or_default().backend();
    let overhead = overhead::measure(wanted, backend, workers::usable_processors(), time)?;
    if args.json {
        return write_json(&json!({"overhead": overhead}), streams);
    }
    Ok(writeln!(streams.out, "{overhead}")?)
}

/// Measures the speeds; unless they become one JSON object, prints each as soon as it is known.
fn write_speeds(
    backends: &[Backend],
    devices: &[ChosenDevice],
    wanted: &Wanted,
    time: Duration,
    json: bool,
    streams: &mut Streams<'_>,
) -> anyhow::Result<Vec<Speed>> {
    let mut speeds: Vec<Speed> = Vec::new();
    if !json {
        let (pattern, heading) = (wanted.describe(), speed::heading());
        writeln!(streams.out, "pattern: {pattern}\n\n{heading}")?;
    }
    let plan = plan(backends, workers::usable_processors()).into_iter();
    let on_processors =
        plan.map(|(backend, workers)| speed::measure(wanted, backend, workers, time));
    let on_devices = devices
        .iter()
        .map(|chosen| speed::measure_device(wanted, &chosen.device, time));
    for speed in on_processors.chain(on_devices) {
        let speed = speed?;
        if !json {
            writeln!(streams.out, "{}", speed.row())?;
            streams.out.flush()?;
        }
        speeds.push(speed);
    }
    if json {
        return Ok(speeds);
    }
    writeln!(streams.out, "{NOTE}")?;
    let of_core = |speed: &&Speed| speed.device.is_none();
    if speeds
        .iter()
        .filter(of_core)
        .any(|speed| speed.clock_hz.is_none())
    {
        writeln!(streams.out, "{UNKNOWN_CLOCK}")?;
    }
    Ok(speeds)
}

/// The pattern where none is given and only the speed matters.
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

/// The backends to measure; reports those that this processor lacks, and those that compute wrong results.
///
/// # Errors
/// The only one that was to be measured computes wrong results.
fn backends(
    choice: Option<BackendChoice>,
    streams: &mut Streams<'_>,
) -> anyhow::Result<Vec<Backend>> {
    if let Some(choice) = choice {
        let (choice, distrusted) = trusted_backend::settle(choice, self_test)?;
        for (_, error) in distrusted {
            streams.say(format_args!("WARNING: not measured: {error}"));
        }
        return Ok(vec![choice.backend()]);
    }
    for missing in Backend::ALL.iter().filter(|one| !one.is_supported()) {
        let why = "not measured, this processor does not support it";
        streams.say(format_args!("{missing}: {why}"));
    }
    let mut backends = Backend::supported();
    backends.retain(|backend| match self_test(*backend) {
        Ok(()) => true,
        Err(error) => {
            streams.say(format_args!("WARNING: not measured: {error}"));
            false
        }
    });
    ensure!(!backends.is_empty(), "no backend gives its known answers");
    Ok(backends)
}

/// Says which devices are not measured.
fn name_devices(streams: &mut Streams<'_>) {
    for device in Device::all().unwrap_or_default() {
        let (word, name) = (device.word(), &device.name);
        streams.say(format_args!(
            "{word} {name}: not measured, name it with --device {word}"
        ));
    }
}

/// Each backend with one worker, and with all if there are several.
fn plan(backends: &[Backend], processors: usize) -> Vec<(Backend, usize)> {
    let mut workers = vec![1, processors];
    workers.dedup();
    let with_each = |backend: &Backend| workers.iter().map(|n| (*backend, *n)).collect::<Vec<_>>();
    backends.iter().flat_map(with_each).collect()
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
