//! The health score of a worker, 0 to 100: it shows, it does not decide alone.

use super::verdict::Verdict;

/// A score; every new generation starts at 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Score(u8);

impl Default for Score {
    fn default() -> Self {
        Self(100)
    }
}

impl Score {
    /// The number.
    pub fn value(self) -> u8 {
        self.0
    }

    /// A healthy window.
    pub fn healthy(&mut self) {
        self.0 = (self.0 + 1).min(100);
    }

    /// A slow window that nothing explains.
    pub fn slow(&mut self) {
        self.0 = self.0.saturating_sub(10);
    }

    /// A verdict.
    pub fn verdict(&mut self, verdict: Verdict) {
        let loss = match verdict {
            Verdict::WorkerUnresponsive => 20,
            Verdict::MemoryGrowth | Verdict::WrongArithmetic => 50,
            _ => 0,
        };
        self.0 = self.0.saturating_sub(loss);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stays_between_0_and_100() {
        let mut score = Score::default();
        score.healthy();
        assert_eq!(score.value(), 100);
        (0..3).for_each(|_| score.verdict(Verdict::WrongArithmetic));
        assert_eq!(score.value(), 0);
    }

    #[test]
    fn verdicts_cost_what_the_manual_says() {
        let mut score = Score::default();
        score.verdict(Verdict::WorkerUnresponsive);
        score.slow();
        score.healthy();
        score.verdict(Verdict::ProcessorSlowed);
        score.verdict(Verdict::Contention);
        assert_eq!(score.value(), 71);
        score.verdict(Verdict::MemoryGrowth);
        assert_eq!(score.value(), 21);
    }
}
