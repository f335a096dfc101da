//! The environment of a search: clock, probe of the machine, engines and target of the workers. A simulated night is the same
//! search in another environment.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use crossbeam_channel::Receiver;

use meshcore_keygen_gpu::Kind;

use super::cards::Cards;
use crate::batch::WorkerId;
use crate::clock::{Clock, RealClock};
use crate::config::SearchSettings;
use crate::config::devices::ChosenDevice;
use crate::engine::coarse::Coarse;
use crate::engine::table::{DEFAULT_POINTS, Table};
use crate::engine::{Backend, EngineError};
use crate::fault::Injected;
use crate::fault::{
    Fault, Faults, FaultyClock, FaultyProbe, MachineFault, MachineFaults, Onsets, WorkerFault,
};
use crate::health::probe::cards::CardProbe;
use crate::health::probe::{Probe, SystemProbe};
use crate::pattern::Quota;
use crate::search::pool::{Pool, PoolContext};
use crate::search::sweep::{Instrumented, Sweep};
use crate::search::target::{PatternTarget, Target, spot_check_bits};

/// Starts a worker on each of these backends.
pub(super) type StartWorkers = dyn FnOnce(&[Backend], &PoolContext) -> io::Result<Pool>;

/// Where a search runs.
pub(super) struct SearchEnvironment {
    /// Its time.
    pub clock: Arc<dyn Clock>,
    /// The machine.
    pub probe: Box<dyn Probe>,
    /// Its workers.
    pub start_workers: Box<StartWorkers>,
    /// When the supervisor looks at them; `None`: at its own interval of real time.
    pub looks: Option<Receiver<Instant>>,
}

/// The environment of a search that begins now and writes to the file system of `folder`.
///
/// # Errors
/// The file of beginnings can't be opened.
pub(super) fn real(
    injected: Injected,
    folder: PathBuf,
    cards: Cards,
) -> io::Result<SearchEnvironment> {
    let onsets = match &injected.log {
        Some(path) => Onsets::to(path)?,
        None => Onsets::default(),
    };
    let (mut workers, mut machine): (Vec<WorkerFault>, Vec<MachineFault>) = Default::default();
    for fault in injected.faults {
        match fault {
            Fault::Worker(fault) => workers.push(fault),
            Fault::Machine(fault) => machine.push(fault),
            // they acted before there was a worker
            Fault::Answers(_) => {}
        }
    }
    let machine = (!machine.is_empty()).then(|| MachineFaults::new(machine, onsets.clone()));
    let clock: Arc<dyn Clock> = match &machine {
        Some(faults) => Arc::new(FaultyClock::new(RealClock::new(), faults.clone())),
        None => Arc::new(RealClock::new()),
    };
    Ok(SearchEnvironment {
        clock,
        probe: probe(folder, machine, cards.probe()?),
        start_workers: engines(workers, onsets, cards),
        looks: None,
    })
}

/// The probe of the machine and of the file system of `folder`.
fn probe(
    folder: PathBuf,
    machine: Option<MachineFaults>,
    cards: Option<CardProbe>,
) -> Box<dyn Probe> {
    let probe = SystemProbe::new(folder).with_cards(cards);
    match machine {
        Some(faults) => {
            // A clock of its own: time that is pretended would end the pretence.
            let clock = Arc::new(RealClock::new());
            Box::new(FaultyProbe::new(probe, clock, faults))
        }
        None => Box::new(probe),
    }
}

/// Workers with real engines, which these faults wrap; the last ones search on the cards.
fn engines(faults: Vec<WorkerFault>, onsets: Onsets, cards: Cards) -> Box<StartWorkers> {
    Box::new(move |backends, crew| {
        let table = Arc::new(Table::new(DEFAULT_POINTS));
        let first_card = 1 + backends.len() - cards.len();
        let engine = move |id: WorkerId, backend| -> Result<Box<dyn Sweep>, EngineError> {
            Ok(match backend {
                Backend::OpenCl => Box::new(cards.engine(id.worker - first_card, id)?),
                _ => Box::new(Instrumented::new(backend, Arc::clone(&table))?),
            })
        };
        if faults.is_empty() {
            return Pool::start_on(backends, crew, engine);
        }
        let faults = Faults::new(faults, onsets);
        let build = move |id, backend| -> Result<Box<dyn Sweep>, EngineError> {
            Ok(Box::new(faults.wrap(id, engine(id, backend)?)))
        };
        Pool::start_on(backends, crew, build)
    })
}

/// Bits of the spot check: as set, or as suits what is fastest.
fn bits_of_spot_check(settings: &SearchSettings) -> u32 {
    let mut devices = settings.devices.iter();
    let slow = |chosen: &ChosenDevice| chosen.device.kind == Kind::Processor;
    let fastest = match devices.all(slow) {
        true => settings.backend.backend(),
        false => Backend::OpenCl,
    };
    let bits = settings.thresholds.spot_check_bits;
    bits.unwrap_or_else(|| spot_check_bits(fastest))
}

/// The rules of the vector compare for what is looked for.
pub(super) fn coarse(settings: &SearchSettings) -> Coarse {
    let left = settings.quota.as_ref().and_then(Quota::left);
    let wanted = Arc::clone(left.unwrap_or(&settings.wanted));
    let bits = bits_of_spot_check(settings);
    let target = PatternTarget::new(wanted, settings.watchlist.clone(), bits);
    target.coarse().clone()
}

/// What the workers look for.
pub(super) struct CompiledTarget {
    /// Wanted, watched and spot-checked candidates.
    pub target: Arc<dyn Target>,
    /// The exact chance of a spot check a candidate.
    pub spot_check_chance: f64,
    /// The kind of filter, as far as speed depends on it.
    pub filter: String,
    /// Lines of the watchlist.
    pub lines: usize,
}

impl CompiledTarget {
    /// The patterns of these settings, compiled; takes their watchlist along.
    pub(super) fn of(settings: &mut SearchSettings) -> Self {
        let bits = bits_of_spot_check(settings);
        let left = settings.quota.as_ref().and_then(Quota::left);
        let wanted = Arc::clone(left.unwrap_or(&settings.wanted));
        let target = PatternTarget::new(wanted, settings.watchlist.take(), bits);
        Self {
            spot_check_chance: target.filter().spot_check().probability(),
            filter: target.coarse().kind(),
            lines: target.watchlist().map_or(0, |list| list.lines().len()),
            target: Arc::new(target),
        }
    }
}
