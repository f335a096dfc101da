//! `keygen key export`: a key written out for whatever takes it next. The one place where secrets leave on purpose.

use std::io::{self, Write};

use super::{Loaded, Outcome, origin, worst};
use crate::key::{
    PrivateKey, VerifiedKey, hex,
    store::{Kind, contents_of},
    verify::check,
};

/// What an exported key looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// Two lines of hex: the public key, then the private key.
    Text,
    /// The object that the MeshCore app imports; for several keys an array of them.
    Json,
    /// `set prv.key …`, the line for a repeater's serial console.
    Serial,
}

/// A key that was not exported.
pub struct Refused {
    /// Where it stands, for people; empty where the reason says it.
    pub source: String,
    /// Why.
    pub reason: String,
    /// Not good, or not even readable.
    pub outcome: Outcome,
}

/// What an export did.
pub struct ExportReport {
    /// How many keys were written.
    pub exported: usize,
    /// Those that were not.
    pub refused: Vec<Refused>,
    /// What should be known about the keys that were.
    pub notes: Vec<String>,
}

impl ExportReport {
    /// The worst that happened.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        worst(self.refused.iter().map(|refused| refused.outcome))
    }
}

/// Writes every key that passes all checks. A key that does not is never written: it would not work where it goes.
///
/// # Errors
/// `out` does not take it.
pub fn export(
    loaded: &[Loaded],
    format: ExportFormat,
    out: &mut dyn Write,
) -> io::Result<ExportReport> {
    let mut report = ExportReport {
        exported: 0,
        refused: Vec::new(),
        notes: Vec::new(),
    };
    let mut keys = Vec::new();
    for loaded in loaded {
        match checked(loaded) {
            Ok((key, notes)) => {
                keys.push(key);
                report.notes.extend(notes.iter().cloned());
            }
            Err(refused) => report.refused.push(refused),
        }
    }
    report.exported = keys.len();
    write_all(&keys, format, out)?;
    out.flush()?;
    Ok(report)
}

/// The key, if it passes all checks, and what should be known about it.
pub(crate) fn checked(loaded: &Loaded) -> Result<(VerifiedKey, &[String]), Refused> {
    let found = loaded.as_ref().map_err(|error| Refused {
        source: String::new(),
        reason: error.to_string(),
        outcome: Outcome::BadInput,
    })?;
    let failed = |reason| Refused {
        source: origin(found),
        reason,
        outcome: Outcome::Failed,
    };
    let private = match (&found.private, &found.defect) {
        (_, Some(defect)) => return Err(failed(defect.clone())),
        (None, None) => return Err(failed(NO_PRIVATE.to_owned())),
        (Some(private), None) => private,
    };
    let expected = found.public.unwrap_or_else(|| private.public());
    let copy = PrivateKey::from_bytes(private.expose());
    match check(copy, &expected) {
        Ok(key) => Ok((key, &found.notes)),
        Err(error) => Err(failed(error.to_string())),
    }
}

const NO_PRIVATE: &str = "there is no private key here or beside it to export";

fn write_all(keys: &[VerifiedKey], format: ExportFormat, out: &mut dyn Write) -> io::Result<()> {
    let in_array = format == ExportFormat::Json && keys.len() > 1;
    if in_array {
        out.write_all(b"[\n")?;
    }
    for (index, key) in keys.iter().enumerate() {
        write_one(key, format, in_array && index + 1 < keys.len(), out)?;
    }
    if in_array {
        out.write_all(b"]\n")?;
    }
    Ok(())
}

fn write_one(
    key: &VerifiedKey,
    format: ExportFormat,
    comma: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        ExportFormat::Text => writeln!(
            out,
            "{}\n{}",
            hex::encode(key.public()),
            key.private().hex().expose()
        ),
        ExportFormat::Serial => writeln!(out, "set prv.key {}", key.private().hex().expose()),
        ExportFormat::Json => {
            let object = contents_of(Kind::Json, key);
            write!(
                out,
                "{}{}",
                object.expose().trim_end(),
                if comma { ",\n" } else { "\n" }
            )
        }
    }
}
