//! One process of a simulated night: the whole program but its engines, moved second by second.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crossbeam_channel::bounded;
use jiff::tz::TimeZone;

use super::engine::Arrival;
use crate::app::begin;
use crate::app::event_loop::{EventLoop, Wakeup};
use crate::app::launch::launch_on;
use crate::app::outputs::Files;
use crate::app::search_state::Moment;
use crate::app::session_start::{Plan, plan};
use crate::app::signals::Signals;
use crate::app::simulation::environment::{Flaw, Order, ProcessClock, World};
use crate::app::simulation::setup::Stage;
use crate::clock::Clock;
use crate::config::args::CommandLine;
use crate::config::inputs::Inputs;
use crate::config::{Environment, SearchSettings, searching};
use crate::event::Event;
use crate::exit::Ending;
use crate::health::{ActionTaken, Finding};
use crate::key::{KeyFormat, Store};
use crate::report::outlet::{Message, Outlet, Screen};
use crate::report::{Reporter, Style};
use crate::search::shared::Shared;
use crate::session::announcements::SharedAnnounced;
use crate::session::state::Purpose;
use crate::supervisor::command::Command as Wish;

/// Workers of the search.
pub const WORKERS: usize = 2;

/// Whatever takes longer in real time never comes.
const DEADLINE: Duration = Duration::from_secs(60);

/// Lines that were shown.
#[derive(Clone, Default)]
pub struct Page(pub Arc<Mutex<Vec<String>>>);

impl Screen for Page {
    fn show(&mut self, message: Message) -> io::Result<()> {
        if let Message::Result(line) | Message::Chatter(line) = message {
            self.0.lock().unwrap().push(line);
        }
        Ok(())
    }
}

/// What is shown in all runs.
#[derive(Clone, Default)]
pub struct Pages {
    /// Standard output.
    pub results: Page,
    /// Standard error.
    pub said: Page,
}

/// A process that searches.
pub struct Process {
    world: Arc<World>,
    search: EventLoop,
    stage: Stage,
    waiting: BTreeMap<usize, Arrival>,
    /// Places whose worker was lost, and that have no other yet.
    lost: BTreeSet<usize>,
    /// Restarts in each place.
    restarts: BTreeMap<usize, u32>,
    /// Workers that were told to hang so far, in all.
    hangs: u64,
    /// Candidates of earlier runs.
    pub before: u64,
    _stops: Stops,
}

/// Ends the threads of a search with the process, also where a test fails.
struct Stops(Arc<Shared>);

impl Drop for Stops {
    fn drop(&mut self) {
        self.0.stop();
    }
}

/// What the command line means now, in `folder`.
fn settings(line: &str, folder: &Path, world: &World) -> SearchSettings {
    let words = std::iter::once("keygen").chain(line.split(' '));
    let mut stdin: &[u8] = b"";
    let environment = Environment {
        now: world.time().to_zoned(TimeZone::UTC),
        folder: folder.to_owned(),
        processors: WORKERS,
        stdout_is_terminal: false,
        inputs: Inputs::new(&mut stdin),
        variables: BTreeMap::new(),
        config_file: None,
        service: folder.join("service"),
        notes: Default::default(),
    };
    let line = CommandLine::parse(words).unwrap();
    searching(&line, Purpose::Search, &environment).unwrap()
}

impl Process {
    /// Starts the program with this command line in `folder`, where keys go to `keys` or else to `rescued`.
    pub fn start(line: &str, folder: &Path, world: &Arc<World>, pages: &Pages) -> Self {
        let mut settings = settings(line, folder, world);
        let clock = Arc::new(ProcessClock::new(Arc::clone(world)));
        world.flaws.lock().unwrap().clear();
        world.ready.lock().unwrap().clear();
        let now = world.time().to_zoned(TimeZone::UTC);
        let Ok(Plan::Search(Some(opening))) = plan(&settings, &now) else {
            panic!("the session can't be searched");
        };
        let fallback = vec![folder.join("rescued")];
        let keys = folder.join("keys");
        settings.store = Store::with_fallbacks(&keys, KeyFormat::Text, fallback).unwrap();
        settings.store.probe().unwrap();
        let files = Files::open(&settings.record, Some(&opening.choice)).unwrap();
        let opened = opening.open(clock.reading()).unwrap();
        let session = opened.session.as_deref().unwrap();
        let (announced, before) = (
            session.announced.clone(),
            session.checkpoint.totals.candidates,
        );
        let reporter = reporter(&announced, pages);
        let start = Moment::of(&*clock);
        let (stage, environment, target) = Stage::new(world, clock);
        let search = begin(
            settings,
            opened,
            files,
            reporter,
            &start,
            |settings, all| launch_on(environment, target, settings, all),
        );
        let search = search.unwrap();
        Self {
            world: Arc::clone(world),
            _stops: Stops(Arc::clone(&search.shared)),
            search,
            stage,
            waiting: BTreeMap::new(),
            lost: BTreeSet::new(),
            restarts: BTreeMap::new(),
            hangs: world.hangs.load(Ordering::SeqCst),
            before,
        }
    }

    /// Where the candidates of its engines are counted, also after its end.
    pub fn counter(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.stage.tested)
    }

    /// Candidates of this process, from its engines.
    pub fn tested(&self) -> u64 {
        self.stage.tested.load(Ordering::SeqCst)
    }

    /// The search has reached its limit.
    pub fn is_over(&self) -> bool {
        self.search.shared.is_stopped()
    }

    /// One second of search; `orders` tells what befalls whom.
    pub fn second(&mut self, orders: &[(usize, Order)]) {
        self.gather();
        let waiting = std::mem::take(&mut self.waiting);
        for (worker, arrival) in waiting {
            let order = orders.iter().find(|(to, _)| *to == worker);
            let order = order.map_or(Order::Work, |(_, order)| *order);
            if matches!(order, Order::Panic | Order::Hang) {
                self.lost.insert(worker);
            }
            // A worker that has ended needs no order.
            let _ = arrival.go.send(order);
        }
        self.gather();
        let hangs = orders.iter().filter(|(_, order)| *order == Order::Hang);
        self.hangs += hangs.count() as u64;
        self.wait_until(|process| process.world.hangs.load(Ordering::SeqCst) == process.hangs);
        self.world.pass(1, 0, WORKERS as u64);
        self.look();
    }

    /// Time passes in which the process does nothing; then it looks around.
    pub fn idle(&mut self, awake: u64, asleep: u64) {
        self.gather();
        self.world.pass(awake, asleep, 0);
        self.look();
    }

    /// From now on something is wrong with the worker in a place.
    pub fn spoil(&mut self, worker: usize, flaw: Flaw) {
        self.gather();
        let id = self.waiting[&worker].id;
        let mut flaws = self.world.flaws.lock().unwrap();
        flaws.insert((id.worker, id.generation), flaw);
    }

    /// Waits until all workers wait for their next second.
    fn gather(&mut self) {
        let all = |process: &Self| {
            (1..=WORKERS).all(|w| process.waiting.contains_key(&w) || process.lost.contains(&w))
        };
        while !all(self) && !self.search.shared.is_paused() && !self.is_over() {
            let arrival = self.stage.arrivals.recv_timeout(DEADLINE);
            let arrival = arrival.expect("a worker arrives");
            self.waiting.insert(arrival.id.worker, arrival);
        }
    }

    /// The supervisor looks at the workers, and the loop takes in what happened.
    fn look(&mut self) {
        if !self.is_over() {
            let looks = &self.stage.looks;
            looks.send_timeout(Instant::now(), DEADLINE).unwrap();
            // Whoever answers this has looked.
            let (answer, answered) = bounded(1);
            let full = false;
            self.search
                .commands
                .send(Wish::Check { full, answer })
                .unwrap();
            answered.recv_timeout(DEADLINE).unwrap();
        }
        self.drain();
        self.handle(Wakeup::Tick);
        self.wait_until(|process| {
            process.search.shared.keys_in_flight() == 0
                && process
                    .search
                    .subscribers
                    .history()
                    .is_none_or(|h| h.waiting() == 0)
        });
        self.drain();
        self.await_replacements();
    }

    /// Waits until those are built that take over: on a busy machine many seconds of the night would pass meanwhile.
    fn await_replacements(&self) {
        // The n-th restart of a place makes its n-th generation.
        let last = self.restarts.iter().map(|(worker, n)| (*worker, *n));
        for next in last.filter(|_| !self.is_over()) {
            self.wait_until(|process| process.world.ready.lock().unwrap().contains(&next));
        }
    }

    /// Waits for what other threads do in real time.
    fn wait_until(&self, is_done: impl Fn(&Self) -> bool) {
        let until = Instant::now() + DEADLINE;
        while !is_done(self) {
            assert!(Instant::now() < until, "a thread does not do its part");
            std::thread::yield_now();
        }
    }

    fn drain(&mut self) {
        while let Ok(event) = self.search.events.try_recv() {
            if let Event::Health(Finding {
                worker: Some(worker),
                action: ActionTaken::Restarting { .. },
                ..
            }) = &event
            {
                self.lost.remove(worker);
                *self.restarts.entry(*worker).or_default() += 1;
            }
            self.handle(Wakeup::Event(event));
        }
    }

    fn handle(&mut self, wakeup: Wakeup) {
        let nobody = &mut Signals::default();
        let flow = self.search.handle(wakeup, nobody);
        assert!(flow.is_continue(), "the loop ended by itself");
    }

    /// Whether the program is to restart itself.
    pub fn is_leaving(&self) -> bool {
        self.search.restarts()
    }

    /// The program ends and restarts.
    pub fn leave(self) {
        let Self {
            mut search,
            waiting,
            stage,
            ..
        } = self;
        drop((waiting, stage));
        let mut nobody = Signals::default();
        while search.poll(&mut nobody).is_continue() {}
        search.hand_over(&mut nobody).unwrap();
    }

    /// The process is killed: nothing is written any more. Its threads end, which those of a killed one would not need.
    pub fn kill(self) {
        self.search.shared.stop();
        self.search.subscribers.kill();
    }

    /// The search goes to its end; gives how it ended.
    pub fn end(self) -> Ending {
        let Self {
            search,
            waiting,
            stage,
            ..
        } = self;
        drop((waiting, stage));
        search.run(Signals::default()).unwrap()
    }
}

fn reporter(announced: &SharedAnnounced, pages: &Pages) -> Reporter {
    let outlet =
        |name, page: &Page| Outlet::start(name, Box::new(page.clone()), announced.clone()).unwrap();
    let results = outlet("results", &pages.results);
    Reporter::with_outlets(Style::default(), outlet("said", &pages.said), Some(results))
}
