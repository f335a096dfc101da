//! Runs a search: wires workers, saver, supervisor and reporter, and owns the loop that all events end in.

pub mod control;
pub mod injected;
mod job;
pub mod limits;
pub mod meter;
pub mod opening;
pub mod process;
pub mod sessions;
pub mod signals;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use jiff::tz::TimeZone;

use self::control::Control;
pub use self::job::{Job, JobError, backend};
use self::limits::Limits;
use self::opening::Opened;
use self::signals::{Command, Signals};
use crate::clock::Clock;
use crate::engine::Backend;
use crate::event::Event;
use crate::exit::{Ending, Signal};
use crate::health::{Step, Watched};
use crate::report::message::keys;
use crate::report::odds::Odds;
use crate::report::{Detail, Reporter};
use crate::search::calibration::Rhythm;
use crate::search::care::Care;
use crate::search::hit::{HitSink, QUEUE};
use crate::search::ledger::WatchLedger;
use crate::search::pool::Crew;
use crate::search::saver::{Order, Saver, Terms};
use crate::search::shared::Shared;
use crate::search::supervisor::Supervisor;
use crate::search::target::{PatternTarget, Target};
use crate::session::gap::{Gap, GapKind, Reading, Watch};
use crate::session::keeper::{Keeper, SharedJournal};
use crate::session::live::Live;

/// The loop looks at signals and limits at least this often.
const TICK: Duration = Duration::from_millis(50);

/// After a signal the loop waits so long for the workers and the saver.
const GRACE: Duration = Duration::from_millis(700);

/// After any other ending it waits so long.
const PATIENCE: Duration = Duration::from_secs(10);

/// Time between attempts to save keys that no folder took.
const RETRY: Duration = Duration::from_secs(5);

/// Events that may wait for the loop; the loop never blocks, so they hardly ever do.
const EVENTS: usize = 1024;

/// Bits of the canary pattern: at a backend's usual rate each lane of a worker is to see about one a second, so that
/// 25 expected ones without any are together within 30 seconds. That makes 16 a second and worker with 16 lanes, and
/// 8 a second with 8. Each is recomputed exactly in some 40 microseconds: less than 0.1 % of the worker's time.
#[must_use]
pub fn canary_bits(backend: Backend) -> u32 {
    match backend {
        Backend::Avx512Ifma => 23,
        Backend::Avx2 => 22,
        Backend::Portable => 21,
    }
}

/// Searches until a key, a limit, a signal or trouble ends it.
///
/// # Errors
/// The system refuses a thread or a signal handler.
pub fn run(mut job: Job, mut opened: Opened) -> io::Result<Ending> {
    let signals = Signals::new()?;
    process::forbid_core_dumps();
    process::silence_worker_panics();
    if job.low_priority {
        process::lower_priority();
    }
    let announced = opened.live.as_ref().map(|live| live.announced());
    let mut reporter = Reporter::new(job.style, announced.unwrap_or_default())?;
    job.notes.append(&mut opened.notes);
    if !job.mode_kept {
        reporter.mode_not_kept();
    }
    for leftover in job.store.adopt_leftovers() {
        reporter.leftover(&leftover);
    }
    introduce(&job, &reporter);
    introduce_health(&job, &reporter);
    for event in opened.take_events() {
        reporter.event(&event);
    }
    let search = Search::start(job, opened)?;
    Ok(search.attend(reporter, signals))
}

fn introduce(job: &Job, reporter: &Reporter) {
    job.notes.iter().for_each(|note| reporter.say(note));
    let plural = if job.workers == 1 { "" } else { "s" };
    reporter.say(format!(
        "Searching for {}: {}, on {} worker{plural} ({}). Keys go to {}",
        job.wanted.describe(),
        Odds(job.wanted.probability()).one_in(),
        job.workers,
        job.backend,
        job.store.folder().display()
    ));
}

/// With `-v`, says of each worker that it is watched, as the original tool did.
fn introduce_health(job: &Job, reporter: &Reporter) {
    if job.health_check && job.style.detail == Detail::Verbose {
        (1..=job.workers)
            .for_each(|n| reporter.say(format!("Worker {n}: Health monitoring enabled")));
    }
}

/// A search that runs.
struct Search {
    control: Control,
    limits: Limits,
    clock: Arc<dyn Clock>,
    shared: Arc<Shared>,
    events: Receiver<Event>,
    orders: Sender<Order>,
    session: Option<Box<Live>>,
    watch: Watch,
    /// When threads that have not ended by then are left behind.
    give_up_at: Option<Duration>,
}

impl Search {
    /// Starts all threads of a search.
    fn start(job: Job, opened: Opened) -> io::Result<Self> {
        let parts = job.injected.parts()?;
        let clock = Arc::clone(&parts.clock);
        let limits = job.limits;
        let before = opened.totals();
        let odds = Odds(job.wanted.probability());
        let target = PatternTarget::new(job.wanted, job.watchlist, canary_bits(job.backend));
        let canary_chance = target.filter().canary().probability();
        let lines = target.watchlist().map_or(0, |list| list.lines().len());
        let ledger = WatchLedger::new(lines, job.watchlist_max);
        let budget = limits
            .candidates
            .map(|limit| limit.saturating_sub(before.candidates));
        let worked = Duration::try_from_secs_f64(before.working_seconds).unwrap_or_default();
        let mut shared = Shared::new(budget, ledger).after(before.candidates, worked);
        shared.rhythm = Rhythm::from(&job.thresholds);
        let shared = Arc::new(shared);
        let places = job.thresholds.places(job.workers);
        let watched = Watched {
            workers: places,
            working: job.workers,
            backend: job.backend,
            backends: Backend::supported(),
            filter: format!("{:?}", target.coarse()),
            chance: canary_chance,
            judging: job.health_check,
        };
        let probe = parts.probe(job.store.folder().to_owned());
        let care = Care::new(watched, job.thresholds, probe, Arc::clone(&clock));
        let (hit_sender, hits) = bounded(QUEUE);
        let crew = Crew {
            target: Arc::new(target),
            shared: Arc::clone(&shared),
            sink: HitSink::Save(hit_sender),
            clock: Arc::clone(&clock),
            batch_size: job.batch_size,
        };
        let terms = Terms {
            count: limits.count.map(|count| count.saturating_sub(before.found)),
            show_private: job.show_private,
            retry: RETRY,
        };
        let (event_sender, events) = bounded(EVENTS);
        let (orders, order_receiver) = bounded(4);
        let keeper = match &opened.live {
            Some(live) => live.keeper(job.store),
            None => Keeper::new(job.store, SharedJournal::default()),
        };
        let saver = Saver::new(keeper, terms, &crew, event_sender.clone());
        saver.start(hits, order_receiver)?;
        let mut control = Control::new(limits, odds, canary_chance, clock.now());
        control.carry(&before);
        if control.should_stop() {
            shared.stop();
        }
        let mut session = opened.live;
        if let Some(session) = &mut session {
            session.set_workers(job.backend.to_string(), job.workers);
        }
        let pool = parts.pool(places, job.backend, &crew)?;
        Supervisor::with_care(Arc::clone(&shared), care).start(pool, event_sender)?;
        Ok(Self {
            control,
            limits,
            clock,
            shared,
            events,
            orders,
            session,
            watch: Watch::new(Reading::take(), worked),
            give_up_at: None,
        })
    }

    /// The loop: takes events until all threads have ended, or nobody has patience for them any more.
    fn attend(mut self, mut reporter: Reporter, mut signals: Signals) -> Ending {
        loop {
            match self.events.recv_timeout(self.until_tick()) {
                Ok(event) => {
                    self.control.event(&event, self.clock.now());
                    if matches!(event, Event::WorkersDone) {
                        // An abandoned thread may hold its end of the saver's channel for ever.
                        let soon = self.clock.now() + GRACE;
                        self.give_up_at = Some(self.give_up_at.map_or(soon, |at| at.min(soon)));
                    }
                    self.keep_pauses(&event, &reporter);
                    self.check_journal(&event, &reporter);
                    reporter.event(&event);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.keep_session(&reporter);
            let now = self.clock.now();
            match signals.poll(now) {
                Some(Command::Stop(signal)) => self.interrupt(signal, now, &reporter),
                Some(Command::Quit(_)) => break,
                None => {}
            }
            self.keep_limits(now);
            if !self.holds_keys() {
                signals.arm(now);
                if self.give_up_at.is_some_and(|moment| now >= moment) {
                    break;
                }
            }
            let progress = self
                .control
                .progress(now, self.clock.wall(), self.shared.tested());
            reporter.progress(&progress);
        }
        self.conclude(reporter)
    }

    /// The first signal: the workers stop, and the saver hurries.
    fn interrupt(&mut self, signal: Signal, now: Duration, reporter: &Reporter) {
        self.control.interrupt(signal);
        self.give_up_at = Some(now + GRACE);
        // A saver that has ended needs no order.
        let _ = self.orders.try_send(Order::Hurry);
        let held = self.control.held() as u64;
        if held > 0 {
            reporter.warn(format!(
                "WARNING: not saved yet, lost if the program ends now: {}. The search stops, saving goes on; interrupt \
                 again to give up.",
                keys(held)
            ));
        }
    }

    /// Whether a found key is not safe on disk yet: then only a second signal ends the program.
    fn holds_keys(&self) -> bool {
        self.control.held() > 0 || self.shared.keys_in_flight() > 0
    }

    fn conclude(mut self, reporter: Reporter) -> Ending {
        self.shared.stop();
        let seen = self.shared.watch.seen_in_all();
        let mut summary = self.control.summary(self.clock.now(), seen);
        let in_flight = usize::try_from(self.shared.keys_in_flight()).unwrap_or(usize::MAX);
        summary.lost = summary.lost.max(self.control.held() + in_flight);
        self.end_session(&reporter, summary.ending);
        reporter.finish(&summary, self.control.is_interrupted());
        summary.ending
    }

    /// Books gaps and writes a checkpoint if it is time to.
    fn keep_session(&mut self, reporter: &Reporter) {
        let now = Reading::take();
        for gap in self.watch.look(now) {
            self.book(gap, reporter);
        }
        let (control, clock) = (&self.control, &self.clock);
        if let Some(session) = &mut self.session {
            let said = session.tick(now, || control.session_totals(clock.now()));
            said.into_iter().for_each(|line| reporter.warn(line));
        }
    }

    /// Takes a time without search out of all books, and tells it.
    fn book(&mut self, gap: Gap, reporter: &Reporter) {
        if gap.kind == GapKind::Stopped {
            // The clock of the loop stands still while the machine sleeps, and the control knows of pauses itself.
            self.control.skip(gap.length());
            self.shared.skip(gap.length());
        }
        if gap.is_worth_telling() && gap.kind != GapKind::Paused {
            let told = gap.describe(&TimeZone::system());
            reporter.say(format!("Nothing was searched: {told}."));
        }
        if let Some(session) = &mut self.session {
            session.book(gap);
        }
    }

    /// A key must not be announced without a word where the session's journal does not know of it.
    fn check_journal(&mut self, event: &Event, reporter: &Reporter) {
        if !matches!(event, Event::Found(_)) {
            return;
        }
        let session = self.session.as_mut().filter(|s| s.folder().is_some());
        if let Some(said) = session.and_then(|session| session.check_journal()) {
            reporter.warn(said);
        }
    }

    /// The supervisor pauses the search, or lets it go on.
    fn keep_pauses(&mut self, event: &Event, reporter: &Reporter) {
        let now = Reading::take();
        match event {
            Event::Paused(paused) => {
                if let Some(pause) = self.control.pause(self.clock.now(), *paused) {
                    self.shared.skip(pause);
                }
                for gap in self.watch.pause(now, *paused) {
                    self.book(gap, reporter);
                }
            }
            Event::Health(finding) => {
                let why = match finding.step {
                    Step::Paused => Some(format!("{}: {}", finding.verdict, finding.fact)),
                    Step::Resumed => None,
                    _ => return,
                };
                if let Some(session) = &mut self.session {
                    session.pause(now, why);
                }
            }
            _ => {}
        }
    }

    /// Writes the last checkpoint, and says how to go on.
    fn end_session(&mut self, reporter: &Reporter, ending: Ending) {
        let Some(session) = &mut self.session else {
            return;
        };
        let totals = self.control.session_totals(self.clock.now());
        let said = session.end(Reading::take(), totals, ending);
        said.into_iter().for_each(|line| reporter.warn(line));
        let goes_on = matches!(ending, Ending::Interrupted(_) | Ending::Stopped);
        if goes_on && session.folder().is_some() {
            reporter.say(format!(
                "To go on: keygen resume {}",
                session.name().quoted()
            ));
        }
    }

    /// Tells the workers to stop if it is time to.
    fn keep_limits(&mut self, now: Duration) {
        self.control.check_time(now, self.clock.wall());
        if self.control.should_stop() {
            self.shared.stop();
            self.give_up_at.get_or_insert(now + PATIENCE);
        }
    }

    /// Time to wait for events: a tick, or less if a limit comes first.
    fn until_tick(&self) -> Duration {
        if self.control.should_stop() {
            return TICK;
        }
        let elapsed = self.control.elapsed(self.clock.now());
        let left = self.limits.time_left(elapsed, self.clock.wall());
        left.map_or(TICK, |left| left.min(TICK))
    }
}
