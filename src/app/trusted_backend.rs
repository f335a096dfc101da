//! Which backend a search may use: the fastest that gives its known answers when the search starts.
//!
//! A backend that fails is reported and not used, neither by the first workers nor by those that replace them.

use anyhow::{Context, bail};

use crate::config::SearchSettings;
use crate::config::args::BackendChoice;
use crate::engine::{Backend, EngineError, self_test};
use crate::fault::Fault;
use crate::health::{ActionTaken, Finding, Verdict};

/// A backend that computes wrong results, and what it got wrong.
pub(crate) type Distrusted = (Backend, String);

/// Settles the backend of a search, and notes those that failed.
///
/// # Errors
/// The only backend that may be used computes wrong results.
pub(super) fn choose(settings: &mut SearchSettings) -> anyhow::Result<()> {
    let faults = settings.injected.faults.clone();
    let check = |backend| {
        let injected = faults.contains(&Fault::Answers(backend));
        let what = "a fault on purpose".to_owned();
        let failed = injected.then_some(EngineError::WrongAnswer { backend, what });
        failed.map_or_else(|| self_test(backend), Err)
    };
    (settings.backend, settings.distrusted) = settle(settings.backend, check)?;
    Ok(())
}

/// The choice with a backend that passes `check`, and the faster ones that do not.
///
/// # Errors
/// None passes, or the one that was asked for does not.
pub(crate) fn settle(
    choice: BackendChoice,
    check: impl Fn(Backend) -> Result<(), EngineError>,
) -> anyhow::Result<(BackendChoice, Vec<Distrusted>)> {
    let mut distrusted = Vec::new();
    if let BackendChoice::Only(backend) = choice {
        check(backend).context("Use --backend auto, and run keygen self-test")?;
        return Ok((choice, distrusted));
    }
    for backend in Backend::supported() {
        match check(backend) {
            Ok(()) => return Ok((BackendChoice::Checked(backend), distrusted)),
            Err(error) => distrusted.push((backend, error.to_string())),
        }
    }
    let errors: Vec<_> = distrusted.into_iter().map(|(_, error)| error).collect();
    bail!(
        "no backend gives its known answers: {}. The processor or its memory computes wrong results; run keygen \
         self-test on another machine to compare",
        errors.join("; ")
    )
}

/// Those of `backends` that are not distrusted.
pub(super) fn among(mut backends: Vec<Backend>, distrusted: &[Distrusted]) -> Vec<Backend> {
    backends.retain(|backend| distrusted.iter().all(|(wrong, _)| wrong != backend));
    backends
}

/// What a search reports about the backends that it does not use.
pub(super) fn findings(settings: &SearchSettings) -> Vec<Finding> {
    let used = settings.backend.backend();
    let finding = |(_, error): &Distrusted| Finding {
        verdict: Verdict::WrongArithmetic,
        worker: None,
        detail: format!("{error}; it is not used, the search runs on {used}"),
        action: ActionTaken::Reported,
    };
    settings.distrusted.iter().map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failing(wrong: &[Backend]) -> impl Fn(Backend) -> Result<(), EngineError> {
        move |backend| {
            let what = "lane 3".to_owned();
            let failed = wrong.contains(&backend);
            failed
                .then_some(EngineError::WrongAnswer { backend, what })
                .map_or(Ok(()), Err)
        }
    }

    #[test]
    fn a_backend_that_fails_is_passed_over_and_the_next_one_takes_its_place() {
        let supported = Backend::supported();
        for failed in 0..supported.len() - 1 {
            let (wrong, right) = supported.split_at(failed);
            let (choice, distrusted) = settle(BackendChoice::Auto, failing(wrong)).unwrap();
            assert_eq!(choice, BackendChoice::Checked(right[0]));
            assert_eq!(choice.to_string(), "auto");
            assert!(distrusted.iter().map(|(backend, _)| backend).eq(wrong));
            assert!(distrusted.iter().all(|(_, error)| error.contains("lane 3")));
            assert_eq!(among(supported.clone(), &distrusted), right);
        }
    }

    #[test]
    fn where_every_backend_fails_nothing_is_searched() {
        let supported = Backend::supported();
        let error = settle(BackendChoice::Auto, failing(&supported)).unwrap_err();
        for backend in supported {
            assert!(error.to_string().contains(backend.name()), "{error}");
        }
    }

    #[test]
    fn a_backend_that_was_asked_for_is_not_replaced_by_another() {
        let only = BackendChoice::Only(Backend::Portable);
        assert_eq!(settle(only, failing(&[])).unwrap(), (only, Vec::new()));
        let error = settle(only, failing(&[Backend::Portable])).unwrap_err();
        let text = format!("{error:#}");
        assert!(
            text.contains("portable computes wrong results") && text.contains("--backend auto")
        );
    }
}
