//! Reads what `keygen health test` is to try.

use super::chaos::ChaosSpec;
use super::scenario::SCENARIOS;
use crate::commands::health_test::HealthTestSettings;
use crate::config::args::HealthTestArgs;
use crate::config::error::UsageError;

/// Workers without `--workers`: the fewest of which one can be faulty while another is well.
const WORKERS: usize = 2;

/// Reads the options.
///
/// # Errors
/// An unknown fault, a bad description of random faults, a bad number.
pub(crate) fn resolve(args: HealthTestArgs) -> Result<HealthTestSettings, UsageError> {
    if let Some(name) = args.only.iter().find(|name| !is_known(name)) {
        let names: Vec<_> = SCENARIOS.iter().map(|scenario| scenario.name).collect();
        return Err(UsageError::combination(
            format!("there is no fault '{name}' to try"),
            format!("There are {}.", names.join(", ")),
        ));
    }
    let chaos = args
        .chaos
        .as_deref()
        .map(str::parse::<ChaosSpec>)
        .transpose();
    let chaos = chaos.map_err(|wrong| {
        let example = "For example: --chaos seed=7,rate=10/min,faults=200.";
        UsageError::combination(format!("--chaos: {wrong}"), example)
    })?;
    Ok(HealthTestSettings {
        workers: args.workers.unwrap_or(WORKERS),
        load: args.load,
        only: args.only,
        chaos,
        json: args.json,
    })
}

fn is_known(name: &str) -> bool {
    SCENARIOS.iter().any(|scenario| scenario.name == name)
}
