//! The recent rate of a search, and the last proof of progress.

use std::collections::VecDeque;
use std::time::Duration;

use crate::health::proof::SpotChecks;
use crate::status::Snapshot;

/// Time that the rate looks back.
const WINDOW: Duration = Duration::from_secs(10);

/// Time between two samples.
const STEP: Duration = Duration::from_millis(200);

/// The candidates of the last seconds.
#[derive(Debug, Default)]
pub(super) struct RateMeter {
    samples: VecDeque<(Duration, u64)>,
}

impl RateMeter {
    /// Notes how many candidates were tested by now.
    pub(super) fn note(&mut self, now: Duration, tested: u64) {
        if self.samples.back().is_some_and(|last| now < last.0 + STEP) {
            return;
        }
        self.samples.push_back((now, tested));
        let is_old = |first: &mut (Duration, u64)| first.0 + WINDOW < now;
        while self.samples.pop_front_if(is_old).is_some() {}
    }

    /// Candidates a second since the oldest sample; 0 while there is only one.
    pub(super) fn rate(&self) -> f64 {
        let (Some(first), Some(last)) = (self.samples.front(), self.samples.back()) else {
            return 0.0;
        };
        let time = last.0.saturating_sub(first.0).as_secs_f64();
        let tested = last.1.saturating_sub(first.1) as f64;
        if time > 0.0 { tested / time } else { 0.0 }
    }
}

/// So many expected spot checks without a right one have a chance of e^-10, 1 in 22,000: from then on candidates that
/// workers count prove nothing any more. Until then they do, but at the start, where the first right one is waited for:
/// a starved search, or one whose spot checks are rare, may have minutes between two.
const OVERDUE: f64 = 10.0;

/// The last proof of progress.
#[derive(Debug, Default)]
pub(super) struct ProgressProof {
    confirmed: u64,
    /// Spot checks expected by the time of the last right one.
    expected_then: f64,
    /// Spot checks expected by now.
    expected: f64,
    candidates: u64,
    at: Option<Duration>,
}

impl ProgressProof {
    /// Takes in the spot checks of this process.
    pub(super) fn spot_checks(&mut self, checks: &SpotChecks, now: Duration) {
        self.expected = checks.expected;
        if checks.confirmed > self.confirmed {
            (self.confirmed, self.expected_then) = (checks.confirmed, checks.expected);
            self.at = Some(now);
        }
    }

    /// Takes in the candidates of this process, which has searched for so long; where workers are `judged`, they prove
    /// progress only while spot checks do not say otherwise.
    pub(super) fn candidates(
        &mut self,
        candidates: u64,
        searched: Duration,
        judged: bool,
        now: Duration,
    ) {
        let begun = self.confirmed > 0 || searched > Snapshot::FRESH;
        let carried = begun && self.expected - self.expected_then < OVERDUE;
        if candidates > self.candidates && (carried || !judged) {
            self.candidates = candidates;
            self.at = Some(now);
        }
    }

    /// How long ago progress was last proved.
    pub(super) fn age(&self, now: Duration) -> Option<Duration> {
        self.at.map(|at| now.saturating_sub(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_rate_is_that_of_the_last_seconds() {
        let mut meter = RateMeter::default();
        assert_eq!(meter.rate(), 0.0);
        for second in 0..=100 {
            let speed = if second < 50 { 1000 } else { 10 };
            meter.note(at(second), 50_000.min(second * 1000) + second * speed);
        }
        assert!((meter.rate() - 10.0).abs() < 1.0, "{}", meter.rate());
    }

    #[test]
    fn samples_are_not_taken_more_often_than_needed() {
        let mut meter = RateMeter::default();
        for millisecond in 0..1000 {
            meter.note(Duration::from_millis(millisecond), millisecond);
        }
        assert!(meter.samples.len() <= 6);
        assert!((meter.rate() - 1000.0).abs() < 1.0);
    }

    #[test]
    fn candidates_prove_progress_only_after_a_spot_check_and_while_none_is_overdue() {
        let mut proof = ProgressProof::default();
        let mut tested = 0;
        let mut proves = |proof: &mut ProgressProof, searched, second| {
            tested += 1;
            proof.candidates(tested, at(searched), true, at(second));
            proof.age(at(second)) == Some(Duration::ZERO)
        };
        let checks = |confirmed, expected| SpotChecks {
            confirmed,
            expected,
            refuted: 0,
        };
        proof.spot_checks(&checks(0, 0.5), at(0));
        assert!(!proves(&mut proof, 29, 1) && proves(&mut proof, 31, 2));
        proof.spot_checks(&checks(0, 10.5), at(2));
        assert!(!proves(&mut proof, 31, 3));
        proof.spot_checks(&checks(8, 8.5), at(4));
        assert_eq!(proof.age(at(5)), Some(at(1)));
        proof.spot_checks(&checks(8, 18.4), at(5));
        assert_eq!(proof.age(at(6)), Some(at(2)));
        assert!(proves(&mut proof, 2, 7));
        proof.spot_checks(&checks(8, 18.6), at(8));
        assert!(!proves(&mut proof, 2, 9));
        proof.candidates(u64::MAX, at(2), false, at(10));
        proof.candidates(u64::MAX, at(2), false, at(11));
        assert_eq!(proof.age(at(12)), Some(at(2)));
    }
}
