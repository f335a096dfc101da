//! A machine on which another program takes every core half of the time: nobody must be restarted for it.

use std::time::Duration;

use serde_json::json;

use super::{HealthTestSettings, arguments, attempt};
use crate::commands::write_json;
use crate::exit::Ending;
use crate::fault::compete::Competition;
use crate::report::streams::Streams;

/// How long the other program works, and how long it rests: no divisor of the window's second.
const HALF: Duration = Duration::from_millis(3700);

/// Runs the search beside that program.
///
/// # Errors
/// A program can't be started, or standard output can't be written.
pub(super) fn run(
    lasts: Duration,
    settings: &HealthTestSettings,
    streams: &mut Streams<'_>,
) -> anyhow::Result<Ending> {
    let failed = |error| anyhow::anyhow!("no other program could be started: {error}");
    let competition = Competition::everywhere(HALF, HALF).map_err(failed)?;
    streams.say(format_args!(
        "a loaded machine: about {} s ...",
        lasts.as_secs()
    ));
    let (record, lost) = attempt(&arguments(settings.workers, lasts), (lasts, None))?;
    drop(competition);
    let restarts = record.restarts();
    let health = &record.summary["health"];
    let passed = restarts.is_empty() && lost == 0 && matches!(record.exit, Some(0 | 3));
    if settings.json {
        let object = json!({
            "seconds": record.summary["seconds"], "candidates": record.summary["candidates"], "restarts": restarts,
            "spot_checks": health["spot_checks"], "keys_lost": lost, "passed": passed,
        });
        write_json(&object, streams)?;
    } else {
        let figure = |name: &str| record.summary[name].to_string();
        writeln!(
            streams.out,
            "searched      {} s, {} candidates",
            figure("seconds"),
            figure("candidates")
        )?;
        writeln!(streams.out, "spot checks   {}", health["spot_checks"])?;
        writeln!(
            streams.out,
            "restarts      {} ({restarts:?})",
            restarts.values().sum::<u64>()
        )?;
        writeln!(
            streams.out,
            "keys          {} found, {lost} lost",
            record.announced.len()
        )?;
        writeln!(
            streams.out,
            "result        {}",
            if passed { "pass" } else { "FAIL" }
        )?;
    }
    Ok(if passed {
        Ending::Found
    } else {
        Ending::Failed
    })
}
