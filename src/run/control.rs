//! What the loop knows of a running search: totals, whether it should stop, and how it ended; no threads, no output.

use std::time::{Duration, SystemTime};

use super::limits::Limits;
use super::meter::Meter;
use crate::event::{Event, Found, FoundKind, SaverEnd};
use crate::exit::{Ending, LimitKind, Signal};
use crate::report::odds::Odds;
use crate::report::progress::Progress;
use crate::report::summary::Summary;
use crate::search::batch::BatchReport;
use crate::search::pool::WorkerEnd;

/// The state of a search, moved by events, time and signals.
#[derive(Debug)]
pub struct Control {
    limits: Limits,
    canary_chance: f64,
    started: Duration,
    workers_done: Option<Duration>,
    paused_since: Option<Duration>,
    paused: Duration,
    meter: Meter,
    ending: Option<Ending>,
    enough: bool,
    fallback: bool,
    last_key_at: u64,
    held: usize,
    totals: Summary,
}

impl Control {
    /// A search that starts now; `odds` are those of a wanted key, `canary_chance` that of a spot check.
    pub fn new(limits: Limits, odds: Odds, canary_chance: f64, now: Duration) -> Self {
        Self {
            limits,
            canary_chance,
            started: now,
            workers_done: None,
            paused_since: None,
            paused: Duration::ZERO,
            meter: Meter::default(),
            ending: None,
            enough: false,
            fallback: false,
            last_key_at: 0,
            held: 0,
            totals: Summary {
                odds,
                count: limits.count,
                ..Summary::default()
            },
        }
    }

    /// Takes in what happened.
    pub fn event(&mut self, event: &Event, now: Duration) {
        match event {
            Event::Batch(report) => self.batch(report),
            Event::WorkerEnded { end, .. } => self.worker_ended(end),
            Event::WorkersDone => self.workers_done(now),
            Event::Found(found) => self.found(found),
            Event::Refused { .. } => self.totals.refused += 1,
            Event::Unsaved { held, .. } => self.held = *held,
            Event::AllSaved => self.held = 0,
            Event::Enough => self.enough = true,
            Event::SaverDone(end) => self.saver_done(*end),
            Event::HealthSummary(health) => self.totals.health = Some((**health).clone()),
            Event::Paused(paused) => self.pause(*paused, now),
            Event::EngineError { .. }
            | Event::Repeated { .. }
            | Event::Resources(_)
            | Event::Health(_)
            | Event::Suspected { .. }
            | Event::Checkup(_)
            | Event::RestartWanted => {}
        }
    }

    fn batch(&mut self, report: &BatchReport) {
        let hits = report.hits();
        self.totals.candidates += report.candidates;
        self.totals.canaries += hits.canaries;
        self.totals.refuted += hits.refuted;
        self.totals.skipped += report.skipped;
    }

    fn worker_ended(&mut self, end: &WorkerEnd) {
        match end {
            WorkerEnd::BudgetSpent => self.end(Ending::Limit(LimitKind::Candidates)),
            WorkerEnd::NoRandomness(_) => self.end(Ending::Failed),
            WorkerEnd::Stopped
            | WorkerEnd::EngineFailed(_)
            | WorkerEnd::WrongAnswers(_)
            | WorkerEnd::Panicked(_) => {}
        }
    }

    fn workers_done(&mut self, now: Duration) {
        self.pause(false, now);
        self.workers_done = Some(now);
    }

    /// The time of a pause does not count.
    fn pause(&mut self, paused: bool, now: Duration) {
        if paused {
            self.paused_since.get_or_insert(now);
        } else if let Some(since) = self.paused_since.take() {
            self.paused += now.saturating_sub(since);
        }
    }

    fn found(&mut self, found: &Found) {
        self.fallback |= found.fallback;
        if found.kind == FoundKind::Watched {
            self.totals.watched_saved += 1;
            return;
        }
        self.totals.found += 1;
        self.last_key_at = found.candidates;
    }

    fn saver_done(&mut self, end: SaverEnd) {
        self.totals.skipped += end.skipped;
        self.totals.lost = end.lost;
    }

    /// The first reason to end stays.
    fn end(&mut self, ending: Ending) {
        self.ending.get_or_insert(ending);
    }

    /// Looks at the limits of time.
    pub fn check_time(&mut self, now: Duration, wall: SystemTime) {
        if let Some(limit) = self.limits.reached(self.elapsed(now), wall) {
            self.end(Ending::Limit(limit));
        }
    }

    /// Notes a signal to stop.
    pub fn interrupt(&mut self, signal: Signal) {
        self.end(Ending::Interrupted(signal));
    }

    /// Whether the workers should stop.
    pub fn should_stop(&self) -> bool {
        self.enough || self.ending.is_some()
    }

    /// Whether a signal ends the search.
    pub fn is_interrupted(&self) -> bool {
        matches!(self.ending, Some(Ending::Interrupted(_)))
    }

    /// Keys that are held in memory because no folder takes them.
    pub fn held(&self) -> usize {
        self.held
    }

    /// Time since the start without pauses.
    pub fn elapsed(&self, now: Duration) -> Duration {
        let end = self.workers_done.or(self.paused_since).unwrap_or(now);
        end.saturating_sub(self.started).saturating_sub(self.paused)
    }

    /// Where the search stands, `tested` candidates being counted by the workers themselves.
    pub fn progress(&mut self, now: Duration, wall: SystemTime, tested: u64) -> Progress {
        self.meter.note(now, tested);
        let rate = self.meter.rate();
        let elapsed = self.elapsed(now);
        Progress {
            elapsed,
            candidates: tested,
            since_key: tested.saturating_sub(self.last_key_at),
            found: self.totals.found,
            count: self.limits.count,
            odds: self.totals.odds,
            rate,
            left: self.limits.candidates_left(tested, rate, elapsed, wall),
        }
    }

    /// What it came to, once everything has ended.
    pub fn summary(&self, now: Duration, watched_seen: u64) -> Summary {
        Summary {
            ending: self.ending(),
            elapsed: self.elapsed(now),
            canaries_expected: self.totals.candidates as f64 * self.canary_chance,
            watched_seen,
            ..self.totals.clone()
        }
    }

    fn ending(&self) -> Ending {
        let found = if self.fallback {
            Ending::FoundInFallback
        } else {
            Ending::Found
        };
        let all = self.limits.count.is_none() && self.totals.found > 0;
        match self.ending {
            Some(Ending::Limit(_)) | None if self.enough => found,
            Some(Ending::Limit(_)) if all => found,
            Some(ending) => ending,
            None => Ending::NoWorkerLeft,
        }
    }
}

#[cfg(test)]
#[path = "control_tests.rs"]
mod tests;
