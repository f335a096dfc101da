//! A search with faults on purpose: clock, probe and engines as they are, or with what was asked for on top.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::clock::{Clock, RealClock};
use crate::engine::Backend;
use crate::engine::table::{DEFAULT_POINTS, Table};
use crate::fault::{
    Fault, Faults, FaultyClock, FaultyProbe, MachineFault, MachineFaults, Onsets, WorkerFault,
};
use crate::health::probe::{Probe, SystemProbe};
use crate::search::instrument::Instrumented;
use crate::search::pool::{Crew, Pool};

/// What goes wrong on purpose, and where its beginnings are noted.
#[derive(Clone, Debug, Default)]
pub struct Injected {
    /// The faults, as typed.
    pub faults: Vec<Fault>,
    /// The file of their beginnings.
    pub log: Option<PathBuf>,
}

/// The parts of a search that faults act in.
pub struct Parts {
    workers: Vec<WorkerFault>,
    machine: Option<MachineFaults>,
    onsets: Onsets,
    /// The clock of the search.
    pub clock: Arc<dyn Clock>,
}

impl Injected {
    /// The parts of a search that begins now.
    ///
    /// # Errors
    /// The file of beginnings can't be opened.
    pub fn parts(self) -> io::Result<Parts> {
        let onsets = match &self.log {
            Some(path) => Onsets::to(path)?,
            None => Onsets::default(),
        };
        let (mut workers, mut machine): (_, Vec<MachineFault>) = Default::default();
        for fault in self.faults {
            match fault {
                Fault::Worker(fault) => Vec::push(&mut workers, fault),
                Fault::Machine(fault) => machine.push(fault),
            }
        }
        let machine = (!machine.is_empty()).then(|| MachineFaults::new(machine, onsets.clone()));
        let clock: Arc<dyn Clock> = match &machine {
            Some(faults) => Arc::new(FaultyClock::new(RealClock::new(), faults.clone())),
            None => Arc::new(RealClock::new()),
        };
        Ok(Parts {
            workers,
            machine,
            onsets,
            clock,
        })
    }
}

impl Parts {
    /// The probe of the machine and of the file system of `folder`.
    pub fn probe(&self, folder: PathBuf) -> Box<dyn Probe> {
        let probe = SystemProbe::new(folder);
        match &self.machine {
            Some(faults) => {
                // A clock of its own: time that is pretended would end the pretence.
                let clock = Arc::new(RealClock::new());
                Box::new(FaultyProbe::new(probe, clock, faults.clone()))
            }
            None => Box::new(probe),
        }
    }

    /// Starts the workers.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub fn pool(self, workers: usize, backend: Backend, crew: &Crew) -> io::Result<Pool> {
        let table = Arc::new(Table::new(DEFAULT_POINTS));
        let engine = move |backend| Instrumented::new(backend, Arc::clone(&table));
        if self.workers.is_empty() {
            return Pool::start_on(backend, workers, crew, move |_, backend| engine(backend));
        }
        let faults = Faults::new(self.workers, self.onsets);
        let build = move |id, backend| Ok(faults.befall(id, engine(backend)?));
        Pool::start_on(backend, workers, crew, build)
    }
}
