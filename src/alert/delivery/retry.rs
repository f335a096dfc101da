//! Three tries with growing pauses. The caller supplies the pauses, so that tests need not wait.

use std::time::Duration;

/// Pauses between the tries.
pub(crate) const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(3)];

/// How long one try may take.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(10);

/// Why a message was not delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// Without a full stop and without anything secret.
    pub reason: String,
    /// Whether another try may succeed.
    pub passing: bool,
}

impl Failure {
    pub(crate) fn passing(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            passing: true,
        }
    }

    pub(crate) fn lasting(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            passing: false,
        }
    }
}

/// Tries up to three times; a lasting failure is not retried.
///
/// # Errors
/// The last failure.
pub(crate) fn deliver<T>(
    mut attempt: impl FnMut() -> Result<T, Failure>,
    mut pause: impl FnMut(Duration),
) -> Result<T, Failure> {
    for wait in PAUSES {
        match attempt() {
            Err(failure) if failure.passing => pause(wait),
            done => return done,
        }
    }
    attempt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pauses that were made, and what came of it.
    fn course(results: &[Result<u8, Failure>]) -> (Vec<Duration>, Result<u8, Failure>) {
        let mut left = results.iter();
        let mut pauses = Vec::new();
        let attempt = || left.next().cloned().unwrap();
        let result = deliver(attempt, |pause| pauses.push(pause));
        (pauses, result)
    }

    #[test]
    fn it_is_tried_three_times_with_growing_pauses() {
        let failed = || Err(Failure::passing("no answer"));
        let (pauses, result) = course(&[failed(), failed(), failed()]);
        assert_eq!((&pauses[..], result), (&PAUSES[..], failed()));
        assert!(PAUSES[0] < PAUSES[1]);
    }

    #[test]
    fn one_that_works_ends_it() {
        let (pauses, result) = course(&[Err(Failure::passing("busy")), Ok(1)]);
        assert_eq!((pauses.len(), result), (1, Ok(1)));
    }

    #[test]
    fn what_will_not_pass_is_tried_once() {
        let (pauses, result) = course(&[Err(Failure::lasting("not found"))]);
        assert!(pauses.is_empty() && result.is_err());
    }
}
