//! The number of threads that search, and of processors that this process may use: its affinity, and the quota of its
//! control groups rounded up.

#[cfg(target_os = "linux")]
mod cgroup;

use super::Environment;
use super::error::{InvalidValue, UsageError, refuse};
use super::layers::{Origin, Origins};
use crate::health::Thresholds;

/// More workers than any machine has processors for.
pub(crate) const MOST_WORKERS: usize = 4_096;

/// Reads a number of threads.
pub(crate) fn number(text: &str) -> Result<usize, InvalidValue> {
    let number = text.parse().ok();
    let number = number.filter(|number| (1..=MOST_WORKERS).contains(number));
    number.ok_or_else(|| {
        let has = usable_processors();
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
        refuse!(
            "{number} workers lie outside --adaptive {}..{}. The pool begins with --workers: choose a number between MIN \
             and MAX.",
            band.least,
            band.most
        );
    }
    Ok(nearest)
}

/// The processors that this process may use, at least 1. A quota is rounded up: with 1.5 processors allowed, a single
/// worker would leave a third of them idle.
pub(crate) fn usable_processors() -> usize {
    let affinity = affinity();
    match quota() {
        Some(quota) => affinity.min(quota).max(1),
        None => affinity,
    }
}

/// The processors that the scheduler may put this process on, at least 1.
#[cfg(target_os = "linux")]
fn affinity() -> usize {
    match rustix::thread::sched_getaffinity(None) {
        Ok(set) => usize::try_from(set.count()).unwrap_or(1).max(1),
        // The set of a machine with more than 1,024 processors does not fit: the standard library handles that.
        Err(_) => parallelism(),
    }
}

/// The processors of this process where affinity is not asked for apart.
#[cfg(not(target_os = "linux"))]
fn affinity() -> usize {
    parallelism()
}

fn parallelism() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Processors' worth of time that the control groups allow, rounded up; `None` if they set no limit.
#[cfg(target_os = "linux")]
fn quota() -> Option<usize> {
    cgroup::quota(std::path::Path::new("/"))
}

/// There are no control groups here.
#[cfg(not(target_os = "linux"))]
fn quota() -> Option<usize> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_processor_and_no_more_than_the_affinity_allows() {
        assert!(usable_processors() >= 1);
        assert!(usable_processors() <= affinity());
    }
}
