//! Values that options share: words with a type of their own, and what a text must be to become one.

use std::fmt;
use std::path::PathBuf;

use clap::ValueEnum;
use clap::builder::{PathBufValueParser, PossibleValuesParser, TypedValueParser};

use crate::config::InvalidValue;
use crate::config::number;
use crate::engine::Backend;
use crate::fault::{Fault, FaultError};
use crate::key::KeyFormat;
use crate::key::inspect::ExportFormat;

/// How many keys are wanted: so many, or all until a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Count(pub Option<u64>);

impl Count {
    pub(super) fn read(text: &str) -> Result<Self, InvalidValue> {
        if text.eq_ignore_ascii_case("all") {
            return Ok(Self(None));
        }
        let number = number::count(text).map_err(|wrong| InvalidValue {
            allowed: format!("{} \"all\" continues until a limit.", wrong.allowed),
            ..wrong
        })?;
        Ok(Self(Some(number)))
    }
}

/// Which arithmetic searches: one that this processor has, or the fastest of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum BackendChoice {
    #[default]
    Auto,
    Only(Backend),
}

impl BackendChoice {
    /// The arithmetic that it stands for on this processor.
    #[must_use]
    pub(crate) fn backend(self) -> Backend {
        match self {
            Self::Auto => Backend::detect(),
            Self::Only(backend) => backend,
        }
    }

    fn read(word: &str) -> Result<Self, InvalidValue> {
        match Backend::ALL.iter().find(|backend| backend.name() == word) {
            None => Ok(Self::Auto),
            Some(backend) if backend.is_supported() => Ok(Self::Only(*backend)),
            Some(_) => Err(unsupported(&Backend::supported())),
        }
    }
}

impl fmt::Display for BackendChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Only(backend) => f.write_str(backend.name()),
        }
    }
}

fn unsupported(supported: &[Backend]) -> InvalidValue {
    let names: Vec<_> = supported.iter().map(Backend::to_string).collect();
    let allowed = format!("It has {}; auto takes the first.", names.join(", "));
    InvalidValue::new("this processor does not have it", allowed)
}

pub(super) fn backend_words() -> impl TypedValueParser<Value = BackendChoice> {
    PossibleValuesParser::new(["auto", "avx512ifma", "avx2", "portable"])
        .try_map(|word| BackendChoice::read(&word))
}

/// How the scheduler treats the search.
#[derive(ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Priority {
    /// Nice 10: a desktop stays usable.
    #[default]
    Low,
    /// Like any other program.
    Normal,
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Low => "low",
            Self::Normal => "normal",
        })
    }
}

/// The words for a type that lives where clap is not known.
macro_rules! words {
    ($type:ty: $($value:expr => $word:literal),+) => {
        impl ValueEnum for $type {
            fn value_variants<'a>() -> &'a [Self] {
                &[$($value),+]
            }

            fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
                [$(($value, $word)),+]
                    .into_iter()
                    .find(|(value, _)| value == self)
                    .map(|(_, word)| clap::builder::PossibleValue::new(word))
            }
        }
    };
}

words!(KeyFormat: KeyFormat::Text => "text", KeyFormat::Json => "json");
words!(ExportFormat: ExportFormat::Text => "text", ExportFormat::Json => "json", ExportFormat::Serial => "serial");

/// Paths are made absolute where they are read, so that they mean the same whatever the current folder becomes.
pub(super) fn full_path() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(std::path::absolute)
}

pub(super) fn vanity_digits(text: &str) -> Result<u8, InvalidValue> {
    let number = text.trim().parse().ok();
    number
        .filter(|digits| (2..=16).contains(digits))
        .ok_or_else(|| {
            InvalidValue::new(
                "not a number of digits from 2 to 16",
                "Allowed are 2 to 16.",
            )
        })
}

pub(super) fn id_bytes(text: &str) -> Result<u8, InvalidValue> {
    let number = text.parse().ok();
    number
        .filter(|bytes| (1..=3).contains(bytes))
        .ok_or_else(|| {
            InvalidValue::new("a node ID has 1, 2 or 3 bytes", "Allowed are 1, 2 and 3.")
        })
}

pub(super) fn fault(text: &str) -> Result<Fault, InvalidValue> {
    text.parse()
        .map_err(|wrong: FaultError| InvalidValue::new(wrong.to_string(), "See HEALTH.md."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backend_that_is_missing_is_an_error_that_names_what_there_is() {
        let text = unsupported(&[Backend::Avx2, Backend::Portable]).to_string();
        assert!(text.contains("avx2, portable"), "{text}");
    }

    #[test]
    fn every_backend_has_its_word_and_portable_is_on_every_processor() {
        assert_eq!(BackendChoice::read("auto"), Ok(BackendChoice::Auto));
        let portable = BackendChoice::Only(Backend::Portable);
        assert_eq!(BackendChoice::read("portable"), Ok(portable));
        assert_eq!(portable.to_string(), "portable");
    }
}
