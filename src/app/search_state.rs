//! The state of a running search, updated by events, time and signals: the only owner of its totals, working time, pauses,
//! restarts and ending. No threads, no output.

mod snapshot;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::progress::{ProgressProof, RateMeter};
use crate::batch::{BatchReport, WorkerEnd};
use crate::clock::Clock;
use crate::clock::gap::{Gap, GapKind, GapWatch};
use crate::clock::reading::Reading;
use crate::event::{Event, Found, FoundKind, Pause, PauseReason};
use crate::exit::{Ending, LimitKind, Signal};
use crate::health::{ActionTaken, Finding, HealthSummary, HealthTotals, Vitals};
use crate::limits::Limits;
use crate::status::Totals;
use crate::text::odds::Odds;

/// A moment on the clocks of a search.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    /// Time since the process began to search.
    pub now: Duration,
    /// The time of day for limits, which a test may choose.
    pub wall: std::time::SystemTime,
    /// All clocks of the machine.
    pub reading: Reading,
}

impl Moment {
    pub(crate) fn of(clock: &dyn Clock) -> Self {
        Self {
            now: clock.now(),
            wall: clock.wall(),
            reading: clock.reading(),
        }
    }

    /// The time of day for records.
    pub(crate) fn at(&self) -> Timestamp {
        self.reading.wall
    }
}

/// Facts that do not change while a search runs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Identity {
    /// The session's name.
    pub session: Option<String>,
    /// The pattern, for people.
    pub pattern: String,
    /// The arithmetic at the start.
    pub backend: String,
    /// The chance that a candidate is wanted.
    pub odds: Odds,
    /// The chance that it is a spot check.
    pub spot_check_chance: f64,
    /// Whether workers are judged, so that spot checks and not only candidates prove progress.
    pub judged: bool,
    /// Device and name of each card, by the number of its worker.
    pub cards: BTreeMap<usize, (String, String)>,
}

/// What a worker did in this process, in all its generations.
#[derive(Clone, Copy, Debug, Default)]
struct Work {
    candidates: u64,
    /// Time of its batches.
    wall: Duration,
}

impl Work {
    /// Candidates a second while it worked.
    fn rate(&self) -> Option<f64> {
        let seconds = self.wall.as_secs_f64();
        (seconds > 0.0).then(|| self.candidates as f64 / seconds)
    }
}

/// The state of a search.
#[derive(Debug)]
pub(crate) struct SearchState {
    identity: Identity,
    limits: Limits,
    started: Duration,
    gap_watch: GapWatch,
    /// Sums of earlier runs of the session.
    before: Totals,
    health_before: HealthTotals,
    /// Sums over all runs, but for the working time and the spot checks that were to be expected.
    totals: Totals,
    /// Time since the start in which nothing was searched.
    idle: Duration,
    pauses: Vec<Pause>,
    paused_since: Option<Moment>,
    workers_done: Option<Duration>,
    rate: RateMeter,
    proof: ProgressProof,
    vitals: Option<(Duration, Box<Vitals>)>,
    /// Restarts in this process, by worker and verdict or "command".
    restarts: BTreeMap<usize, BTreeMap<&'static str, u64>>,
    /// What each worker did.
    work: BTreeMap<usize, Work>,
    health: Option<HealthSummary>,
    ending: Option<Ending>,
    enough: bool,
    ended: bool,
    /// Keys that are held in memory because no folder takes them.
    held: usize,
    lost: usize,
    refused: u64,
}

impl SearchState {
    /// A search that starts now and continues from the sums of earlier runs of its session.
    pub(crate) fn new(
        identity: Identity,
        limits: Limits,
        (before, health_before): (Totals, HealthTotals),
        start: &Moment,
    ) -> Self {
        Self {
            enough: limits.count.is_some_and(|count| before.found >= count),
            identity,
            limits,
            started: start.now,
            // A stop of the process while it starts must be a gap, too.
            gap_watch: GapWatch::new(start.reading),
            totals: before,
            before,
            health_before,
            idle: Duration::ZERO,
            pauses: Vec::new(),
            paused_since: None,
            workers_done: None,
            rate: RateMeter::default(),
            proof: ProgressProof::default(),
            vitals: None,
            restarts: BTreeMap::new(),
            work: BTreeMap::new(),
            health: None,
            ending: None,
            ended: false,
            held: 0,
            lost: 0,
            refused: 0,
        }
    }

    /// Applies an event; returns the gaps that ended with it.
    pub(crate) fn event(&mut self, event: &Event, now: &Moment) -> Vec<Gap> {
        match event {
            Event::Batch(report) => self.batch(report),
            Event::WorkerEnded { end, .. } => self.worker_ended(end),
            Event::WorkersDone => {
                let gaps = self.end_pause(now);
                self.workers_done = Some(now.now);
                return gaps;
            }
            Event::Found(found) => self.found(found),
            Event::Refused { .. } => self.refused += 1,
            Event::Unsaved { held, .. } => self.held = *held,
            Event::AllSaved => self.held = 0,
            Event::Enough => self.enough = true,
            // Of "all", these were all.
            Event::NothingLeft if self.limits.count.is_none() => self.enough = true,
            Event::NothingLeft => self.end(Ending::Failed),
            Event::SaverDone { skipped } => self.totals.skipped += skipped,
            Event::HealthSummary(health) => self.health = Some((**health).clone()),
            Event::Health(finding) => return self.finding(finding, now),
            Event::Vitals(vitals) | Event::Glance(vitals) => self.vitals(vitals, now.now),
            Event::ReplacedByUser { worker } => self.restarted(*worker, "command"),
            Event::EngineError { .. }
            | Event::Repeated { .. }
            | Event::Resources(_)
            | Event::Suspected { .. }
            | Event::Checkup(_)
            | Event::RestartWanted
            | Event::Gap(_)
            | Event::PausesChanged(_)
            | Event::Command(_) => {}
        }
        Vec::new()
    }

    fn batch(&mut self, report: &BatchReport) {
        let hits = report.hits();
        self.totals.spot_checks += hits.spot_checks;
        self.totals.refuted += hits.refuted;
        self.totals.skipped += report.skipped;
        let work = self.work.entry(report.id.worker).or_default();
        work.candidates += report.candidates;
        work.wall += report.wall;
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

    fn found(&mut self, found: &Found) {
        self.totals.fallback += u64::from(found.fallback);
        match found.kind {
            FoundKind::Watched => self.totals.watched += 1,
            FoundKind::Wanted => {
                self.totals.found += 1;
                self.totals.at_last_key = found.candidates;
                if let Some(chance) = found.chance_left {
                    self.identity.odds = Odds(chance);
                }
            }
        }
    }

    fn vitals(&mut self, vitals: &Vitals, now: Duration) {
        self.proof.spot_checks(&vitals.spot_checks, now);
        self.vitals = Some((now, Box::new(vitals.clone())));
    }

    /// Restarts and pauses that the supervisor decides on.
    fn finding(&mut self, finding: &Finding, now: &Moment) -> Vec<Gap> {
        let reason = PauseReason::Verdict(finding.verdict);
        match (finding.action, finding.worker) {
            (ActionTaken::Restarting { .. }, Some(worker)) => {
                self.restarted(worker, finding.verdict.name());
                Vec::new()
            }
            (ActionTaken::Paused, None) => {
                let why = format!("{}: {}", finding.verdict, finding.detail);
                self.pause(reason, why, now)
            }
            (ActionTaken::Resumed, None) => self.unpause(reason, now),
            _ => Vec::new(),
        }
    }

    fn restarted(&mut self, worker: usize, reason: &'static str) {
        let restarts = self.restarts.entry(worker).or_default();
        *restarts.entry(reason).or_default() += 1;
    }

    /// Sets the number of candidates that all runs have tested, as the workers count them; returns the gaps since the last
    /// call.
    pub(crate) fn look(&mut self, tested: u64, now: &Moment) -> Vec<Gap> {
        let gaps = self.gap_watch.look(now.reading, self.is_paused());
        // The clock of the search stands still while the machine sleeps.
        let stopped = gaps.iter().filter(|gap| gap.kind == GapKind::Stopped);
        self.idle += stopped.map(Gap::length).sum::<Duration>();
        self.totals.candidates = tested;
        match self.is_paused() {
            // A pause is not slow searching: the rate begins anew after it.
            true => self.rate = RateMeter::default(),
            false => self.rate.note(now.now, tested),
        }
        let searched = self.working(now.now).saturating_sub(self.before.working());
        let own = tested.saturating_sub(self.before.candidates);
        let judged = self.identity.judged;
        self.proof.candidates(own, searched, judged, now.now);
        gaps
    }

    /// Adds a reason to pause; returns the gaps until now.
    pub(crate) fn pause(&mut self, reason: PauseReason, why: String, now: &Moment) -> Vec<Gap> {
        if let Some(known) = self.pauses.iter_mut().find(|pause| pause.reason == reason) {
            known.why = why;
            return Vec::new();
        }
        let gaps = self.look(self.totals.candidates, now);
        let since = now.at();
        self.pauses.push(Pause { reason, why, since });
        self.paused_since.get_or_insert(*now);
        gaps
    }

    /// Removes a reason to pause; returns the gaps until now, and the pause if it is over.
    pub(crate) fn unpause(&mut self, reason: PauseReason, now: &Moment) -> Vec<Gap> {
        self.pauses.retain(|pause| pause.reason != reason);
        if self.pauses.is_empty() {
            self.end_pause(now)
        } else {
            Vec::new()
        }
    }

    /// Ends a pause, whatever its reasons; returns the gaps until now.
    pub(crate) fn end_pause(&mut self, now: &Moment) -> Vec<Gap> {
        let mut gaps = self.look(self.totals.candidates, now);
        if let Some(since) = self.paused_since.take() {
            self.idle += now.now.saturating_sub(since.now);
            gaps.push(Gap {
                kind: GapKind::Paused,
                from: since.at(),
                to: now.at(),
            });
        }
        gaps
    }

    /// Whether the search is paused.
    pub(crate) fn is_paused(&self) -> bool {
        self.paused_since.is_some()
    }

    /// Why it is paused.
    pub(crate) fn pauses(&self) -> &[Pause] {
        &self.pauses
    }

    /// Whether the user paused it.
    pub(crate) fn is_paused_by_user(&self) -> bool {
        let reasons = &mut self.pauses.iter().map(|pause| pause.reason);
        reasons.any(|reason| reason == PauseReason::User)
    }

    /// Time since the start in which nothing was searched, without the current pause.
    pub(crate) fn idle(&self) -> Duration {
        self.idle
    }

    /// The first reason to end stays.
    fn end(&mut self, ending: Ending) {
        self.ending.get_or_insert(ending);
    }

    /// Checks the limits of time.
    pub(crate) fn check_time(&mut self, now: &Moment) {
        if let Some(limit) = self.limits.reached(self.working(now.now), now.wall) {
            self.end(Ending::Limit(limit));
        }
    }

    /// The time that the limits of time leave.
    pub(crate) fn time_left(&self, now: Duration, wall: std::time::SystemTime) -> Option<Duration> {
        self.limits.time_left(self.working(now), wall)
    }

    /// Ends the search because of a signal.
    pub(crate) fn interrupt(&mut self, signal: Signal) {
        self.end(Ending::Interrupted(signal));
    }

    /// Ends the search because of a command.
    pub(crate) fn stop(&mut self) {
        self.end(Ending::Stopped);
    }

    /// Whether the workers should stop.
    pub(crate) fn should_stop(&self) -> bool {
        self.enough || self.ending.is_some()
    }

    /// Whether a signal ends the search.
    #[cfg(test)]
    fn is_interrupted(&self) -> bool {
        matches!(self.ending, Some(Ending::Interrupted(_)))
    }

    /// Keys that are held in memory because no folder takes them.
    pub(crate) fn held(&self) -> usize {
        self.held
    }

    /// Working time of all runs.
    pub(crate) fn working(&self, now: Duration) -> Duration {
        let paused = self.paused_since.map(|since| since.now);
        let until = self.workers_done.or(paused).unwrap_or(now);
        let since_start = until.min(now).saturating_sub(self.started);
        self.before.working() + since_start.saturating_sub(self.idle)
    }
}

#[cfg(test)]
#[path = "search_state_tests.rs"]
mod tests;
