//! Parsers of option values, and the types of those that are words.

use std::fmt;
use std::path::PathBuf;

use clap::ValueEnum;
use clap::builder::{PathBufValueParser, PossibleValuesParser, TypedValueParser};

use crate::config::InvalidValue;
use crate::config::devices::DeviceChoice;
use crate::config::number;
use crate::engine::Backend;
use crate::fault::{Fault, FaultError};
use crate::http::listener::Address;
use crate::key::inspect::ExportFormat;
use crate::key::{KeyFormat, MAX_NAME_BYTES, is_name};

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
    /// The fastest that gave its known answers.
    Checked(Backend),
    Only(Backend),
}

impl BackendChoice {
    /// The arithmetic that it stands for on this processor.
    pub(crate) fn backend(self) -> Backend {
        match self {
            Self::Auto => Backend::detect(),
            Self::Checked(backend) | Self::Only(backend) => backend,
        }
    }

    /// The arithmetic of the processors, and whether the first card was asked for in its place: that is a device.
    pub(crate) fn split(self) -> (Self, Option<DeviceChoice>) {
        match self {
            Self::Only(Backend::OpenCl) => (Self::Auto, Some(DeviceChoice::First)),
            _ => (self, None),
        }
    }

    fn read(word: &str) -> Result<Self, InvalidValue> {
        let known = Backend::ALL.iter().chain([&Backend::OpenCl]);
        match { known }.find(|backend| backend.name() == word) {
            Some(Backend::OpenCl) => Ok(Self::Only(Backend::OpenCl)),
            None => Ok(Self::Auto),
            Some(backend) if backend.is_supported() => Ok(Self::Only(*backend)),
            Some(_) => Err(unsupported(&Backend::supported())),
        }
    }
}

impl fmt::Display for BackendChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto | Self::Checked(_) => f.write_str("auto"),
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
    let named = Backend::ALL.into_iter().chain([Backend::OpenCl]);
    let words = ["auto"].into_iter().chain(named.map(Backend::name));
    PossibleValuesParser::new(words).try_map(|word| BackendChoice::read(&word))
}

/// How the scheduler treats the search.
#[derive(ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq, Hash, strum::Display)]
#[strum(serialize_all = "lowercase")]
pub(crate) enum Priority {
    /// Nice 10: a desktop stays usable.
    #[default]
    Low,
    /// Like any other program.
    Normal,
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
words!(ExportFormat: ExportFormat::Text => "text", ExportFormat::Json => "json", ExportFormat::Serial => "serial",
    ExportFormat::Hex => "hex", ExportFormat::Id => "id", ExportFormat::App => "app");

/// A name that a node can have.
pub(super) fn node_name(text: &str) -> Result<String, InvalidValue> {
    if is_name(text) {
        return Ok(text.to_owned());
    }
    let allowed =
        format!("Allowed are 1 to {MAX_NAME_BYTES} bytes of UTF-8 without control characters.");
    Err(InvalidValue::new(
        "not a name that a node can have",
        allowed,
    ))
}

/// Paths are made absolute where they are read, so that they mean the same whatever the current folder becomes.
pub(super) fn full_path() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(std::path::absolute)
}

pub(super) fn vanity_digits(text: &str) -> Result<u8, InvalidValue> {
    let refused = InvalidValue::new(
        "not a number of digits from 2 to 16",
        "Allowed are 2 to 16.",
    );
    let digits = text.trim().parse().ok();
    digits
        .filter(|digits| (2..=16).contains(digits))
        .ok_or(refused)
}

pub(super) fn id_bytes(text: &str) -> Result<u8, InvalidValue> {
    let refused = InvalidValue::new("a node ID has 1, 2 or 3 bytes", "Allowed are 1, 2 and 3.");
    let bytes = text.parse().ok();
    bytes.filter(|bytes| (1..=3).contains(bytes)).ok_or(refused)
}

pub(super) fn fault(text: &str) -> Result<Fault, InvalidValue> {
    text.parse()
        .map_err(|wrong: FaultError| InvalidValue::new(wrong.to_string(), "See HEALTH.md."))
}

/// The host of a port without one.
const LOOPBACK: &str = "127.0.0.1";

/// What an address may look like, as a sentence.
const ADDRESSES: &str = "Allowed are a port of this machine, such as 9184 (0: any free one), HOST:PORT, and [::]:9184 \
                       for every address that this machine has.";

/// Parses the address at which something is served; whether this machine has it turns out when it is used.
pub(crate) fn address(text: &str) -> Result<Address, InvalidValue> {
    let refused = |problem: &str| InvalidValue::new(problem, ADDRESSES);
    if text.is_empty() {
        return Err(refused("it is empty"));
    }
    let (host, port) = match text.rsplit_once(':') {
        None if text.bytes().all(|byte| byte.is_ascii_digit()) => (LOOPBACK, text),
        None => return Err(refused("it has no port")),
        Some((host, port)) => (host, port),
    };
    let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let port = port.parse().ok().filter(|_| digits);
    let port = port.ok_or_else(|| refused("a port is a number from 0 to 65535"))?;
    Ok(Address {
        host: host_of(host)?,
        port,
    })
}

fn host_of(text: &str) -> Result<String, InvalidValue> {
    let refused = |problem: &str| Err(InvalidValue::new(problem, ADDRESSES));
    if let Some(inner) = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
        return match inner.parse::<std::net::Ipv6Addr>() {
            Ok(_) => Ok(inner.to_owned()),
            Err(_) => refused("not an IPv6 address in brackets"),
        };
    }
    let of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    match text {
        "" => refused("it has no host"),
        text if text.contains(':') => refused("an IPv6 address needs brackets"),
        text if !text.chars().all(of_name) => refused("not the name of a host"),
        text => Ok(text.to_owned()),
    }
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

    #[test]
    fn a_port_alone_is_this_machines_only() {
        for (text, shown) in [
            ("9184", "127.0.0.1:9184"),
            ("0", "127.0.0.1:0"),
            ("localhost:1", "localhost:1"),
            ("0.0.0.0:65535", "0.0.0.0:65535"),
            ("[::]:9184", "[::]:9184"),
            ("[fe80::1]:80", "[fe80::1]:80"),
        ] {
            assert_eq!(address(text).unwrap().to_string(), shown);
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_what_is_allowed() {
        for (text, problem) in [
            ("", "it is empty"),
            ("host", "it has no port"),
            (":9184", "it has no host"),
            ("::1:9184", "needs brackets"),
            ("[::1]", "a port is"),
            ("[x]:1", "not an IPv6 address"),
            ("65536", "a port is"),
            ("-1", "it has no port"),
            ("a:+1", "a port is"),
            ("http://a:1", "needs brackets"),
            ("a b:1", "not the name of a host"),
        ] {
            let refused = address(text).unwrap_err();
            assert!(refused.problem.contains(problem), "{text}: {refused:?}");
            assert!(refused.allowed.contains("[::]:9184"));
        }
    }
}
