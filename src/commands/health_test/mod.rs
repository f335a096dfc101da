//! `keygen health test`: faults on purpose in the real program, one by one or at random, and what came of each.

mod chaos;
mod child;
mod loaded;
mod outcome;
mod record;
mod scenario;
pub(crate) mod settings;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::time::Duration;

use serde_json::json;

pub(crate) use self::chaos::Chaos;
pub(crate) use self::scenario::SCENARIOS;

use self::chaos::Aftermath;
use self::child::Run;
use self::outcome::Outcome;
use self::record::Record;
use self::scenario::Scenario;
use super::write_json;
use crate::exit::Ending;
use crate::key::{hex, load, verify};
use crate::report::streams::Streams;

/// Share of random faults that must be recovered from.
const RECOVERED: f64 = 0.99;

/// Availability that must be kept: 1 less the time from detection to a replacement's first sweep, over all working time.
const AVAILABILITY: f64 = 0.999;

/// What to try.
#[derive(Clone, Debug)]
pub(crate) struct HealthTestSettings {
    /// Threads that search.
    pub workers: usize,
    /// Names of scenarios; empty: all.
    pub only: Vec<String>,
    /// Random faults instead.
    pub chaos: Option<Chaos>,
    /// No fault instead, but a loaded machine for so long.
    pub load: Option<Duration>,
    /// Whether to print JSON.
    pub json: bool,
}

/// Runs what was asked for.
///
/// # Errors
/// A run can't be started, or standard output can't be written.
pub(crate) fn run(
    settings: &HealthTestSettings,
    streams: &mut Streams<'_>,
) -> anyhow::Result<Ending> {
    match (settings.chaos, settings.load) {
        (Some(chaos), _) => run_chaos(chaos, settings, streams),
        (None, Some(lasts)) => loaded::run(lasts, settings, streams),
        (None, None) => run_scenarios(settings, streams),
    }
}

fn run_scenarios(
    settings: &HealthTestSettings,
    streams: &mut Streams<'_>,
) -> anyhow::Result<Ending> {
    let named =
        |s: &&Scenario| settings.only.is_empty() || settings.only.iter().any(|n| n == s.name);
    let mut results = Vec::new();
    let mut all_passed = true;
    if !settings.json {
        writeln!(streams.out, "{}", heading())?;
    }
    for scenario in SCENARIOS.iter().filter(named) {
        if scenario.stops && !cfg!(unix) {
            streams.say(format_args!(
                "skipped {}: this system can't stop a process",
                scenario.name
            ));
            continue;
        }
        streams.say(format_args!(
            "{}: about {} s ...",
            scenario.name, scenario.seconds
        ));
        let arguments = scenario_arguments(scenario, settings);
        let outcome = match attempt(&arguments, scenario_run(scenario)) {
            Ok((record, lost)) => Outcome::of(scenario, &record, lost),
            Err(error) => Outcome::failed(&error),
        };
        all_passed &= outcome.passed();
        if settings.json {
            results.push(outcome.json(scenario));
        } else {
            writeln!(streams.out, "{}", row(scenario, &outcome))?;
            streams.out.flush()?;
        }
    }
    if settings.json {
        write_json(&json!({"results": results, "passed": all_passed}), streams)?;
    }
    Ok(if all_passed {
        Ending::Found
    } else {
        Ending::Failed
    })
}

/// How long it lasts, and when the process is stopped for how long.
type Times = (Duration, Option<(Duration, Duration)>);

fn scenario_run(scenario: &Scenario) -> Times {
    let stop = (Duration::from_secs(5), Duration::from_secs(10));
    (
        Duration::from_secs(u64::from(scenario.seconds)),
        scenario.stops.then_some(stop),
    )
}

fn scenario_arguments(scenario: &Scenario, settings: &HealthTestSettings) -> Vec<OsString> {
    let workers = scenario.workers.unwrap_or(settings.workers);
    let mut arguments = arguments(workers, Duration::from_secs(u64::from(scenario.seconds)));
    for fault in scenario.inject {
        arguments.extend(["--inject".into(), fault.into()]);
    }
    arguments.extend(scenario.options.iter().map(OsString::from));
    arguments
}

/// The arguments of every run: a pattern that is found about once a second, so that a lost key would show.
fn arguments(workers: usize, lasts: Duration) -> Vec<OsString> {
    let time = format!("{}s", lasts.as_secs());
    let workers = workers.to_string();
    let words = [
        "--prefix",
        "C0FFEE1",
        "-n",
        "all",
        "--json",
        "-v",
        "--priority",
        "normal",
        "--time",
        &time,
        "--workers",
        &workers,
    ];
    words.map(OsString::from).to_vec()
}

/// Runs the program in a folder of its own; gives its record and the number of keys that it lost.
fn attempt(arguments: &[OsString], (lasts, stop): Times) -> anyhow::Result<(Record, usize)> {
    let failed = |error: io::Error| anyhow::anyhow!("the program could not be run: {error}");
    let folder = tempfile::tempdir().map_err(failed)?;
    let run = Run {
        arguments: arguments.to_vec(),
        folder: folder.path(),
        lasts,
        stop,
    };
    let record = child::run(&run).map_err(failed)?;
    let lost = lost(&record, &folder.path().join("keys"));
    Ok((record, lost))
}

/// Announced keys that are not there, whole and right.
fn lost(record: &Record, folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let files: Vec<_> = entries.map(|entry| entry.path()).collect();
    let keys = load::load(&files, &mut io::empty()).into_iter().flatten();
    let verified = keys.filter_map(|key| {
        let public = key.public?;
        let private = key.private?;
        verify::check(private, &public).ok()
    });
    let kept: BTreeSet<_> = verified.map(|key| hex::encode(key.public())).collect();
    (record.announced.iter())
        .filter(|key| !kept.contains(&key.to_ascii_lowercase()))
        .count()
}

fn heading() -> String {
    format!(
        "{:<14} {:<20} {:>9} {:>10} {:>8} {:>9}  {:<22} result",
        "fault", "verdict", "seen in", "rate back", "restarts", "keys lost", "memory (MB)"
    )
}

fn row(scenario: &Scenario, outcome: &Outcome) -> String {
    let time = |seconds: Option<f64>| seconds.map_or("-".to_owned(), |s| format!("{s:.2} s"));
    let memory = outcome.memory.map_or("unknown".to_owned(), |bytes| {
        let [before, peak, after] = bytes.map(|bytes| bytes / 1_000_000);
        format!("{before}, peak {peak}, {after}")
    });
    let result = if outcome.passed() {
        "pass".to_owned()
    } else {
        format!("FAIL: {}", outcome.wrong.join("; "))
    };
    format!(
        "{:<14} {:<20} {:>9} {:>10} {:>8} {:>9}  {:<22} {result}",
        scenario.name,
        scenario.expect.verdict,
        time(outcome.detected),
        time(outcome.recovered),
        outcome.restarts,
        outcome.lost,
        memory,
    )
}

/// Random faults, with restart limit and breaker out of the way: those have scenarios of their own.
fn run_chaos(
    chaos: Chaos,
    settings: &HealthTestSettings,
    streams: &mut Streams<'_>,
) -> anyhow::Result<Ending> {
    let (faults, lasts) = chaos.plan(settings.workers);
    let mut arguments = arguments(settings.workers, lasts);
    for fault in &faults {
        arguments.extend(["--inject".into(), fault.into()]);
    }
    let unlimited = [
        "--restarts",
        "1000000",
        "--breaker-restarts",
        "1000000",
        "--zombie-share",
        "off",
    ];
    arguments.extend(unlimited.map(OsString::from));
    streams.say(format_args!(
        "{} faults: about {} min ...",
        faults.len(),
        lasts.as_secs() / 60
    ));
    let (record, lost) = attempt(&arguments, (lasts, None))?;
    let aftermath = Aftermath::of(&record);
    let availability = record.summary["health"]["availability"].as_f64();
    let passed = aftermath.faults + aftermath.late == faults.len()
        && aftermath.faults > 0
        && aftermath.share() >= RECOVERED
        && availability.is_some_and(|share| share >= AVAILABILITY)
        && lost == 0;
    if settings.json {
        let mut object = aftermath.json();
        object["availability"] = json!(availability);
        object["keys_found"] = json!(record.announced.len());
        object["keys_lost"] = json!(lost);
        object["passed"] = json!(passed);
        write_json(&object, streams)?;
    } else {
        write_aftermath(
            &aftermath,
            faults.len(),
            availability,
            &record,
            lost,
            streams,
        )?;
    }
    Ok(if passed {
        Ending::Found
    } else {
        Ending::Failed
    })
}

fn write_aftermath(
    aftermath: &Aftermath,
    planned: usize,
    availability: Option<f64>,
    record: &Record,
    lost: usize,
    streams: &mut Streams<'_>,
) -> anyhow::Result<()> {
    let time = |share| {
        aftermath
            .quantile(share)
            .map_or("-".to_owned(), |s| format!("{s:.2} s"))
    };
    let share = 100.0 * aftermath.share();
    writeln!(
        streams.out,
        "faults        {} of {planned}, and {} too shortly before the end to count",
        aftermath.faults, aftermath.late
    )?;
    writeln!(
        streams.out,
        "recovered     {} ({share:.1} %, at least 99 % wanted)",
        aftermath.recovered
    )?;
    writeln!(
        streams.out,
        "seen in       median {}, p99 {}, longest {}",
        time(0.5),
        time(0.99),
        time(1.0)
    )?;
    let availability = availability.map_or("unknown".to_owned(), |a| format!("{:.3} %", 100.0 * a));
    writeln!(
        streams.out,
        "availability  {availability} (at least 99.9 % wanted)"
    )?;
    writeln!(
        streams.out,
        "keys          {} found, {lost} lost",
        record.announced.len()
    )?;
    for unseen in &aftermath.unseen {
        writeln!(streams.out, "not seen      {unseen}")?;
    }
    Ok(())
}
