//! Honest odds of a search that has no memory: pure functions of the chance a candidate, counts and a rate.

use super::number::{about, percent};
use super::span::{DAY, seconds};

/// Shares for which the time from now is told.
pub(crate) const SHARES: [f64; 3] = [0.5, 0.9, 0.99];

/// The exact chance that one candidate is wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Odds(pub f64);

impl Default for Odds {
    /// Every candidate is wanted.
    fn default() -> Self {
        Self(1.0)
    }
}

impl Odds {
    /// Candidates that a key takes on average.
    pub(crate) fn expected(self) -> f64 {
        1.0 / self.0
    }

    /// The chance of at least one key within so many candidates: `1 − (1 − p)^n`, exact also for tiny p. Never quite
    /// 1, however long the search, unless every candidate is wanted.
    pub(crate) fn chance(self, candidates: f64) -> f64 {
        let chance = -(candidates * (-self.0).ln_1p()).exp_m1();
        if self.0 < 1.0 {
            chance.min(1.0 - f64::EPSILON)
        } else {
            chance
        }
    }

    /// Candidates within which a key is found with this chance.
    pub(crate) fn candidates_for(self, share: f64) -> f64 {
        (-share).ln_1p() / (-self.0).ln_1p()
    }

    /// "1 in 65,536", or "99 %" where most candidates are wanted.
    pub(crate) fn share(self) -> String {
        if self.0 > 0.5 {
            percent(self.0)
        } else {
            format!("1 in {}", about(self.expected()))
        }
    }

    /// "1 in 65,536 candidates", or "99 % of all candidates".
    pub(crate) fn one_in(self) -> String {
        let of = if self.0 > 0.5 { " of all" } else { "" };
        format!("{}{of} candidates", self.share())
    }

    /// The times from now for 50, 90 and 99 % at this rate; they do not shrink as the search continues, since it has
    /// no memory.
    pub(crate) fn times_from_now(self, rate: f64) -> String {
        let part = |share| {
            let time = seconds(self.candidates_for(share) / rate);
            format!("{} in {time}", percent(share))
        };
        format!("from now {}", SHARES.map(part).join(", "))
    }

    /// "chance by now 42 %", for the candidates since the last key.
    pub(crate) fn by_now(self, candidates: u64) -> String {
        format!("chance by now {}", percent(self.chance(candidates as f64)))
    }

    /// "87 % within the limit", for the candidates that the limit leaves.
    pub(crate) fn within_limit(self, candidates: f64) -> String {
        format!("{} within the limit", percent(self.chance(candidates)))
    }

    /// A warning if a key is expected to take more than a day at this rate.
    pub(crate) fn long_search(self, rate: f64) -> Option<String> {
        let expected = self.expected() / rate;
        (expected > DAY).then(|| {
            let half = seconds(self.candidates_for(0.5) / rate);
            let most = seconds(self.candidates_for(0.99) / rate);
            let mean = seconds(expected);
            format!(
                "This search is expected to take more than a day: {mean} a key on average at this machine's rate; \
                 50 % within {half}, 99 % within {most}."
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) {
        assert!((a / b - 1.0).abs() < 1e-12, "{a} is not {b}");
    }

    #[test]
    fn the_chance_is_that_of_independent_candidates() {
        close(Odds(0.5).chance(3.0), 0.875);
        close(Odds(0.25).expected(), 4.0);
        assert_eq!(Odds(0.1).chance(0.0), 0.0);
    }

    #[test]
    fn tiny_chances_lose_no_digits() {
        let odds = Odds(16f64.powi(-16));
        close(odds.chance(1e6), 1e6 * 16f64.powi(-16));
        close(odds.chance(odds.candidates_for(0.9)), 0.9);
    }

    #[test]
    fn half_of_all_searches_are_over_before_the_average() {
        let odds = Odds(1e-6);
        let share = odds.candidates_for(0.5) / odds.expected();
        assert!((share - 2f64.ln()).abs() < 1e-6);
    }

    #[test]
    fn odds_read_as_sentences() {
        let odds = Odds(1.0 / 65_536.0);
        assert_eq!(odds.one_in(), "1 in 65,536 candidates");
        assert_eq!(Odds(253.0 / 256.0).one_in(), "99 % of all candidates");
        assert_eq!(Odds(0.5).one_in(), "1 in 2 candidates");
        assert_eq!(odds.by_now(65_536), "chance by now 63 %");
        assert_eq!(odds.within_limit(1000.0), "2 % within the limit");
        assert_eq!(
            odds.times_from_now(65_536.0),
            "from now 50 % in 0.69 s, 90 % in 2.3 s, 99 % in 4.6 s"
        );
    }

    #[test]
    fn only_a_search_of_more_than_a_day_is_called_long() {
        let odds = Odds(1e-12);
        assert_eq!(odds.long_search(1e9), None);
        let text = odds.long_search(1e6).unwrap();
        assert!(text.contains("11.6 days a key on average"), "{text}");
    }
}
