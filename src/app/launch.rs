//! Starts the threads of a search: workers, supervisor and saver, wired to one another.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::job::Job;
use super::records::Records;
use super::survey::Identity;
use crate::app::environment::{self, Aim, Ground};
use crate::app::search_state::Control;
use crate::clock::Clock;
use crate::clock::reading::Reading;
use crate::engine::Backend;
use crate::event::Event;
use crate::health::Watched;
use crate::history::baselines as recall;
use crate::history::baselines::Recall;
use crate::limits::Limits;
use crate::search::calibration::CalibrationPlan;
use crate::search::hit::{HIT_QUEUE, HitSink};
use crate::search::pool::PoolContext;
use crate::search::saver::{Saver, SaverCommand, SaverSettings};
use crate::search::shared::Shared;
use crate::search::watchlist_counters::WatchlistCounters;
use crate::session::active::Live;
use crate::session::checkpoint::Totals;
use crate::session::journaled_store::{Keeper, SharedJournal};
use crate::supervisor::command::Command;
use crate::supervisor::core::SupervisorCore;
use crate::supervisor::thread::Supervisor;
use crate::text::odds::Odds;

/// Time between attempts to save keys that no folder took.
const RETRY: Duration = Duration::from_secs(5);

/// Events that may wait for the loop; the loop never blocks, so they hardly ever do.
const EVENTS: usize = 1024;

/// Time before the history is asked what earlier runs learned: most searches are over by then, and the first window
/// of a worker, which is dropped, is not.
const RECALL_AFTER: Duration = Duration::from_secs(1);

/// The threads of a search, as the loop sees them.
pub(super) struct Launched {
    pub control: Control,
    pub limits: Limits,
    pub clock: Arc<dyn Clock>,
    /// When it began.
    pub begun: Reading,
    pub shared: Arc<Shared>,
    pub events: Receiver<Event>,
    pub orders: Sender<SaverCommand>,
    pub identity: Identity,
    pub commands: Sender<Command>,
    pub places: usize,
}

/// Starts all threads of a search on this machine; its health is sampled every `interval`.
///
/// # Errors
/// The system refuses a thread.
pub(super) fn launch(
    mut job: Job,
    records: &mut Records,
    interval: Duration,
) -> io::Result<Launched> {
    let injected = std::mem::take(&mut job.injected);
    let ground = environment::real(injected, job.store.folder().to_owned())?;
    let aim = Aim::of(&mut job);
    launch_on(ground, aim, job, records, interval)
}

/// The same on any ground.
///
/// # Errors
/// The system refuses a thread.
pub(super) fn launch_on(
    ground: Ground,
    aim: Aim,
    job: Job,
    records: &mut Records,
    interval: Duration,
) -> io::Result<Launched> {
    let Ground {
        clock,
        probe,
        start_workers,
        looks,
    } = ground;
    let limits = job.limits;
    let before = records
        .session()
        .map_or_else(Totals::default, |live| *live.totals());
    let odds = Odds(job.wanted.probability());
    let identity = Identity {
        pattern: job.wanted.describe(),
        backend: job.backend.name().to_owned(),
        before: before.candidates,
        judging: job.health_check,
    };
    let ledger = WatchlistCounters::new(aim.lines, job.watchlist_max);
    let rhythm = CalibrationPlan::from(&job.thresholds);
    let places = job.thresholds.places(job.workers);
    let shared = Arc::new(shared(&limits, ledger, &before, rhythm));
    let watched = Watched {
        workers: places,
        working: job.workers,
        backend: job.backend,
        backends: Backend::supported(),
        filter: aim.filter,
        chance: aim.spot_check_chance,
        judging: job.health_check,
    };
    let learned = recall(records, &watched);
    let core = SupervisorCore::new(watched, job.thresholds, probe, Arc::clone(&clock))
        .remembering(interval, Some(learned));
    let (hit_sender, hits) = bounded(HIT_QUEUE);
    let crew = PoolContext {
        target: aim.target,
        shared: Arc::clone(&shared),
        sink: HitSink::Save(hit_sender),
        clock: Arc::clone(&clock),
        batch_size: job.batch_size,
    };
    let terms = SaverSettings {
        count: limits.count.map(|count| count.saturating_sub(before.found)),
        show_private: job.show_private,
        retry: RETRY,
    };
    let (event_sender, events) = bounded(EVENTS);
    let (orders, order_receiver) = bounded(4);
    let journal = records
        .session()
        .map_or_else(SharedJournal::default, Live::journal);
    let saver = Saver::new(
        Keeper::new(job.store, journal),
        terms,
        &crew,
        event_sender.clone(),
    );
    saver.start(hits, order_receiver)?;
    let begun = clock.reading();
    let mut control = Control::new(limits, odds, aim.spot_check_chance, clock.now());
    control.carry(&before);
    if control.should_stop() {
        shared.stop();
    }
    if let Some(session) = records.session_mut() {
        session.set_workers(job.backend.to_string(), job.workers);
    }
    let pool = start_workers(places, job.backend, &crew)?;
    let (commands, command_receiver) = bounded(16);
    Supervisor::with_core(Arc::clone(&shared), core)
        .obeying(command_receiver)
        .looking(looks)
        .start(pool, event_sender)?;
    Ok(Launched {
        control,
        limits,
        clock,
        begun,
        shared,
        events,
        orders,
        identity,
        commands,
        places,
    })
}

/// The common state of the threads after the runs before.
fn shared(
    limits: &Limits,
    ledger: WatchlistCounters,
    before: &Totals,
    rhythm: CalibrationPlan,
) -> Shared {
    let budget = limits
        .candidates
        .map(|limit| limit.saturating_sub(before.candidates));
    let worked = Duration::try_from_secs_f64(before.working_seconds).unwrap_or_default();
    let mut shared = Shared::new(budget, ledger).after(before.candidates, worked);
    shared.rhythm = rhythm;
    shared
}

/// Asks the history what earlier runs learned; the answer goes to the supervisor.
fn recall(records: &Records, watched: &Watched) -> Receiver<Vec<crate::health::Learned>> {
    let (sender, learned) = bounded(1);
    records.recall(Recall {
        after: RECALL_AFTER,
        machine: recall::machine(),
        filter: watched.filter.clone(),
        workers: watched.working,
        learned: sender,
    });
    learned
}
