//! `keygen key export`: a key written out for whatever takes it next. The one place where secrets leave on purpose.

use zeroize::Zeroizing;

use super::{Loaded, Outcome, origin, worst};
use crate::key::{
    PrivateKey, PublicKey, VerifiedKey, default_name, hex, is_name,
    load::FoundKey,
    store::json,
    verify::{check, check_public},
};

/// What an exported key looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// Two lines of hex: the public key, then the private key.
    Text,
    /// One line of hex: the private key.
    Hex,
    /// An object with both keys; for several keys an array of them.
    Json,
    /// The object that the MeshCore app imports: name and both keys.
    App,
    /// `set prv.key …`, the line for a repeater's serial console.
    Serial,
    /// The firmware's own file `_main.id`: 32 bytes of the public and 64 of the private key.
    Id,
}

impl ExportFormat {
    /// Whether an export has place for one key only.
    pub fn holds_one(self) -> bool {
        matches!(self, Self::App | Self::Id)
    }
}

/// More than any key takes in any format.
const MAX_BYTES: usize = 600;

/// A key that was not exported.
pub struct Refused {
    /// Where it stands, for people; empty where the reason says it.
    pub source: String,
    /// Why.
    pub reason: String,
    /// Not good, or not even readable.
    pub outcome: Outcome,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.source.as_str() {
            "" => f.write_str(&self.reason),
            source => write!(f, "{source}: {}", self.reason),
        }
    }
}

/// What is exported, and what is not.
pub struct ExportReport {
    /// Every key that passes all checks, in the format that was asked for. A key that does not would not work where it goes.
    pub contents: Zeroizing<Vec<u8>>,
    /// How many keys these are.
    pub exported: usize,
    /// Those that do not pass.
    pub refused: Vec<Refused>,
    /// What should be known about the keys that do.
    pub notes: Vec<String>,
}

impl ExportReport {
    /// The worst that happened.
    pub fn outcome(&self) -> Outcome {
        worst(self.refused.iter().map(|refused| refused.outcome))
    }
}

/// Exports keys; `name` is for a format that has one, in place of the name beside the key.
pub fn export(loaded: &[Loaded], format: ExportFormat, name: Option<&str>) -> ExportReport {
    let (mut keys, mut refused, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    for loaded in loaded {
        match checked(loaded) {
            Ok((key, found)) => {
                notes.extend_from_slice(&found.notes);
                let name = name_of(found, key.public(), name);
                keys.push((key, name));
            }
            Err(why) => refused.push(why),
        }
    }
    ExportReport {
        contents: contents(&keys, format),
        exported: keys.len(),
        refused,
        notes,
    }
}

/// The public key and the name of a contact: of a key that passes all checks, or of a public key alone.
pub(crate) fn contact(loaded: &Loaded, name: Option<&str>) -> Result<(PublicKey, String), Refused> {
    let (public, found) = match loaded {
        Ok(found) if found.private.is_none() && found.defect.is_none() => {
            let public = found.public.unwrap_or_default();
            check_public(&public).map_err(|error| failed(found, error))?;
            (public, found)
        }
        loaded => checked(loaded).map(|(key, found)| (*key.public(), found))?,
    };
    let name = name_of(found, &public, name);
    Ok((public, name))
}

/// The name that is wished, or the one beside the key if a node can have it, or the one that MeshCore gives.
fn name_of(found: &FoundKey, public: &PublicKey, wished: Option<&str>) -> String {
    let beside = found.name.as_deref().filter(|name| is_name(name));
    wished
        .or(beside)
        .map_or_else(|| default_name(public), str::to_owned)
}

/// The key, if it passes all checks, and how it was found.
pub(crate) fn checked(loaded: &Loaded) -> Result<(VerifiedKey, &FoundKey), Refused> {
    let found = loaded.as_ref().map_err(|error| Refused {
        source: String::new(),
        reason: error.to_string(),
        outcome: Outcome::BadInput,
    })?;
    let private = match (&found.private, &found.defect) {
        (_, Some(defect)) => return Err(failed(found, defect)),
        (None, None) => return Err(failed(found, NO_PRIVATE)),
        (Some(private), None) => private,
    };
    let expected = found.public.unwrap_or_else(|| private.public());
    let copy = PrivateKey::from_bytes(private.expose());
    let key = check(copy, &expected).map_err(|error| failed(found, error))?;
    Ok((key, found))
}

const NO_PRIVATE: &str = "there is no private key here or beside it to export";

fn failed(found: &FoundKey, reason: impl ToString) -> Refused {
    Refused {
        source: origin(found),
        reason: reason.to_string(),
        outcome: Outcome::Failed,
    }
}

fn contents(keys: &[(VerifiedKey, String)], format: ExportFormat) -> Zeroizing<Vec<u8>> {
    // Large enough from the start: text that moves would leave a copy behind.
    let mut out = Zeroizing::new(Vec::with_capacity(MAX_BYTES * (keys.len() + 1)));
    let array = format == ExportFormat::Json && keys.len() > 1;
    let mut separator: &[u8] = if array { b"[\n" } else { b"" };
    for (key, name) in keys {
        out.extend_from_slice(separator);
        add(key, name, format, &mut out);
        separator = if array { b",\n" } else { b"\n" };
    }
    if array {
        out.extend_from_slice(b"\n]");
    }
    if !keys.is_empty() && format != ExportFormat::Id {
        out.push(b'\n');
    }
    out
}

/// Adds a key, without a line feed at the end.
fn add(key: &VerifiedKey, name: &str, format: ExportFormat, out: &mut Vec<u8>) {
    let (public, private) = (hex::encode(key.public()), key.private().hex());
    let (private, object) = (private.expose(), json(key.public(), key.private()));
    let object = object.expose().trim_end();
    let name = serde_json::Value::from(name).to_string();
    let parts: &[&[u8]] = match format {
        ExportFormat::Text => &[public.as_bytes(), b"\n", private.as_bytes()],
        ExportFormat::Hex => &[private.as_bytes()],
        ExportFormat::Json => &[object.as_bytes()],
        ExportFormat::App => &[
            b"{\n  \"name\": ",
            name.as_bytes(),
            b",",
            &object.as_bytes()[1..],
        ],
        ExportFormat::Serial => &[b"set prv.key ", private.as_bytes()],
        ExportFormat::Id => &[key.public(), key.private().expose()],
    };
    parts.iter().for_each(|part| out.extend_from_slice(part));
}
