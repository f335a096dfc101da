//! `keygen cluster plan`: time and cost of a search on several machines, from the exact odds.

use std::time::Duration;

use serde::Serialize;

use super::odds::{Answer, Forecast, rate};
use super::{Call, say_notes, write_facts, write_json};
use crate::config::args::{ClusterTool, Price};
use crate::config::error::refuse;
use crate::config::patterns;
use crate::exit::Ending;
use crate::pattern::Wanted;
use crate::text::number::{self, thousands};

/// Seconds of an hour.
const HOUR: f64 = 3600.0;

/// Does what a `cluster` command asks for.
///
/// # Errors
/// An invalid pattern, none at all, the rate can't be measured, or standard output can't be written.
pub(crate) fn run(tool: &ClusterTool, call: &mut Call<'_>) -> anyhow::Result<Ending> {
    let ClusterTool::Plan(args) = tool;
    let (environment, streams) = call.parts();
    let Some(wanted) = patterns::of_command(&args.pattern, environment)? else {
        refuse!("keygen cluster plan needs a pattern, such as --prefix F8A1B2C3.");
    };
    say_notes(environment, streams);
    let rate = rate(args.rate, Some(&wanted))?;
    let machines = args.machines.unwrap_or(1);
    let plan = Plan::new(&wanted, rate.rate, machines, args.price, args.time);
    match args.json {
        true => write_json(&Answer { odds: plan, rate }, streams)?,
        false => write_facts(&plan.facts(&rate.text), streams)?,
    }
    Ok(Ending::Found)
}

/// What to expect of machines that search for the same until the first key is found.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Plan {
    /// The forecast of all machines together.
    #[serde(flatten)]
    forecast: Forecast,
    machines: u64,
    /// Candidates a second of all machines.
    rate_of_all: f64,
    /// What all machines cost until the key is found: on average, and at most in 50, 90 and 99 % of all searches.
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<Cost>,
}

/// What a search costs, in the currency of the price.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Cost {
    expected: f64,
    #[serde(rename = "50")]
    half: f64,
    #[serde(rename = "90")]
    most: f64,
    #[serde(rename = "99")]
    nearly_all: f64,
}

impl Plan {
    /// The plan for so many machines of this rate each.
    fn new(
        wanted: &Wanted,
        rate: f64,
        machines: u64,
        price: Option<Price>,
        time: Option<Duration>,
    ) -> Self {
        let rate_of_all = rate * machines as f64;
        let forecast = Forecast::new(wanted, rate_of_all, time);
        let hourly = price.map(|Price(price)| price * machines as f64);
        let cost = hourly.map(|hourly| {
            let of = |seconds: f64| hourly * seconds / HOUR;
            let [half, most, nearly_all] = forecast.seconds.map(of);
            let expected = of(forecast.expected_seconds);
            Cost {
                expected,
                half,
                most,
                nearly_all,
            }
        });
        Self {
            forecast,
            machines,
            rate_of_all,
            cost,
        }
    }

    /// The plan as names and texts, one fact each.
    fn facts(&self, one: &str) -> Vec<(String, String)> {
        let machines = thousands(self.machines);
        let all = format!(
            "{machines} × {one}, {} together",
            number::rate(self.rate_of_all)
        );
        let mut facts = self.forecast.facts(&all);
        facts.extend(self.cost.iter().map(|cost| {
            let text = format!(
                "{} on average; 50 % {}, 90 % {}, 99 % {} at most",
                money(cost.expected),
                money(cost.half),
                money(cost.most),
                money(cost.nearly_all)
            );
            ("cost".to_owned(), text)
        }));
        facts
    }
}

/// An amount with two decimals, or more where it is small.
fn money(amount: f64) -> String {
    match amount {
        0.01.. => format!("{amount:.2}"),
        0.0 => "0".to_owned(),
        _ => format!("{amount:.2e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::Request;

    /// A machine of these tests tests so many candidates a second.
    const RATE: f64 = 1000.0;

    fn wanted() -> Wanted {
        let request = Request {
            prefixes: vec!["F8A1B2".to_owned()],
            ..Request::default()
        };
        Wanted::new(request).unwrap().0
    }

    /// Random numbers from a fixed seed (xorshift64*): no test depends on chance.
    struct Random(u64);

    impl Random {
        /// Uniform between 0 and 1, neither of them included.
        fn unit(&mut self) -> f64 {
            self.0 ^= self.0 >> 12;
            self.0 ^= self.0 << 25;
            self.0 ^= self.0 >> 27;
            let high = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11;
            (high as f64 + 0.5) / (1_u64 << 53) as f64
        }

        /// How many independent trials fail before the first success.
        fn failures(&mut self, chance: f64) -> f64 {
            (self.unit().ln() / (-chance).ln_1p()).floor()
        }
    }

    /// Seconds until the first of so many machines finds a key.
    ///
    /// Up to a thousand machines are simulated one by one, each with a search of its own; of a million, their tests in
    /// the order of time: second by second, and in each second machine by machine, up to the first that finds one.
    fn search(random: &mut Random, machines: u64, chance: f64) -> f64 {
        if machines <= 1000 {
            let of_one = |_| (random.failures(chance) + 1.0) / RATE;
            return (0..machines).map(of_one).fold(f64::INFINITY, f64::min);
        }
        let of_a_slice = 1.0 - (1.0 - chance).powf(RATE / 1000.0);
        let slices = random.failures(of_a_slice) / machines as f64;
        (slices.floor() + 1.0) / 1000.0
    }

    #[test]
    fn ten_thousand_simulated_searches_take_the_planned_time_on_any_number_of_machines() {
        const SEARCHES: usize = 10_000;
        let (wanted, mut random) = (wanted(), Random(0x9E37_79B9_7F4A_7C15));
        let one = Plan::new(&wanted, RATE, 1, None, None).forecast;
        for machines in [1, 10, 1000, 1_000_000] {
            let plan = Plan::new(&wanted, RATE, machines, None, None).forecast;
            let speedup = one.expected_seconds / plan.expected_seconds;
            assert!((speedup / machines as f64 - 1.0).abs() < 1e-9, "{speedup}");
            let chance = wanted.probability();
            let mut times: Vec<_> = (0..SEARCHES)
                .map(|_| search(&mut random, machines, chance))
                .collect();
            times.sort_by(f64::total_cmp);
            let mean = times.iter().sum::<f64>() / SEARCHES as f64;
            // The mean of 10,000 exponential times is right to 1 %; 4 of these is a chance of 1 in 16,000. A machine
            // can't find a key within less than its first slice of time.
            let slack = 0.04 + 0.001 / plan.expected_seconds;
            let off = mean / plan.expected_seconds - 1.0;
            assert!(
                off.abs() < slack,
                "{machines} machines: the mean is off by {off}"
            );
            for (share, planned) in [0.5, 0.9, 0.99].into_iter().zip(plan.seconds) {
                let within = times.partition_point(|time| *time <= planned + 0.0005);
                let deviation = (share * (1.0 - share) / SEARCHES as f64).sqrt();
                let off = within as f64 / SEARCHES as f64 - share;
                let slack = 4.0 * deviation + 0.001 / plan.expected_seconds;
                assert!(
                    off.abs() < slack,
                    "{machines} machines, {share}: off by {off}"
                );
            }
        }
    }

    #[test]
    fn more_machines_take_less_time_and_cost_the_same() {
        let price = Some(Price(0.36));
        let [one, many] = [1, 500].map(|machines| Plan::new(&wanted(), 1e6, machines, price, None));
        let (of_one, of_many) = (one.cost.unwrap(), many.cost.unwrap());
        // 16^6 candidates at a million a second take 16.8 s, of which an hour has 214.
        assert!((of_one.expected - 0.36 * 16.777_216 / 3600.0).abs() < 1e-12);
        assert!((of_one.expected / of_many.expected - 1.0).abs() < 1e-12);
        assert!(of_one.half < of_one.expected && of_one.most < of_one.nearly_all);
        assert_eq!(money(12.345), "12.35");
        assert_eq!(
            (money(0.0).as_str(), money(0.001_68).as_str()),
            ("0", "1.68e-3")
        );
    }
}
