//! `keygen key verify`: every check that a key passes before it is saved, on keys out of files.

use std::io::{self, Write};

use super::{Outcome, origin};
use crate::key::{PublicKey, hex, load::FoundKey, verify::examine};

/// What the checks said about a key.
pub struct Verification {
    /// Where the key stands, for people.
    pub source: String,
    /// The public key: the private key's own where there is one.
    pub public: Option<PublicKey>,
    /// Every reason why the key is not good; empty for a good key.
    pub problems: Vec<String>,
    /// What should be known besides.
    pub notes: Vec<String>,
}

/// Checks a key.
#[must_use]
pub fn verify(found: &FoundKey) -> Verification {
    let private = found.private.as_ref();
    let examined = private.map(|private| examine(private, found.public.as_ref()));
    let failures = examined.iter().flat_map(|examined| &examined.failures);
    let missing = (private.is_none() && found.defect.is_none()).then(|| {
        "only a public key: there is no private key here or beside it to check".to_owned()
    });
    Verification {
        source: origin(found),
        problems: failures
            .map(ToString::to_string)
            .chain(found.defect.clone())
            .chain(missing)
            .collect(),
        public: examined.map(|examined| examined.public).or(found.public),
        notes: found.notes.clone(),
    }
}

impl Verification {
    /// Good or not.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self.problems.is_empty() {
            true => Outcome::Fine,
            false => Outcome::Failed,
        }
    }

    /// Writes a line, `ok` or `FAILED`, with a line below for every problem and note.
    ///
    /// # Errors
    /// `out` does not take it.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let word = match self.outcome() {
            Outcome::Fine => "ok    ",
            _ => "FAILED",
        };
        let public = self
            .public
            .map(|public| format!("  {}", hex::encode(&public)));
        writeln!(out, "{word}  {}{}", self.source, public.unwrap_or_default())?;
        for problem in &self.problems {
            writeln!(out, "        {problem}")?;
        }
        for note in &self.notes {
            writeln!(out, "        note: {note}")?;
        }
        Ok(())
    }
}
