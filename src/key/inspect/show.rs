//! `keygen key show`: the public facts about keys, and the private key where the caller may show it.

use std::io::{self, Write};

use super::{Loaded, Outcome};
use crate::key::{MAX_NODE_ID_BYTES, PublicKey, hex, load::FoundKey, node_id, secret::SecretText};

/// The facts about one key or input.
pub struct Facts {
    /// Where the key stands, for people.
    pub source: String,
    /// The public key.
    pub public: Option<PublicKey>,
    /// The node's ID in 1, 2 and 3 bytes of the public key.
    pub node_ids: Vec<String>,
    /// The files, whole as they were named.
    pub files: Vec<String>,
    /// The private key in hex, if there is one.
    pub private: Option<SecretText>,
    /// What should be known besides, problems first.
    pub notes: Vec<String>,
    /// Whether there was a key to show.
    pub outcome: Outcome,
}

/// Gathers the facts about every key. Nothing is checked: that is what `verify` is for.
#[must_use]
pub fn show(loaded: &[Loaded]) -> Vec<Facts> {
    let one = |loaded: &Loaded| match loaded {
        Ok(found) => facts(found),
        Err(error) => Facts {
            source: String::new(),
            public: None,
            node_ids: Vec::new(),
            files: Vec::new(),
            private: None,
            notes: vec![error.to_string()],
            outcome: Outcome::BadInput,
        },
    };
    loaded.iter().map(one).collect()
}

fn facts(found: &FoundKey) -> Facts {
    let derived = found.private.as_ref().map(|private| private.public());
    let differ =
        matches!((derived, found.public), (Some(derived), Some(public)) if derived != public);
    let problem = differ.then(|| {
        "the public key that stands here is not the private key's: shown is the private key's own".to_owned()
    });
    let problems: Vec<_> = problem.into_iter().chain(found.defect.clone()).collect();
    let public = derived.or(found.public);
    Facts {
        source: found.source.clone(),
        public,
        node_ids: public.map_or_else(Vec::new, |public| {
            (1..=MAX_NODE_ID_BYTES)
                .map(|bytes| node_id(&public, bytes))
                .collect()
        }),
        files: found
            .files
            .iter()
            .map(|file| file.display().to_string())
            .collect(),
        private: found.private.as_ref().map(|private| private.hex()),
        outcome: if problems.is_empty() {
            Outcome::Fine
        } else {
            Outcome::Failed
        },
        notes: problems.into_iter().chain(found.notes.clone()).collect(),
    }
}

/// Writes the facts, one a line, with an empty line between keys. The private key is written only `with_private`: the
/// caller sees to it that `out` is a terminal then.
///
/// # Errors
/// `out` does not take it.
pub fn render_facts(facts: &[Facts], with_private: bool, out: &mut dyn Write) -> io::Result<()> {
    for (index, facts) in facts.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        if let Some(public) = &facts.public {
            writeln!(out, "public key   {}", hex::encode(public))?;
            writeln!(
                out,
                "node ID      {} (1 to {MAX_NODE_ID_BYTES} bytes)",
                facts.node_ids.join(", ")
            )?;
        }
        match (&facts.files[..], &facts.source) {
            ([], source) if source.is_empty() => {}
            ([], source) => writeln!(out, "from         {source}")?,
            (files, _) => writeln!(out, "files        {}", files.join(", "))?,
        }
        match &facts.private {
            Some(private) if with_private => writeln!(out, "private key  {}", private.expose())?,
            Some(_) => writeln!(out, "private key  present, not shown")?,
            None if facts.public.is_some() => writeln!(out, "private key  not here")?,
            None => {}
        }
        facts
            .notes
            .iter()
            .try_for_each(|note| writeln!(out, "note         {note}"))?;
    }
    Ok(())
}
