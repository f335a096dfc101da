//! `keygen key verify`: every check that a key passes before it is saved, on keys out of files.

use std::io::{self, Write};

use super::{Loaded, Outcome, origin};
use crate::key::{PublicKey, hex, load::FoundKey, verify::examine};

/// What the checks said about one key or input.
pub struct Verification {
    /// Where the key stands, for people.
    pub source: String,
    /// The public key: the private key's own where there is one.
    pub public: Option<PublicKey>,
    /// Every reason why the key is not good; empty for a good key.
    pub problems: Vec<String>,
    /// What should be known besides.
    pub notes: Vec<String>,
    /// Good, not good, or not even readable.
    pub outcome: Outcome,
}

/// Checks every key.
#[must_use]
pub fn verify(loaded: &[Loaded]) -> Vec<Verification> {
    let one = |loaded: &Loaded| match loaded {
        Ok(found) => verify_found(found),
        Err(error) => Verification {
            source: String::new(),
            public: None,
            problems: vec![error.to_string()],
            notes: Vec::new(),
            outcome: Outcome::BadInput,
        },
    };
    loaded.iter().map(one).collect()
}

fn verify_found(found: &FoundKey) -> Verification {
    let examined = found
        .private
        .as_ref()
        .map(|private| examine(private, found.public.as_ref()));
    let public = examined
        .as_ref()
        .map(|examined| examined.public)
        .or(found.public);
    let failures = examined.iter().flat_map(|examined| &examined.failures);
    let mut problems: Vec<_> = failures
        .map(ToString::to_string)
        .chain(found.defect.clone())
        .collect();
    if found.private.is_none() && found.defect.is_none() {
        problems.push(missing_private());
    }
    let outcome = if problems.is_empty() {
        Outcome::Fine
    } else {
        Outcome::Failed
    };
    Verification {
        source: origin(found),
        public,
        problems,
        notes: found.notes.clone(),
        outcome,
    }
}

fn missing_private() -> String {
    "only a public key: there is no private key here or beside it to check".to_owned()
}

/// Writes one line a key, `ok` or `FAILED`, with a line below for every problem and note.
///
/// # Errors
/// `out` does not take it.
pub fn render_verifications(verifications: &[Verification], out: &mut dyn Write) -> io::Result<()> {
    for verification in verifications {
        let word = match verification.outcome {
            Outcome::Fine => "ok    ",
            Outcome::Failed => "FAILED",
            Outcome::BadInput => "ERROR ",
        };
        let public = verification.public.map(|public| hex::encode(&public));
        let head = [
            Some(verification.source.clone()).filter(|source| !source.is_empty()),
            public,
        ];
        let problems = verification.problems.iter().cloned();
        let notes = verification
            .notes
            .iter()
            .map(|note| format!("note: {note}"));
        let head = Some(head.into_iter().flatten().collect::<Vec<_>>().join("  "))
            .filter(|head| !head.is_empty());
        let mut lines = head.into_iter().chain(problems).chain(notes);
        writeln!(out, "{word}  {}", lines.next().unwrap_or_default())?;
        lines.try_for_each(|line| writeln!(out, "        {line}"))?;
    }
    Ok(())
}
