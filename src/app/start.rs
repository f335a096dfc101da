//! From checked settings to a search that runs: everything that can still be refused, before any work.

use super::background;
use super::exports;
use super::record_files::Files;
use super::records::Records;
use super::service;
use super::{Job, run};
use crate::alert::delivery::command;
use crate::alert::settings::AlertSettings;
use crate::app::session_start as opening;
use crate::app::session_start::Plan;
use crate::clock::reading::Reading;
use crate::config::SearchSettings;
use crate::exit::Ending;

/// What came of an attempt to search.
pub(crate) enum Outcome {
    /// The search ended, and said all there is to say.
    Ended(Ending),
    /// Nothing was searched: this is to be printed.
    Text {
        /// Lines for standard output.
        text: String,
        /// Lines for standard error.
        said: String,
        /// How the program ends.
        ending: Ending,
    },
    /// It was refused before any work.
    Refused(String),
    /// It could not be started, or could not go on.
    Failed(String),
    /// The process in the background could not begin: what it said, and how it ended.
    Background {
        /// What it said on standard error.
        said: String,
        /// How it ended.
        ending: Ending,
    },
}

/// Searches, or starts a process in the background that does.
#[must_use]
pub(crate) fn search(settings: SearchSettings) -> Outcome {
    try_search(settings).unwrap_or_else(|outcome| outcome)
}

fn try_search(settings: SearchSettings) -> Result<Outcome, Outcome> {
    let refused = |why: &dyn std::fmt::Display| Outcome::Refused(why.to_string());
    let (record, alerts) = (settings.record.clone(), settings.alerts.clone());
    check_commands(&alerts)?;
    let opening = match opening::plan(&settings, &jiff::Zoned::now()).map_err(|e| refused(&e))? {
        Plan::Search(opening) => opening,
        Plan::Over { text, said, ending } => {
            service::nothing_to_run(&said);
            return Ok(Outcome::Text { text, said, ending });
        }
    };
    let exports = exports::Opened::new(&settings.metrics).map_err(|e| refused(&e))?;
    let job = Job::new(settings).map_err(|e| refused(&e))?;
    if record.background && !background::is_child() {
        // The process in the background opens its own.
        drop(exports);
        return start_in_background();
    }
    background::detach();
    let files =
        Files::open(&record, opening.as_ref().map(|o| o.choice())).map_err(|e| refused(&e))?;
    let opened = opening
        .map(|opening| opening.open(Reading::take()))
        .transpose();
    let mut opened = opened.map_err(|e| refused(&e))?.unwrap_or_default();
    let records = Records::new(files, &job, opened.live.take(), jiff::Timestamp::now());
    run(job, opened, records, exports, &record, &alerts)
        .map(Outcome::Ended)
        .map_err(|error| Outcome::Failed(format!("the search could not be started: {error}")))
}

/// Refuses a command whose program does not exist.
fn check_commands(alerts: &AlertSettings) -> Result<(), Outcome> {
    let commands = [
        ("--on-found", &alerts.on_found),
        ("--on-alert", &alerts.on_alert),
    ];
    for (option, line) in commands {
        if line.as_ref().is_some_and(|line| !command::is_known(line)) {
            return Err(Outcome::Refused(format!(
                "{option}: the shell does not know the program that the command begins with. Check its name, or give \
                 its full path."
            )));
        }
    }
    Ok(())
}

#[cfg(unix)]
fn start_in_background() -> Result<Outcome, Outcome> {
    use background::Started;
    let failed = |error: std::io::Error| {
        Outcome::Failed(format!(
            "no process could be started in the background: {error}"
        ))
    };
    match background::start().map_err(failed)? {
        Started::Runs(text) => Ok(Outcome::Text {
            text,
            said: String::new(),
            ending: Ending::Found,
        }),
        Started::Ended { said, status } => {
            let refused = status.code() == Some(Ending::BadInput.code().into());
            let ending = if refused {
                Ending::BadInput
            } else {
                Ending::Failed
            };
            Ok(Outcome::Background { said, ending })
        }
    }
}

#[cfg(not(unix))]
fn start_in_background() -> Result<Outcome, Outcome> {
    Err(Outcome::Refused(
        "--background: a process can't detach from its terminal on this system. Leave the option away.".to_owned(),
    ))
}
