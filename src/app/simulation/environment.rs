//! The machine of a simulated night: its clocks, its free space, and what befalls its workers.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;

use crate::batch::WorkerId;
use crate::clock::Clock;
use crate::clock::reading::Reading;
use crate::health::probe::{Probe, Readings, Space};
use crate::key::PublicKey;

thread_local! {
    /// How far this worker's thread is ahead of the machine: the second that it works through at once.
    static AHEAD: Cell<Duration> = const { Cell::new(Duration::ZERO) };
    /// Processor time of this thread.
    static USED: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// What a worker does in the next second.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Order {
    /// It searches.
    #[default]
    Work,
    /// It searches and finds a key.
    Find,
    /// It panics.
    Panic,
    /// It blocks for ever.
    Hang,
}

/// What is wrong with a worker until it is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Its arithmetic takes twice the processor time.
    Slow,
    /// Its arithmetic flips a bit of every candidate.
    Wrong,
}

/// The machine, and the truth about what happened on it.
pub struct World {
    begin: Timestamp,
    awake: AtomicU64,
    asleep: AtomicU64,
    busy: AtomicU64,
    /// Bytes that are free where keys go.
    pub free: AtomicU64,
    /// Workers that hang by now, in all.
    pub hangs: AtomicU64,
    /// Workers of this process that have all their starts, by place and generation.
    pub ready: Mutex<BTreeSet<(usize, u32)>>,
    /// Keys that engines have found, in order.
    pub found: Mutex<Vec<PublicKey>>,
    /// What is wrong with whom.
    pub flaws: Mutex<BTreeMap<(usize, u32), Flaw>>,
}

impl World {
    /// A machine on which all is well.
    pub fn new() -> Self {
        Self {
            begin: Timestamp::from_second(Timestamp::now().as_second()).unwrap(),
            awake: AtomicU64::new(1),
            asleep: AtomicU64::new(0),
            busy: AtomicU64::new(0),
            free: AtomicU64::new(1 << 40),
            hangs: AtomicU64::new(0),
            ready: Mutex::default(),
            found: Mutex::default(),
            flaws: Mutex::default(),
        }
    }

    /// So many seconds pass, awake and asleep, in which the process uses so many of a processor's.
    pub fn pass(&self, awake: u64, asleep: u64, busy: u64) {
        self.awake.fetch_add(awake, Ordering::SeqCst);
        self.asleep.fetch_add(asleep, Ordering::SeqCst);
        self.busy.fetch_add(busy, Ordering::SeqCst);
    }

    /// A worker's thread begins the second in which the machine is.
    pub fn begin_second(&self) {
        AHEAD.set(Duration::ZERO);
    }

    /// A worker's thread works for so long.
    pub fn work(&self, time: Duration) {
        AHEAD.set(AHEAD.get() + time);
        USED.set(USED.get() + time);
    }

    /// The clock that stands still while the machine sleeps, as this thread sees it.
    fn awake(&self) -> Duration {
        seconds(&self.awake) + AHEAD.get()
    }

    /// The time of day.
    pub fn time(&self) -> Timestamp {
        self.begin + self.awake() + seconds(&self.asleep)
    }

    /// What is wrong with a worker.
    pub fn flaw(&self, id: WorkerId) -> Option<Flaw> {
        let flaws = self.flaws.lock().unwrap();
        flaws.get(&(id.worker, id.generation)).copied()
    }
}

fn seconds(of: &AtomicU64) -> Duration {
    Duration::from_secs(of.load(Ordering::SeqCst))
}

/// The clocks as a process sees them that begins now.
pub struct ProcessClock {
    world: Arc<World>,
    origin: Duration,
}

impl ProcessClock {
    /// A clock that stands at zero.
    pub fn new(world: Arc<World>) -> Self {
        let origin = world.awake();
        Self { world, origin }
    }
}

impl Clock for ProcessClock {
    fn now(&self) -> Duration {
        self.world.awake() - self.origin
    }

    fn wall(&self) -> SystemTime {
        SystemTime::from(self.world.time())
    }

    fn reading(&self) -> Reading {
        Reading {
            awake: self.world.awake(),
            always: self.world.awake() + seconds(&self.world.asleep),
            wall: self.world.time(),
            busy: Some(seconds(&self.world.busy)),
        }
    }

    fn timestamp(&self) -> Timestamp {
        self.world.time()
    }

    fn thread_time(&self) -> Option<Duration> {
        Some(USED.get())
    }
}

/// What is read of the machine.
pub struct WorldProbe(pub Arc<World>);

impl Probe for WorldProbe {
    fn resident(&mut self) -> Option<u64> {
        Some(30_000_000)
    }

    fn read(&mut self) -> Readings {
        Readings {
            resident: self.resident(),
            disk: self.disk(),
            ..Readings::default()
        }
    }

    fn disk(&mut self) -> Option<Space> {
        let free = self.0.free.load(Ordering::SeqCst);
        Some(Space {
            total: 1 << 41,
            free,
        })
    }
}
