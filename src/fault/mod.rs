//! Injected faults: they act below what the supervisor reads, so that it has to detect them like real ones.

#[cfg_attr(not(target_os = "linux"), path = "compete_absent.rs")]
pub(crate) mod compete;
mod engine;
mod machine;
mod spec;

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use crate::engine::Backend;

pub(crate) use self::engine::Faults;
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

/// The faults of a search, and where their start is noted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Injected {
    pub faults: Vec<Fault>,
    /// The file of these notes.
    pub log: Option<PathBuf>,
}

/// An injected fault.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fault {
    /// In a worker.
    Worker(WorkerFault),
    /// In readings of the machine.
    Machine(MachineFault),
    /// This backend gives wrong answers to what is known, at the start of the search.
    Answers(Backend),
}

/// A fault of one worker.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct WorkerFault {
    /// What goes wrong.
    pub kind: WorkerKind,
    /// Whose, from 1.
    pub worker: usize,
    /// When it begins, since the worker's start.
    pub at: Duration,
    /// How long it lasts.
    pub lasts: Duration,
}

/// What goes wrong in a worker.
#[derive(Clone, Copy, Debug, PartialEq, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub(crate) enum WorkerKind {
    /// The worker burns processor time between its sweeps, so that it searches at this share of its speed.
    Slow {
        /// Share of the speed that is left.
        factor: f64,
    },
    /// The worker no longer responds to flags.
    Hang {
        /// Whether it spins; otherwise it blocks.
        spins: bool,
    },
    /// The worker panics.
    Panic,
    /// The device that the worker computes on is lost: its next call fails.
    Lost,
    /// The worker leaks memory that it has touched.
    Leak {
        /// Bytes a second.
        rate: f64,
    },
    /// Bits of one lane, or of all lanes, flip.
    Wrong {
        /// Which lane, from 0; `None`: all.
        lane: Option<usize>,
        /// Share of the survivors that are affected.
        rate: f64,
    },
    /// Other programs compete for the core that the worker runs on, and it can't leave that core.
    Starve {
        /// How many.
        programs: u32,
    },
}

/// A fault of the machine, simulated in its readings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct MachineFault {
    /// What is read.
    pub kind: MachineKind,
    /// When it begins, since the search's start.
    pub at: Duration,
    /// How long it lasts.
    pub lasts: Duration,
}

/// What the readings show.
#[derive(Clone, Copy, Debug, PartialEq, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub(crate) enum MachineKind {
    /// Free space for keys.
    Disk {
        /// Bytes.
        free: u64,
    },
    /// The system's memory in use.
    Memory {
        /// As a share of all of it.
        used: f64,
    },
    /// The processor's sensor.
    Heat {
        /// Degrees Celsius.
        celsius: f64,
    },
    /// The time of day is set forward.
    Clock {
        /// By so much.
        jump: Duration,
    },
    /// The machine sleeps: all clocks have moved on when it wakes.
    Suspend {
        /// For so long.
        sleep: Duration,
    },
}
