//! Reading what may be a key file, with the secret it may hold wiped afterwards.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

use super::{LoadError, MAX_FILE_BYTES, Role};

/// The first memory for an input: larger than any key file, so that its bytes never move and leave a copy behind.
const FIRST_BYTES: usize = 16 * 1024;

/// One input that was read.
pub(super) struct Source {
    /// Its name for people.
    pub(super) name: String,
    /// Its path; nothing for standard input.
    pub(super) path: Option<PathBuf>,
    /// Its permission bits, if they let others read it; otherwise zero.
    pub(super) open_mode: u32,
    bytes: Zeroizing<Vec<u8>>,
}

impl Source {
    pub(super) fn read_file(path: &Path) -> Result<Self, LoadError> {
        let name = path.display().to_string();
        let failed = |error| LoadError::Read {
            source_name: name.clone(),
            error,
        };
        let mut file = File::open(path).map_err(failed)?;
        let open_mode = open_mode(&file);
        let bytes = as_utf8(read_all(&mut file, &name)?);
        Ok(Self {
            name,
            path: Some(path.to_owned()),
            open_mode,
            bytes,
        })
    }

    pub(super) fn read_stdin(stdin: &mut dyn Read) -> Result<Self, LoadError> {
        let name = "standard input".to_owned();
        let bytes = as_utf8(read_all(stdin, &name)?);
        Ok(Self {
            name,
            path: None,
            open_mode: 0,
            bytes,
        })
    }

    /// The text, without a byte order mark.
    pub(super) fn text(&self) -> Result<&str, LoadError> {
        let text = std::str::from_utf8(&self.bytes).map_err(|_| LoadError::NotText {
            source_name: self.name.clone(),
        })?;
        Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
    }

    /// The bytes of a key that is kept as it is, not as text: 64 bytes, or the firmware's `_main.id` with the public key
    /// before them.
    pub(super) fn raw_key(&self) -> Option<(Option<&[u8; 32]>, &[u8; 64])> {
        let is_text = |byte: &u8| *byte >= b' ' || matches!(byte, b'\n' | b'\r' | b'\t');
        if std::str::from_utf8(&self.bytes).is_ok() && self.bytes.iter().all(is_text) {
            return None;
        }
        match self.bytes.len() {
            64 => Some((None, self.bytes.first_chunk()?)),
            // A display name of up to 32 bytes may stand behind them.
            96..=128 => Some((
                Some(self.bytes.first_chunk()?),
                self.bytes[32..].first_chunk()?,
            )),
            _ => None,
        }
    }

    /// What the file's name says about its contents.
    pub(super) fn role(&self) -> Option<Role> {
        let name = self.path.as_ref()?.file_stem()?.to_str()?.to_lowercase();
        match (name.contains("private"), name.contains("public")) {
            (true, false) => Some(Role::Private),
            (false, true) => Some(Role::Public),
            _ => None,
        }
    }

    /// The existing other file of a text pair: the same name with "public" for "private", or the other way round.
    pub(super) fn other_half(&self) -> Option<PathBuf> {
        let path = self.path.as_ref()?;
        let name = path.file_name()?.to_str()?;
        let other = match self.role()? {
            Role::Private => name
                .replace("private", "public")
                .replace("PRIVATE", "PUBLIC"),
            Role::Public => name
                .replace("public", "private")
                .replace("PUBLIC", "PRIVATE"),
        };
        let other = path.with_file_name(&other);
        (other != *path && other.is_file()).then_some(other)
    }
}

/// What tells two inputs apart: their absolute path. Every `-` is an input of its own.
pub(super) fn identity(path: &Path) -> PathBuf {
    if path == Path::new("-") {
        return path.to_owned();
    }
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn read_all(input: &mut dyn Read, name: &str) -> Result<Zeroizing<Vec<u8>>, LoadError> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(FIRST_BYTES));
    let mut part = Zeroizing::new([0; FIRST_BYTES]);
    loop {
        let count = match input.read(&mut *part) {
            Ok(count) => count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => {
                return Err(LoadError::Read {
                    source_name: name.to_owned(),
                    error,
                });
            }
        };
        if count == 0 {
            return Ok(bytes);
        }
        if bytes.len() + count > MAX_FILE_BYTES {
            return Err(LoadError::TooLarge(name.to_owned()));
        }
        grow(&mut bytes, count);
        bytes.extend_from_slice(&part[..count]);
    }
}

/// UTF-16 with a byte order mark, as PowerShell's `>` writes it, becomes UTF-8; other bytes stay. No memory that held a
/// key is left unwiped: the text is as long as it can become from the start.
fn as_utf8(bytes: Zeroizing<Vec<u8>>) -> Zeroizing<Vec<u8>> {
    let unit: fn([u8; 2]) -> u16 = match bytes.first_chunk() {
        Some([0xff, 0xfe]) => u16::from_le_bytes,
        Some([0xfe, 0xff]) => u16::from_be_bytes,
        _ => return bytes,
    };
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    // A unit of UTF-16 becomes at most three bytes.
    let mut text = Zeroizing::new(Vec::with_capacity(3 * bytes.len() / 2));
    for character in char::decode_utf16(units) {
        let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
        text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    }
    text
}

/// Makes room for `count` bytes; wipes the old memory when the bytes move.
fn grow(bytes: &mut Zeroizing<Vec<u8>>, count: usize) {
    if bytes.capacity() - bytes.len() < count {
        let mut larger = Zeroizing::new(Vec::with_capacity(2 * bytes.capacity() + count));
        larger.extend_from_slice(bytes);
        *bytes = larger;
    }
}

/// The mode of a regular file that others than its owner can read; zero for any other.
#[cfg(unix)]
fn open_mode(file: &File) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    match file.metadata() {
        Ok(metadata) if metadata.is_file() && metadata.permissions().mode() & 0o044 != 0 => {
            metadata.permissions().mode() & 0o777
        }
        _ => 0,
    }
}

#[cfg(not(unix))]
fn open_mode(_: &File) -> u32 {
    0
}
