//! The settings of the tools beside the search: odds, bench, key, and the Python tool's self-tests.

use std::path::PathBuf;
use std::time::Duration;

use crate::config::args::{
    BackendChoice, BenchArgs, ExportFormat, KeyTool, OddsArgs, PatternArgs, SearchArgs,
};
use crate::config::error::{Refused, UsageError};
use crate::config::inputs::each_once;
use crate::config::patterns;
use crate::config::search::show_private;
use crate::config::wanted::wanted;
use crate::config::{Surroundings, at, duration, number};
use crate::pattern::Wanted;

/// Settings of `keygen odds`.
#[derive(Clone, Debug)]
pub(crate) struct OddsSettings {
    /// What is wanted; `None`: the table of prefixes and vanities.
    pub wanted: Option<Wanted>,
    /// What to tell the user first, each a whole sentence.
    pub notes: Vec<String>,
    /// Candidates a second; `None`: to be measured.
    pub rate: Option<u64>,
    /// The time for which the chance is asked.
    pub time: Option<Duration>,
    /// Whether the answer is a JSON object.
    pub json: bool,
}

/// Settings of `keygen bench`.
#[derive(Clone, Debug)]
pub(crate) struct BenchSettings {
    /// What the filter looks for; `None`: the default, a prefix of 10 digits.
    pub wanted: Option<Wanted>,
    /// What to tell the user first, each a whole sentence.
    pub notes: Vec<String>,
    /// How long each measurement takes; `None`: as `bench` sees fit.
    pub seconds: Option<Duration>,
    /// The backend to measure; `None`: each that this processor has.
    pub backend: Option<BackendChoice>,
    /// Whether to measure what supervision costs, and nothing else.
    pub overhead: bool,
    /// Whether the answer is a JSON object.
    pub json: bool,
}

/// What to do with saved keys; a file named `-` is standard input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeyCommand {
    /// Check them.
    Verify {
        /// Where they are.
        files: Vec<PathBuf>,
    },
    /// Show public facts.
    Show {
        /// Where they are.
        files: Vec<PathBuf>,
        /// Whether the private key is shown too; standard output is a terminal then.
        private: bool,
    },
    /// Print them in another form.
    Export {
        /// Where they are.
        files: Vec<PathBuf>,
        /// The form.
        format: ExportFormat,
    },
}

/// One of the Python tool's self-tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PythonTest {
    /// `--test-compatibility`: known keys.
    Compatibility,
    /// `--test-distribution`: the first two digits of so many keys.
    Distribution {
        /// How many, at least 1.
        keys: u64,
    },
    /// `--test-entropy`: repetition and uniformity of so many keys.
    Entropy {
        /// How many, at least 1.
        keys: u64,
    },
    /// `--test-meshcore-id`: node IDs of so many keys.
    NodeId {
        /// How many, at least 1.
        keys: u64,
    },
}

/// Reads the options of `odds`.
pub(crate) fn odds(args: &OddsArgs, around: &Surroundings<'_>) -> Result<OddsSettings, UsageError> {
    let (wanted, notes) = wanted_or_none(&args.pattern, around)?;
    Ok(OddsSettings {
        rate: at("--rate", &args.rate, number::count)?,
        time: at("--time", &args.time, duration::hours)?,
        json: args.json,
        wanted,
        notes,
    })
}

/// Reads the options of `bench`.
pub(crate) fn bench(
    args: &BenchArgs,
    around: &Surroundings<'_>,
) -> Result<BenchSettings, UsageError> {
    let (wanted, notes) = wanted_or_none(&args.pattern, around)?;
    Ok(BenchSettings {
        seconds: at("--seconds", &args.seconds, duration::seconds)?,
        backend: args.backend,
        overhead: args.overhead,
        json: args.json,
        wanted,
        notes,
    })
}

/// What is wanted, or `None` for nothing at all, with what to tell the user.
fn wanted_or_none(
    args: &PatternArgs,
    around: &Surroundings<'_>,
) -> Result<(Option<Wanted>, Vec<String>), UsageError> {
    let mut notes = Vec::new();
    let asked = patterns::gather(args, &around.inputs)?;
    let wanted = if asked.is_empty() {
        None
    } else {
        Some(wanted(asked, &mut notes)?)
    };
    Ok((wanted, notes))
}

/// Reads the options of `key`.
pub(crate) fn key(tool: KeyTool, around: &Surroundings<'_>) -> Result<KeyCommand, UsageError> {
    match tool {
        KeyTool::Verify(args) => Ok(KeyCommand::Verify {
            files: key_files(args.files)?,
        }),
        KeyTool::Show(args) => {
            let private = show_private("--private", args.private, around)?;
            Ok(KeyCommand::Show {
                files: key_files(args.files.files)?,
                private,
            })
        }
        KeyTool::Export(args) => Ok(KeyCommand::Export {
            files: key_files(args.files.files)?,
            format: args.format,
        }),
    }
}

/// The same files, if they are files and not keys, and none stands twice. Whether they can be read is seen file by
/// file, so that one that is missing does not hide what is wrong with the others.
fn key_files(files: Vec<PathBuf>) -> Result<Vec<PathBuf>, UsageError> {
    if files.iter().any(|file| is_a_key(file)) {
        return Err(UsageError::combination(
            "A key stands on the command line, where other users can see it (it is not repeated here)",
            "Give a file, or pipe the key in and give - as the file.",
        ));
    }
    each_once(files.iter().map(|file| ("FILE", file)))?;
    Ok(files)
}

/// Whether a word is hex digits as long as a key, and no file of that name exists.
fn is_a_key(file: &std::path::Path) -> bool {
    let hex = |text: &str| text.len() >= 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
    file.to_str().is_some_and(hex) && !file.exists()
}

/// The Python tool's self-tests that are asked for.
pub(crate) fn python_tests(args: &SearchArgs) -> Result<Vec<PythonTest>, UsageError> {
    let old = &args.old_tool;
    let millions = |text: &str| multiple(text, number::MILLION);
    let thousands = |text: &str| multiple(text, 1_000);
    let tests = [
        old.test_compatibility.then_some(PythonTest::Compatibility),
        at("--test-distribution", &old.test_distribution, millions)?
            .map(|keys| PythonTest::Distribution { keys }),
        at("--test-entropy", &old.test_entropy, thousands)?
            .map(|keys| PythonTest::Entropy { keys }),
        at("--test-meshcore-id", &old.test_meshcore_id, thousands)?
            .map(|keys| PythonTest::NodeId { keys }),
    ];
    let tests: Vec<_> = tests.into_iter().flatten().collect();
    if !tests.is_empty() && searches(args) {
        let problem = "A self-test does not search, but a pattern or a limit is given";
        return Err(UsageError::combination(
            problem,
            "Run the self-test and the search one after the other.",
        ));
    }
    Ok(tests)
}

/// Reads a number that counts `unit` if it is bare.
fn multiple(text: &str, unit: u64) -> Result<u64, Refused> {
    let word = if unit == number::MILLION {
        "millions"
    } else {
        "thousands"
    };
    let allowed = format!(
        "Allowed is a number above zero: bare it counts {word}, with K, M, G or B it is that many. Decimals are fine \
         if the result is whole."
    );
    number::scaled(text, unit, &allowed)
}

/// Whether options ask for a search.
fn searches(args: &SearchArgs) -> bool {
    let (pattern, limits) = (&args.pattern, &args.limits);
    let lists = [
        &pattern.prefix,
        &pattern.suffix,
        &pattern.vanity,
        &pattern.matches,
        &pattern.avoid,
    ];
    let flags = [
        pattern.vanity_2,
        pattern.vanity_4,
        pattern.vanity_6,
        pattern.vanity_8,
        pattern.four_char,
    ];
    let texts = [
        &pattern.first_two,
        &pattern.prefix_vanity,
        &limits.count,
        &limits.candidates,
        &limits.keys,
    ];
    let files = !pattern.pattern_file.is_empty() || !pattern.avoid_file.is_empty();
    let times = limits.time.is_some() || limits.until.is_some();
    files
        || times
        || flags.contains(&true)
        || lists.iter().any(|list| !list.is_empty())
        || texts.iter().any(|text| text.is_some())
}
