//! What to expect of a search for one pattern, for people and as JSON.

use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::pattern::Wanted;
use crate::text::number::{about, percent};
use crate::text::odds::{Odds, SHARES};
use crate::text::span::{seconds, span};

/// Chances and times of one pattern at one rate.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(in crate::commands) struct Forecast {
    /// The pattern for people.
    pub pattern: String,
    /// The exact chance that a candidate matches.
    pub probability: f64,
    pub expected_candidates: f64,
    pub expected_seconds: f64,
    /// Seconds within which a key is found in 50, 90 and 99 % of all searches.
    #[serde(serialize_with = "by_percent")]
    pub seconds: [f64; SHARES.len()],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<Within>,
}

/// The time that was asked about, and the chance of at least one key within it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(in crate::commands) struct Within {
    pub seconds: f64,
    pub chance: f64,
}

fn by_percent<S: Serializer>(
    times: &[f64; SHARES.len()],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let percents = SHARES.map(|share| format!("{:.0}", 100.0 * share));
    serializer.collect_map(percents.iter().zip(times))
}

impl Within {
    fn time(self) -> String {
        span(Duration::from_secs_f64(self.seconds))
    }
}

impl Forecast {
    /// The forecast for `wanted` at `rate` candidates a second, also for a search of the length `time`.
    pub(in crate::commands) fn new(wanted: &Wanted, rate: f64, time: Option<Duration>) -> Self {
        let odds = Odds(wanted.probability());
        let within = |seconds: f64| Within {
            seconds,
            chance: odds.chance(seconds * rate),
        };
        Self {
            pattern: wanted.describe(),
            probability: odds.0,
            expected_candidates: odds.expected(),
            expected_seconds: odds.expected() / rate,
            seconds: SHARES.map(|share| odds.candidates_for(share) / rate),
            within: time.map(|time| within(time.as_secs_f64())),
        }
    }

    /// The forecast as names and texts, one fact each; `rate` describes the rate.
    pub(in crate::commands) fn facts(&self, rate: &str) -> Vec<(String, String)> {
        let share = Odds(self.probability).share();
        let expected = about(self.expected_candidates);
        let time = seconds(self.expected_seconds);
        #[rustfmt::skip] // A table: a line each.
        let facts = [
            ("pattern", self.pattern.clone()),
            ("chance", format!("{share} per candidate ({:.3e})", self.probability)),
            ("expected", format!("{expected} candidates, {time} on average")),
            ("rate", rate.to_owned()),
        ];
        let facts = facts
            .map(|(name, text)| (name.to_owned(), text))
            .into_iter();
        let times = SHARES.iter().zip(self.seconds);
        let times =
            times.map(|(share, time)| (percent(*share), format!("within {}", seconds(time))));
        let within = self.within.iter().map(|within| {
            let text = format!("within {}, the time asked about", within.time());
            (percent(within.chance), text)
        });
        facts.chain(times).chain(within).collect()
    }

    /// The heading of a table whose forecasts are all for the same time as this one.
    pub(super) fn heading(&self) -> String {
        let within = self.within.map(|within| format!("in {}", within.time()));
        row("pattern", "one in", SHARES.map(percent), within)
    }

    /// Its line in the table.
    pub(super) fn row(&self) -> String {
        let chance = self.within.map(|within| percent(within.chance));
        let one_in = about(self.expected_candidates);
        row(&self.pattern, &one_in, self.seconds.map(seconds), chance)
    }
}

fn row(
    pattern: &str,
    one_in: &str,
    times: [String; SHARES.len()],
    within: Option<String>,
) -> String {
    let [half, most, nearly_all] = times;
    let within = within.map_or_else(String::new, |chance| format!("{chance:>18}"));
    format!("{pattern:<20}{one_in:>21}{half:>16}{most:>16}{nearly_all:>16}{within}")
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
        assert!((forecast.within.unwrap().chance - (1.0 - (-2_f64).exp())).abs() < 1e-4);
    }

    #[test]
    fn facts_and_columns_are_for_people() {
        let forecast = Forecast {
            pattern: "prefix F8A1".to_owned(),
            probability: 1.0 / 65_536.0,
            expected_candidates: 65_536.0,
            expected_seconds: 1.0,
            seconds: [0.7, 2.3, 4.6],
            within: Some(Within {
                seconds: 90.0,
                chance: 0.5,
            }),
        };
        let facts = forecast.facts("fast");
        let fact = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        assert_eq!(
            facts[1],
            fact("chance", "1 in 65,536 per candidate (1.526e-5)")
        );
        assert_eq!(facts[4], fact("50 %", "within 0.70 s"));
        assert_eq!(
            facts[7],
            fact("50 %", "within 1 min 30 s, the time asked about")
        );
        assert_eq!(forecast.heading().len(), forecast.row().len());
        let json = serde_json::to_value(&forecast).unwrap();
        assert_eq!(
            json["seconds"],
            serde_json::json!({"50": 0.7, "90": 2.3, "99": 4.6})
        );
    }
}
