//! From a command line to complete, checked settings.
//!
//! Everything that can fail before any work fails here, with a [`UsageError`]. Nothing is written.

pub(crate) mod alerts;
pub(crate) mod args;
pub(crate) mod avoid;
mod blind;
pub(crate) mod dashboard;
pub(crate) mod devices;
pub(crate) mod duration;
pub(crate) mod error;
mod import_to;
pub(crate) mod inputs;
pub(crate) mod layers;
pub(crate) mod number;
pub(crate) mod patterns;
pub(crate) mod search;
pub(crate) mod session;
mod spread;
pub(crate) mod until;
pub(crate) mod value;
pub(crate) mod workers;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::PathBuf;

use crate::config::args::CommandLine;
use crate::session::service_dir;
use crate::session::state::Purpose;

pub(crate) use crate::config::args::Priority;
use error::refuse;
pub(crate) use error::{InvalidValue, UsageError};
pub(crate) use import_to::ForNode;
use inputs::Inputs;
pub(crate) use search::SearchSettings;

/// The environment that settings depend on beside the command line.
pub(crate) struct Environment<'a> {
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
    pub variables: BTreeMap<String, String>,
    /// Where the file of settings usually is, where that is known.
    pub config_file: Option<PathBuf>,
    /// The state folder of the system's service, which need not be there.
    pub service: PathBuf,
    /// What is to be said of the settings.
    pub notes: Notes,
}

/// What is to be said of settings that are fine, in the order in which it was noticed.
#[derive(Debug, Default)]
pub(crate) struct Notes(RefCell<Vec<String>>);

impl Notes {
    pub(crate) fn push(&self, note: impl Into<String>) {
        self.0.borrow_mut().push(note.into());
    }

    pub(crate) fn extend(&self, notes: impl IntoIterator<Item = String>) {
        self.0.borrow_mut().extend(notes);
    }

    /// What was noted since the last call.
    pub(crate) fn take(&self) -> Vec<String> {
        self.0.take()
    }
}

impl<'a> Environment<'a> {
    /// The environment of this process.
    ///
    /// # Errors
    /// The current folder is gone or can't be read, or a variable is not UTF-8.
    pub(crate) fn of_process(stdin: &'a mut dyn Read) -> Result<Self, UsageError> {
        let folder = std::env::current_dir()
            .map_err(|error| UsageError::file("the current folder", ".", &error))?;
        Ok(Self {
            now: jiff::Zoned::now(),
            folder,
            processors: workers::usable_processors(),
            stdout_is_terminal: std::io::IsTerminal::is_terminal(&std::io::stdout()),
            inputs: Inputs::new(stdin),
            variables: variables()?,
            config_file: layers::usual_file(),
            service: PathBuf::from(service_dir::SERVICE),
            notes: Notes::default(),
        })
    }
}

/// The variables of this process that may be settings.
fn variables() -> Result<BTreeMap<String, String>, UsageError> {
    let mut variables = BTreeMap::new();
    for (name, value) in std::env::vars_os() {
        let Some(name) = name
            .to_str()
            .filter(|n| n.starts_with(layers::table::PREFIX))
        else {
            continue;
        };
        let value = match value.into_string() {
            Ok(value) => value,
            Err(value) => refuse!(
                "{name}={}: not UTF-8. Set it to a text, or give the option.",
                value.display()
            ),
        };
        variables.insert(name.to_owned(), value);
    }
    Ok(variables)
}

/// The settings of a search.
///
/// # Errors
/// Everything that is invalid, before anything is written.
pub(crate) fn searching(
    line: &CommandLine,
    purpose: Purpose,
    environment: &Environment<'_>,
) -> anyhow::Result<SearchSettings> {
    let typed = line.typed()?.into_search();
    let session = session::choose(&typed, purpose, environment)?;
    let (args, origins) = layers::apply(line, session.as_ref(), environment)?;
    Ok(search::resolve(args, session, &origins, environment)?)
}

#[cfg(test)]
pub(crate) mod tests;
