//! Proof of search: confirmed spot checks compared with the expected number, which is candidates tested times the exact
//! probability. A lane or a worker without any is not searching.

use serde::Serialize;

use crate::batch::BatchReport;

/// A part of a worker that yields no more spot checks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Silence {
    /// One lane.
    Lane {
        /// Which, from 0.
        lane: usize,
        /// Spot checks expected since its last confirmed one.
        expected: f64,
    },
    /// All lanes together.
    Worker {
        /// Spot checks expected since the last confirmed one.
        expected: f64,
    },
}

/// Spot checks of a whole search or one worker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct SpotChecks {
    /// Confirmed by exact recomputation.
    pub confirmed: u64,
    /// Candidates tested times the exact probability.
    pub expected: f64,
    /// Hits of any kind that exact recomputation refuted.
    pub refuted: u64,
}

/// The spot checks of one worker.
#[derive(Clone, Debug)]
pub struct Proof {
    chance: f64,
    limit: f64,
    worker: f64,
    lanes: Vec<f64>,
}

impl Proof {
    /// Spot checks with this exact probability a candidate; silence is `limit` expected ones without a confirmed one.
    ///
    /// The time since the last confirmed one is the sliding window: the probability that a healthy lane stays silent
    /// while x are expected is exp(-x), wherever the window starts.
    pub fn new(chance: f64, limit: f64) -> Self {
        Self {
            chance,
            limit,
            worker: 0.0,
            lanes: Vec::new(),
        }
    }

    /// Takes a report.
    pub fn push(&mut self, report: &BatchReport) {
        self.lanes.resize(report.lanes.len(), 0.0);
        let expected = report.candidates as f64 * self.chance;
        let share = expected / report.lanes.len().max(1) as f64;
        for (since, counts) in self.lanes.iter_mut().zip(&report.lanes) {
            *since = if counts.spot_checks > 0 {
                0.0
            } else {
                *since + share
            };
        }
        let any = report.lanes.iter().any(|counts| counts.spot_checks > 0);
        self.worker = if any { 0.0 } else { self.worker + expected };
    }

    /// The part that is silent: the whole worker, or else a lane.
    pub fn silence(&self) -> Option<Silence> {
        if self.worker >= self.limit {
            return Some(Silence::Worker {
                expected: self.worker,
            });
        }
        let lane = self.lanes.iter().position(|since| *since >= self.limit)?;
        Some(Silence::Lane {
            lane,
            expected: self.lanes[lane],
        })
    }
}

impl SpotChecks {
    /// Adds those of a report.
    pub fn add(&mut self, report: &BatchReport, chance: f64) {
        let hits = report.hits();
        self.confirmed += hits.spot_checks;
        self.refuted += hits.refuted;
        self.expected += report.candidates as f64 * chance;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::fixtures::{ID, Noise, report};

    const CHANCE: f64 = 1e-6;

    fn quarter_second(spot_checks: &[u64]) -> BatchReport {
        let mut report = report(ID, 4_000_000, 0.25);
        report.lanes.resize(spot_checks.len(), Default::default());
        for (lane, n) in report.lanes.iter_mut().zip(spot_checks) {
            lane.spot_checks = *n;
        }
        report
    }

    #[test]
    fn a_lane_without_a_spot_check_is_silent_once_twenty_five_were_expected() {
        let mut proof = Proof::new(CHANCE, 25.0);
        for _ in 0..12 {
            proof.push(&quarter_second(&[2, 0]));
            assert_eq!(proof.silence(), None);
        }
        proof.push(&quarter_second(&[2, 0]));
        assert!(matches!(
            proof.silence(),
            Some(Silence::Lane { lane: 1, .. })
        ));
    }

    #[test]
    fn a_worker_without_any_is_silent_sooner_than_its_lanes() {
        let mut proof = Proof::new(CHANCE, 25.0);
        (0..7).for_each(|_| proof.push(&quarter_second(&[0, 0])));
        assert!(matches!(proof.silence(), Some(Silence::Worker { expected }) if expected >= 25.0));
    }

    #[test]
    fn one_confirmed_spot_check_ends_a_silence() {
        let mut proof = Proof::new(CHANCE, 25.0);
        (0..13).for_each(|_| proof.push(&quarter_second(&[2, 0])));
        proof.push(&quarter_second(&[0, 1]));
        assert_eq!(proof.silence(), None);
    }

    #[test]
    fn the_expected_number_depends_on_candidates_and_never_on_hits() {
        let mut checks = SpotChecks::default();
        checks.add(&quarter_second(&[3, 4]), CHANCE);
        assert_eq!((checks.confirmed, checks.expected), (7, 4.0));
    }

    #[test]
    fn a_healthy_worker_is_not_silent_in_simulated_months() {
        let mut noise = Noise::new(3);
        let mut proof = Proof::new(CHANCE, 25.0);
        for _ in 0..300_000 {
            let lanes: Vec<u64> = (0..16).map(|_| noise.poisson(0.25)).collect();
            proof.push(&quarter_second(&lanes));
            assert_eq!(proof.silence(), None);
        }
    }
}
