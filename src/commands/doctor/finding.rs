//! One thing that was looked at.

use serde::Serialize;

/// How a thing was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Grade {
    /// As it should be.
    Fine,
    /// A search runs, but this is worth a look.
    Attention,
    /// A search fails, or its keys are not safe.
    Wrong,
    /// It can't be told here.
    Unknown,
}

impl Grade {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Fine => "ok",
            Self::Attention => "look",
            Self::Wrong => "WRONG",
            Self::Unknown => "unknown",
        }
    }
}

/// What was found of one thing, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    pub about: String,
    pub grade: Grade,
    pub found: String,
    /// A sentence.
    pub advice: Option<&'static str>,
}

impl Finding {
    pub(super) fn new(about: impl Into<String>, grade: Grade, found: impl Into<String>) -> Self {
        Self {
            about: about.into(),
            grade,
            found: found.into(),
            advice: None,
        }
    }

    pub(super) fn fine(about: impl Into<String>, found: impl Into<String>) -> Self {
        Self::new(about, Grade::Fine, found)
    }

    pub(super) fn wrong(
        about: impl Into<String>,
        found: impl Into<String>,
        advice: &'static str,
    ) -> Self {
        Self::new(about, Grade::Wrong, found).advise(advice)
    }

    /// The same with what to do.
    pub(super) fn advise(self, advice: &'static str) -> Self {
        Self {
            advice: Some(advice),
            ..self
        }
    }
}
