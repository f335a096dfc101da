//! A night in simulated time through the whole program but its arithmetic: faults, sleep, full disks and kills; what is
//! on record in the morning agrees with what befell it.
#![cfg(unix)]

pub mod assertions;
mod engine;
pub mod environment;
mod process;
pub mod setup;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use self::engine::{SWEEP, SWEEPS};
use self::process::{Pages, Process, WORKERS};
use crate::app::simulation::environment::{Flaw, Order, World};
use crate::exit::Ending;
use crate::session::checkpoint::INTERVAL;
use crate::session::inspect::{Look, look_at};
use crate::session::place::StateFolder;

/// Time between two keys.
const KEY_EVERY: u64 = 617;

/// What befalls the night.
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// A worker panics.
    Panic(usize),
    /// A worker hangs.
    Hang(usize),
    /// A worker becomes slow, or wrong.
    Spoil(usize, Flaw),
    /// The machine sleeps.
    Sleep(u64),
    /// The process is stopped.
    Stop(u64),
    /// The disk for keys is full, so long.
    DiskLow(u64),
    /// The folder for keys is gone, so long.
    KeysGone(u64),
    /// The session's folder takes nothing, so long.
    StateFull(u64),
    /// The process is killed, and started again so much later.
    Kill(u64),
}

/// The night, in its folder.
struct Night {
    folder: PathBuf,
    line: String,
    world: Arc<World>,
    pages: Pages,
    process: Option<Process>,
    /// Seconds that workers searched.
    searched: u64,
    /// What kills cost, candidates.
    lost: u64,
    /// How often the program restarted itself.
    restarts: usize,
}

impl Night {
    fn begin(folder: &Path, hours: u64) -> Self {
        let place = folder.display();
        let line = format!(
            "--session night --prefix F8A1B2C3D4 --time {hours} -n all --state-dir {place}/state --output {place}/keys \
             --events {place}/events.jsonl"
        );
        let mut night = Self {
            folder: folder.to_owned(),
            line,
            world: Arc::new(World::new()),
            pages: Pages::default(),
            process: None,
            searched: 0,
            lost: 0,
            restarts: 0,
        };
        night.start();
        night
    }

    fn start(&mut self) {
        let process = Process::start(&self.line, &self.folder, &self.world, &self.pages);
        self.process = Some(process);
    }

    fn process(&mut self) -> &mut Process {
        self.process.as_mut().unwrap()
    }

    fn search(&mut self, seconds: u64) {
        for _ in 0..seconds {
            self.second(&[]);
        }
    }

    fn second(&mut self, orders: &[(usize, Order)]) {
        if self.process().is_over() {
            return;
        }
        self.searched += 1;
        let key = self.searched.is_multiple_of(KEY_EVERY);
        let finder = 1 + (self.searched / KEY_EVERY) as usize % WORKERS;
        let find = [(finder, Order::Find)];
        let orders = if orders.is_empty() && key {
            &find
        } else {
            orders
        };
        self.process().second(orders);
        if self.process().is_leaving() {
            let process = self.process.take().unwrap();
            let (before, tested) = (process.before, process.counter());
            process.leave();
            self.start();
            let lost = before + tested.load(Ordering::SeqCst) - self.process().before;
            // What a worker had not reported yet when it hung.
            assert!(lost <= 2 * u64::from(SWEEPS) * SWEEP, "{lost}");
            self.lost += lost;
            self.restarts += 1;
        }
    }

    fn befall(&mut self, fault: Fault) {
        match fault {
            Fault::Panic(worker) => self.second(&[(worker, Order::Panic)]),
            Fault::Hang(worker) => self.second(&[(worker, Order::Hang)]),
            Fault::Spoil(worker, flaw) => self.process().spoil(worker, flaw),
            Fault::Sleep(seconds) => self.process().idle(0, seconds),
            Fault::Stop(seconds) => self.process().idle(seconds, 0),
            Fault::DiskLow(seconds) => self.disk_low(seconds),
            Fault::KeysGone(seconds) => self.without(&self.folder.join("keys"), seconds),
            Fault::StateFull(seconds) => self.state_full(seconds),
            Fault::Kill(gone) => self.kill(gone),
        }
    }

    fn disk_low(&mut self, seconds: u64) {
        self.world.free.store(32 << 20, Ordering::SeqCst);
        for _ in 0..seconds {
            self.process().second(&[]);
        }
        self.world.free.store(1 << 40, Ordering::SeqCst);
    }

    /// A file takes the place of a folder.
    fn without(&mut self, folder: &Path, seconds: u64) {
        let aside = folder.with_extension("aside");
        fs::rename(folder, &aside).unwrap();
        fs::write(folder, "").unwrap();
        self.search(seconds);
        fs::remove_file(folder).unwrap();
        fs::rename(&aside, folder).unwrap();
    }

    /// A folder in the way of the draft of a checkpoint stands in for a disk that takes nothing.
    fn state_full(&mut self, seconds: u64) {
        let draft = self.look().folder.join("checkpoint.new");
        fs::create_dir(&draft).unwrap();
        self.search(seconds);
        fs::remove_dir(&draft).unwrap();
    }

    fn kill(&mut self, gone: u64) {
        let process = self.process.take().unwrap();
        let total = process.before + process.tested();
        process.kill();
        self.world.pass(gone, 0, 0);
        self.start();
        let lost = total - self.process().before;
        let second = WORKERS as u64 * u64::from(SWEEPS) * SWEEP;
        assert!(lost <= (INTERVAL.as_secs() + 1) * second, "{lost}");
        self.lost += lost;
    }

    /// To the limit of time.
    fn end(&mut self) -> (Ending, u64) {
        while !self.process().is_over() {
            self.second(&[]);
        }
        let process = self.process.take().unwrap();
        let (before, tested) = (process.before, process.counter());
        let ending = process.end();
        (ending, before + tested.load(Ordering::SeqCst))
    }

    fn look(&self) -> Look {
        let state = self.folder.join("state");
        let place = StateFolder::choose(Some(&state), None, None).unwrap();
        look_at(&place, "night", self.world.time()).unwrap()
    }
}

/// Seconds of search before each fault.
const STORY: [(u64, Fault); 13] = [
    (1000, Fault::Panic(1)),
    (1500, Fault::Hang(2)),
    (1500, Fault::Spoil(1, Flaw::Slow)),
    (1500, Fault::Sleep(3600)),
    (1500, Fault::Stop(600)),
    (1500, Fault::DiskLow(300)),
    (1000, Fault::Kill(120)),
    (1500, Fault::StateFull(60)),
    (1500, Fault::KeysGone(700)),
    (1500, Fault::Spoil(2, Flaw::Wrong)),
    (2000, Fault::Kill(7)),
    (2000, Fault::Panic(2)),
    (2000, Fault::Hang(1)),
];

/// Kills, and hangs: with one of two workers abandoned the program restarts itself.
const KILLS: u32 = 2;
const HANGS: u32 = 2;

#[test]
fn the_record_in_the_morning_agrees_with_what_befell_the_night() {
    let folder = tempfile::tempdir().unwrap();
    let mut night = Night::begin(folder.path(), 8);
    for (seconds, fault) in STORY {
        night.search(seconds);
        night.befall(fault);
    }
    let (ending, counted) = night.end();
    // All keys that there were, of which some had to go elsewhere.
    assert_eq!(ending, Ending::FoundInFallback);
    let said = night.pages.said.0.lock().unwrap().join("\n");
    let look = night.look();
    assertions::totals(&look, &night, counted);
    assertions::gaps(&look);
    assertions::restarts(&look);
    assertions::keys(&look, &night);
    #[cfg(feature = "history")]
    assertions::history(&folder.path().join("state/history.db"), &look);
    assertions::events(&folder.path().join("events.jsonl"));
    for (part, times) in [
        ("can't be written", 1),
        ("written to disk again", 1),
        ("Restarting the program", 2),
    ] {
        assert_eq!(said.matches(part).count(), times, "{part}");
    }
}
