//! The Python tool's self-tests, each with a real statistic, its p-value and a conclusion.
//!
//! | option | question | statistic |
//! | --- | --- | --- |
//! | `--test-compatibility` | do known and new keys pass every check? | share of reserved first bytes |
//! | `--test-distribution` | are first bytes equally frequent? | chi-square over the candidates of real sweeps |
//! | `--test-entropy` | do scalars, signing prefixes and public keys look random? | chi-squares of bits and bytes |
//! | `--test-meshcore-id` | are node IDs equally frequent, and equal ones as rare as chance predicts? | chi-square, pairs |
//!
//! A test fails if a p-value is below one in a million, or on any fault that chance cannot explain.

mod candidates;
mod keys;
mod statistic;

use std::fmt;

use self::statistic::{Statistic, THRESHOLD};
use super::ending_of;
use crate::app::process::forbid_core_dumps;
use crate::config::args::{LimitArgs, OldToolArgs, SearchArgs};
use crate::config::error::{UsageError, refuse};
use crate::exit::Ending;
use crate::report::streams::Streams;

/// What a test found.
#[derive(Clone, Debug, PartialEq)]
struct TestReport {
    title: String,
    /// What else was observed, a line each.
    facts: Vec<String>,
    statistics: Vec<Statistic>,
    /// What is wrong and cannot be chance, a line each.
    faults: Vec<String>,
}

/// What follows from a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Conclusion {
    Pass,
    Fail,
    /// Nothing is wrong, but some of the statistics need more keys.
    TooFewKeys,
}

impl TestReport {
    fn conclusion(&self) -> Conclusion {
        if !self.faults.is_empty() || self.statistics.iter().any(Statistic::is_suspicious) {
            Conclusion::Fail
        } else if self.statistics.iter().any(|one| one.p.is_none()) {
            Conclusion::TooFewKeys
        } else {
            Conclusion::Pass
        }
    }

    fn conclusion_text(&self) -> String {
        match self.conclusion() {
            Conclusion::Pass => format!("PASS: every p-value is at least {THRESHOLD:e}"),
            Conclusion::Fail if !self.faults.is_empty() => {
                "FAIL: there is a fault that chance cannot explain".to_owned()
            }
            Conclusion::Fail => format!(
                "FAIL: a p-value is below {THRESHOLD:e}, which chance alone causes once in a million tests"
            ),
            Conclusion::TooFewKeys => format!(
                "PASS as far as judged: no p-value is below {THRESHOLD:e}, but some statistics need more keys"
            ),
        }
    }
}

impl fmt::Display for TestReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.title)?;
        let statistics = self.statistics.iter().map(Statistic::to_string);
        let faults = self.faults.iter().map(|fault| format!("WRONG: {fault}"));
        for line in self.facts.iter().cloned().chain(statistics).chain(faults) {
            writeln!(f, "  {line}")?;
        }
        f.write_str(&self.conclusion_text())
    }
}

/// Whether self-tests are asked for.
///
/// # Errors
/// A search is asked for, too.
pub(crate) fn are_asked_for(args: &SearchArgs) -> Result<bool, UsageError> {
    let asked = args.old_tool != OldToolArgs::default();
    if asked && (!args.pattern.is_empty() || args.limits != LimitArgs::default()) {
        refuse!(
            "A self-test does not search, but a pattern or a limit is given. Run the self-test and the search one after \
             the other."
        );
    }
    Ok(asked)
}

/// Runs these tests and prints a report on each as soon as it is ready.
///
/// # Errors
/// The operating system gives no random bytes, the engine refuses its work, or standard output can't be written.
pub(crate) fn run(tests: &OldToolArgs, streams: &mut Streams<'_>) -> anyhow::Result<Ending> {
    forbid_core_dumps();
    let mut passed = true;
    let mut write = |report: anyhow::Result<TestReport>| -> anyhow::Result<()> {
        let report = report?;
        writeln!(streams.out, "{report}\n")?;
        passed &= report.conclusion() != Conclusion::Fail;
        Ok(streams.out.flush()?)
    };
    if tests.test_compatibility {
        write(keys::compatibility())?;
    }
    if let Some(keys) = tests.test_distribution {
        write(candidates::distribution(keys))?;
    }
    if let Some(keys) = tests.test_entropy {
        write(keys::entropy(keys))?;
    }
    if let Some(keys) = tests.test_meshcore_id {
        write(candidates::node_ids(keys))?;
    }
    Ok(ending_of(passed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(p: Option<f64>, faults: &[&str]) -> TestReport {
        TestReport {
            title: "Something, 5 keys".to_owned(),
            facts: vec!["a fact".to_owned()],
            statistics: vec![Statistic {
                name: "bytes".to_owned(),
                text: "chi-square 3.0".to_owned(),
                p,
            }],
            faults: faults.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn a_small_p_value_or_a_fault_fails_a_test() {
        assert_eq!(report(Some(0.3), &[]).conclusion(), Conclusion::Pass);
        assert_eq!(report(Some(1e-7), &[]).conclusion(), Conclusion::Fail);
        assert_eq!(report(Some(0.3), &["wrong"]).conclusion(), Conclusion::Fail);
        assert_eq!(report(None, &[]).conclusion(), Conclusion::TooFewKeys);
        assert_eq!(report(None, &["wrong"]).conclusion(), Conclusion::Fail);
    }

    #[test]
    fn a_report_ends_with_its_conclusion_and_the_threshold() {
        assert_eq!(
            report(Some(1e-9), &[]).to_string(),
            "Something, 5 keys\n  a fact\n  bytes: chi-square 3.0, p = 1.0e-9\nFAIL: a p-value is below 1e-6, which \
             chance alone causes once in a million tests"
        );
    }
}
