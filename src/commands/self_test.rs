//! `keygen self-test`: every backend, the check of keys and the pattern language against known answers.

use std::io::{self, Write};

use super::ending_of;
use super::known_keys::KNOWN_KEYS;
use crate::engine::{self, Backend, EngineError};
use crate::exit::Ending;
use crate::key::verify::{check, examine};
use crate::key::{CheckError, KeyError, PrivateKey, PublicKey, Start};
use crate::pattern::{Filter, Request, Wanted};
use crate::report::streams::Streams;
use crate::search::words::exact_words;

/// What came of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All answers were the known ones; says how many.
    Right(String),
    /// It can't be done here; says why.
    Skipped(String),
    /// An answer was another one; says which.
    Wrong(String),
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Check {
    /// What was checked.
    pub name: String,
    /// What came of it.
    pub outcome: Outcome,
}

/// Checks everything and writes a line for each check.
///
/// # Errors
/// Standard output does not take it.
pub(crate) fn run(streams: &mut Streams<'_>) -> anyhow::Result<Ending> {
    let checks = checks();
    render(&checks, streams.out)?;
    let is_wrong = |check: &Check| matches!(check.outcome, Outcome::Wrong(_));
    Ok(ending_of(!checks.iter().any(is_wrong)))
}

/// All checks, done.
#[must_use]
pub(crate) fn checks() -> Vec<Check> {
    let named = |name: &str, outcome| Check {
        name: name.to_owned(),
        outcome,
    };
    let engines = Backend::ALL.map(|backend| named(&format!("engine {backend}"), engine(backend)));
    let others = [
        named(
            "known keys",
            judge(known_keys(), "derived, signed, exchanged"),
        ),
        named("bad keys", judge(bad_keys(), "refused")),
        named(
            "patterns",
            judge(patterns(), "matched and not matched as they should"),
        ),
        named(
            "random generator",
            judge(generator(), "distinct starts drawn"),
        ),
    ];
    engines.into_iter().chain(others).collect()
}

fn engine(backend: Backend) -> Outcome {
    match engine::self_test(backend) {
        Ok(()) => Outcome::Right("every word of two sweeps is the known one".to_owned()),
        Err(EngineError::Unsupported(_)) => Outcome::Skipped("not on this processor".to_owned()),
        Err(error) => Outcome::Wrong(error.to_string()),
    }
}

/// The outcome of a check that counts right answers, in words.
fn judge(result: Result<usize, String>, what: &str) -> Outcome {
    match result {
        Ok(count) => Outcome::Right(format!("{count} {what}")),
        Err(wrong) => Outcome::Wrong(wrong),
    }
}

/// Known private keys give their known public keys and pass the whole check.
fn known_keys() -> Result<usize, String> {
    for known in &KNOWN_KEYS {
        let (private, public) = known.pair().map_err(|error| error.to_string())?;
        check(private, &public).map_err(|error| error.to_string())?;
    }
    Ok(KNOWN_KEYS.len())
}

/// Keys with one thing wrong are refused for just that.
fn bad_keys() -> Result<usize, String> {
    let (good, public) = KNOWN_KEYS[0].pair().map_err(|error| error.to_string())?;
    let mut other = public;
    other[31] ^= 0x80;
    let refuses = |key: &PrivateKey, public: &PublicKey, why: fn(&CheckError) -> bool| {
        examine(key, Some(public)).failures.iter().any(why)
    };
    let (unclamped, bare) = (changed(&good, 0, 1), repeated_prefix(&good, &public));
    let answers = [
        refuses(&good, &other, |e| {
            matches!(e, CheckError::WrongPublicKey { .. })
        }),
        refuses(&unclamped, &public, |e| matches!(e, CheckError::NotClamped)),
        refuses(&bare, &public, |e| {
            matches!(e, CheckError::GuessableSigningPrefix { .. })
        }),
    ];
    all_of(&answers, "a bad key passed the check: number")
}

/// `key` with bits of one byte flipped.
fn changed(key: &PrivateKey, byte: usize, bits: u8) -> PrivateKey {
    let mut bytes = zeroize::Zeroizing::new(*key.expose());
    bytes[byte] ^= bits;
    PrivateKey::from_bytes(&bytes)
}

/// `key` with its public key as the signing prefix, as some tools write it.
fn repeated_prefix(key: &PrivateKey, public: &PublicKey) -> PrivateKey {
    let mut bytes = zeroize::Zeroizing::new(*key.expose());
    bytes[32..].copy_from_slice(public);
    PrivateKey::from_bytes(&bytes)
}

/// A known public key fits the patterns that it should, by exact match and by the compiled filter, and no others.
fn patterns() -> Result<usize, String> {
    let (_, public) = KNOWN_KEYS[0].pair().map_err(|error| error.to_string())?;
    let prefix = |text: &str| Request {
        prefixes: vec![text.to_owned()],
        ..Request::default()
    };
    let suffix = |text: &str| Request {
        suffixes: vec![text.to_owned()],
        ..Request::default()
    };
    let ends = |text: &str| Request {
        matches: vec![text.to_owned()],
        ..Request::default()
    };
    let cases = [
        (prefix("9777E7"), true),
        (prefix("9777E8"), false),
        (suffix("20C7E1"), true),
        (suffix("20C7F1"), false),
        (ends("9777E76A...0C7E1"), true),
        (ends("9777E76A...0C7E3"), false),
    ];
    let right: Result<Vec<bool>, String> = cases
        .into_iter()
        .map(|(request, fits)| Ok(answers(request, &public)? == [fits; 2]))
        .collect();
    all_of(&right?, "a pattern was judged wrongly: number")
}

/// Whether a public key fits, by exact match and by the filter on its words.
fn answers(request: Request, public: &PublicKey) -> Result<[bool; 2], String> {
    let (wanted, _) = Wanted::new(request).map_err(|error| error.to_string())?;
    let (low, high) = exact_words(public);
    let plausible = Filter::compile(&wanted, None, 24).plausible(low, high);
    Ok([wanted.is_match(public), plausible.wanted])
}

/// The operating system gives random bytes, and not the same twice.
fn generator() -> Result<usize, String> {
    const DRAWN: usize = 16;
    let drawn: Result<Vec<_>, KeyError> = (0..DRAWN).map(|_| Start::fresh()).collect();
    let starts = drawn.map_err(|error| error.to_string())?;
    let publics: std::collections::HashSet<_> = starts.iter().map(Start::public).collect();
    if publics.len() == DRAWN {
        Ok(DRAWN)
    } else {
        Err(format!("only {} of {DRAWN} starts differ", publics.len()))
    }
}

fn all_of(right: &[bool], wrong: &str) -> Result<usize, String> {
    match right.iter().position(|right| !right) {
        None => Ok(right.len()),
        Some(index) => Err(format!("{wrong} {}", index + 1)),
    }
}

/// Writes a line for each check.
fn render(checks: &[Check], out: &mut dyn Write) -> io::Result<()> {
    for check in checks {
        let (word, text) = match &check.outcome {
            Outcome::Right(text) => ("ok", text),
            Outcome::Skipped(text) => ("skipped", text),
            Outcome::Wrong(text) => ("WRONG", text),
        };
        writeln!(out, "{word:<9}{:<19}{text}", check.name)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_gives_the_known_answers_here() {
        for check in checks() {
            assert!(!matches!(check.outcome, Outcome::Wrong(_)), "{check:?}");
        }
    }

    #[test]
    fn every_backend_and_every_part_has_its_line() {
        let mut out = Vec::new();
        render(&checks(), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        for part in [
            "engine avx512ifma",
            "engine avx2",
            "engine portable",
            "known keys",
            "patterns",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn a_wrong_answer_is_named() {
        assert_eq!(all_of(&[true, true], "x"), Ok(2));
        assert_eq!(all_of(&[true, false], "case"), Err("case 2".to_owned()));
        assert!(matches!(judge(Err("x".to_owned()), ""), Outcome::Wrong(_)));
    }
}
