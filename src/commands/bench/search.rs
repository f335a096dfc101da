//! The search that is measured: the real pool, workers and supervisor, with engines that are cut into slices.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, bounded, unbounded};

use super::slices::{Boundary, Slice, Sliced};
use crate::batch::WorkerEnd;
use crate::clock::RealClock;
use crate::engine::table::{DEFAULT_POINTS, Table};
use crate::engine::{Backend, EngineError, Sweeper};
use crate::event::Event;
use crate::health::probe::SystemProbe;
use crate::health::{Thresholds, Watched};
use crate::pattern::Wanted;
use crate::search::hit::HitSink;
use crate::search::instrument::Instrumented;
use crate::search::pool::{Pool, PoolContext};
use crate::search::shared::Shared;
use crate::search::sweep::Sweep;
use crate::search::target::{PatternTarget, Target, spot_check_bits};
use crate::search::watchlist_counters::WatchlistCounters;
use crate::supervisor::core::SupervisorCore;
use crate::supervisor::thread::Supervisor;

/// Events that may wait.
const EVENTS: usize = 1024;

/// A running search that keeps no key; it stops when dropped.
pub(super) struct MeasuredSearch {
    pub shared: Arc<Shared>,
    pub slices: Receiver<Slice>,
    events: Receiver<Event>,
}

impl MeasuredSearch {
    /// Starts `workers` workers that nobody supervises.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub(super) fn plain(
        wanted: &Wanted,
        backend: Backend,
        workers: usize,
        boundary: Boundary,
    ) -> anyhow::Result<Self> {
        let context = context(target(wanted, backend));
        let supervisor = Supervisor::new(Arc::clone(&context.shared));
        Self::start(
            (backend, workers),
            &context,
            supervisor,
            boundary,
            Sweeper::new,
        )
    }

    /// Starts `workers` workers that are supervised as in every search.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub(super) fn supervised(
        wanted: &Wanted,
        backend: Backend,
        workers: usize,
        boundary: Boundary,
    ) -> anyhow::Result<Self> {
        let target = target(wanted, backend);
        let watched = Watched {
            workers,
            working: workers,
            backend,
            backends: Backend::supported(),
            filter: format!("{:?}", target.coarse()),
            chance: target.filter().spot_check().probability(),
            judging: true,
        };
        let context = context(target);
        let (clock, shared) = (Arc::clone(&context.clock), Arc::clone(&context.shared));
        let probe = Box::new(SystemProbe::new(std::env::temp_dir()));
        let core = SupervisorCore::new(watched, Thresholds::default(), probe, clock);
        let supervisor = Supervisor::with_core(shared, core);
        Self::start(
            (backend, workers),
            &context,
            supervisor,
            boundary,
            Instrumented::new,
        )
    }

    fn start<S: Sweep + 'static>(
        (backend, workers): (Backend, usize),
        context: &PoolContext,
        supervisor: Supervisor,
        boundary: Boundary,
        engine: fn(Backend, Arc<Table>) -> Result<S, EngineError>,
    ) -> anyhow::Result<Self> {
        let failed = |error: io::Error| anyhow::anyhow!("the measurement could not start: {error}");
        let (slice_sender, slices) = unbounded();
        let (event_sender, events) = bounded(EVENTS);
        let search = Self {
            shared: Arc::clone(&context.shared),
            slices,
            events,
        };
        let table = Arc::new(Table::new(DEFAULT_POINTS));
        let pool = Pool::start_on(backend, workers, context, move |id, backend| {
            let engine = engine(backend, Arc::clone(&table))?;
            Ok(Sliced::new(
                engine,
                id.worker,
                boundary.clone(),
                slice_sender.clone(),
            ))
        });
        supervisor
            .start(pool.map_err(failed)?, event_sender)
            .map_err(failed)?;
        Ok(search)
    }

    /// Takes events for so long, or until the last one; says whether the search goes on.
    ///
    /// # Errors
    /// A worker ended by itself, or the engine computed something wrong: the measurement is worth nothing.
    pub(super) fn run_for(&self, time: Duration) -> anyhow::Result<bool> {
        let end = Instant::now() + time;
        loop {
            match self.events.recv_deadline(end) {
                Ok(Event::WorkersDone) | Err(RecvTimeoutError::Disconnected) => return Ok(false),
                Ok(event) => refuse_trouble(&event)?,
                Err(RecvTimeoutError::Timeout) => return Ok(true),
            }
        }
    }

    /// Stops the workers, waits for them and gives the slices that are left.
    ///
    /// # Errors
    /// See [`Self::run_for`].
    pub(super) fn finish(self) -> anyhow::Result<Vec<Slice>> {
        self.shared.stop();
        self.events
            .iter()
            .try_for_each(|event| refuse_trouble(&event))?;
        Ok(self.slices.try_iter().collect())
    }
}

impl Drop for MeasuredSearch {
    fn drop(&mut self) {
        self.shared.stop();
    }
}

fn target(wanted: &Wanted, backend: Backend) -> PatternTarget {
    PatternTarget::new(wanted.clone(), None, spot_check_bits(backend))
}

fn context(target: PatternTarget) -> PoolContext {
    PoolContext {
        target: Arc::new(target),
        shared: Arc::new(Shared::new(None, WatchlistCounters::default())),
        sink: HitSink::Discard,
        clock: Arc::new(RealClock::new()),
        batch_size: None,
    }
}

/// Fails on what spoils a measurement.
fn refuse_trouble(event: &Event) -> anyhow::Result<()> {
    let trouble = match event {
        Event::WorkerEnded { id, end } if *end != WorkerEnd::Stopped => {
            format!("worker {} ended by itself: {end:?}", id.worker)
        }
        Event::EngineError { lane, count, .. } => {
            format!("the engine computed something wrong: {count} hits of lane {lane} were refuted")
        }
        _ => return Ok(()),
    };
    Err(anyhow::Error::msg(trouble))
}
