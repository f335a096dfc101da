//! Limits how many values are written: as many a day as fit in 5 MB, whatever the time between samples.

use jiff::Timestamp;

use super::record::VALUES_A_SAMPLE;

/// Seconds for which there are [`VALUES_A_SAMPLE`] values: the usual time between two samples.
const SECONDS: f64 = 30.0;

/// Values that may be saved up, an hour's worth: this many may come close together.
const SAVED: f64 = VALUES_A_SAMPLE as f64 * 3600.0 / SECONDS;

/// Values that may still be written.
#[derive(Clone, Debug)]
pub(crate) struct Allowance {
    left: f64,
    at: Option<Timestamp>,
}

impl Default for Allowance {
    fn default() -> Self {
        Self {
            left: SAVED,
            at: None,
        }
    }
}

impl Allowance {
    /// Takes up to this many values at this time; returns how many are permitted.
    pub(crate) fn take(&mut self, wanted: usize, at: Timestamp) -> usize {
        let since = self
            .at
            .map_or(0.0, |last| at.duration_since(last).as_secs_f64());
        self.at = Some(at);
        let new = since.max(0.0) * VALUES_A_SAMPLE as f64 / SECONDS;
        self.left = (self.left + new).min(SAVED);
        let taken = wanted.min(self.left as usize);
        self.left -= taken as f64;
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_a_day(interval: i64, wanted: usize) -> usize {
        let mut allowance = Allowance::default();
        let at = |second| Timestamp::from_second(1_800_000_000 + second).unwrap();
        let samples = (0..86_400i64).step_by(usize::try_from(interval).unwrap());
        samples.map(|s| allowance.take(wanted, at(s))).sum()
    }

    #[test]
    fn a_day_has_as_many_values_at_short_intervals_as_at_the_usual_one() {
        let usual = in_a_day(30, VALUES_A_SAMPLE);
        assert_eq!(usual, 2880 * VALUES_A_SAMPLE);
        for interval in [1, 5, 29] {
            let many = in_a_day(interval, VALUES_A_SAMPLE);
            assert!((usual..=usual + SAVED as usize).contains(&many), "{many}");
        }
        assert_eq!(in_a_day(60, VALUES_A_SAMPLE), usual / 2);
    }
}
