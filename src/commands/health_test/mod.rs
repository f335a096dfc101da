//! `keygen health test`: injects faults into the real program, one by one or at random, and judges its reaction.

mod chaos;
mod program_run;
mod run_record;
mod scenario;
mod scenario_result;

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context;
use meshcore_keygen_gpu::Device;
use serde::Serialize;
use serde_json::{Value, json};

use self::chaos::{ChaosResult, ChaosSpec};
use self::program_run::ProgramRun;
use self::run_record::RunRecord;
use self::scenario::{SCENARIOS, Scenario};
use self::scenario_result::{ScenarioResult, heading};
use super::{ending_of, write_facts, write_json};
use crate::config::Notes;
use crate::config::args::HealthTestArgs;
use crate::config::devices;
use crate::config::error::refuse;
use crate::exit::Ending;
use crate::fault::compete::Competition;
use crate::report::streams::Streams;

/// How long the other program of a loaded machine works, and how long it rests: no divisor of the window's second.
const LOAD_HALF: Duration = Duration::from_millis(3700);

/// Restart limit and breaker have scenarios of their own: random faults must not run into them.
const NO_LIMITS: [&str; 6] = [
    "--restarts",
    "1000000",
    "--breaker-restarts",
    "1000000",
    "--zombie-share",
    "off",
];

/// Runs the scenarios, random faults, or a search on a loaded machine.
///
/// # Errors
/// An unknown fault, an invalid description of random faults, a run can't be started, or standard output can't be written.
pub(crate) fn run(args: &HealthTestArgs, streams: &mut Streams<'_>) -> anyhow::Result<Ending> {
    let names: Vec<_> = SCENARIOS.iter().map(|scenario| scenario.name).collect();
    if let Some(name) = args
        .only
        .iter()
        .find(|name| !names.contains(&name.as_str()))
    {
        refuse!(
            "there is no fault '{name}' to test. There are {}.",
            names.join(", ")
        );
    }
    let passed = match (&args.chaos, args.load) {
        (Some(spec), _) => run_chaos(spec, args, streams),
        (None, Some(lasts)) => run_loaded(lasts, args, streams),
        (None, None) => run_scenarios(args, streams),
    };
    passed.map(ending_of)
}

/// Runs the selected scenarios; prints each result as soon as it is there, or all as one JSON object.
fn run_scenarios(args: &HealthTestArgs, streams: &mut Streams<'_>) -> anyhow::Result<bool> {
    let mut results = Vec::new();
    if !args.json {
        writeln!(streams.out, "{}", heading())?;
    }
    for scenario in SCENARIOS
        .iter()
        .filter(|scenario| is_wanted(scenario, args))
    {
        let Scenario { name, seconds, .. } = scenario;
        if scenario.is_stopped && !cfg!(unix) {
            streams.say(format_args!(
                "skipped {name}: this system can't stop a process"
            ));
            continue;
        }
        let device = scenario.on_card.then(|| device(args)).transpose()?;
        if let Some(None) = device {
            streams.say(format_args!("skipped {name}: there is no OpenCL device"));
            continue;
        }
        streams.say(format_args!("{name}: about {seconds} s ..."));
        let result = match scenario_run(scenario, args.workers, device.flatten()).record() {
            Ok(record) => ScenarioResult::of(scenario, &record),
            Err(error) => ScenarioResult::failed(scenario, &error),
        };
        if !args.json {
            writeln!(streams.out, "{}", result.row())?;
            streams.out.flush()?;
        }
        results.push(result);
    }
    let passed = results.iter().all(|result| result.passed);
    if args.json {
        write_json(&json!({"results": results, "passed": passed}), streams)?;
    }
    Ok(passed)
}

fn is_wanted(scenario: &Scenario, args: &HealthTestArgs) -> bool {
    args.only.is_empty() || args.only.iter().any(|name| name == scenario.name)
}

/// The device for what is about cards: the named one, or else the first of any kind, if there is one.
fn device(args: &HealthTestArgs) -> anyhow::Result<Option<String>> {
    if let Some(choice) = args.device {
        devices::resolve(&[choice], false, &Notes::default())?;
        return Ok(Some(choice.to_string()));
    }
    let devices = Device::all().unwrap_or_default();
    Ok(devices.first().map(Device::word))
}

fn scenario_run(scenario: &Scenario, workers: usize, device: Option<String>) -> ProgramRun {
    let lasts = Duration::from_secs(scenario.seconds);
    let workers = scenario.workers.unwrap_or(workers);
    let mut run = {
        let device = device.iter().flat_map(|word| ["--device", word]);
        let options: Vec<_> = scenario.options.iter().copied().chain(device).collect();
        ProgramRun::new(workers, lasts, scenario.faults, &options)
    };
    run.is_stopped = scenario.is_stopped;
    run
}

/// Random faults in one run.
fn run_chaos(spec: &str, args: &HealthTestArgs, streams: &mut Streams<'_>) -> anyhow::Result<bool> {
    let spec = match spec.parse::<ChaosSpec>() {
        Ok(spec) => spec,
        Err(wrong) => {
            refuse!("--chaos: {wrong}. For example: --chaos seed=7,rate=10/min,faults=200.")
        }
    };
    let (faults, lasts) = spec.plan(args.workers);
    let (planned, minutes) = (faults.len(), lasts.as_secs() / 60);
    streams.say(format_args!("{planned} faults: about {minutes} min ..."));
    let record = ProgramRun::new(args.workers, lasts, &faults, &NO_LIMITS).record()?;
    let result = ChaosResult::of(&record, planned);
    if args.json {
        write_json(&result, streams)?;
    } else {
        write_facts(&result.facts(), streams)?;
    }
    Ok(result.passed)
}

/// The result on a loaded machine.
#[derive(Serialize)]
struct LoadResult {
    seconds: Value,
    candidates: Value,
    restarts: BTreeMap<String, u64>,
    spot_checks: Value,
    #[serde(skip)]
    keys_found: usize,
    keys_lost: usize,
    passed: bool,
}

/// No fault, but another program that takes every core half of the time: nothing must be restarted because of it.
fn run_loaded(
    lasts: Duration,
    args: &HealthTestArgs,
    streams: &mut Streams<'_>,
) -> anyhow::Result<bool> {
    let competition = Competition::everywhere(LOAD_HALF, LOAD_HALF);
    let _competition = competition.context("no other program could be started")?;
    let seconds = lasts.as_secs();
    streams.say(format_args!("a loaded machine: about {seconds} s ..."));
    let record = ProgramRun::new(args.workers, lasts, &[""; 0], &[]).record()?;
    let result = LoadResult::of(&record);
    if args.json {
        write_json(&result, streams)?;
    } else {
        write_facts(&result.facts(), streams)?;
    }
    Ok(result.passed)
}

impl LoadResult {
    fn of(record: &RunRecord) -> Self {
        let restarts = record.restarts();
        let exited_well = matches!(record.exit, Some(0 | 3));
        Self {
            seconds: record.summary["seconds"].clone(),
            candidates: record.summary["candidates"].clone(),
            spot_checks: record.summary["health"]["spot_checks"].clone(),
            keys_found: record.announced.len(),
            keys_lost: record.keys_lost,
            passed: restarts.is_empty() && record.keys_lost == 0 && exited_well,
            restarts,
        }
    }

    /// For people, one fact each.
    fn facts(&self) -> Vec<(&'static str, String)> {
        let restarts = self.restarts.values().sum::<u64>();
        let result = if self.passed { "pass" } else { "FAIL" };
        let (found, lost) = (self.keys_found, self.keys_lost);
        let searched = format!("{} s, {} candidates", self.seconds, self.candidates);
        vec![
            ("searched", searched),
            ("spot checks", self.spot_checks.to_string()),
            ("restarts", format!("{restarts} ({:?})", self.restarts)),
            ("keys", format!("{found} found, {lost} lost")),
            ("result", result.to_owned()),
        ]
    }
}
