//! Injected faults: they act below what the supervisor reads, so that it has to detect them like real ones.

pub(crate) mod compete;
mod engine;
mod kind;
mod machine;
mod spec;

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use serde_json::json;

pub(crate) use self::engine::Faults;
pub(crate) use self::kind::{Fault, Injected, MachineFault, WorkerFault};
pub(crate) use self::machine::{FaultyClock, FaultyProbe, MachineFaults};
pub(crate) use self::spec::FaultError;

/// Where the start of each fault is noted, if anywhere, to measure how long its detection takes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Onsets(Option<Arc<Mutex<File>>>);

impl Onsets {
    /// Notes that are appended to a file, one JSON object a line.
    ///
    /// # Errors
    /// What the system said.
    pub(crate) fn to(path: &Path) -> io::Result<Self> {
        let file = File::options().append(true).create(true).open(path)?;
        Ok(Self(Some(Arc::new(Mutex::new(file)))))
    }

    /// Notes that a fault starts now; a note that can't be written is skipped.
    pub(crate) fn note(&self, fault: &str, worker: Option<usize>) {
        let Some(file) = &self.0 else { return };
        let object =
            json!({"time": Timestamp::now().to_string(), "fault": fault, "worker": worker});
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = file.write_all(format!("{object}\n").as_bytes());
    }
}
