//! Which of the Python tool's self-tests a command line asks for.

use crate::config::UsageError;
use crate::config::args::SearchArgs;

/// One of the Python tool's self-tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PythonTest {
    /// `--test-compatibility`: known keys.
    Compatibility,
    /// `--test-distribution`: the first two digits of so many keys.
    Distribution { keys: u64 },
    /// `--test-entropy`: repetition and uniformity of so many keys.
    Entropy { keys: u64 },
    /// `--test-meshcore-id`: node IDs of so many keys.
    NodeId { keys: u64 },
}

/// The self-tests that are asked for, in the order in which they run.
///
/// # Errors
/// A search is asked for, too.
pub(crate) fn asked(args: &SearchArgs) -> Result<Vec<PythonTest>, UsageError> {
    let old = &args.old_tool;
    let tests = [
        old.test_compatibility.then_some(PythonTest::Compatibility),
        (old.test_distribution).map(|keys| PythonTest::Distribution { keys }),
        old.test_entropy.map(|keys| PythonTest::Entropy { keys }),
        old.test_meshcore_id.map(|keys| PythonTest::NodeId { keys }),
    ];
    let tests: Vec<_> = tests.into_iter().flatten().collect();
    if !tests.is_empty() && searches(args) {
        return Err(UsageError::combination(
            "A self-test does not search, but a pattern or a limit is given",
            "Run the self-test and the search one after the other.",
        ));
    }
    Ok(tests)
}

fn searches(args: &SearchArgs) -> bool {
    let (pattern, limits) = (&args.pattern, &args.limits);
    let lists = [
        &pattern.prefix,
        &pattern.suffix,
        &pattern.matches,
        &pattern.avoid,
    ];
    let given = [
        pattern.vanity_2,
        pattern.vanity_4,
        pattern.vanity_6,
        pattern.vanity_8,
        pattern.four_char,
        !pattern.vanity.is_empty(),
        !pattern.pattern_file.is_empty(),
        !pattern.avoid_file.is_empty(),
        pattern.first_two.is_some(),
        pattern.prefix_vanity.is_some(),
        limits.count.is_some(),
        limits.candidates.is_some(),
        limits.keys.is_some(),
        limits.time.is_some(),
        limits.until.is_some(),
    ];
    given.contains(&true) || lists.iter().any(|list| !list.is_empty())
}
