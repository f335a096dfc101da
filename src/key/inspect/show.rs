//! `keygen key show`: the public facts about a key, and the private key where the caller may show it.

use std::io::{self, Write};

use super::Outcome;
use crate::key::{MAX_NODE_ID_BYTES, hex, load::FoundKey, node_id};

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
