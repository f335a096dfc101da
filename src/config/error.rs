//! The one error of bad input: what is wrong, where, what is allowed and what to do, in whole sentences.

use std::path::PathBuf;

use crate::pattern::{PatternError, PatternFileErrors};

/// Bad input, found before any work. The exit code is 2 and nothing was written.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum UsageError {
    /// The value of an option that can't be used.
    #[error("{option} {value}: {problem}. {allowed}")]
    Value {
        /// The option as it is typed, such as `--time`.
        option: String,
        /// The value as it was typed.
        value: String,
        /// What is wrong with it, without a full stop.
        problem: String,
        /// What is allowed, as a sentence.
        allowed: String,
    },
    /// Options that exclude one another, or one that misses another.
    #[error("{problem}. {advice}")]
    Combination {
        /// What contradicts, without a full stop.
        problem: String,
        /// What to do, as a sentence.
        advice: String,
    },
    /// A file that can't be read.
    #[error("{option} {}: {reason}. {advice}", .path.display())]
    File {
        /// The option that named it, or what it was looked at for.
        option: String,
        /// The file.
        path: PathBuf,
        /// What the system said, without a full stop.
        reason: String,
        /// What to do, as a sentence.
        advice: String,
    },
    /// A pattern that can't be read or that no key can fulfil.
    #[error("{0}.")]
    Pattern(#[from] PatternError),
    /// Files with malformed lines, all of them.
    #[error("{}", joined(.0))]
    Files(Vec<PatternFileErrors>),
    /// Settings from a file or from the environment that can't be right, all of them.
    #[error("{}", lines(.0))]
    Settings(Vec<SettingError>),
    /// What another part of the program refused, in its own words: a session, a file, an address.
    #[error("{0}")]
    Refused(String),
}

impl UsageError {
    /// Options that exclude one another: `problem` without a full stop, `advice` as a sentence.
    pub(crate) fn combination(problem: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::Combination {
            problem: problem.into(),
            advice: advice.into(),
        }
    }

    /// What another part of the program refused, in its own words.
    pub(crate) fn refused(why: impl std::fmt::Display) -> Self {
        Self::Refused(why.to_string())
    }

    /// A file that `option` names and that could not be read.
    pub(crate) fn file(
        option: impl Into<String>,
        path: impl Into<PathBuf>,
        error: &std::io::Error,
    ) -> Self {
        let advice = match error.kind() {
            std::io::ErrorKind::NotFound => "Check the name, or give the full path.",
            std::io::ErrorKind::PermissionDenied => "Check who may read it.",
            std::io::ErrorKind::IsADirectory => "Name a file in it.",
            _ => "Check that it is a text file that can be read.",
        };
        let reason = without_code(error);
        Self::File {
            option: option.into(),
            path: path.into(),
            reason,
            advice: advice.into(),
        }
    }
}

/// Files with their malformed lines, one below the other.
fn joined(files: &[PatternFileErrors]) -> String {
    files
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

/// A setting from a file or from the environment that can't be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}. {allowed}")]
pub(crate) struct SettingError {
    /// File, line and setting, or the variable.
    pub place: String,
    /// What is wrong, without a full stop.
    pub problem: String,
    /// What is allowed or what to do, as a sentence.
    pub allowed: String,
}

/// Wrong settings, one below the other.
fn lines(wrong: &[SettingError]) -> String {
    let lines: Vec<_> = wrong.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// The system's words without Rust's "(os error 2)", in lower case, for use within a sentence.
fn without_code(error: &std::io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(letters).collect()
    })
}

/// Why a text can't be read as a value; whoever knows where it stood adds that.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}. {allowed}")]
pub(crate) struct InvalidValue {
    /// What is wrong, without a full stop.
    pub problem: String,
    /// What is allowed, as a sentence.
    pub allowed: String,
}

impl InvalidValue {
    /// `problem` without a full stop, `allowed` as a sentence.
    pub(crate) fn new(problem: impl Into<String>, allowed: impl Into<String>) -> Self {
        Self {
            problem: problem.into(),
            allowed: allowed.into(),
        }
    }

    /// The error for a value that stood at `option`.
    #[must_use]
    pub(crate) fn at(self, option: &str, value: &str) -> UsageError {
        let value = if value.is_empty() {
            "''".to_owned()
        } else {
            value.to_owned()
        };
        UsageError::Value {
            option: option.to_owned(),
            value,
            problem: self.problem,
            allowed: self.allowed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_where_what_and_what_is_allowed() {
        let error = InvalidValue::new("it is zero", "Give a number above zero.").at("--time", "0");
        assert_eq!(
            error.to_string(),
            "--time 0: it is zero. Give a number above zero."
        );
    }

    #[test]
    fn a_missing_file_is_named_without_the_number_of_the_error() {
        let error = std::fs::read("/nonexistent/list.txt").unwrap_err();
        let text = UsageError::file("--pattern-file", "/nonexistent/list.txt", &error).to_string();
        assert_eq!(
            text,
            "--pattern-file /nonexistent/list.txt: no such file or directory. Check the name, or give the full path."
        );
    }

    #[test]
    fn an_empty_value_is_visible() {
        assert!(
            InvalidValue::new("it is empty", "x.")
                .at("--prefix", "")
                .to_string()
                .starts_with("--prefix '': ")
        );
    }
}
