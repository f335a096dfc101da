//! `keygen self-test`: every backend, the check of keys and the pattern language against known answers.

use std::collections::HashSet;
use std::io::{self, Write};

use anyhow::{bail, ensure};

use super::ending_of;
use crate::engine::{self, Backend, EngineError};
use crate::exit::Ending;
use crate::key::hex::{self, HexError};
use crate::key::verify::{check, examine};
use crate::key::{CheckError, KeyError, PrivateKey, PublicKey, Start};
use crate::pattern::{Filter, Request, Wanted};
use crate::report::streams::Streams;
use crate::search::confirm::exact_words;

/// Pairs of a private key, which everybody may know, and its public key, computed by an independent model of the curve in
/// plain integers. The last is the test client's that MeshCore's firmware carries for its check on import.
const KNOWN_KEYS: [(&str, &str); 4] = [
    (
        "c07041899743b09b5ff87235b2a8fcaacbdaf7c6d9e79b4ff1548742130e8c6e\
         7d0a89726be4eb5a39f533247792cb4d11be69c38616aa16937609a40600e815",
        "9777e76a05051e0a162c876ea163854b4a59d9a6a73fb44ac38e04c37920c7e1",
    ),
    (
        "5808a93d575547c44406c7d61fccfdf9837a0cc6dec7609064fa49cd48fcec40\
         eddd6a56e8ed8a30dbe6bdb493842d9380e12ab0407b7b0702f9501c864725c9",
        "ee725a3b30bbc015c250f7425250cb6e2b2610e5778baa715f98c24e7e70b8c1",
    ),
    (
        "90c0e59db6c22636c672ee4baef755b52128b7a3084ba1c67eeb0a59fa527c43\
         e5941e0807ade498ab5e41dce6f00272b0ef1ee0b760b389121592e66a57d49e",
        "d5c55880ae6157ab4e37f74605937dd9445fd648d9126855bfeb761c54a9a1b8",
    ),
    (
        "7065e18fd9fabb70c1ed90dca19907de698c88b709ea146eafd93d9b830c7b60\
         c4681193c79bbc39945ba8064104bb618f8fd7a84a0af6f57033d6e8ddcd6471",
        "1ec77175b0918ed206f9ae04ec136d6d5d4315bb26305427f645b492e9350c10",
    ),
];

/// The known keys as values.
///
/// # Errors
/// None, as the tests show.
pub(super) fn known_keys() -> Result<Vec<(PrivateKey, PublicKey)>, HexError> {
    let pair = |(private, public): &(&str, &str)| {
        Ok((PrivateKey::from_hex(private)?, hex::decode(public)?))
    };
    KNOWN_KEYS.iter().map(pair).collect()
}

/// The result of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Every answer was the known one.
    Right(String),
    /// It can't be done here.
    Skipped(&'static str),
    /// An answer was wrong.
    Wrong(String),
}

/// A check by name, with its result.
pub(super) type Check = (String, Outcome);

/// Runs every check and prints a line for each.
///
/// # Errors
/// Standard output can't be written.
pub(crate) fn run(streams: &mut Streams<'_>) -> anyhow::Result<Ending> {
    let checks = checks();
    render(&checks, streams.out)?;
    let is_wrong = |(_, outcome): &Check| matches!(outcome, Outcome::Wrong(_));
    Ok(ending_of(!checks.iter().any(is_wrong)))
}

pub(super) fn checks() -> Vec<Check> {
    let engines = Backend::ALL.map(|backend| (format!("engine {backend}"), engine(backend)));
    let others = [
        ("known keys", good_keys(), "derived, signed, exchanged"),
        ("bad keys", bad_keys(), "refused"),
        (
            "patterns",
            patterns(),
            "matched and not matched as they should",
        ),
        ("random generator", generator(), "distinct starts drawn"),
    ];
    let others = others.map(|(name, result, what)| (name.to_owned(), judge(result, what)));
    engines.into_iter().chain(others).collect()
}

fn engine(backend: Backend) -> Outcome {
    match engine::self_test(backend) {
        Ok(()) => Outcome::Right("every word of two sweeps is the known one".to_owned()),
        Err(EngineError::Unsupported(_)) => Outcome::Skipped("not on this processor"),
        Err(error) => Outcome::Wrong(error.to_string()),
    }
}

/// The outcome of a check that counts right answers.
fn judge(result: anyhow::Result<usize>, what: &str) -> Outcome {
    match result {
        Ok(count) => Outcome::Right(format!("{count} {what}")),
        Err(error) => Outcome::Wrong(error.to_string()),
    }
}

/// Known private keys give their known public keys and pass the whole check.
fn good_keys() -> anyhow::Result<usize> {
    for (private, public) in known_keys()? {
        check(private, &public)?;
    }
    Ok(KNOWN_KEYS.len())
}

/// Keys with one thing wrong are refused for just that.
fn bad_keys() -> anyhow::Result<usize> {
    let (good, public) = known_keys()?.swap_remove(0);
    let mut other = public;
    other[31] ^= 0x80;
    let unclamped = changed(&good, |bytes| bytes[0] ^= 1);
    // As some tools write keys.
    let repeated = changed(&good, |bytes| bytes[32..].copy_from_slice(&public));
    let refuses = |key: &PrivateKey, public: &PublicKey, why: fn(&CheckError) -> bool| {
        examine(key, Some(public)).failures.iter().any(why)
    };
    let answers = [
        refuses(&good, &other, |e| {
            matches!(e, CheckError::WrongPublicKey { .. })
        }),
        refuses(&unclamped, &public, |e| matches!(e, CheckError::NotClamped)),
        refuses(&repeated, &public, |e| {
            matches!(e, CheckError::GuessableSigningPrefix { .. })
        }),
    ];
    all_of(&answers, "a bad key passed the check: number")
}

/// A copy of `key` with a change to its bytes.
fn changed(key: &PrivateKey, change: impl FnOnce(&mut [u8; 64])) -> PrivateKey {
    let mut bytes = zeroize::Zeroizing::new(*key.expose());
    change(&mut bytes);
    PrivateKey::from_bytes(&bytes)
}

/// Exact match and compiled filter both judge rightly which patterns a known public key matches.
fn patterns() -> anyhow::Result<usize> {
    let (_, public) = known_keys()?.swap_remove(0);
    let owned = |texts: &[&str]| texts.iter().map(ToString::to_string).collect();
    let request = |prefixes: &[&str], suffixes: &[&str], matches: &[&str]| Request {
        prefixes: owned(prefixes),
        suffixes: owned(suffixes),
        matches: owned(matches),
        ..Request::default()
    };
    let cases = [
        (request(&["9777E7"], &[], &[]), true),
        (request(&["9777E8"], &[], &[]), false),
        (request(&[], &["20C7E1"], &[]), true),
        (request(&[], &["20C7F1"], &[]), false),
        (request(&[], &[], &["9777E76A...0C7E1"]), true),
        (request(&[], &[], &["9777E76A...0C7E3"]), false),
    ];
    let right = cases.into_iter();
    let right = right.map(|(request, fits)| Ok(answers(request, &public)? == [fits; 2]));
    let right = right.collect::<anyhow::Result<Vec<bool>>>()?;
    all_of(&right, "a pattern was judged wrongly: number")
}

/// Whether a public key matches, by exact match and by the filter on its words.
fn answers(request: Request, public: &PublicKey) -> anyhow::Result<[bool; 2]> {
    let (wanted, _) = Wanted::new(request)?;
    let (low, high) = exact_words(public);
    let plausible = Filter::compile(&wanted, None, 24).plausible(low, high);
    Ok([wanted.is_match(public), plausible.wanted])
}

/// The operating system gives random bytes, and not the same twice.
fn generator() -> anyhow::Result<usize> {
    const DRAWN: usize = 16;
    let public = |_| Ok(Start::fresh()?.public());
    let publics = (0..DRAWN)
        .map(public)
        .collect::<Result<HashSet<_>, KeyError>>()?;
    ensure!(
        publics.len() == DRAWN,
        "only {} of {DRAWN} starts differ",
        publics.len()
    );
    Ok(DRAWN)
}

fn all_of(right: &[bool], wrong: &str) -> anyhow::Result<usize> {
    match right.iter().position(|right| !right) {
        None => Ok(right.len()),
        Some(index) => bail!("{wrong} {}", index + 1),
    }
}

fn render(checks: &[Check], out: &mut dyn Write) -> io::Result<()> {
    for (name, outcome) in checks {
        let (word, text) = match outcome {
            Outcome::Right(text) => ("ok", text.as_str()),
            Outcome::Skipped(text) => ("skipped", *text),
            Outcome::Wrong(text) => ("WRONG", text.as_str()),
        };
        writeln!(out, "{word:<9}{name:<19}{text}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_gives_the_known_answers_here() {
        for check in checks() {
            assert!(!matches!(check.1, Outcome::Wrong(_)), "{check:?}");
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
        assert_eq!(all_of(&[true, true], "x").unwrap(), 2);
        let wrong = judge(all_of(&[true, false], "case"), "");
        assert_eq!(wrong, Outcome::Wrong("case 2".to_owned()));
    }
}
