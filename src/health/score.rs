//! The health score of a worker, 0 to 100: it shows, it does not decide alone.

use super::thresholds::ScorePoints;
use super::verdict::Verdict;

/// A score; every new generation starts at 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Score(u32);

impl Default for Score {
    fn default() -> Self {
        Self(100)
    }
}

impl Score {
    /// The number.
    pub fn value(self) -> u8 {
        u8::try_from(self.0).unwrap_or(100)
    }

    /// Whether it is low: shown, and no reason to replace anybody.
    pub fn is_low(self, points: &ScorePoints) -> bool {
        self.0 < points.low
    }

    /// A healthy window.
    pub fn healthy(&mut self, points: &ScorePoints) {
        self.0 = (self.0 + points.healthy).min(100);
    }

    /// A slow window that nothing explains.
    pub fn slow(&mut self, points: &ScorePoints) {
        self.0 = self.0.saturating_sub(points.slow);
    }

    /// A verdict.
    pub fn verdict(&mut self, verdict: Verdict, points: &ScorePoints) {
        let loss = match verdict {
            Verdict::WorkerUnresponsive => points.unresponsive,
            Verdict::MemoryGrowth | Verdict::WrongArithmetic => points.wrong,
            Verdict::ClockJump
            | Verdict::WorkerDead
            | Verdict::Contention
            | Verdict::ProcessorSlowed
            | Verdict::MachineSlowed
            | Verdict::WorkerDegraded
            | Verdict::DiskLow
            | Verdict::MemoryLow
            | Verdict::Hot
            | Verdict::WorkerRetired
            | Verdict::BreakerOpen
            | Verdict::RestartProcess => 0,
        };
        self.0 = self.0.saturating_sub(loss);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::Thresholds;

    fn points() -> ScorePoints {
        Thresholds::default().score
    }

    #[test]
    fn it_stays_between_0_and_100() {
        let mut score = Score::default();
        score.healthy(&points());
        assert_eq!(score.value(), 100);
        (0..3).for_each(|_| score.verdict(Verdict::WrongArithmetic, &points()));
        assert_eq!(score.value(), 0);
    }

    #[test]
    fn verdicts_cost_what_the_manual_says() {
        let mut score = Score::default();
        score.verdict(Verdict::WorkerUnresponsive, &points());
        score.slow(&points());
        score.healthy(&points());
        score.verdict(Verdict::ProcessorSlowed, &points());
        score.verdict(Verdict::Contention, &points());
        assert_eq!(score.value(), 71);
        assert!(!score.is_low(&points()));
        score.verdict(Verdict::MemoryGrowth, &points());
        assert_eq!(score.value(), 21);
        assert!(score.is_low(&points()));
    }
}
