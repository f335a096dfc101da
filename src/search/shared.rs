//! What the threads of a search share: flags and counters, each that is written often on a cache line of its own.

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU8, AtomicU64, Ordering};
use std::time::Duration;

use super::pacing::CalibrationPlan;
use super::target::Retarget;
use super::watchlist_counters::WatchlistCounters;
use crate::blind::Starts;

/// Keeps its content on cache lines of its own (two of 64 bytes: processors fetch them in pairs).
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct Padded<T>(pub T);

/// A worker's sign of life, and the flag that ends this worker alone.
#[derive(Debug, Default)]
#[repr(align(128))]
pub struct Heartbeat {
    beats: AtomicU64,
    stop: AtomicBool,
    thread: AtomicI32,
    /// Bits 0 to 2: the fields of [`WorkerRequests`] in order.
    requests: AtomicU8,
    resting: AtomicBool,
    asked_at: AtomicU64,
    ping: AtomicU64,
}

/// What a worker is asked to do between two sweeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WorkerRequests {
    /// Take calibration samples close together for a second.
    pub calibrate: bool,
    /// Answer, and compute known answers.
    pub check: bool,
    /// Drop and rebuild buffers.
    pub reclaim: bool,
}

impl Heartbeat {
    /// Beats once; called by the worker after every sweep.
    pub fn beat(&self) {
        self.beats.fetch_add(1, Ordering::Relaxed);
    }

    /// Number of beats so far.
    pub fn beats(&self) -> u64 {
        self.beats.load(Ordering::Relaxed)
    }

    /// Asks this worker to end after its sweep.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Adds requests to those that are not done yet.
    pub fn ask(&self, requests: WorkerRequests) {
        let WorkerRequests {
            calibrate,
            check,
            reclaim,
        } = requests;
        let bits = u8::from(calibrate) | u8::from(check) << 1 | u8::from(reclaim) << 2;
        self.requests.fetch_or(bits, Ordering::Release);
    }

    /// Asks for a sign of life between two sweeps, and for known answers; the time of the answer is noted.
    pub fn ask_ping(&self, now: Duration) {
        self.ping.store(0, Ordering::Relaxed);
        self.asked_at.store(nanoseconds(now), Ordering::Relaxed);
        self.ask(WorkerRequests {
            check: true,
            ..WorkerRequests::default()
        });
    }

    /// Answers; called by the worker between two sweeps.
    pub fn answer(&self, now: Duration) {
        let asked = self.asked_at.load(Ordering::Relaxed);
        let ping = nanoseconds(now).saturating_sub(asked).max(1);
        self.ping.store(ping, Ordering::Relaxed);
    }

    /// The time from the last question to its answer, once that has come.
    pub fn ping(&self) -> Option<Duration> {
        let ping = self.ping.load(Ordering::Relaxed);
        (ping > 0).then(|| Duration::from_nanos(ping))
    }

    /// Lets this worker rest after its sweep, or work again.
    pub fn set_resting(&self, resting: bool) {
        self.resting.store(resting, Ordering::Relaxed);
    }

    /// Whether this worker is to rest.
    pub fn is_resting(&self) -> bool {
        self.resting.load(Ordering::Relaxed)
    }

    /// Takes the requests that were asked for; called by the worker between two sweeps.
    pub fn take_requests(&self) -> Option<WorkerRequests> {
        if self.requests.load(Ordering::Acquire) == 0 {
            return None;
        }
        let bits = self.requests.swap(0, Ordering::Acquire);
        Some(WorkerRequests {
            calibrate: bits & 1 != 0,
            check: bits & 2 != 0,
            reclaim: bits & 4 != 0,
        })
    }

    /// Sets the system's number of the worker's thread.
    pub fn set_thread(&self, number: i32) {
        self.thread.store(number, Ordering::Relaxed);
    }

    /// The system's number of the worker's thread, once it runs.
    pub fn thread(&self) -> Option<i32> {
        Some(self.thread.load(Ordering::Relaxed)).filter(|number| *number != 0)
    }

    /// Whether this worker was asked to end.
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// What all threads of a search share.
#[derive(Debug, Default)]
pub struct Shared {
    stop: Padded<AtomicBool>,
    paused: Padded<AtomicBool>,
    unsupervised: Padded<AtomicBool>,
    tested: Padded<AtomicU64>,
    budget: Option<Padded<AtomicU64>>,
    in_flight: AtomicU64,
    /// Working time of earlier runs.
    before: Duration,
    /// Nanoseconds since the start in which nothing was searched.
    idle: AtomicU64,
    /// Counts of the watchlist's lines.
    pub watch: WatchlistCounters,
    /// Where lanes search from.
    pub(crate) starts: Starts,
    /// When workers take calibration samples.
    pub rhythm: CalibrationPlan,
    /// What workers look for once less is wanted than at the start.
    pub(crate) retarget: Padded<Retarget>,
}

impl Shared {
    /// The common state of a search that ends after `candidates`, if given.
    pub fn new(candidates: Option<u64>, watch: WatchlistCounters) -> Self {
        Self {
            budget: candidates.map(|n| Padded(AtomicU64::new(n))),
            watch,
            ..Self::default()
        }
    }

    /// The same after earlier runs, which tested so many candidates in so much working time.
    #[must_use]
    pub fn after(mut self, candidates: u64, working: Duration) -> Self {
        self.before = working;
        self.count(candidates);
        self
    }

    /// Sets the time since the start in which nothing was searched.
    pub fn set_idle(&self, idle: Duration) {
        self.idle.store(nanoseconds(idle), Ordering::Relaxed);
    }

    /// The working time of all runs at this time since the start of this one.
    pub fn working(&self, since_start: Duration) -> Duration {
        let idle = Duration::from_nanos(self.idle.load(Ordering::Relaxed));
        self.before + since_start.saturating_sub(idle)
    }

    /// Asks all workers to end after their sweep.
    pub fn stop(&self) {
        self.stop.0.store(true, Ordering::Relaxed);
    }

    /// Whether the workers were asked to end.
    pub fn is_stopped(&self) -> bool {
        self.stop.0.load(Ordering::Relaxed)
    }

    /// Asks all workers to pause after their sweep, or to resume.
    pub fn set_paused(&self, paused: bool) {
        self.paused.0.store(paused, Ordering::Relaxed);
    }

    /// Switches supervision on and off, to measure its cost: calibration, recomputed spot checks, requests, samples and
    /// judgement. Workers still report.
    pub fn set_supervised(&self, supervised: bool) {
        self.unsupervised.0.store(!supervised, Ordering::Relaxed);
    }

    /// Whether supervision is on, as it is but for measurements.
    pub fn is_supervised(&self) -> bool {
        !self.unsupervised.0.load(Ordering::Relaxed)
    }

    /// Whether the workers were asked to pause.
    pub fn is_paused(&self) -> bool {
        self.paused.0.load(Ordering::Relaxed)
    }

    /// Takes up to `sweep` candidates out of the budget before they are tested; false if none are left.
    ///
    /// Only the last sweep of all workers together may find less than it tests, so that the number tested exceeds
    /// the budget by less than one sweep.
    pub fn claim(&self, sweep: u64) -> bool {
        let Some(budget) = &self.budget else {
            return true;
        };
        let take = |left: u64| (left > 0).then(|| left.saturating_sub(sweep));
        (budget.0)
            .try_update(Ordering::Relaxed, Ordering::Relaxed, take)
            .is_ok()
    }

    /// Counts candidates that were tested.
    pub fn count(&self, candidates: u64) {
        self.tested.0.fetch_add(candidates, Ordering::Relaxed);
    }

    /// A key leaves a worker for the saver.
    pub fn key_departs(&self) {
        self.in_flight.fetch_add(1, Ordering::SeqCst);
    }

    /// The saver is done with a key, or it could not be handed over.
    pub fn key_arrives(&self) {
        self.in_flight.fetch_sub(1, Ordering::SeqCst);
    }

    /// Keys between a worker and their files: the program must not end while there are any, unless told to.
    pub fn keys_in_flight(&self) -> u64 {
        self.in_flight.load(Ordering::SeqCst)
    }

    /// Candidates that all workers have tested so far.
    pub fn tested(&self) -> u64 {
        self.tested.0.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_of_different_threads_lie_on_different_cache_lines() {
        assert_eq!(align_of::<Heartbeat>(), 128);
        assert_eq!(align_of::<Padded<AtomicU64>>(), 128);
    }

    #[test]
    fn a_ping_is_the_time_from_the_question_to_the_answer() {
        let heartbeat = Heartbeat::default();
        heartbeat.ask_ping(Duration::from_millis(100));
        assert_eq!(heartbeat.ping(), None);
        assert!(
            heartbeat
                .take_requests()
                .is_some_and(|requests| requests.check)
        );
        heartbeat.answer(Duration::from_millis(103));
        assert_eq!(heartbeat.ping(), Some(Duration::from_millis(3)));
    }

    #[test]
    fn a_budget_is_exceeded_by_less_than_a_sweep() {
        let shared = Shared::new(Some(250), WatchlistCounters::default());
        let claims = (0..10).filter(|_| shared.claim(100)).count();
        assert_eq!(claims, 3);
    }

    #[test]
    fn without_a_budget_every_sweep_is_granted() {
        let shared = Shared::new(None, WatchlistCounters::default());
        assert!((0..1000).all(|_| shared.claim(u64::MAX)));
    }
}
