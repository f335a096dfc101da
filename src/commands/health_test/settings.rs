//! Reads what `keygen health test` is to try.

use crate::commands::health_test::{Chaos, HealthTestSettings, SCENARIOS};
use crate::config::args::HealthTestArgs;
use crate::config::error::UsageError;

/// Workers without `--workers`: the fewest of which one can be ill while another is well.
const WORKERS: usize = 2;

/// Reads the options.
///
/// # Errors
/// An unknown fault, a description of random faults that says nothing that can be done, a bad number.
pub(crate) fn resolve(args: HealthTestArgs) -> Result<HealthTestSettings, UsageError> {
    if let Some(name) = args.only.iter().find(|name| !is_known(name)) {
        let names: Vec<_> = SCENARIOS.iter().map(|scenario| scenario.name).collect();
        return Err(UsageError::combination(
            format!("there is no fault '{name}' to try"),
            format!("There are {}.", names.join(", ")),
        ));
    }
    let chaos = args.chaos.as_deref().map(str::parse::<Chaos>).transpose();
    let chaos = chaos.map_err(|wrong| {
        let example = "Say it like --chaos seed=7,rate=10/min,faults=200.";
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
