//! From settings to a search that can start: a backend that this processor has and a folder that takes keys.

use std::sync::Arc;

use crate::config::{BackendChoice, Count, KeyFormat, Priority, SearchSettings, Verbosity};
use crate::engine::Backend;
use crate::health::Thresholds;
use crate::key::store::ProbeError;
use crate::key::{self, Store};
use crate::pattern::{Wanted, Watchlist};
use crate::report::{Detail, Style};

use crate::fault::injected::Injected;
use crate::limits::Limits;

/// Why a search can't start: bad input, found before any work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JobError {
    /// The processor lacks the backend that was asked for.
    #[error("--backend {asked}: this processor does not have it. It has {}; auto takes the first.", names(.supported))]
    Backend {
        /// What was asked for.
        asked: Backend,
        /// What the processor has, the fastest first.
        supported: Vec<Backend>,
    },
    /// The folder does not take keys.
    #[error(transparent)]
    Output(#[from] ProbeError),
}

/// A search, complete and checked.
pub(crate) struct Job {
    /// What is wanted.
    pub wanted: Arc<Wanted>,
    /// What is watched on the side.
    pub watchlist: Option<Watchlist>,
    /// Keys to save a line of the watchlist.
    pub watchlist_max: u64,
    /// When it ends by itself.
    pub limits: Limits,
    /// Threads that search.
    pub workers: usize,
    /// Whether they leave the processor to others who want it.
    pub low_priority: bool,
    /// Candidates between two reports; `None`: about a quarter of a second's work.
    pub batch_size: Option<u64>,
    /// Which arithmetic searches.
    pub backend: Backend,
    /// Where keys go.
    pub store: Store,
    /// How the output looks.
    pub style: Style,
    /// Whether private keys are printed, too.
    pub show_private: bool,
    /// Whether workers are judged, and restarted for it.
    pub health_check: bool,
    /// The numbers by which they are judged.
    pub thresholds: Thresholds,
    /// Faults on purpose.
    pub injected: Injected,
    /// Whether the folder for keys keeps mode 0600.
    pub mode_kept: bool,
    /// What to tell before it starts.
    pub notes: Vec<String>,
}

impl Job {
    /// The search that settings describe. Makes the folder for keys if it is missing, so this is the last check.
    ///
    /// # Errors
    /// The processor lacks the backend, or the folder can't take keys.
    pub(crate) fn new(settings: SearchSettings) -> Result<Self, JobError> {
        let backend = backend(settings.backend)?;
        let store = Store::new(&settings.output.dir, format(settings.output.format))?;
        let mode_kept = store.probe()?.mode_kept;
        Ok(Self {
            wanted: Arc::new(settings.wanted),
            watchlist: settings.watchlist,
            watchlist_max: settings.watchlist_max,
            limits: Limits {
                count: count(settings.count),
                candidates: settings.candidates,
                time: settings.time,
                until: settings.until,
            },
            workers: settings.workers,
            low_priority: settings.priority == Priority::Low,
            batch_size: settings.batch_size,
            backend,
            store,
            style: Style::detect(settings.json, detail(settings.verbosity)),
            show_private: settings.show_private,
            health_check: settings.health_check,
            thresholds: settings.thresholds,
            injected: settings.injected,
            mode_kept,
            notes: settings.notes,
        })
    }
}

/// The backend for a choice on the command line.
///
/// # Errors
/// The processor lacks it.
pub(crate) fn backend(choice: BackendChoice) -> Result<Backend, JobError> {
    let asked = match choice {
        BackendChoice::Auto => return Ok(Backend::detect()),
        BackendChoice::Avx512ifma => Backend::Avx512Ifma,
        BackendChoice::Avx2 => Backend::Avx2,
        BackendChoice::Portable => Backend::Portable,
    };
    if asked.is_supported() {
        return Ok(asked);
    }
    Err(JobError::Backend {
        asked,
        supported: Backend::supported(),
    })
}

fn names(backends: &[Backend]) -> String {
    backends
        .iter()
        .map(Backend::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

fn format(format: KeyFormat) -> key::KeyFormat {
    match format {
        KeyFormat::Text => key::KeyFormat::Text,
        KeyFormat::Json => key::KeyFormat::Json,
    }
}

fn count(count: Count) -> Option<u64> {
    match count {
        Count::Exactly(count) => Some(count),
        Count::All => None,
    }
}

fn detail(verbosity: Verbosity) -> Detail {
    match verbosity {
        Verbosity::Quiet => Detail::Quiet,
        Verbosity::Normal => Detail::Normal,
        Verbosity::Verbose => Detail::Verbose,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backend_that_is_missing_is_an_error_that_names_what_there_is() {
        let error = JobError::Backend {
            asked: Backend::Avx512Ifma,
            supported: vec![Backend::Avx2, Backend::Portable],
        };
        let text = error.to_string();
        assert!(
            text.contains("avx512ifma") && text.contains("avx2, portable"),
            "{text}"
        );
    }

    #[test]
    fn every_processor_has_a_backend_to_choose() {
        assert!(backend(BackendChoice::Auto).is_ok());
        assert!(matches!(
            backend(BackendChoice::Portable),
            Ok(Backend::Portable)
        ));
    }
}
