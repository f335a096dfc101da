//! The one error of bad input: what is wrong, where, what is allowed and what to do, in whole sentences.

use std::fmt::Display;
use std::io::ErrorKind;
use std::path::Path;

use crate::pattern::PatternError;
use crate::text::number::thousands;

/// With the two lines about the help that follow, an error has at most 20: what is above it stays on the screen.
const MAX_LINES: usize = 18;

/// Bad input, found before any work. The exit code is 2 and nothing was written.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0}")]
pub(crate) struct UsageError(String);

impl UsageError {
    /// What another part of the program refused, in its own words.
    pub(crate) fn refused(why: impl Display) -> Self {
        Self(why.to_string())
    }

    /// Several of them, one below the other, as far as they fit [`MAX_LINES`].
    pub(crate) fn all<T: Display>(wrong: &[T]) -> Self {
        let text = wrong
            .iter()
            .map(T::to_string)
            .collect::<Vec<_>>()
            .join("\n");
        let lines: Vec<&str> = text.lines().collect();
        if lines.len() <= MAX_LINES {
            return Self(text);
        }
        let (shown, more) = lines.split_at(MAX_LINES - 1);
        Self(format!(
            "{}\n… and {} more lines.",
            shown.join("\n"),
            thousands(more.len() as u64)
        ))
    }

    /// Fails with all that is wrong, if anything is.
    pub(crate) fn unless_empty<T: Display>(wrong: &[T]) -> Result<(), Self> {
        match wrong {
            [] => Ok(()),
            _ => Err(Self::all(wrong)),
        }
    }

    /// A file that `option` names and that could not be read.
    pub(crate) fn file(option: &str, path: impl AsRef<Path>, error: &std::io::Error) -> Self {
        let advice = match error.kind() {
            ErrorKind::NotFound => "Check the name, or give the full path.",
            ErrorKind::PermissionDenied => "Check who may read it.",
            ErrorKind::IsADirectory => "Name a file in it.",
            _ => "Check that it is a text file that can be read.",
        };
        let (path, reason) = (path.as_ref().display(), without_code(error));
        Self(format!("{option} {path}: {reason}. {advice}"))
    }
}

/// Returns a [`UsageError`] with this text, as `bail!` does: what is wrong, where, what is allowed and what to do.
macro_rules! refuse {
    ($($text:tt)*) => {
        return Err($crate::config::UsageError::refused(format_args!($($text)*)).into())
    };
}
pub(crate) use refuse;

impl From<PatternError> for UsageError {
    fn from(error: PatternError) -> Self {
        Self(format!("{error}."))
    }
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
    pub(crate) fn at(&self, option: &str, value: &str) -> UsageError {
        let value = if value.is_empty() { "''" } else { value };
        UsageError(format!("{option} {value}: {self}"))
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
    fn an_error_never_fills_more_than_twenty_lines_with_the_two_about_the_help() {
        let all = |count: usize| UsageError::all(&(1..=count).collect::<Vec<_>>()).to_string();
        assert_eq!(all(18).lines().count(), 18);
        assert_eq!(all(100_000).lines().count(), 18);
        assert!(all(100_000).ends_with("17\n… and 99,983 more lines."));
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
