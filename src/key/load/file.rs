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
        let bytes = read_all(&mut file, &name)?;
        Ok(Self {
            name,
            path: Some(path.to_owned()),
            open_mode,
            bytes,
        })
    }

    pub(super) fn read_stdin(stdin: &mut dyn Read) -> Result<Self, LoadError> {
        let name = "standard input".to_owned();
        let bytes = read_all(stdin, &name)?;
        Ok(Self {
            name,
            path: None,
            open_mode: 0,
            bytes,
        })
    }

    /// The text, without a byte order mark.
    pub(super) fn text(&self) -> Result<&str, LoadError> {
        let text = std::str::from_utf8(&self.bytes).map_err(|_| {
            let is_utf16 =
                self.bytes.starts_with(&[0xff, 0xfe]) || self.bytes.starts_with(&[0xfe, 0xff]);
            let hint = if is_utf16 {
                " but looks like UTF-16"
            } else {
                ""
            };
            LoadError::NotText {
                source_name: self.name.clone(),
                hint,
            }
        })?;
        Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
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
