//! The rate of a search, lately: candidates over the last seconds.

use std::collections::VecDeque;
use std::time::Duration;

/// Time that the rate looks back.
const WINDOW: Duration = Duration::from_secs(10);

/// Time between two samples.
const STEP: Duration = Duration::from_millis(200);

/// Samples of time and candidates.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    samples: VecDeque<(Duration, u64)>,
}

impl Meter {
    /// Notes how many candidates were tested by now.
    pub(crate) fn note(&mut self, now: Duration, tested: u64) {
        if self.samples.back().is_some_and(|last| now < last.0 + STEP) {
            return;
        }
        self.samples.push_back((now, tested));
        while self
            .samples
            .front()
            .is_some_and(|first| first.0 + WINDOW < now)
        {
            self.samples.pop_front();
        }
    }

    /// Candidates a second since the oldest sample; 0 while there is only one.
    pub(crate) fn rate(&self) -> f64 {
        let (Some(first), Some(last)) = (self.samples.front(), self.samples.back()) else {
            return 0.0;
        };
        let time = last.0.saturating_sub(first.0).as_secs_f64();
        let tested = last.1.saturating_sub(first.1) as f64;
        if time > 0.0 { tested / time } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_that_of_the_last_seconds() {
        let mut meter = Meter::default();
        assert_eq!(meter.rate(), 0.0);
        for second in 0..=100 {
            let speed = if second < 50 { 1000 } else { 10 };
            meter.note(
                Duration::from_secs(second),
                50_000.min(second * 1000) + second * speed,
            );
        }
        assert!((meter.rate() - 10.0).abs() < 1.0, "{}", meter.rate());
    }

    #[test]
    fn samples_are_not_taken_more_often_than_needed() {
        let mut meter = Meter::default();
        for millisecond in 0..1000 {
            meter.note(Duration::from_millis(millisecond), millisecond);
        }
        assert!(meter.samples.len() <= 6);
        assert!((meter.rate() - 1000.0).abs() < 1.0);
    }
}
