//! The options of `keygen cluster`.

use std::time::Duration;

use clap::{Args, Subcommand};

use super::pattern::PatternArgs;
use crate::config::{InvalidValue, duration, number};

/// What can be asked about several machines.
#[derive(Subcommand, Debug)]
pub(crate) enum ClusterTool {
    /// Expected time and cost of a search on several machines
    ///
    /// Searches have no memory and share nothing, so that N machines are N times as fast as one: the times are those of
    /// keygen odds at N times the rate. The cost is what all machines take until the first key is found.
    Plan(PlanArgs),
}

/// Options of `keygen cluster plan`.
#[derive(Args, Debug, Default)]
pub(crate) struct PlanArgs {
    /// The pattern.
    #[command(flatten)]
    pub pattern: PatternArgs,
    /// Candidates a second of one machine [default: measured on this one for a moment]
    #[arg(long, value_name = "N", help_heading = "Plan", value_parser = number::count)]
    pub rate: Option<u64>,
    /// How many machines search [default: 1]
    #[arg(long, value_name = "N", help_heading = "Plan", value_parser = number::count)]
    pub machines: Option<u64>,
    /// What one machine costs an hour, in any currency: 0.35 or 0.35/h
    #[arg(long, value_name = "X/h", help_heading = "Plan", value_parser = price, allow_hyphen_values = true)]
    pub price: Option<Price>,
    /// Also the chance within this time: hours (8, 0.5), 2:30, 90m, 1h 30m
    #[arg(long, value_name = "T", help_heading = "Plan", value_parser = duration::hours)]
    pub time: Option<Duration>,
    /// Print a JSON object
    #[arg(long, help_heading = "Plan")]
    pub json: bool,
}

/// What a machine costs an hour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Price(pub f64);

fn price(text: &str) -> Result<Price, InvalidValue> {
    let bare = text.strip_suffix("/h").unwrap_or(text);
    let is_plain = |c: char| c.is_ascii_digit() || c == '.';
    let price = bare.parse().ok().filter(|_| bare.chars().all(is_plain));
    price.map(Price).ok_or_else(|| {
        InvalidValue::new(
            "not a price",
            "Allowed is what one machine costs an hour, such as 0.35 or 0.35/h, without a currency.",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_a_plain_number_with_or_without_its_hour() {
        for (text, expected) in [("0.35", 0.35), ("2/h", 2.0), ("0/h", 0.0), (".5", 0.5)] {
            assert_eq!(price(text), Ok(Price(expected)), "{text}");
        }
        for wrong in [
            "", "/h", "-1", "$2", "2/d", "inf", "nan", "1e3", "2 /h", "0.3.5",
        ] {
            assert!(price(wrong).is_err(), "{wrong}");
        }
    }
}
