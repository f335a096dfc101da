//! What a command line means: checked, complete settings.
//!
//! [`resolve`] does everything that can fail before any work: it reads numbers, times and files, and refuses what can't
//! be right with a [`UsageError`]. It writes nothing.

pub(crate) mod alerts;
pub(crate) mod crew;
pub(crate) mod duration;
pub(crate) mod error;
pub(crate) mod inputs;
pub(crate) mod layers;
pub(crate) mod metrics;
pub(crate) mod number;
pub(crate) mod patterns;
pub(crate) mod processors;
pub(crate) mod record;
pub(crate) mod search;
pub(crate) mod session;
pub(crate) mod until;
pub(crate) mod value;

pub(crate) mod wanted;

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::config::args::SearchArgs;
use crate::session::service_dir as elsewhere;
use crate::session::state::Purpose;

pub(crate) use crate::config::args::{BackendChoice, ExportFormat, KeyFormat, Priority};
pub(crate) use error::{Refused, UsageError};
use inputs::Inputs;
pub(crate) use search::{Count, SearchSettings, Verbosity};

/// What settings depend on beside the command line.
pub(crate) struct Surroundings<'a> {
    /// The time, with the local time zone.
    pub now: jiff::Zoned,
    /// The current folder, a full path.
    pub folder: PathBuf,
    /// How many processors this process may use, at least 1.
    pub processors: usize,
    /// Whether a person reads standard output.
    pub stdout_is_terminal: bool,
    /// Files, and standard input.
    pub inputs: Inputs<'a>,
    /// The environment variables that begin with `KEYGEN_`.
    pub environment: BTreeMap<String, String>,
    /// Where the file of settings usually is, where that is known.
    pub config_file: Option<PathBuf>,
    /// The state folder of the system's service, which need not be there.
    pub service: PathBuf,
    /// Says in whole sentences why keys can't be written to a folder, a full path; it leaves nothing behind there.
    pub check_output: &'a dyn Fn(&Path) -> Result<(), String>,
}

impl<'a> Surroundings<'a> {
    /// The surroundings of this process.
    ///
    /// # Errors
    /// The current folder is gone or can't be read.
    pub(crate) fn of_process(
        stdin: &'a mut dyn Read,
        check_output: &'a dyn Fn(&Path) -> Result<(), String>,
    ) -> Result<Self, UsageError> {
        let folder = std::env::current_dir()
            .map_err(|error| UsageError::file("the current folder", ".", &error))?;
        Ok(Self {
            now: jiff::Zoned::now(),
            folder,
            processors: processors::usable(),
            stdout_is_terminal: std::io::IsTerminal::is_terminal(&std::io::stdout()),
            inputs: Inputs::new(stdin),
            environment: environment()?,
            config_file: layers::usual_file(),
            service: PathBuf::from(elsewhere::SERVICE),
            check_output,
        })
    }
}

/// The variables of this process that may be settings.
fn environment() -> Result<BTreeMap<String, String>, UsageError> {
    let mut variables = BTreeMap::new();
    for (name, value) in std::env::vars_os() {
        let Some(name) = name
            .to_str()
            .filter(|n| n.starts_with(layers::table::PREFIX))
        else {
            continue;
        };
        let value = value.into_string().map_err(|value| {
            let problem = format!("{name}={}: that is not UTF-8", value.display());
            UsageError::combination(problem, "Set it to a text, or give the option.")
        })?;
        variables.insert(name.to_owned(), value);
    }
    Ok(variables)
}

/// A search, with what was not typed from the environment and the file.
pub(crate) fn searching(
    mut typed: SearchArgs,
    purpose: Purpose,
    around: &Surroundings<'_>,
) -> Result<Box<SearchSettings>, UsageError> {
    let mut notes = Vec::new();
    let session = session::choose(&typed, purpose, &around.now, &around.service, &mut notes)?;
    session::recall_numbers(&mut typed, session.as_ref());
    let keeps = session.as_ref().is_some_and(|s| s.stored().is_some());
    let origins = layers::apply(&mut typed, keeps, around, &mut notes)?;
    search::resolve(&typed, session, &origins, notes, around).map(Box::new)
}

/// Reads the value of `option` where one was typed.
pub(crate) fn at<T>(
    option: &str,
    typed: &Option<String>,
    read: impl Fn(&str) -> Result<T, Refused>,
) -> Result<Option<T>, UsageError> {
    typed
        .as_deref()
        .map(|text| read(text).map_err(|refused| refused.at(option, text)))
        .transpose()
}

pub(crate) mod args;
#[cfg(test)]
mod tests;
