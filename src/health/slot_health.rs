//! The health of one slot of the pool: its current worker, windows, signs of life, restarts.

use std::collections::VecDeque;
use std::time::Duration;

use super::cards::CardWatch;
use super::judge::Observation;
use super::proof::Proof;
use super::restarts::Allowance;
use super::state::{Score, WorkerState};
use super::thresholds::Thresholds;
use super::verdict::Verdict;
use super::window::WindowBuilder;
use super::window_history::WindowHistory;
use crate::batch::{BatchReport, WorkerId};
use crate::engine::Backend;

/// A worker's thread as seen from outside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ThreadSample {
    /// Beats so far.
    pub beats: u64,
    /// Processor time of its thread, where readable.
    pub processor: Option<Duration>,
    /// Whether it waits for something other than the processor, where readable.
    pub blocked: Option<bool>,
}

/// Why a restart is wanted.
#[derive(Clone, Debug, PartialEq)]
pub struct Cause {
    /// Why.
    pub verdict: Verdict,
    /// Figures for people.
    pub detail: String,
    /// Whether it was reported that the restart waits.
    pub announced: bool,
}

/// One slot of the pool.
#[derive(Clone, Debug)]
pub struct SlotHealth {
    /// The worker in it now.
    pub id: WorkerId,
    /// Its arithmetic.
    pub backend: Backend,
    /// Its state.
    pub state: WorkerState,
    /// Its windows so far.
    pub history: WindowHistory,
    /// The window that is being filled.
    pub builder: WindowBuilder,
    /// Its spot checks.
    pub proof: Proof,
    /// Its score.
    pub score: Score,
    /// The restarts of this slot.
    pub allowance: Allowance,
    /// The restart that waits to be let through.
    pub wanted: Option<Cause>,
    /// Whether it rests, because the pool is smaller than it could be.
    pub resting: bool,
    /// Whether its worker ended because nothing is left to do.
    pub finished: bool,
    /// Whether its worker was abandoned and that thread is still running.
    pub abandoned: bool,
    /// What was last reported of it, and when, so that it is not reported every second.
    pub reported: Option<(Verdict, Duration)>,
    /// How long it took to answer the last ping, once it has.
    pub ping: Option<Duration>,
    /// Bytes of its buffers at the start and now.
    pub buffers: Option<(usize, usize)>,
    /// Its card, if it searches on one.
    pub card: CardWatch,
    refutations: VecDeque<Duration>,
    last: ThreadSample,
    beat_at: Duration,
    at_beat: Option<Duration>,
}

impl SlotHealth {
    /// A slot whose first worker starts now.
    pub fn new(
        worker: usize,
        backend: Backend,
        chance: f64,
        t: &Thresholds,
        now: Duration,
    ) -> Self {
        Self {
            id: WorkerId {
                worker,
                generation: 0,
            },
            backend,
            state: WorkerState::Starting,
            history: WindowHistory::default(),
            builder: WindowBuilder::new(t.window),
            proof: Proof::new(chance, t.silent_expected),
            score: Score::default(),
            allowance: Allowance::default(),
            wanted: None,
            resting: false,
            finished: false,
            abandoned: false,
            reported: None,
            ping: None,
            buffers: None,
            card: CardWatch::default(),
            refutations: VecDeque::new(),
            last: ThreadSample::default(),
            beat_at: now,
            at_beat: None,
        }
    }

    /// Another worker takes over; only the restarts and the card stay with the slot.
    pub fn renew(
        &mut self,
        id: WorkerId,
        backend: Backend,
        chance: f64,
        t: &Thresholds,
        now: Duration,
    ) {
        *self = Self {
            allowance: self.allowance.clone(),
            card: self.card.renewed(),
            ..Self::new(id.worker, backend, chance, t, now)
        };
        self.id = id;
    }

    /// Records refuted hits.
    pub fn refute(&mut self, report: &BatchReport, now: Duration) {
        let refuted = report.hits().refuted.min(16);
        (0..refuted).for_each(|_| self.refutations.push_back(now));
        while self.refutations.len() > 16 {
            self.refutations.pop_front();
        }
    }

    /// Refuted hits within the last `span`.
    pub fn refutations(&self, now: Duration, span: Duration) -> usize {
        self.refutations
            .iter()
            .filter(|at| **at + span >= now)
            .count()
    }

    /// Takes a sample of the thread.
    pub fn sample(&mut self, sample: ThreadSample, now: Duration) {
        let beats = sample.beats != self.last.beats;
        self.last = sample;
        if beats || self.at_beat.is_none() {
            self.at_beat = sample.processor;
        }
        if beats {
            self.beat_at = now;
        }
    }

    /// Time since the last sign of life.
    pub fn beat_age(&self, now: Duration) -> Duration {
        now.saturating_sub(self.beat_at)
    }

    /// A report is a sign of life, too.
    pub fn alive(&mut self, now: Duration) {
        self.beat_at = self.beat_at.max(now);
    }

    /// The clock jumped: ages start over, and what spans the jump is discarded.
    pub fn jump(&mut self, now: Duration) {
        self.beat_at = now;
        self.at_beat = None;
        self.builder.jump();
    }

    /// The pool becomes smaller, and this worker rests.
    pub fn rest(&mut self) {
        self.resting = true;
        self.state = WorkerState::Paused;
    }

    /// It works again.
    pub fn wake(&mut self, now: Duration) {
        self.resting = false;
        self.state = WorkerState::Starting;
        self.jump(now);
    }

    /// The state as it is shown: an abandoned worker is a zombie until its thread ends or another one takes over.
    pub fn shown_state(&self) -> WorkerState {
        if self.abandoned {
            WorkerState::Zombie
        } else {
            self.state
        }
    }

    /// Everything that the judge needs.
    pub fn observation(&self, now: Duration, t: &Thresholds) -> Observation {
        let mean = self.history.mean();
        let burnt = self.last.processor.zip(self.at_beat);
        let seen = Observation {
            jumped: false,
            dead: self.state == WorkerState::Dead,
            beat_age: self.beat_age(now),
            burnt: burnt.map(|(now, then)| now.saturating_sub(then)),
            blocked: self.last.blocked,
            processor_share: mean.processor,
            silence: self.proof.silence(),
            refutations: self.refutations(now, t.refutation_span),
            // nothing else runs on a card: a low rate is its own, and shows in its performance
            rate: mean.rate.filter(|_| self.backend != Backend::OpenCl),
            performance: mean.performance,
            slow_windows: self.history.slow,
            slow_rates: self.history.slow_rates,
        };
        match self.card.slowed_to() {
            // its driver explains what it lacks
            Some(share) => Observation {
                rate: Some(share),
                performance: Some(1.0),
                slow_windows: 0,
                ..seen
            },
            None => seen,
        }
    }

    /// Whether it may be judged: it works, and no restart is on the way.
    pub fn is_judged(&self) -> bool {
        !self.finished
            && self.wanted.is_none()
            && (self.state.works() || self.state == WorkerState::Unresponsive)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    fn slot() -> SlotHealth {
        SlotHealth::new(1, Backend::Portable, 1e-6, &Thresholds::default(), ms(0))
    }

    fn look(beats: u64, processor: u64) -> ThreadSample {
        ThreadSample {
            beats,
            processor: Some(ms(processor)),
            blocked: Some(false),
        }
    }

    #[test]
    fn the_age_of_a_beat_and_the_processor_time_since_it_grow_until_the_next() {
        let (mut slot, t) = (slot(), Thresholds::default());
        slot.sample(look(1, 100), ms(250));
        slot.sample(look(1, 1400), ms(6000));
        let seen = slot.observation(ms(6000), &t);
        assert_eq!((seen.beat_age, seen.burnt), (ms(5750), Some(ms(1300))));
        slot.sample(look(2, 1500), ms(6250));
        let seen = slot.observation(ms(6250), &t);
        assert_eq!((seen.beat_age, seen.burnt), (ms(0), Some(ms(0))));
    }

    #[test]
    fn a_clock_jump_makes_ages_start_over() {
        let (mut slot, t) = (slot(), Thresholds::default());
        slot.sample(look(1, 100), ms(250));
        slot.jump(ms(3_600_000));
        assert_eq!(slot.observation(ms(3_600_000), &t).beat_age, ms(0));
    }

    #[test]
    fn refutations_are_forgotten_after_an_hour() {
        let (mut slot, hour) = (slot(), Duration::from_secs(3600));
        let mut report = crate::health::fixtures::report(slot.id, 10, 1.0);
        report.lanes[0].refuted = 1;
        slot.refute(&report, ms(0));
        slot.refute(&report, hour);
        assert_eq!(slot.refutations(hour, hour), 2);
        assert_eq!(slot.refutations(hour + ms(1), hour), 1);
    }
}
