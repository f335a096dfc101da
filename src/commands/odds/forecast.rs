//! What is to be expected of a search for one pattern.

use std::time::Duration;

use crate::pattern::Wanted;
use crate::text::odds::{Odds, SHARES};

/// Chances and times of one pattern at one rate.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Forecast {
    /// The pattern for people.
    pub pattern: String,
    /// The exact chance that a candidate fits.
    pub probability: f64,
    /// Candidates that a key takes on average.
    pub expected_candidates: f64,
    /// Seconds that a key takes on average.
    pub expected_seconds: f64,
    /// Seconds within which a key is found in 50, 90 and 99 % of all searches.
    pub seconds: [f64; SHARES.len()],
    /// The time that was asked about, and the chance of at least one key within it.
    pub within: Option<(Duration, f64)>,
}

impl Forecast {
    /// The forecast for `wanted` at `rate` candidates a second, also for a search of the length `time`.
    pub(super) fn new(wanted: &Wanted, rate: f64, time: Option<Duration>) -> Self {
        let odds = Odds(wanted.probability());
        let chance = |time: Duration| (time, odds.chance(time.as_secs_f64() * rate));
        Self {
            pattern: wanted.describe(),
            probability: odds.0,
            expected_candidates: odds.expected(),
            expected_seconds: odds.expected() / rate,
            seconds: SHARES.map(|share| odds.candidates_for(share) / rate),
            within: time.map(chance),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::Request;

    #[test]
    fn a_forecast_is_that_of_a_search_without_memory() {
        let request = Request {
            prefixes: vec!["F8A1".to_owned()],
            ..Request::default()
        };
        let (wanted, _) = Wanted::new(request).unwrap();
        let forecast = Forecast::new(&wanted, 65_536.0, Some(Duration::from_secs(2)));
        assert_eq!(forecast.probability, 1.0 / 65_536.0);
        assert_eq!(forecast.expected_seconds, 1.0);
        assert!((forecast.seconds[0] - 2_f64.ln()).abs() < 1e-4);
        assert!((forecast.within.unwrap().1 - (1.0 - (-2_f64).exp())).abs() < 1e-4);
    }
}
