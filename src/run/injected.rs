//! The ground of a real search: clock, probe and engines as they are, or with faults on purpose on top.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::ground::{Ground, StartWorkers};
use crate::clock::{Clock, RealClock};
use crate::engine::table::{DEFAULT_POINTS, Table};
use crate::fault::{
    Fault, Faults, FaultyClock, FaultyProbe, MachineFault, MachineFaults, Onsets, WorkerFault,
};
use crate::health::probe::{Probe, SystemProbe};
use crate::search::instrument::Instrumented;
use crate::search::pool::Pool;

/// What goes wrong on purpose, and where its beginnings are noted.
#[derive(Clone, Debug, Default)]
pub struct Injected {
    /// The faults, as typed.
    pub faults: Vec<Fault>,
    /// The file of their beginnings.
    pub log: Option<PathBuf>,
}

impl Injected {
    /// The ground of a search that begins now and writes to the file system of `folder`.
    ///
    /// # Errors
    /// The file of beginnings can't be opened.
    pub(super) fn ground(self, folder: PathBuf) -> io::Result<Ground> {
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
        Ok(Ground {
            clock,
            probe: probe(folder, machine),
            start_workers: engines(workers, onsets),
            looks: None,
        })
    }
}

/// The probe of the machine and of the file system of `folder`.
fn probe(folder: PathBuf, machine: Option<MachineFaults>) -> Box<dyn Probe> {
    let probe = SystemProbe::new(folder);
    match machine {
        Some(faults) => {
            // A clock of its own: time that is pretended would end the pretence.
            let clock = Arc::new(RealClock::new());
            Box::new(FaultyProbe::new(probe, clock, faults))
        }
        None => Box::new(probe),
    }
}

/// Workers with real engines, which these faults befall.
fn engines(faults: Vec<WorkerFault>, onsets: Onsets) -> Box<StartWorkers> {
    Box::new(move |workers, backend, crew| {
        let table = Arc::new(Table::new(DEFAULT_POINTS));
        let engine = move |backend| Instrumented::new(backend, Arc::clone(&table));
        if faults.is_empty() {
            return Pool::start_on(backend, workers, crew, move |_, backend| engine(backend));
        }
        let faults = Faults::new(faults, onsets);
        let build = move |id, backend| Ok(faults.befall(id, engine(backend)?));
        Pool::start_on(backend, workers, crew, build)
    })
}
