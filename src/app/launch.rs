//! Starts the threads of a search: workers, supervisor and saver, wired to one another.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, bounded};

use super::cards::Cards;
use super::control_inbox::ControlInbox;
use super::event_loop::EventLoop;
use super::search_state::{Identity, Moment, SearchState};
use super::subscribers::Subscribers;
use super::trusted_backend;
use crate::app::environment::{self, CompiledTarget, SearchEnvironment};
use crate::blind::Starts;
use crate::config::SearchSettings;
use crate::engine::Backend;
use crate::health::{SAMPLE_INTERVAL, Watched};
use crate::history::record::{self, BaselineQuery};
use crate::limits::Limits;
use crate::search::hit::{HIT_QUEUE, HitSink};
use crate::search::pacing::CalibrationPlan;
use crate::search::pool::PoolContext;
use crate::search::saver::{Saver, SaverSettings};
use crate::search::shared::Shared;
use crate::search::watchlist_counters::WatchlistCounters;
use crate::session::journaled_store::{JournaledStore, SharedJournal};
use crate::status::Totals;
use crate::supervisor::core::SupervisorCore;
use crate::supervisor::thread::Supervisor;

/// Time between attempts to save keys that no folder took.
const RETRY: Duration = Duration::from_secs(5);

/// Events that may wait for the loop; the loop never blocks, so they hardly ever do.
const EVENTS: usize = 1024;

/// Time before the history is asked what earlier runs learned: most searches are over by then, and the first window
/// of a worker, which is dropped, is not.
const RECALL_AFTER: Duration = Duration::from_secs(1);

/// Starts all threads of a search on this machine.
///
/// # Errors
/// The system refuses a thread.
pub(super) fn launch(
    mut settings: SearchSettings,
    cards: Cards,
    subscribers: Subscribers,
) -> io::Result<EventLoop> {
    let injected = std::mem::take(&mut settings.injected);
    let environment = environment::real(injected, settings.store.folder().to_owned(), cards)?;
    let compiled = CompiledTarget::of(&mut settings);
    launch_on(environment, compiled, settings, subscribers)
}

/// The same in any environment.
///
/// # Errors
/// The system refuses a thread.
pub(super) fn launch_on(
    environment: SearchEnvironment,
    compiled: CompiledTarget,
    settings: SearchSettings,
    mut subscribers: Subscribers,
) -> io::Result<EventLoop> {
    let clock = environment.clock;
    let (limits, backend) = (settings.limits, settings.backend.backend());
    let interval = settings.record.interval.unwrap_or(SAMPLE_INTERVAL);
    let session = subscribers.session();
    let checkpoint = session.map(|session| &session.checkpoint);
    let before = checkpoint.map_or_else(Totals::default, |checkpoint| checkpoint.totals);
    let health_before = checkpoint.map(|checkpoint| checkpoint.health_totals.clone());
    let health_before = health_before.unwrap_or_default();
    let identity = Identity {
        session: session.map(|session| session.name.to_string()),
        pattern: settings.wanted.describe(),
        backend: backend.name().to_owned(),
        odds: settings.odds(),
        spot_check_chance: compiled.spot_check_chance,
        judged: settings.health_check,
        cards: named_cards(&settings),
    };
    let saved = session.map(|session| session.saved_of_watchlist.clone());
    let ledger = watchlist_counters(&compiled, settings.watchlist_max, saved.unwrap_or_default());
    let rhythm = CalibrationPlan::from(&settings.thresholds);
    let cards = settings.devices.len();
    let processors = settings.thresholds.places(settings.workers);
    let places = processors + cards;
    let mut backends = vec![backend; processors];
    backends.resize(places, Backend::OpenCl);
    let mut shared = shared(&limits, ledger, &before, rhythm);
    shared.starts = Starts::new(&settings.blind, limits.count, |start| {
        session.map_or(0, |session| session.claims_of(start))
    });
    let shared = Arc::new(shared);
    let watched = Watched {
        workers: places,
        working: settings.workers,
        cards,
        backend,
        backends: trusted_backend::among(Backend::supported(), &settings.distrusted),
        filter: compiled.filter,
        chance: compiled.spot_check_chance,
        judging: settings.health_check,
    };
    let learned = recall(&subscribers, &watched);
    let core = SupervisorCore::new(
        watched,
        settings.thresholds,
        environment.probe,
        Arc::clone(&clock),
    )
    .remembering(interval, Some(learned));
    let (hit_sender, hits) = bounded(HIT_QUEUE);
    let crew = PoolContext {
        target: compiled.target,
        shared: Arc::clone(&shared),
        sink: HitSink::Save(hit_sender),
        clock: Arc::clone(&clock),
        batch_size: settings.batch_size,
    };
    let terms = SaverSettings {
        count: limits.count.map(|count| count.saturating_sub(before.found)),
        show_private: settings.show_private,
        retry: RETRY,
    };
    let (event_sender, events) = bounded(EVENTS);
    let (orders, order_receiver) = bounded(4);
    let session = subscribers.session();
    let journal = session.map_or_else(SharedJournal::default, |session| session.journal.clone());
    let saver = Saver::new(
        JournaledStore::new(settings.store, journal),
        terms,
        &crew,
        event_sender.clone(),
    )
    .with_quota(settings.quota);
    saver.start(hits, order_receiver)?;
    let start = Moment::of(&*clock);
    let state = SearchState::new(identity, limits, (before, health_before), &start);
    if state.should_stop() {
        shared.stop();
    }
    if let Some(session) = subscribers.session_mut() {
        session.checkpoint.backend = backend.to_string();
        session.checkpoint.workers = settings.workers;
    }
    let pool = (environment.start_workers)(&backends, &crew)?;
    let (commands, command_receiver) = bounded(16);
    let supervisor = Supervisor {
        commands: command_receiver,
        looks: environment.looks,
        ..Supervisor::with_core(Arc::clone(&shared), core)
    };
    supervisor.start(pool, event_sender)?;
    Ok(EventLoop {
        state,
        subscribers,
        clock,
        shared,
        events,
        commands,
        inbox: ControlInbox::default(),
        orders,
        places,
        next_snapshot: Duration::ZERO,
        give_up_at: None,
        restarting: false,
        awake: None,
    })
}

/// Device and name of each card, by the number of its worker: cards come after the processors.
fn named_cards(settings: &SearchSettings) -> BTreeMap<usize, (String, String)> {
    let first = settings.thresholds.places(settings.workers) + 1;
    let devices = settings.devices.iter().map(|chosen| &chosen.device);
    let names = devices.map(|device| (device.word(), device.name.clone()));
    (first..).zip(names).collect()
}

/// The counters of the watchlist's lines, of which earlier runs `saved` so many keys by the line's text. Lines of the same
/// text can't be told apart: the first ones count as full.
fn watchlist_counters(
    target: &CompiledTarget,
    max: u64,
    mut saved: BTreeMap<String, u64>,
) -> WatchlistCounters {
    let counters = WatchlistCounters::new(target.lines, max);
    (0..target.lines).fold(counters, |counters, line| {
        let text = target.target.watch_line(line).text;
        let left = saved.entry(text).or_default();
        let of_line = max.min(*left);
        *left -= of_line;
        counters.after(line, of_line)
    })
}

/// The common state of the threads after the runs before.
fn shared(
    limits: &Limits,
    ledger: WatchlistCounters,
    before: &Totals,
    rhythm: CalibrationPlan,
) -> Shared {
    let left = |limit: u64| limit.saturating_sub(before.candidates);
    let budget = limits.candidates.map(left);
    let mut shared = Shared::new(budget, ledger).after(before.candidates, before.working());
    shared.rhythm = rhythm;
    shared
}

/// Asks the history what earlier runs learned; the answer goes to the supervisor.
fn recall(subscribers: &Subscribers, watched: &Watched) -> Receiver<Vec<crate::health::Learned>> {
    let (sender, learned) = bounded(1);
    if let Some(history) = subscribers.history() {
        history.ask(BaselineQuery {
            after: RECALL_AFTER,
            machine: record::machine(),
            filter: watched.filter.clone(),
            workers: watched.working,
            learned: sender,
        });
    }
    learned
}
