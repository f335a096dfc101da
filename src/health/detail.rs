//! The figures behind a verdict, in words.

use std::time::Duration;

use super::judge::Observation;
use super::probe::Readings;
use super::proof::Silence;
use crate::engine::Backend;
use crate::text::span::span;

fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "unknown".to_owned(), |s| format!("{:.0}%", 100.0 * s))
}

pub(super) fn wrong(backend: Backend, seen: &Observation, refutation_span: Duration) -> String {
    let (lane, expected) = match seen.silence {
        Some(Silence::Worker { expected }) => (String::new(), expected),
        Some(Silence::Lane { lane, expected }) => (format!(" of lane {lane}"), expected),
        None => {
            let within = span(refutation_span);
            let refuted = seen.refutations;
            return format!("{refuted} hits within {within} were refuted on {backend}");
        }
    };
    format!("no spot check{lane} was confirmed while {expected:.0} were expected on {backend}")
}

pub(super) fn unresponsive(seen: &Observation) -> String {
    let how = match (seen.burnt, seen.blocked) {
        (_, Some(true)) => "its thread is blocked".to_owned(),
        (Some(burnt), _) => {
            let seconds = burnt.as_secs_f64();
            format!("it used {seconds:.1} s of processor time meanwhile")
        }
        _ => "its thread can't be inspected here".to_owned(),
    };
    let age = seen.beat_age.as_secs_f64();
    format!("no sign of life for {age:.1} s; {how}")
}

pub(super) fn degraded(seen: &Observation) -> String {
    let ratio = seen.rate.zip(seen.performance);
    let calibration = match ratio.map(|(rate, performance)| rate / performance.max(1e-9)) {
        Some(ratio) if (0.9..1.1).contains(&ratio) => "unchanged".to_owned(),
        ratio => percent(ratio),
    };
    let performance = percent(seen.performance);
    format!("{performance} of baseline, calibration {calibration}")
}

pub(super) fn shared_card(seen: &Observation) -> String {
    let performance = percent(seen.performance);
    format!(
        "{performance} of baseline, also in a new context: something else uses or slows the card"
    )
}

pub(super) fn slowed(rate: Option<f64>) -> String {
    let rate = percent(rate);
    format!("this core runs all code at {rate} of its usual speed")
}

/// "; the processor is at 93 °C", or nothing where the temperature can't be read.
pub(super) fn heat(readings: &Readings) -> String {
    let celsius = readings.temperature.map(|t| t.celsius);
    celsius.map_or_else(String::new, |c| format!("; the processor is at {c:.0} °C"))
}

/// The three programs that use the most processor time.
fn users(readings: &Readings) -> String {
    let user = |user: &super::probe::User| format!("{} uses {:.0}%", user.name, 100.0 * user.share);
    let users: Vec<_> = readings.users.iter().take(3).map(user).collect();
    if users.is_empty() {
        "it is unknown which programs use it".to_owned()
    } else {
        users.join(", ")
    }
}

pub(super) fn contention(share: Option<f64>, readings: &Readings) -> String {
    let gets = match share {
        Some(share) => format!("{:.0}% of a core", 100.0 * share),
        None => "next to no processor time".to_owned(),
    };
    format!("it gets {gets}; {}", users(readings))
}

pub(super) fn missing(cores: f64, readings: &Readings) -> String {
    format!(
        "the workers lack {cores:.1} cores of processor time; {}",
        users(readings)
    )
}
