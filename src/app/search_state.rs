//! The state of a running search, moved by events, time and signals: the only owner of its totals, working time, pauses,
//! restarts and ending. No threads, no output.

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
use crate::health::proof::SpotChecks;
use crate::health::{ActionTaken, Finding, HealthSummary, HealthTotals, Vitals, WorkerVitals};
use crate::limits::Limits;
use crate::report::summary::Summary;
use crate::status::{Phase, Snapshot, Totals, WorkerSnapshot};
use crate::text::odds::Odds;

/// A moment on the clocks that a search goes by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    /// Time since the process began to search.
    pub now: Duration,
    /// The time of day by which limits go, which a test may pretend.
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

/// What does not change while a search runs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Identity {
    /// The session's name.
    pub session: Option<String>,
    /// What is looked for, for people.
    pub pattern: String,
    /// The arithmetic at the start.
    pub backend: String,
    /// The chance that a candidate is wanted.
    pub odds: Odds,
    /// The chance that it is a spot check.
    pub spot_check_chance: f64,
    /// Whether workers are judged, so that spot checks and not only candidates prove progress.
    pub judged: bool,
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
    /// A search that starts now and goes on from the sums of earlier runs of its session.
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
            health: None,
            ending: None,
            ended: false,
            held: 0,
            lost: 0,
            refused: 0,
        }
    }

    /// Takes in what happened; gives the times without search that ended with it.
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
            (ActionTaken::Paused, _) => {
                let why = format!("{}: {}", finding.verdict, finding.detail);
                self.pause(reason, why, now)
            }
            (ActionTaken::Resumed, _) => self.unpause(reason, now),
            _ => Vec::new(),
        }
    }

    fn restarted(&mut self, worker: usize, reason: &'static str) {
        let restarts = self.restarts.entry(worker).or_default();
        *restarts.entry(reason).or_default() += 1;
    }

    /// Takes in how many candidates all runs have tested by now, as the workers count them; gives the times without
    /// search since the last time.
    pub(crate) fn look(&mut self, tested: u64, now: &Moment) -> Vec<Gap> {
        let gaps = self.gap_watch.look(now.reading, self.is_paused());
        // The clock of the search stands still while the machine sleeps.
        let stopped = gaps.iter().filter(|gap| gap.kind == GapKind::Stopped);
        self.idle += stopped.map(Gap::length).sum::<Duration>();
        self.totals.candidates = tested;
        self.rate.note(now.now, tested);
        let searched = self.working(now.now).saturating_sub(self.before.working());
        let own = tested.saturating_sub(self.before.candidates);
        let judged = self.identity.judged;
        self.proof.candidates(own, searched, judged, now.now);
        gaps
    }

    /// The search pauses for this reason, too; gives the times without search until now.
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

    /// A reason is gone; gives the times without search until now, and the pause where it is over.
    pub(crate) fn unpause(&mut self, reason: PauseReason, now: &Moment) -> Vec<Gap> {
        self.pauses.retain(|pause| pause.reason != reason);
        if self.pauses.is_empty() {
            self.end_pause(now)
        } else {
            Vec::new()
        }
    }

    /// Ends the pause that lasts, whatever its reasons; gives the times without search until now.
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

    /// Whether somebody paused it.
    pub(crate) fn is_paused_by_user(&self) -> bool {
        let reasons = &mut self.pauses.iter().map(|pause| pause.reason);
        reasons.any(|reason| reason == PauseReason::User)
    }

    /// Time since the start in which nothing was searched, but for a pause that lasts.
    pub(crate) fn idle(&self) -> Duration {
        self.idle
    }

    /// The first reason to end stays.
    fn end(&mut self, ending: Ending) {
        self.ending.get_or_insert(ending);
    }

    /// Looks at the limits of time.
    pub(crate) fn check_time(&mut self, now: &Moment) {
        if let Some(limit) = self.limits.reached(self.working(now.now), now.wall) {
            self.end(Ending::Limit(limit));
        }
    }

    /// The time that the limits of time leave.
    pub(crate) fn time_left(&self, now: Duration, wall: std::time::SystemTime) -> Option<Duration> {
        self.limits.time_left(self.working(now), wall)
    }

    /// A signal ends it.
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

    /// Sums over all runs.
    pub(crate) fn totals(&self, now: Duration) -> Totals {
        let own = self
            .totals
            .candidates
            .saturating_sub(self.before.candidates);
        let expected = own as f64 * self.identity.spot_check_chance;
        Totals {
            working_seconds: self.working(now).as_secs_f64(),
            spot_checks_expected: self.before.spot_checks_expected + expected,
            ..self.totals
        }
    }

    /// Restarts, lost time and the like in all runs.
    fn health_totals(&self) -> HealthTotals {
        let last = self.vitals.as_ref().map(|(_, vitals)| &vitals.totals);
        let own = self.health.as_ref().map(|health| &health.totals).or(last);
        own.map_or_else(
            || self.health_before.clone(),
            |own| self.health_before.plus(own),
        )
    }

    /// Where the search stands; what others know, the checkpoint and alerts, is left open.
    pub(crate) fn snapshot(&self, now: &Moment) -> Snapshot {
        let Moment { now, wall, .. } = *now;
        let totals = self.totals(now);
        let rate = self.rate.rate();
        let working = self.working(now);
        let vitals = self.vitals.as_ref().map(|(_, vitals)| vitals);
        let mut snapshot = Snapshot {
            version: env!("CARGO_PKG_VERSION"),
            process: std::process::id(),
            uptime: now.saturating_sub(self.started),
            session: self.identity.session.clone(),
            pattern: self.identity.pattern.clone(),
            backend: self.identity.backend.clone(),
            phase: self.phase(),
            ending: self.ended.then(|| self.ending().name()),
            pauses: self.pauses.clone(),
            health: vitals.map(|vitals| vitals.state.name()),
            candidates: totals.candidates.saturating_sub(self.before.candidates),
            totals,
            rate,
            count: self.limits.count,
            chance: 0.0,
            spot_checks: vitals.map_or_else(Default::default, |vitals| vitals.spot_checks),
            progress_age: self.proof.age(now),
            supervisor_age: self.vitals.as_ref().map(|(at, _)| now.saturating_sub(*at)),
            workers: vitals.map_or_else(Vec::new, |vitals| self.workers(vitals)),
            zombies: vitals.map_or(0, |vitals| vitals.zombies),
            checkpoint: None,
            alerts: Vec::new(),
            health_totals: self.health_totals(),
            odds: self.identity.odds,
            candidates_left: (self.limits).candidates_left(totals.candidates, rate, working, wall),
        };
        snapshot.chance = snapshot.odds.chance(snapshot.since_key() as f64);
        snapshot
    }

    fn phase(&self) -> Phase {
        if self.ended {
            Phase::Ended
        } else if self.should_stop() {
            Phase::Ending
        } else if self.pauses.is_empty() {
            Phase::Running
        } else {
            Phase::Paused
        }
    }

    fn workers(&self, vitals: &Vitals) -> Vec<WorkerSnapshot> {
        let worker = |vitals: &WorkerVitals| WorkerSnapshot {
            worker: vitals.id.worker,
            generation: vitals.id.generation,
            backend: vitals.backend.name().to_owned(),
            state: vitals.state.name(),
            score: vitals.score,
            rate: vitals.rate,
            performance: vitals.performance,
            processor: vitals.processor,
            restarts: (self.restarts.get(&vitals.id.worker).cloned()).unwrap_or_default(),
        };
        vitals.workers.iter().map(worker).collect()
    }

    /// Everything has ended; `in_flight` keys are lost between a worker and their files.
    pub(crate) fn conclude(&mut self, in_flight: usize) {
        self.ended = true;
        self.lost = self.lost.max(self.held + in_flight);
    }

    /// What it came to, once everything has ended; so many keys of the watchlist were seen.
    pub(crate) fn summary(&self, now: Duration, watched_seen: u64) -> Summary {
        let totals = self.totals(now);
        Summary {
            ending: self.ending(),
            totals,
            count: self.limits.count,
            odds: self.identity.odds,
            refused: self.refused,
            watched_seen,
            lost: self.lost,
            health: self.health.clone().map(|health| HealthSummary {
                totals: self.health_totals(),
                spot_checks: SpotChecks {
                    confirmed: totals.spot_checks,
                    expected: totals.spot_checks_expected,
                    refuted: totals.refuted,
                },
                ..health
            }),
        }
    }

    /// How it ended.
    pub(crate) fn ending(&self) -> Ending {
        let found = if self.totals.fallback > 0 {
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
