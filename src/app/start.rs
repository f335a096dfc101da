//! From checked settings to a search that runs: everything that can still be refused, before any work.

use anyhow::Context;

use super::background;
use super::exports;
use super::record_files::Files;
use super::run;
use super::service;
use crate::alert::delivery::AlertSettings;
use crate::alert::delivery::command;
use crate::app::session_start as opening;
use crate::app::session_start::Plan;
use crate::clock::reading::Reading;
use crate::config::{SearchSettings, UsageError};
use crate::exit::Ending;

/// How an attempt to search ended, and what is still to be printed.
pub(crate) struct Outcome {
    /// For standard output.
    pub out: String,
    /// For standard error.
    pub err: String,
    /// How the program ends.
    pub ending: Ending,
}

/// Searches, or starts a process in the background that does.
///
/// # Errors
/// What is refused before any work (a [`UsageError`]), or what the system does not give.
pub(crate) fn search(settings: SearchSettings) -> anyhow::Result<Outcome> {
    check_commands(&settings.alerts)?;
    let opening = match opening::plan(&settings, &jiff::Zoned::now())? {
        Plan::Search(opening) => opening,
        Plan::NothingToDo(outcome) => {
            service::nothing_to_run(&outcome.err);
            return Ok(outcome);
        }
    };
    let exports = exports::Opened::new(&settings.metrics).map_err(UsageError::refused)?;
    // This may create the folder for keys, so it comes last.
    let probed = settings.store.probe().map_err(UsageError::refused)?;
    if settings.record.background && !background::is_child() {
        // The process in the background opens its own.
        drop(exports);
        return start_in_background();
    }
    background::detach();
    let choice = opening.as_ref().map(|opening| opening.choice());
    let files = Files::open(&settings.record, choice).map_err(UsageError::refused)?;
    let opened = opening
        .map(|opening| opening.open(Reading::take()))
        .transpose();
    let opened = opened.map_err(UsageError::refused)?.unwrap_or_default();
    let ending =
        run(settings, probed, opened, files, exports).context("the search could not be started")?;
    Ok(Outcome {
        out: String::new(),
        err: String::new(),
        ending,
    })
}

/// Refuses a command whose program does not exist.
fn check_commands(alerts: &AlertSettings) -> Result<(), UsageError> {
    let commands = [
        ("--on-found", &alerts.on_found),
        ("--on-alert", &alerts.on_alert),
    ];
    for (option, line) in commands {
        if line.as_ref().is_some_and(|line| !command::is_known(line)) {
            return Err(UsageError::combination(
                format!(
                    "{option}: the shell does not know the program that the command begins with"
                ),
                "Check its name, or give its full path.",
            ));
        }
    }
    Ok(())
}

#[cfg(unix)]
fn start_in_background() -> anyhow::Result<Outcome> {
    background::start().context("no process could be started in the background")
}

#[cfg(not(unix))]
fn start_in_background() -> anyhow::Result<Outcome> {
    let problem = "--background: a process can't detach from its terminal on this system";
    Err(UsageError::combination(problem, "Remove this option.").into())
}
