//! The search that is measured: the real pool, workers and supervisor, with engines that are cut into slices.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use crossbeam_channel::{Receiver, RecvTimeoutError, bounded, unbounded};

use meshcore_keygen_gpu::{Device, GpuSweeper, Size};

use super::slices::{Boundary, Slice, Sliced};
use crate::batch::WorkerEnd;
use crate::clock::RealClock;
use crate::engine::table::{DEFAULT_POINTS, Table};
use crate::engine::{Backend, EngineError, Sweeper};
use crate::event::Event;
use crate::health::probe::SystemProbe;
use crate::health::{Thresholds, Watched};
use crate::pattern::Wanted;
use crate::search::card::{Card, engine_error};
use crate::search::hit::HitSink;
use crate::search::pool::{Pool, PoolContext};
use crate::search::shared::Shared;
use crate::search::sweep::{Instrumented, Sweep};
use crate::search::target::{PatternTarget, Target, spot_check_bits};
use crate::search::watchlist_counters::WatchlistCounters;
use crate::supervisor::core::SupervisorCore;
use crate::supervisor::thread::Supervisor;

/// Length of the queue of events.
const EVENTS: usize = 1024;

/// A running search that keeps no key; it stops when dropped.
pub(super) struct MeasuredSearch {
    pub shared: Arc<Shared>,
    pub slices: Receiver<Slice>,
    events: Receiver<Event>,
}

impl MeasuredSearch {
    /// Starts workers without supervision.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub(super) fn plain(
        wanted: &Wanted,
        backend: Backend,
        workers: usize,
        boundary: Boundary,
    ) -> anyhow::Result<Self> {
        let pool = (backend, workers);
        let context = context(target(wanted, backend));
        let supervisor = Supervisor::new(Arc::clone(&context.shared));
        Self::start(pool, &context, supervisor, boundary, Sweeper::new)
    }

    /// Starts a worker on a device without supervision.
    ///
    /// # Errors
    /// The device fails or computes wrong results, or the system refuses a thread.
    pub(super) fn on_device(wanted: &Wanted, device: &Device) -> anyhow::Result<Self> {
        let target = target(wanted, Backend::OpenCl);
        let (device, coarse) = (device.clone(), target.coarse().clone());
        let context = context(target);
        let supervisor = Supervisor::new(Arc::clone(&context.shared));
        let open = move |_, _| {
            let sweeper =
                Size::of(&device).and_then(|size| GpuSweeper::new(&device, size, &coarse));
            sweeper.map(Card).map_err(engine_error)
        };
        let (pool, boundary) = ((Backend::OpenCl, 1), Boundary::Length(None));
        Self::start(pool, &context, supervisor, boundary, open)
    }

    /// Starts workers under the supervision of an ordinary search.
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
            cards: 0,
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
        let pool = (backend, workers);
        Self::start(pool, &context, supervisor, boundary, Instrumented::new)
    }

    fn start<S: Sweep + 'static>(
        (backend, workers): (Backend, usize),
        context: &PoolContext,
        supervisor: Supervisor,
        boundary: Boundary,
        engine: impl Fn(Backend, Arc<Table>) -> Result<S, EngineError> + Send + Sync + 'static,
    ) -> anyhow::Result<Self> {
        const FAILED: &str = "the measurement could not start";
        let (slice_sender, slices) = unbounded();
        let (event_sender, events) = bounded(EVENTS);
        let search = Self {
            shared: Arc::clone(&context.shared),
            slices,
            events,
        };
        let table = Arc::new(Table::new(DEFAULT_POINTS));
        let pool = Pool::start_on(&vec![backend; workers], context, move |id, backend| {
            let engine = engine(backend, Arc::clone(&table))?;
            let (boundary, slices) = (boundary.clone(), slice_sender.clone());
            Ok(Box::new(Sliced::new(engine, id.worker, boundary, slices)))
        });
        let started = supervisor.start(pool.context(FAILED)?, event_sender);
        started.context(FAILED)?;
        Ok(search)
    }

    /// Handles events for this long or until the last one; returns whether the search is still running.
    ///
    /// # Errors
    /// A worker ended by itself, or the engine computed something wrong: the measurement is worthless.
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

    /// Stops the workers, waits for them and returns the remaining slices.
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

/// Fails on an event that spoils the measurement.
fn refuse_trouble(event: &Event) -> anyhow::Result<()> {
    match event {
        Event::WorkerEnded { id, end } if *end != WorkerEnd::Stopped => {
            bail!("worker {} ended by itself: {end:?}", id.worker)
        }
        Event::EngineError { lane, count, .. } => {
            bail!("the engine computed something wrong: {count} hits of lane {lane} were refuted")
        }
        _ => Ok(()),
    }
}
