//! Keys out of files: our own, the MeshCore app's and other tools', in whatever of the usual forms they were written.

mod fields;
mod file;
mod json;
mod resolve;
mod text;

use std::{
    io::{self, Read},
    path::{Path, PathBuf},
};

use thiserror::Error;

pub(crate) use self::fields::Role;
use self::{fields::Fields, file::Source};
use super::{PrivateKey, PublicKey, hex, secret::Secret};

/// Files that are larger are no key files.
pub const MAX_FILE_BYTES: usize = 1024 * 1024;

/// A key as it was found in files. Nothing is checked yet.
pub struct FoundKey {
    /// Where it was found, for people: a file's name or "standard input", with its place in a file of several keys.
    pub source: String,
    /// The files it was read from; empty for standard input.
    pub files: Vec<PathBuf>,
    /// The node's name that stands beside the key.
    pub name: Option<String>,
    /// The public key that stands there.
    pub public: Option<PublicKey>,
    /// The private key, 64 bytes as MeshCore keeps it.
    pub private: Option<PrivateKey>,
    /// 32 bytes that may be a seed, or something else.
    short: Option<Secret<32>>,
    /// Why what stands there as a private key cannot be used as one.
    pub defect: Option<String>,
    /// What should be known about the key or its files.
    pub notes: Vec<String>,
}

impl FoundKey {
    /// Takes 32 bytes that may be a seed as one.
    pub fn take_as_seed(&mut self) {
        if let Some(seed) = self.short.take() {
            self.defect = None;
            resolve::take_seed(self, &seed);
        }
    }
}

/// Why an input gave no key: which one, where in it, and what is wrong.
#[derive(Debug, Error)]
#[error("{0}")]
pub struct LoadError(String);

impl LoadError {
    /// A key that is no key, in this line or field.
    fn malformed(source_name: &str, place: &str, reason: &str) -> Self {
        Self(format!("{source_name}, {place}: {reason}"))
    }
}

/// Reads the keys of every input, in order. `-` stands for `stdin`.
///
/// Of a text pair either file may be named, or both: the other one is found beside it. An input that was read as the
/// other half of a pair already gives nothing a second time.
pub fn load(inputs: &[PathBuf], stdin: &mut dyn Read) -> Vec<Result<FoundKey, LoadError>> {
    let mut read: Vec<PathBuf> = Vec::new();
    let mut found = Vec::new();
    for input in inputs {
        if read.contains(&file::identity(input)) {
            continue;
        }
        match load_one(input, stdin) {
            Ok(keys) => {
                read.extend(
                    keys.iter()
                        .flat_map(|key| &key.files)
                        .map(|path| file::identity(path)),
                );
                found.extend(keys.into_iter().map(Ok));
            }
            Err(error) => found.push(Err(error)),
        }
    }
    found
}

/// Whether a file holds the private key of this public key (in lower-case hex), whole.
pub(crate) fn holds(file: &Path, public_key: &str) -> bool {
    let found = load(&[file.to_owned()], &mut io::empty());
    let mut keys = found.into_iter().flatten().filter_map(|key| key.private);
    keys.any(|private| hex::encode(&private.public()) == public_key)
}

fn load_one(input: &Path, stdin: &mut dyn Read) -> Result<Vec<FoundKey>, LoadError> {
    let source = Source::read(input, stdin)?;
    let mut all = parse(&source)?;
    if all.len() == 1 {
        let fields = all.pop().unwrap_or_default();
        return Ok(vec![with_other_half(fields, &source, stdin)?]);
    }
    let keys = all.into_iter().enumerate().map(|(index, fields)| {
        let name = format!("{}, key {}", source.name, index + 1);
        resolve::key(name, fields, &[&source])
    });
    Ok(keys.collect())
}

/// Adds what the other file of a text pair knows.
fn with_other_half(
    mut fields: Fields,
    source: &Source,
    stdin: &mut dyn Read,
) -> Result<FoundKey, LoadError> {
    let name = source.name.clone();
    match source.other_half() {
        Some(path) if fields.is_half() => {
            let other = Source::read(&path, stdin)?;
            for half in parse(&other)? {
                fields.complete_with(half);
            }
            Ok(resolve::key(name, fields, &[source, &other]))
        }
        _ => Ok(resolve::key(name, fields, &[source])),
    }
}

fn parse(source: &Source) -> Result<Vec<Fields>, LoadError> {
    if let Some(fields) = source.raw_key() {
        return Ok(vec![fields]);
    }
    let text = source.text();
    let text = text.trim_start_matches('\u{feff}');
    // A bracket alone may be that of a time stamp: "[12:00:01] get prv.key".
    let is_json = text
        .trim_start_matches(|c: char| c.is_whitespace() || c == '[')
        .starts_with('{');
    let found = if is_json {
        json::parse(text, &source.name)?
    } else {
        text::parse(text, &source.name, source.role())?
    };
    if !found.is_empty() {
        return Ok(found);
    }
    let name = &source.name;
    Err(LoadError(match source.is_text() {
        true => format!(
            "{name} holds no key: 128 hex digits for a private key, 64 with a label for a public key or a seed, or JSON with \
             such fields are expected, the digits without anything between them"
        ),
        false => format!(
            "{name} is not text, nor a seed of 32 bytes, a private key of 64 or a _main.id of 96; a key file holds hex or \
             JSON as text"
        ),
    }))
}
