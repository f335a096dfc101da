//! The Python tool's self-tests, each with a real statistic, its p-value and a verdict.
//!
//! | option | question | statistic |
//! | --- | --- | --- |
//! | `--test-compatibility` | do known and new keys pass every check? | share of reserved first bytes |
//! | `--test-distribution` | are first bytes equally frequent? | chi-square over the candidates of real sweeps |
//! | `--test-entropy` | do scalars, signing prefixes and public keys look random? | chi-squares of bits and bytes |
//! | `--test-meshcore-id` | are node IDs equally frequent, and equal ones as rare as chance has it? | chi-square, pairs |
//!
//! A trial fails if a p-value is below one in a million, or if anything is wrong that chance has no part in.

mod asked;
mod compatibility;
mod distribution;
mod entropy;
mod gamma;
mod node_id;
mod render;
mod sample;
mod statistic;

pub(crate) use self::asked::{PythonTest, asked};

use self::statistic::Statistic;
use crate::app::process::forbid_core_dumps;
use crate::exit::Ending;
use crate::report::streams::Streams;
use crate::text::number::thousands;

/// What a trial came to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Trial {
    /// What was tried, and on how many keys.
    pub title: String,
    /// What else was seen, a line each.
    pub facts: Vec<String>,
    /// The statistics.
    pub statistics: Vec<Statistic>,
    /// What is wrong, whatever chance may do, a line each.
    pub faults: Vec<String>,
}

/// What to think of a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing speaks against the keys.
    Pass,
    /// Something does.
    Fail,
    /// Nothing does, but some of the statistics need more keys.
    TooFew,
}

impl Trial {
    /// What to think of it.
    #[must_use]
    pub(crate) fn verdict(&self) -> Verdict {
        if !self.faults.is_empty() || self.statistics.iter().any(Statistic::is_suspicious) {
            Verdict::Fail
        } else if self
            .statistics
            .iter()
            .any(|statistic| statistic.p.is_none())
        {
            Verdict::TooFew
        } else {
            Verdict::Pass
        }
    }
}

/// Runs the trials one after the other and writes what each came to.
///
/// # Errors
/// The operating system gives no random bytes, the engine refuses its work, or standard output the answer.
pub(crate) fn run(tests: &[PythonTest], streams: &mut Streams<'_>) -> anyhow::Result<Ending> {
    forbid_core_dumps();
    let mut ending = Ending::Found;
    for test in tests {
        let trial = match *test {
            PythonTest::Compatibility => compatibility::trial()?,
            PythonTest::Distribution { keys } => distribution::trial(keys)?,
            PythonTest::Entropy { keys } => entropy::trial(keys)?,
            PythonTest::NodeId { keys } => node_id::trial(keys)?,
        };
        render::text(&trial, streams.out)?;
        if trial.verdict() == Verdict::Fail {
            ending = Ending::Failed;
        }
    }
    Ok(ending)
}

/// "1 key", "1,000 keys".
fn keys_text(keys: u64) -> String {
    let plural = if keys == 1 { "" } else { "s" };
    format!("{} key{plural}", thousands(keys))
}

/// What a sample was made of, and a fault if exact recomputation did not agree with the engine.
fn about(sample: &sample::Sample) -> (String, Option<String>) {
    let fact = format!(
        "candidates of real sweeps ({}), {} of them recomputed exactly",
        sample.backend,
        thousands(sample.recomputed)
    );
    let fault = format!(
        "{} recomputed keys differ from what the engine computed",
        sample.wrong
    );
    (fact, (sample.wrong > 0).then_some(fault))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trial(p: Option<f64>, faults: &[&str]) -> Trial {
        Trial {
            title: String::new(),
            facts: Vec::new(),
            statistics: vec![Statistic {
                name: String::new(),
                text: String::new(),
                p,
            }],
            faults: faults.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn a_small_p_value_or_a_fault_fails_a_trial() {
        assert_eq!(trial(Some(0.3), &[]).verdict(), Verdict::Pass);
        assert_eq!(trial(Some(1e-7), &[]).verdict(), Verdict::Fail);
        assert_eq!(trial(Some(0.3), &["wrong"]).verdict(), Verdict::Fail);
        assert_eq!(trial(None, &[]).verdict(), Verdict::TooFew);
        assert_eq!(trial(None, &["wrong"]).verdict(), Verdict::Fail);
    }
}
