//! Files with a kind, a version and a checksum, in two generations: damage is detected, and the previous generation used.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

use super::lines::checksum;
use crate::files as disk;

/// How every file of a session starts.
const MAGIC: &str = "keygen";

/// What kind of file, and its format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Format {
    /// The kind, one word.
    pub kind: &'static str,
    /// The version that this program writes; it reads that one and all before it.
    pub version: u32,
}

/// Why a file can't be read.
#[derive(Debug, Error)]
pub(crate) enum EnvelopeError {
    /// It is not there.
    #[error("{0} is missing")]
    Missing(PathBuf),
    /// The system refuses.
    #[error("{path} can't be read: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Its checksum or its form is wrong.
    #[error("{path} is damaged: {reason}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A later program wrote it.
    #[error(
        "{path} was written by a newer keygen (version {found} of the file, this program knows up to {known}): use that one"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The latest version that this program reads.
        known: u32,
    },
}

/// What was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Loaded<T> {
    /// The content.
    pub value: T,
    /// Why it is the previous generation, as a sentence; `None`: it is the newest.
    pub older: Option<String>,
}

impl Format {
    /// The text of a file with this content.
    ///
    /// # Errors
    /// The content can't be written as JSON.
    pub(crate) fn encode(self, content: &impl Serialize) -> io::Result<String> {
        let body = serde_json::to_string(content)?;
        let Self { kind, version } = self;
        let sum = checksum(format!("{kind} {version} {body}").as_bytes());
        Ok(format!("{MAGIC}-{kind} {version} {sum}\n{body}\n"))
    }

    /// The content of a file with this text; `path` is for the error.
    ///
    /// # Errors
    /// It is damaged or newer than this program.
    pub(crate) fn decode<T: DeserializeOwned>(
        self,
        text: &[u8],
        path: &Path,
    ) -> Result<T, EnvelopeError> {
        let damaged = |reason: &str| EnvelopeError::Damaged {
            path: path.to_owned(),
            reason: reason.to_owned(),
        };
        let text = str::from_utf8(text).map_err(|_| damaged("it is not text"))?;
        let (head, body) = text
            .split_once('\n')
            .ok_or_else(|| damaged("it is truncated"))?;
        let body = body
            .strip_suffix('\n')
            .ok_or_else(|| damaged("it is truncated"))?;
        let mut words = head.split(' ');
        let kind = format!("{MAGIC}-{}", self.kind);
        if words.next() != Some(kind.as_str()) {
            return Err(damaged("it does not start like such a file"));
        }
        let version = words.next().and_then(|word| word.parse().ok());
        let version: u32 = version.ok_or_else(|| damaged("it has no version"))?;
        let checked = format!("{} {version} {body}", self.kind);
        if words.next() != Some(checksum(checked.as_bytes()).as_str()) {
            return Err(damaged("its checksum is wrong"));
        }
        if version > self.version {
            return Err(EnvelopeError::Newer {
                path: path.to_owned(),
                found: version,
                known: self.version,
            });
        }
        serde_json::from_str(body).map_err(|error| damaged(&error.to_string()))
    }

    /// Writes a generation and keeps the previous one beside it; at every moment one of both is whole.
    ///
    /// # Errors
    /// What the system said; the previous generation is still in place then.
    pub(crate) fn save(self, file: &Path, content: &impl Serialize) -> io::Result<()> {
        let text = self.encode(content)?;
        // A damaged generation must not replace the whole one before it.
        if self.is_whole(file) {
            disk::keep_copy(file, &previous(file))?;
        }
        disk::replace(file, text.as_bytes())
    }

    fn is_whole(self, file: &Path) -> bool {
        let text = fs::read(file).unwrap_or_default();
        self.decode::<serde::de::IgnoredAny>(&text, file).is_ok()
    }

    /// Reads the newest generation that is whole.
    ///
    /// # Errors
    /// None is, or the newest is newer than this program; the error is that of the newest.
    pub(crate) fn load<T: DeserializeOwned>(self, file: &Path) -> Result<Loaded<T>, EnvelopeError> {
        let newest = match self.read(file) {
            Ok(value) => return Ok(Loaded { value, older: None }),
            Err(error @ EnvelopeError::Newer { .. }) => return Err(error),
            Err(error) => error,
        };
        match self.read(&previous(file)) {
            Ok(value) => Ok(Loaded {
                value,
                older: Some(format!("{newest}; the previous generation is used.")),
            }),
            Err(error @ EnvelopeError::Newer { .. }) => Err(error),
            Err(_) => Err(newest),
        }
    }

    fn read<T: DeserializeOwned>(self, file: &Path) -> Result<T, EnvelopeError> {
        let path = file.to_owned();
        match fs::read(file) {
            Ok(text) => self.decode(&text, file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(EnvelopeError::Missing(path))
            }
            Err(source) => Err(EnvelopeError::Read { path, source }),
        }
    }
}

/// The previous generation.
pub(crate) fn previous(file: &Path) -> PathBuf {
    file.with_extension("previous")
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORMAT: Format = Format {
        kind: "test",
        version: 2,
    };

    fn file() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("state.json");
        (folder, file)
    }

    #[test]
    fn the_newest_generation_is_read() {
        let (_folder, file) = file();
        for content in ["one", "two"] {
            FORMAT.save(&file, &content).unwrap();
            let loaded = FORMAT.load::<String>(&file).unwrap();
            assert_eq!(
                loaded,
                Loaded {
                    value: content.to_owned(),
                    older: None
                }
            );
        }
    }

    #[test]
    fn cut_at_any_byte_the_generation_before_is_used_and_said() {
        let (_folder, file) = file();
        FORMAT.save(&file, &"one").unwrap();
        FORMAT.save(&file, &"two").unwrap();
        let whole = fs::read(&file).unwrap();
        for length in 0..whole.len() {
            fs::write(&file, &whole[..length]).unwrap();
            let loaded = FORMAT.load::<String>(&file).unwrap();
            assert_eq!(loaded.value, "one");
            assert!(loaded.older.unwrap().contains("is damaged"));
        }
    }

    #[test]
    fn any_flipped_bit_is_noticed() {
        let text = FORMAT.encode(&"content").unwrap().into_bytes();
        for bit in 0..8 * text.len() {
            let mut flipped = text.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let read = FORMAT.decode::<String>(&flipped, Path::new("f"));
            assert!(
                matches!(read, Err(EnvelopeError::Damaged { .. })),
                "bit {bit}"
            );
        }
    }

    #[test]
    fn a_damaged_generation_does_not_replace_the_whole_one_before_it() {
        let (_folder, file) = file();
        FORMAT.save(&file, &"one").unwrap();
        FORMAT.save(&file, &"two").unwrap();
        fs::write(&file, "rubbish").unwrap();
        FORMAT.save(&file, &"three").unwrap();
        fs::write(&file, "rubbish").unwrap();
        assert_eq!(FORMAT.load::<String>(&file).unwrap().value, "one");
    }

    #[test]
    fn a_file_of_a_newer_program_is_not_touched() {
        let (_folder, file) = file();
        let newer = Format {
            version: 3,
            ..FORMAT
        };
        FORMAT.save(&file, &"one").unwrap();
        newer.save(&file, &"two").unwrap();
        let error = FORMAT.load::<String>(&file).unwrap_err();
        assert!(
            matches!(
                error,
                EnvelopeError::Newer {
                    found: 3,
                    known: 2,
                    ..
                }
            ),
            "{error}"
        );
    }

    #[test]
    fn rubbish_in_both_generations_is_an_error_about_the_newest() {
        let (_folder, file) = file();
        fs::write(&file, [0xFF; 100]).unwrap();
        fs::write(previous(&file), "rubbish").unwrap();
        let error = FORMAT.load::<String>(&file).unwrap_err();
        assert!(matches!(&error, EnvelopeError::Damaged { path, .. } if *path == file));
        fs::remove_file(&file).unwrap();
        fs::remove_file(previous(&file)).unwrap();
        let error = FORMAT.load::<String>(&file).unwrap_err();
        assert!(matches!(error, EnvelopeError::Missing(_)));
    }
}
