//! Draws the picture of where a search stands, for those outside: fed with events, never asked by a worker.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::event::Event;
use crate::exit::Ending;
use crate::health::proof::SpotChecks;
use crate::health::{ActionTaken, Finding, Vitals};
use crate::report::progress::Progress;
use crate::status::{Pause, Phase, SpotCheckCounts, Standing, WorkerStanding};

/// What does not change while a search runs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Identity {
    /// What is looked for, for people.
    pub pattern: String,
    /// The arithmetic at the start.
    pub backend: String,
    /// Candidates of earlier runs of the session.
    pub before: u64,
    /// Whether workers are judged, so that spot checks and not only candidates prove progress.
    pub judging: bool,
}

/// What the loop knows at the moment of a picture.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment<'a> {
    /// Time since the process began to search.
    pub now: Duration,
    /// Where the search stands.
    pub progress: &'a Progress,
    /// The session's name.
    pub session: Option<&'a str>,
    /// When its checkpoint was last written.
    pub checkpoint: Option<Timestamp>,
    /// Whether it is about to end.
    pub stops: bool,
}

/// So many expected spot checks without a right one have a chance of e^-10, 1 in 22,000: from then on candidates that
/// workers count prove nothing any more. Until then they do, but at the start, where the first right one is waited for:
/// a starved search, or one whose spot checks are rare, may have minutes between two.
const OVERDUE: f64 = 10.0;

/// What last proved that the search goes on.
#[derive(Debug, Default)]
struct Proof {
    confirmed: u64,
    /// Spot checks expected by the time of the last right one.
    expected: f64,
    candidates: u64,
    at: Option<Duration>,
}

impl Proof {
    fn spot_checks(&mut self, checks: &SpotChecks, now: Duration) {
        if checks.confirmed > self.confirmed {
            (self.confirmed, self.expected) = (checks.confirmed, checks.expected);
            self.at = Some(now);
        }
    }

    /// Whether candidates prove progress, now that so many spot checks were to be expected and it was searched so long.
    fn is_carried(&self, expected: f64, searched: Duration) -> bool {
        let begun = self.confirmed > 0 || searched > Standing::FRESH;
        begun && expected - self.expected < OVERDUE
    }

    fn candidates(&mut self, candidates: u64, now: Duration) {
        if candidates > self.candidates {
            self.candidates = candidates;
            self.at = Some(now);
        }
    }
}

/// Everything that the pictures are drawn from.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    identity: Identity,
    started: Duration,
    /// Working time of earlier runs.
    began: Option<Duration>,
    vitals: Option<(Duration, Box<Vitals>)>,
    restarts: BTreeMap<usize, BTreeMap<String, u64>>,
    pauses: Vec<Pause>,
    proof: Proof,
    ending: Option<Ending>,
}

impl Survey {
    /// A survey of a search that starts now.
    #[must_use]
    pub(crate) fn new(identity: Identity, now: Duration) -> Self {
        Self {
            identity,
            started: now,
            ..Self::default()
        }
    }

    /// Takes in what happened.
    pub(crate) fn event(&mut self, event: &Event, now: Duration) {
        match event {
            Event::Glance(vitals) | Event::Vitals(vitals) => self.vitals(vitals, now),
            Event::Health(Finding {
                verdict,
                worker: Some(worker),
                action: ActionTaken::Restarting { .. },
                ..
            }) => self.restarted(*worker, verdict.name()),
            Event::ReplacedByUser { worker } => self.restarted(*worker, "command"),
            _ => {}
        }
    }

    /// A worker is replaced for this reason.
    fn restarted(&mut self, worker: usize, reason: &str) {
        let restarts = self.restarts.entry(worker).or_default();
        *restarts.entry(reason.to_owned()).or_default() += 1;
    }

    /// The reasons for which the search pauses now.
    pub(crate) fn set_pauses(&mut self, pauses: Vec<Pause>) {
        self.pauses = pauses;
    }

    /// The search has ended so.
    pub(crate) fn end(&mut self, ending: Ending) {
        self.ending = Some(ending);
    }

    fn vitals(&mut self, vitals: &Vitals, now: Duration) {
        self.proof.spot_checks(&vitals.spot_checks, now);
        self.vitals = Some((now, Box::new(vitals.clone())));
    }

    /// The picture now.
    pub(crate) fn draw(&mut self, moment: &Moment<'_>) -> Standing {
        let Moment { now, progress, .. } = *moment;
        let candidates = progress.candidates.saturating_sub(self.identity.before);
        let expected = self.vitals.as_ref().map(|(_, v)| v.spot_checks.expected);
        let began = *self.began.get_or_insert(progress.elapsed);
        let searched = progress.elapsed.saturating_sub(began);
        let carried = self
            .proof
            .is_carried(expected.unwrap_or_default(), searched);
        if !self.identity.judging || carried {
            self.proof.candidates(candidates, now);
        }
        let age = |at: Duration| now.saturating_sub(at);
        let vitals = self.vitals.as_ref().map(|(_, vitals)| vitals);
        Standing {
            version: env!("CARGO_PKG_VERSION"),
            process: std::process::id(),
            uptime: age(self.started),
            session: moment.session.map(str::to_owned),
            pattern: self.identity.pattern.clone(),
            backend: self.identity.backend.clone(),
            phase: self.phase(moment.stops),
            ending: self.ending.map(Ending::name),
            pauses: self.pauses.clone(),
            health: vitals.map(|vitals| vitals.state.name()),
            candidates,
            session_candidates: progress.candidates,
            rate: progress.rate,
            found: progress.found,
            count: progress.count,
            working_seconds: progress.elapsed.as_secs_f64(),
            chance: progress.odds.chance(progress.since_key as f64),
            spot_checks: vitals.map_or_else(SpotCheckCounts::default, |v| SpotCheckCounts {
                confirmed: v.spot_checks.confirmed,
                refuted: v.spot_checks.refuted,
                expected: v.spot_checks.expected,
            }),
            progress_age: self.proof.at.map(age),
            supervisor_age: self.vitals.as_ref().map(|(at, _)| age(*at)),
            workers: vitals.map_or_else(Vec::new, |vitals| self.workers(vitals)),
            zombies: vitals.map_or(0, |vitals| vitals.zombies),
            checkpoint: moment.checkpoint,
            alerts: Vec::new(),
        }
    }

    fn phase(&self, stops: bool) -> Phase {
        match self.ending {
            Some(_) => Phase::Ended,
            None if stops => Phase::Ending,
            None if !self.pauses.is_empty() => Phase::Paused,
            None => Phase::Running,
        }
    }

    fn workers(&self, vitals: &Vitals) -> Vec<WorkerStanding> {
        let worker = |vitals: &crate::health::WorkerVitals| WorkerStanding {
            worker: vitals.id.worker,
            generation: vitals.id.generation,
            backend: vitals.backend.name().to_owned(),
            state: vitals.state.name(),
            score: vitals.score,
            rate: vitals.rate,
            performance: vitals.performance,
            processor: vitals.processor,
            restarts: self
                .restarts
                .get(&vitals.id.worker)
                .cloned()
                .unwrap_or_default(),
        };
        vitals.workers.iter().map(worker).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn checks(confirmed: u64, expected: f64) -> SpotChecks {
        SpotChecks {
            confirmed,
            expected,
            refuted: 0,
        }
    }

    #[test]
    fn candidates_prove_progress_only_after_a_spot_check_and_while_none_is_overdue() {
        let mut proof = Proof::default();
        assert!(!proof.is_carried(0.5, at(29)) && proof.is_carried(0.5, at(31)));
        assert!(!proof.is_carried(10.5, at(31)));
        proof.spot_checks(&checks(8, 8.5), at(1));
        assert_eq!(proof.at, Some(at(1)));
        proof.spot_checks(&checks(8, 18.4), at(2));
        assert_eq!(proof.at, Some(at(1)));
        assert!(proof.is_carried(18.4, at(2)) && !proof.is_carried(18.6, at(2)));
        proof.candidates(1000, at(3));
        proof.candidates(1000, at(4));
        assert_eq!(proof.at, Some(at(3)));
    }
}
