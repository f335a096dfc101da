//! The number of threads that search.

use super::layers::{Origin, Origins};
use super::processors;
use super::{Environment, InvalidValue, UsageError};
use crate::health::Thresholds;

/// More workers than any machine has processors for.
pub(crate) const MOST_WORKERS: usize = 4_096;

/// Reads a number of threads.
pub(crate) fn number(text: &str) -> Result<usize, InvalidValue> {
    let number = text.parse().ok();
    let number = number.filter(|number| (1..=MOST_WORKERS).contains(number));
    number.ok_or_else(|| {
        let has = processors::usable();
        InvalidValue::new(
            "not a number of workers",
            format!("Allowed are 1 to {MOST_WORKERS}; this process may use {has} processors here."),
        )
    })
}

/// The number at the start: as asked, or one for each processor that this process may use, within the limits of an
/// adaptive pool.
pub(super) fn at_start(
    asked: Option<usize>,
    thresholds: &Thresholds,
    origins: &Origins,
    environment: &Environment<'_>,
) -> Result<usize, UsageError> {
    let number = asked.unwrap_or(environment.processors);
    let Some(band) = thresholds.adaptive else {
        return Ok(number);
    };
    let nearest = number.clamp(band.least, band.most);
    // A session was begun with a number that other limits may have allowed.
    let must_fit = asked.is_some() && !matches!(origins.of("workers"), Origin::Session(_));
    if must_fit && nearest != number {
        return Err(UsageError::combination(
            format!(
                "{number} workers lie outside --adaptive {}..{}",
                band.least, band.most
            ),
            "The pool begins with --workers: choose a number between MIN and MAX.",
        ));
    }
    Ok(nearest)
}
