//! What the loop knows of a running search: totals, whether it should stop, and how it ended; no threads, no output.

use std::time::{Duration, SystemTime};

use super::meter::Meter;
use crate::batch::BatchReport;
use crate::batch::WorkerEnd;
use crate::event::{Event, Found, FoundKind, SaverEnd};
use crate::exit::{Ending, LimitKind, Signal};
use crate::limits::Limits;
use crate::report::progress::Progress;
use crate::report::summary::Summary;
use crate::session::checkpoint::Totals;
use crate::text::odds::Odds;

/// The state of a search, moved by events, time and signals.
#[derive(Debug)]
pub(crate) struct Control {
    limits: Limits,
    spot_check_chance: f64,
    started: Duration,
    /// Working time of earlier runs of the session.
    before: Duration,
    /// Time since the start in which nothing could be searched.
    gaps: Duration,
    paused_since: Option<Duration>,
    workers_done: Option<Duration>,
    meter: Meter,
    ending: Option<Ending>,
    enough: bool,
    fallback: bool,
    last_key_at: u64,
    held: usize,
    /// Of earlier runs: spot checks that were to be expected, and candidates.
    expected_before: f64,
    candidates_before: u64,
    fallback_keys: u64,
    totals: Summary,
}

impl Control {
    /// A search that starts now; `odds` are those of a wanted key, `spot_check_chance` that of a spot check.
    pub(crate) fn new(limits: Limits, odds: Odds, spot_check_chance: f64, now: Duration) -> Self {
        Self {
            limits,
            spot_check_chance,
            started: now,
            before: Duration::ZERO,
            gaps: Duration::ZERO,
            paused_since: None,
            workers_done: None,
            meter: Meter::default(),
            ending: None,
            enough: false,
            fallback: false,
            last_key_at: 0,
            held: 0,
            expected_before: 0.0,
            candidates_before: 0,
            fallback_keys: 0,
            totals: Summary {
                odds,
                count: limits.count,
                ..Summary::default()
            },
        }
    }

    /// Goes on from the sums of earlier runs of the session.
    pub(crate) fn carry(&mut self, totals: &Totals) {
        self.before = Duration::try_from_secs_f64(totals.working_seconds).unwrap_or_default();
        self.enough = self.limits.count.is_some_and(|count| totals.found >= count);
        self.fallback = totals.fallback > 0;
        self.last_key_at = totals.at_last_key;
        self.totals.candidates = totals.candidates;
        self.totals.found = totals.found;
        self.totals.watched_saved = totals.watched;
        self.totals.spot_checks = totals.spot_checks;
        self.totals.refuted = totals.refuted;
        self.totals.skipped = totals.skipped;
        self.expected_before = totals.spot_checks_expected;
        self.candidates_before = totals.candidates;
        self.fallback_keys = totals.fallback;
    }

    /// Takes a time without search out of the books.
    pub(crate) fn skip(&mut self, gap: Duration) {
        self.gaps += gap;
    }

    /// From now on the search is paused, or no longer; gives the length of the pause that ends.
    pub(crate) fn pause(&mut self, now: Duration, paused: bool) -> Option<Duration> {
        if paused {
            self.paused_since.get_or_insert(now);
            return None;
        }
        let pause = now.saturating_sub(self.paused_since.take()?);
        self.gaps += pause;
        Some(pause)
    }

    /// Whether the search is paused.
    pub(crate) fn is_paused(&self) -> bool {
        self.paused_since.is_some()
    }

    /// Sums over all runs.
    pub(crate) fn session_totals(&self, now: Duration) -> Totals {
        Totals {
            candidates: self.totals.candidates,
            at_last_key: self.last_key_at,
            found: self.totals.found,
            watched: self.totals.watched_saved,
            working_seconds: self.elapsed(now).as_secs_f64(),
            spot_checks: self.totals.spot_checks,
            spot_checks_expected: self.spot_checks_expected(),
            refuted: self.totals.refuted,
            skipped: self.totals.skipped,
            fallback: self.fallback_keys,
        }
    }

    fn spot_checks_expected(&self) -> f64 {
        let candidates = self
            .totals
            .candidates
            .saturating_sub(self.candidates_before);
        self.expected_before + candidates as f64 * self.spot_check_chance
    }

    /// Takes in what happened.
    pub(crate) fn event(&mut self, event: &Event, now: Duration) {
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
            Event::EngineError { .. }
            | Event::Repeated { .. }
            | Event::Resources(_)
            | Event::Health(_)
            | Event::Suspected { .. }
            | Event::Checkup(_)
            | Event::Vitals(_)
            | Event::Glance(_)
            | Event::ReplacedByUser { .. }
            | Event::RestartWanted => {}
        }
    }

    fn batch(&mut self, report: &BatchReport) {
        let hits = report.hits();
        self.totals.candidates += report.candidates;
        self.totals.spot_checks += hits.spot_checks;
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
        // Whoever books pauses does it before; what is left is the last one.
        let _ = self.pause(now, false);
        self.workers_done = Some(now);
    }

    fn found(&mut self, found: &Found) {
        self.fallback |= found.fallback;
        self.fallback_keys += u64::from(found.fallback);
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
    pub(crate) fn check_time(&mut self, now: Duration, wall: SystemTime) {
        if let Some(limit) = self.limits.reached(self.elapsed(now), wall) {
            self.end(Ending::Limit(limit));
        }
    }

    /// Notes a signal to stop.
    pub(crate) fn interrupt(&mut self, signal: Signal) {
        self.end(Ending::Interrupted(signal));
    }

    /// Somebody stops it by command.
    pub(crate) fn stop(&mut self) {
        self.end(Ending::Stopped);
    }

    /// Whether the workers should stop.
    pub(crate) fn should_stop(&self) -> bool {
        self.enough || self.ending.is_some()
    }

    /// Whether a signal ends the search.
    pub(crate) fn is_interrupted(&self) -> bool {
        matches!(self.ending, Some(Ending::Interrupted(_)))
    }

    /// Keys that are held in memory because no folder takes them.
    pub(crate) fn held(&self) -> usize {
        self.held
    }

    /// Working time of earlier runs.
    pub(crate) fn before(&self) -> Duration {
        self.before
    }

    /// Working time of all runs.
    pub(crate) fn elapsed(&self, now: Duration) -> Duration {
        let until = self.workers_done.or(self.paused_since).unwrap_or(now);
        let since_start = until.min(now).saturating_sub(self.started);
        self.before + since_start.saturating_sub(self.gaps)
    }

    /// Where the search stands, `tested` candidates being counted by the workers themselves.
    pub(crate) fn progress(&mut self, now: Duration, wall: SystemTime, tested: u64) -> Progress {
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
    pub(crate) fn summary(&self, now: Duration, watched_seen: u64) -> Summary {
        Summary {
            ending: self.ending(),
            elapsed: self.elapsed(now),
            spot_checks_expected: self.spot_checks_expected(),
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
#[path = "search_state_tests.rs"]
mod tests;
