//! Odds for people and as JSON.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::Rate;
use super::forecast::Forecast;
use crate::text::number::{about, percent, rate as per_second};
use crate::text::odds::{Odds, SHARES};
use crate::text::span::{seconds, span};

/// Writes the odds of one pattern.
pub(super) fn text(forecast: &Forecast, rate: Rate, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "pattern     {}", forecast.pattern)?;
    writeln!(
        out,
        "chance      {} a candidate ({:.3e})",
        Odds(forecast.probability).share(),
        forecast.probability
    )?;
    writeln!(
        out,
        "expected    {} candidates, {} on average",
        about(forecast.expected_candidates),
        seconds(forecast.expected_seconds)
    )?;
    writeln!(out, "rate        {}", rate_text(rate))?;
    for (share, time) in SHARES.iter().zip(forecast.seconds) {
        writeln!(out, "{:<12}within {}", percent(*share), seconds(time))?;
    }
    if let Some((time, chance)) = forecast.within {
        writeln!(
            out,
            "{:<12}within {}, the time asked about",
            percent(chance),
            span(time)
        )?;
    }
    Ok(())
}

fn rate_text(rate: Rate) -> String {
    let how = match rate.measured {
        None => "as given".to_owned(),
        Some((backend, 1)) => format!("measured now: {backend}, 1 worker"),
        Some((backend, workers)) => format!("measured now: {backend}, {workers} workers"),
    };
    format!("{} ({how})", per_second(rate.per_second))
}

/// Writes a line for each pattern.
pub(super) fn table(forecasts: &[Forecast], rate: Rate, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "rate: {}\n", rate_text(rate))?;
    let within = forecasts.first().and_then(|forecast| forecast.within);
    let head = SHARES.map(percent);
    row(
        "pattern",
        "one in",
        &head,
        &within.map(|(time, _)| format!("in {}", span(time))),
        out,
    )?;
    for forecast in forecasts {
        let times = forecast.seconds.map(seconds);
        let chance = forecast.within.map(|(_, chance)| percent(chance));
        let one_in = about(forecast.expected_candidates);
        row(&forecast.pattern, &one_in, &times, &chance, out)?;
    }
    writeln!(
        out,
        "\nA search has no memory: these are the times from any moment on. The chance of a prefix is that of any with so\nmany digits, but for those that reach into the reserved beginnings 00 and FF."
    )
}

fn row(
    pattern: &str,
    one_in: &str,
    times: &[String; SHARES.len()],
    within: &Option<String>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let [half, most, nearly_all] = times;
    write!(
        out,
        "{pattern:<20}{one_in:>21}{half:>16}{most:>16}{nearly_all:>16}"
    )?;
    match within {
        Some(chance) => writeln!(out, "{chance:>18}"),
        None => writeln!(out),
    }
}

/// The odds of one pattern as JSON.
pub(super) fn json(forecast: &Forecast, rate: Rate) -> Value {
    let mut object = forecast_json(forecast);
    object["rate"] = json!(rate.per_second);
    object["rate_measured"] = json!(rate.measured.is_some());
    object
}

/// The table as JSON.
pub(super) fn table_json(forecasts: &[Forecast], rate: Rate) -> Value {
    json!({
        "rate": rate.per_second,
        "rate_measured": rate.measured.is_some(),
        "table": forecasts.iter().map(forecast_json).collect::<Vec<_>>(),
    })
}

fn forecast_json(forecast: &Forecast) -> Value {
    let [half, most, nearly_all] = forecast.seconds;
    let mut object = json!({
        "pattern": forecast.pattern,
        "probability": forecast.probability,
        "expected_candidates": forecast.expected_candidates,
        "expected_seconds": forecast.expected_seconds,
        "seconds": { "50": half, "90": most, "99": nearly_all },
    });
    if let Some((time, chance)) = forecast.within {
        object["within"] = json!({ "seconds": time.as_secs_f64(), "chance": chance });
    }
    object
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Backend;
    use std::time::Duration;

    fn forecast() -> Forecast {
        Forecast {
            pattern: "prefix F8A1".to_owned(),
            probability: 1.0 / 65_536.0,
            expected_candidates: 65_536.0,
            expected_seconds: 1.0,
            seconds: [0.7, 2.3, 4.6],
            within: Some((Duration::from_secs(90), 0.5)),
        }
    }

    #[test]
    fn odds_of_a_pattern_are_one_fact_a_line() {
        let rate = Rate {
            per_second: 65_536.0,
            measured: Some((Backend::Avx2, 2)),
        };
        let mut out = Vec::new();
        text(&forecast(), rate, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        for part in [
            "1 in 65,536 a candidate",
            "avx2, 2 workers",
            "50 %        within 0.70 s",
            "within 1 min 30 s",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn the_columns_of_the_table_are_equally_wide() {
        let rate = Rate {
            per_second: 1.0,
            measured: None,
        };
        let mut out = Vec::new();
        table(&[forecast()], rate, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[2].len(), lines[3].len(), "{text}");
        assert!(lines[0].contains("as given"));
    }
}
