//! Who searches: the number of threads, and the numbers by which they are watched.

use super::error::{Refused, UsageError};
use super::layers::Origins;
use super::{Surroundings, value};
use crate::config::args::SearchArgs;
use crate::health::Thresholds;
use crate::health::params::PARAMS;

/// The supervisor's numbers.
///
/// # Errors
/// One that can't be read, and two that contradict.
pub(crate) fn thresholds(args: &SearchArgs, origins: &Origins) -> Result<Thresholds, UsageError> {
    let mut thresholds = Thresholds::default();
    for number in PARAMS {
        if let Some(text) = args.how.health.0.get(number.name) {
            value::read(number.field, text, &mut thresholds)
                .map_err(|refused| refused.at(&format!("--{}", number.name), text))?;
        }
    }
    let origin = |name| origins.get(name).cloned().unwrap_or_default();
    thresholds.check().map_err(|wrong| {
        let places = format!(
            "{} comes from: {}; {} from: {}",
            wrong.low,
            origin(wrong.low),
            wrong.high,
            origin(wrong.high)
        );
        UsageError::combination(wrong.to_string(), format!("{places}."))
    })?;
    Ok(thresholds)
}

/// Reads a number of threads.
///
/// # Errors
/// Zero, more than any machine has processors for, and what is no number.
pub(crate) fn number_of_workers(text: &str) -> Result<usize, Refused> {
    let number = text.parse().ok();
    let number = number.filter(|number| (1..=value::MOST_WORKERS).contains(number));
    number.ok_or_else(|| {
        Refused::new(
            "that is not a number of workers",
            format!("Allowed are 1 to {}.", value::MOST_WORKERS),
        )
    })
}

/// The number, or the nearest that an adaptive pool may have.
pub(crate) fn within(number: usize, thresholds: &Thresholds) -> usize {
    let band = thresholds.adaptive;
    band.map_or(number, |band| number.clamp(band.least, band.most))
}

/// The number of threads at the start: as asked, or one for each processor that this process may use, within the
/// limits of an adaptive pool.
pub(crate) fn workers(
    text: Option<&str>,
    thresholds: &Thresholds,
    around: &Surroundings<'_>,
) -> Result<usize, UsageError> {
    let Some(text) = text else {
        return Ok(within(around.processors, thresholds));
    };
    let number = number_of_workers(text).map_err(|refused| {
        let has = format!("this process may use {} processors here", around.processors);
        let allowed = format!("{}; {has}.", refused.allowed.trim_end_matches('.'));
        Refused { allowed, ..refused }.at("--workers", text)
    })?;
    match thresholds.adaptive {
        Some(band) if !(band.least..=band.most).contains(&number) => Err(UsageError::combination(
            format!(
                "{number} workers lie outside --adaptive {}..{}",
                band.least, band.most
            ),
            "The pool begins with --workers: choose a number between MIN and MAX.",
        )),
        _ => Ok(number),
    }
}
