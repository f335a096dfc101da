//! A night in simulated time: kills, sleep, stops, pauses and a disk that takes nothing; the record agrees with all.

use std::fs;
use std::time::Duration;

use jiff::Timestamp;

use super::checkpoint::{INTERVAL, Outcome, Totals};
use super::definition;
use super::gap::{GapKind, Reading, Watch};
use super::live::Live;
use super::look::look_at;
use super::name::SessionName;
use super::place::StateFolder;
use super::state::State;
use crate::exit::{Ending, LimitKind};

/// Candidates a second.
const RATE: u64 = 1_000_000;

/// What happens in a second of the night.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    /// The process is killed and comes back so many seconds later.
    Kill(u64),
    /// The machine sleeps so long.
    Sleep(u64),
    /// The process is stopped so long.
    Stop(u64),
    /// The search pauses so long.
    Pause(u64),
    /// The state folder takes nothing for so long.
    FullDisk(u64),
}

/// The machine and the program without its arithmetic.
struct Night {
    place: StateFolder,
    live: Option<Live>,
    watch: Watch,
    awake: u64,
    always: u64,
    busy: u64,
    said: Vec<String>,
}

impl Night {
    fn begin(place: StateFolder) -> Self {
        let name = SessionName::parse("night").unwrap();
        let start = reading(0, 0, 0);
        let live = Live::begin(place.clone(), name, definition::tests::sample(), start).unwrap();
        Self {
            place,
            live: Some(live),
            watch: Watch::new(start, Duration::ZERO),
            awake: 0,
            always: 0,
            busy: 0,
            said: Vec::new(),
        }
    }

    fn now(&self) -> Reading {
        reading(self.awake, self.always, self.busy)
    }

    fn totals(&self) -> Totals {
        let working = self.watch.working().as_secs();
        Totals {
            candidates: RATE * working,
            working_seconds: working as f64,
            ..Totals::default()
        }
    }

    /// Time passes; one look of the loop follows.
    fn pass(&mut self, awake: u64, asleep: u64, busy: u64) {
        self.awake += awake;
        self.always += awake + asleep;
        self.busy += busy;
        let now = self.now();
        let gaps = self.watch.look(now);
        let totals = self.totals();
        let live = self.live.as_mut().unwrap();
        gaps.into_iter().for_each(|gap| live.book(gap));
        self.said.extend(live.tick(now, || totals));
    }

    fn search(&mut self, seconds: u64) {
        (0..seconds).for_each(|_| self.pass(1, 0, 2));
    }

    fn befall(&mut self, fault: Fault) {
        match fault {
            Fault::Kill(gone) => self.kill(gone),
            Fault::Sleep(seconds) => self.pass(0, seconds, 0),
            Fault::Stop(seconds) => self.pass(seconds, 0, 0),
            Fault::Pause(seconds) => self.pause(seconds),
            Fault::FullDisk(seconds) => self.full_disk(seconds),
        }
    }

    fn kill(&mut self, gone: u64) {
        self.live = None;
        self.awake += gone;
        self.always += gone;
        let seen = look_at(&self.place, "night", self.now().wall).unwrap();
        assert_eq!(seen.state, State::Interrupted);
        let definition = seen.definition.clone();
        let (live, _) = Live::resume(self.place.clone(), seen, definition, self.now()).unwrap();
        let working = Duration::from_secs_f64(live.totals().working_seconds);
        self.watch = Watch::new(self.now(), working);
        self.live = Some(live);
    }

    fn pause(&mut self, seconds: u64) {
        for paused in [true, false] {
            let now = self.now();
            for gap in self.watch.pause(now, paused) {
                self.live.as_mut().unwrap().book(gap);
            }
            let why = paused.then(|| "disk-low".to_owned());
            self.live.as_mut().unwrap().pause(now, why);
            if paused {
                (0..seconds).for_each(|_| self.pass(1, 0, 0));
            }
        }
    }

    /// A folder in the way of the draft of a checkpoint stands in for a disk that takes nothing.
    fn full_disk(&mut self, seconds: u64) {
        let folder = self.live.as_ref().unwrap().folder().unwrap().to_owned();
        let draft = folder.join("checkpoint.new");
        fs::create_dir(&draft).unwrap();
        self.search(seconds);
        fs::remove_dir(&draft).unwrap();
    }
}

fn reading(awake: u64, always: u64, busy: u64) -> Reading {
    Reading {
        awake: Duration::from_secs(awake),
        always: Duration::from_secs(always),
        wall: Timestamp::from_second(1_800_000_000 + always as i64).unwrap(),
        busy: Some(Duration::from_secs(busy)),
    }
}

#[test]
fn the_record_of_a_night_agrees_with_what_befell_it() {
    let top = tempfile::tempdir().unwrap();
    let place = StateFolder::choose(Some(top.path()), None, None).unwrap();
    let mut night = Night::begin(place.clone());
    let faults = [
        Fault::Kill(120),
        Fault::Sleep(3600),
        Fault::Stop(600),
        Fault::Pause(300),
        Fault::FullDisk(60),
        Fault::Kill(7),
        Fault::Stop(3),
        Fault::Sleep(1800),
        Fault::Kill(3),
    ];
    let mut searched = 0;
    for fault in faults {
        night.search(2000);
        searched += 2000;
        night.befall(fault);
        if let Fault::FullDisk(seconds) = fault {
            searched += seconds;
        }
    }
    night.search(1000);
    searched += 1000;
    let (now, totals) = (night.now(), night.totals());
    let ending = Ending::Limit(LimitKind::Time);
    assert!(
        night
            .live
            .as_mut()
            .unwrap()
            .end(now, totals, ending)
            .is_empty()
    );
    night.live = None;
    let seen = look_at(&place, "night", now.wall).unwrap();
    assert_eq!(seen.state, State::Finished(Outcome::Time));
    let kills = faults
        .iter()
        .filter(|f| matches!(f, Fault::Kill(_)))
        .count() as u64;
    assert_eq!(u64::from(seen.checkpoint.run), 1 + kills);
    let lost = searched as f64 - seen.checkpoint.totals.working_seconds;
    let most = (kills * INTERVAL.as_secs()) as f64;
    assert!(
        (0.0..=most).contains(&lost),
        "a kill costs at most ten seconds: {lost}"
    );
    assert_eq!(
        seen.checkpoint.totals.candidates,
        RATE * seen.checkpoint.totals.working_seconds as u64
    );
    let gaps = |kind| {
        let of = seen
            .checkpoint
            .gaps
            .latest
            .iter()
            .filter(|gap| gap.kind == kind);
        of.map(|gap| gap.length().as_secs()).collect::<Vec<_>>()
    };
    assert_eq!(gaps(GapKind::Asleep), [3600, 1800]);
    // The stop of three seconds is no working time, and too short to be told.
    assert_eq!(gaps(GapKind::Stopped), [600]);
    assert_eq!(gaps(GapKind::Paused), [300]);
    let gone = gaps(GapKind::ProcessGone);
    assert!(
        gone[0] >= 120 && gone[0] <= 130 && gone.len() >= 2,
        "{gone:?}"
    );
    let told = |part: &str| night.said.iter().filter(|line| line.contains(part)).count();
    assert_eq!(
        (told("can't be written"), told("written to disk again")),
        (1, 1),
        "{:?}",
        night.said
    );
}
