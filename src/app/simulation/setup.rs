//! What a process of the night stands on, and the wires that move it.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Instant;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

use super::engine::{Arrival, Bit, CHANCE, Engine};
use crate::app::environment::{CompiledTarget, SearchEnvironment};
use crate::app::simulation::environment::{ProcessClock, World, WorldProbe};
use crate::search::pool::Pool;
use crate::search::sweep::Sweep;

/// The other ends of the wires.
pub struct Stage {
    /// Where workers wait for their next second.
    pub arrivals: Receiver<Arrival>,
    /// Lets the supervisor look.
    pub looks: Sender<Instant>,
    /// Candidates that the engines have tested.
    pub tested: Arc<AtomicU64>,
    /// Closes what hangs.
    _end: Sender<()>,
}

impl Stage {
    /// The stage of a process that begins now, and what its search is to stand on.
    pub(in crate::app) fn new(
        world: &Arc<World>,
        clock: Arc<ProcessClock>,
    ) -> (Self, SearchEnvironment, CompiledTarget) {
        let (look_sender, looks) = bounded(0);
        let (arrival_sender, arrivals) = unbounded();
        let (end_sender, end) = bounded(0);
        let tested = Arc::new(AtomicU64::new(0));
        let build = {
            let (world, tested) = (Arc::clone(world), Arc::clone(&tested));
            move |id, _| {
                let (world, tested) = (Arc::clone(&world), Arc::clone(&tested));
                let (arrivals, end) = (arrival_sender.clone(), end.clone());
                Ok(Box::new(Engine::new(id, world, arrivals, end, tested)) as Box<dyn Sweep>)
            }
        };
        let environment = SearchEnvironment {
            clock,
            probe: Box::new(WorldProbe(Arc::clone(world))),
            start_workers: Box::new(move |backends, crew| Pool::start_on(backends, crew, build)),
            looks: Some(looks),
        };
        let target = CompiledTarget {
            target: Arc::new(Bit::default()),
            spot_check_chance: CHANCE,
            filter: "night".to_owned(),
            lines: 0,
        };
        let stage = Self {
            arrivals,
            looks: look_sender,
            tested,
            _end: end_sender,
        };
        (stage, environment, target)
    }
}
