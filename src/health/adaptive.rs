//! An adaptive pool: lets workers rest while other programs need the processor, and wakes them again, without flapping.

use std::time::Duration;

use super::detail;
use super::monitor::Monitor;
use super::slot_health::SlotHealth;
use super::state::WorkerState;
use super::thresholds::{Band, Thresholds};
use super::verdict::{ActionTaken, Decision, Verdict, report};
use crate::engine::Backend;

/// How often the wait before growing doubles at most.
const DOUBLINGS: u32 = 4;

/// What to do about the size of the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// One worker fewer.
    Shrink,
    /// One worker more.
    Grow,
}

/// Decides about the size of a pool.
#[derive(Clone, Debug, Default)]
pub(crate) struct Adaptive {
    contended_since: Option<Duration>,
    calm_since: Option<Duration>,
    grown_at: Option<Duration>,
    doublings: u32,
}

impl Adaptive {
    /// Takes that `working` workers together lack `missing` cores of processor time; nothing follows if that is unknown.
    pub(crate) fn update(
        &mut self,
        working: usize,
        missing: Option<f64>,
        band: Band,
        t: &Thresholds,
        now: Duration,
    ) -> Option<Change> {
        let missing = missing?;
        let since = |flag: bool, since: &mut Option<Duration>| {
            *since = flag.then(|| since.unwrap_or(now));
            since.map(|at| now.saturating_sub(at))
        };
        let contended = since(missing >= t.shrink_missing, &mut self.contended_since);
        let calm = since(missing <= t.grow_missing, &mut self.calm_since);
        let wait = self.wait(t);
        if working > band.least && contended.is_some_and(|time| time >= t.shrink_after) {
            self.shrunk(wait, now);
            return Some(Change::Shrink);
        }
        if calm.is_some_and(|time| time >= wait) && self.grown_at.is_some() {
            (self.doublings, self.grown_at) = (0, None);
        }
        if working < band.most && calm.is_some_and(|time| time >= wait) {
            self.restart();
            self.grown_at = Some(now);
            return Some(Change::Grow);
        }
        None
    }

    /// A worker that woke and soon had to rest again woke too early: the next one waits twice as long.
    fn shrunk(&mut self, wait: Duration, now: Duration) {
        let early = self.grown_at.take().is_some_and(|at| now < at + wait);
        if early {
            self.doublings = (self.doublings + 1).min(DOUBLINGS);
        }
        self.restart();
    }

    fn restart(&mut self) {
        (self.contended_since, self.calm_since) = (None, None);
    }

    fn wait(&self, t: &Thresholds) -> Duration {
        t.grow_after * 2u32.pow(self.doublings)
    }
}

impl Monitor {
    /// Whether the pool should change its size, and which worker rests or wakes for it.
    pub(super) fn adapt(&mut self, now: Duration) -> Vec<Decision> {
        let Some(band) = self.t.adaptive.filter(|_| self.watched.judging) else {
            return Vec::new();
        };
        let paused = |slot: &SlotHealth| slot.state == WorkerState::Paused && !slot.resting;
        if self.on_processors().any(paused) {
            return Vec::new();
        }
        let working = self
            .on_processors()
            .filter(|slot| slot.state.works())
            .count();
        let missing = self.missing();
        match self.adaptive.update(working, missing, band, &self.t, now) {
            Some(Change::Shrink) => self.rest_one(working - 1, missing),
            Some(Change::Grow) => self.wake_one(working + 1, now),
            None => Vec::new(),
        }
    }

    /// The workers that need a processor: a card stays whatever other programs need.
    fn on_processors(&self) -> impl Iterator<Item = &SlotHealth> {
        let needs = |slot: &&SlotHealth| slot.backend != Backend::OpenCl;
        self.slots.iter().filter(needs)
    }

    /// Cores that the working workers lack; unknown while any of them is too new.
    fn missing(&self) -> Option<f64> {
        let working = self.on_processors().filter(|slot| slot.state.works());
        working
            .map(|slot| Some((1.0 - slot.history.mean().processor?).max(0.0)))
            .sum()
    }

    fn rest_one(&mut self, workers: usize, missing: Option<f64>) -> Vec<Decision> {
        let works = |slot: &SlotHealth| slot.state.works() && slot.backend != Backend::OpenCl;
        let Some(index) = self.slots.iter().rposition(works) else {
            return Vec::new();
        };
        self.slots[index].rest();
        self.account.noticed(Verdict::Contention);
        let detail = detail::missing(missing.unwrap_or(0.0), &self.readings);
        self.resized(workers, detail, index, true)
    }

    fn wake_one(&mut self, workers: usize, now: Duration) -> Vec<Decision> {
        let Some(index) = self.slots.iter().position(|slot| slot.resting) else {
            return Vec::new();
        };
        self.slots[index].wake(now);
        let detail = "other programs need less of the processor again".to_owned();
        self.resized(workers, detail, index, false)
    }

    /// What follows when a worker rests or wakes. Windows of another number of workers can't be compared.
    fn resized(
        &mut self,
        workers: usize,
        detail: String,
        index: usize,
        rest: bool,
    ) -> Vec<Decision> {
        self.slots.iter_mut().for_each(|slot| slot.history.reset());
        let action = ActionTaken::Resized { workers };
        let worker = index + 1;
        vec![
            report(Verdict::Contention, None, detail, action),
            Decision::Rest { worker, rest },
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BAND: Band = Band { least: 1, most: 4 };

    /// The changes in so many seconds on a machine of four cores, of which others take `taken` at a second.
    fn changes(
        seconds: u64,
        workers: &mut usize,
        taken: impl Fn(u64) -> f64,
    ) -> Vec<(u64, Change)> {
        let (mut adaptive, t) = (Adaptive::default(), Thresholds::default());
        let (mut changes, mut known_from) = (Vec::new(), 0);
        for second in 0..seconds {
            let free = (4.0 - taken(second)).max(0.0);
            let missing = (*workers as f64 - free).max(0.0);
            let missing = (second >= known_from).then_some(missing);
            let now = Duration::from_secs(second);
            if let Some(change) = adaptive.update(*workers, missing, BAND, &t, now) {
                match change {
                    Change::Shrink => *workers -= 1,
                    Change::Grow => *workers += 1,
                }
                known_from = second + 4;
                changes.push((second, change));
            }
        }
        changes
    }

    #[test]
    fn it_shrinks_under_contention_one_by_one_and_never_below_the_least() {
        let mut workers = 4;
        let seen = changes(600, &mut workers, |_| 4.0);
        assert_eq!(workers, 1);
        let at: Vec<u64> = seen.iter().map(|(second, _)| *second).collect();
        assert_eq!(at, [10, 24, 38]);
    }

    #[test]
    fn it_grows_back_when_the_others_are_gone() {
        let mut workers = 4;
        changes(1200, &mut workers, |s| if s < 120 { 2.0 } else { 0.0 });
        assert_eq!(workers, 4);
    }

    #[test]
    fn a_competitor_that_stays_is_tried_again_and_again_but_ever_more_seldom() {
        let mut workers = 4;
        let day = 24 * 3600;
        let seen = changes(day, &mut workers, |_| 1.0);
        let late = seen.iter().filter(|(second, _)| *second > day / 2).count() as u64;
        assert!(late <= 2 * (day / 2) / (16 * 60) + 2, "{late} changes");
        assert!((3..=4).contains(&workers));
    }

    #[test]
    fn short_bursts_and_small_losses_change_nothing() {
        let mut workers = 4;
        let bursts = |s: u64| if s % 60 < 9 { 3.0 } else { 0.4 };
        assert_eq!(changes(36_000, &mut workers, bursts), []);
    }

    #[test]
    fn what_is_not_known_changes_nothing() {
        let (mut adaptive, t) = (Adaptive::default(), Thresholds::default());
        for second in 0..1000 {
            let now = Duration::from_secs(second);
            assert_eq!(adaptive.update(2, None, BAND, &t, now), None);
        }
    }
}
