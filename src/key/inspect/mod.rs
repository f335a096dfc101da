//! `keygen key verify|show|export`: what can be said and done about keys that were found in files.

mod export;

use std::io::{self, Write};

use super::load::{FoundKey, LoadError};
use crate::key::verify::examine;
use crate::key::{MAX_NODE_ID_BYTES, PublicKey, hex, node_id};

pub use self::export::{ExportFormat, ExportReport, export};
pub(crate) use self::export::{checked, contact};

/// How a command over several inputs went. Ordered: the worst of several counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// All is well.
    #[default]
    Fine,
    /// A key was read and is not good.
    Failed,
    /// An input is missing, unreadable or holds no key.
    BadInput,
}

/// The worst of several outcomes.
pub fn worst(outcomes: impl IntoIterator<Item = Outcome>) -> Outcome {
    outcomes.into_iter().max().unwrap_or_default()
}

/// What [`super::load::load`] gives for each key or broken input.
pub type Loaded = Result<FoundKey, LoadError>;

/// The files of a key for people, or where else it came from.
fn origin(found: &FoundKey) -> String {
    let files: Vec<_> = found
        .files
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    if files.len() > 1 {
        files.join(" + ")
    } else {
        found.source.clone()
    }
}

const OTHER_PUBLIC: &str =
    "the public key that stands here is not the private key's: shown is the private key's own";

/// Writes the facts about a key, one a line. Nothing is checked: that is what `verify` is for. The private key is written
/// only `with_private`: the caller sees to it that `out` is a terminal then.
///
/// # Errors
/// `out` does not take it.
pub fn show(found: &FoundKey, with_private: bool, out: &mut dyn Write) -> io::Result<Outcome> {
    let derived = found.private.as_ref().map(|private| private.public());
    let public = derived.or(found.public);
    if let Some(public) = &public {
        let ids = (1..=MAX_NODE_ID_BYTES).map(|bytes| node_id(public, bytes));
        let ids = ids.collect::<Vec<_>>().join(", ");
        writeln!(out, "public key   {}", hex::encode(public))?;
        writeln!(out, "node ID      {ids} (1 to {MAX_NODE_ID_BYTES} bytes)")?;
    }
    let files = found.files.iter().map(|file| file.display().to_string());
    match files.collect::<Vec<_>>() {
        files if files.is_empty() => writeln!(out, "from         {}", found.source)?,
        files => writeln!(out, "files        {}", files.join(", "))?,
    }
    match &found.private {
        Some(private) if with_private => writeln!(out, "private key  {}", private.hex().expose())?,
        Some(_) => writeln!(out, "private key  present, not shown")?,
        None if public.is_some() => writeln!(out, "private key  not here")?,
        None => {}
    }
    let differs = derived.is_some() && found.public.is_some_and(|stated| Some(stated) != derived);
    let problem = differs.then_some(OTHER_PUBLIC).or(found.defect.as_deref());
    for note in problem
        .into_iter()
        .chain(found.notes.iter().map(String::as_str))
    {
        writeln!(out, "note         {note}")?;
    }
    Ok(problem.map_or(Outcome::Fine, |_| Outcome::Failed))
}

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
