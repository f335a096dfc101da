//! Names of sessions: plain file names, and suggestions for an unknown name.

use std::fmt;
use std::path::Path;

use thiserror::Error;

/// The longest name, in bytes: leaves room for what file systems and this program append.
pub(crate) const LONGEST: usize = 100;

/// Prefix of the names of searches that the user did not name.
const UNNAMED: &str = "search-";

/// Why a text is not a session name.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error(
    "{text:?} is not a valid session name: {problem}; allowed are letters, digits, '-', '_', '.' and inner spaces, at \
     most {LONGEST} bytes, not starting with a dot or a dash"
)]
pub(crate) struct NameError {
    /// What was typed.
    pub text: String,
    /// What is wrong with it.
    pub problem: &'static str,
}

/// The name of a session, which is also the name of its folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SessionName(String);

impl SessionName {
    /// Reads a name.
    ///
    /// # Errors
    /// It is not a plain file name.
    pub(crate) fn parse(text: &str) -> Result<Self, NameError> {
        match problem(text) {
            None => Ok(Self(text.to_owned())),
            Some(problem) => Err(NameError {
                text: text.to_owned(),
                problem,
            }),
        }
    }

    /// A name for a search that the user did not name: from its start time and process.
    pub(crate) fn unnamed(began: &jiff::Zoned, process: u32) -> Self {
        Self(format!(
            "{UNNAMED}{}-{process}",
            began.strftime("%Y%m%d-%H%M%S")
        ))
    }

    /// Whether it looks like the name of a search that the user did not name.
    pub(crate) fn is_made_up(&self) -> bool {
        self.0.starts_with(UNNAMED)
    }

    /// The name as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as an argument of a shell.
    pub(crate) fn quoted(&self) -> String {
        if self.0.contains(' ') {
            format!("'{}'", self.0)
        } else {
            self.0.clone()
        }
    }
}

impl AsRef<Path> for SessionName {
    fn as_ref(&self) -> &Path {
        Path::new(&self.0)
    }
}

impl fmt::Display for SessionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn problem(text: &str) -> Option<&'static str> {
    let allowed = |c: char| c.is_alphanumeric() || "-_. ".contains(c);
    let upper = text.to_ascii_uppercase();
    let device = upper.split('.').next().unwrap_or_default();
    match text {
        "" => Some("it is empty"),
        _ if text.len() > LONGEST => Some("it is too long"),
        _ if text.starts_with('.') => Some("it starts with a dot"),
        _ if text.starts_with('-') => Some("it starts with a dash"),
        _ if text.starts_with(' ') || text.ends_with([' ', '.']) => {
            Some("it starts or ends with a space, or ends with a dot")
        }
        _ if !text.chars().all(allowed) => Some("it is not a plain file name"),
        _ if is_device(device) => Some("it is the name of a device on Windows"),
        _ => None,
    }
}

fn is_device(stem: &str) -> bool {
    let numbered = |kind| {
        let number = stem.strip_prefix(kind);
        number.is_some_and(|n: &str| n.len() == 1 && n.as_bytes()[0].is_ascii_digit())
    };
    ["CON", "PRN", "AUX", "NUL"].contains(&stem) || numbered("COM") || numbered("LPT")
}

/// The names that are most like `text`, the nearest first, at most 3; none where nothing is like it.
pub(crate) fn nearest(text: &str, names: &[SessionName]) -> Vec<SessionName> {
    let lower = text.to_lowercase();
    let farthest = (lower.chars().count() / 3).max(2);
    let mut ranked: Vec<_> = names
        .iter()
        .filter_map(|name| rank(&lower, &name.0.to_lowercase(), farthest).map(|far| (far, name)))
        .collect();
    ranked.sort();
    let nearest = ranked.into_iter().take(3);
    nearest.map(|(_, name)| name.clone()).collect()
}

/// How far a name is from what was typed; nothing if it is too far. One that begins alike is near.
fn rank(typed: &str, name: &str, farthest: usize) -> Option<usize> {
    let begins = !typed.is_empty() && (name.starts_with(typed) || typed.starts_with(name));
    let far = strsim::levenshtein(typed, name);
    (begins || far <= farthest).then_some(if begins { far.min(1) } else { far })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> SessionName {
        SessionName::parse(text).unwrap()
    }

    #[test]
    fn plain_file_names_are_names() {
        for text in ["night", "night-2", "C0FFEE.1", "Büro 3", &"x".repeat(100)] {
            assert_eq!(name(text).as_str(), text);
        }
        assert_eq!(name("Büro 3").quoted(), "'Büro 3'");
    }

    #[test]
    fn whatever_is_not_a_plain_file_name_is_refused() {
        let long = "x".repeat(101);
        for text in [
            "", ".", "..", ".x", "a/b", "a\\b", "-x", "a\0", "a\n", " a", "a ", "a.", "a:b", "con",
            "LPT1.x", &long,
        ] {
            let error = SessionName::parse(text).unwrap_err();
            assert!(error.to_string().contains("allowed are letters"), "{text}");
        }
    }

    #[test]
    fn the_nearest_names_come_first_and_far_ones_not_at_all() {
        let names = ["night", "nights-long", "might", "day"].map(name);
        assert_eq!(nearest("nigth", &names), [name("night")]);
        assert_eq!(nearest("fight", &names), [name("might"), name("night")]);
        assert_eq!(nearest("NIGHT", &names)[0], name("night"));
        assert!(nearest("nights", &names).contains(&name("nights-long")));
        assert!(nearest("zzzzzz", &names).is_empty());
    }

    #[test]
    fn unnamed_searches_have_names_that_sort_by_time() {
        let began: jiff::Zoned = "2026-11-22T03:30:14+00:00[UTC]".parse().unwrap();
        let unnamed = SessionName::unnamed(&began, 77);
        assert_eq!(unnamed.as_str(), "search-20261122-033014-77");
        assert_eq!(SessionName::parse(unnamed.as_str()), Ok(unnamed));
    }
}
