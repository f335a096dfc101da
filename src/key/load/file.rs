//! Reading what may be a key file, with the secret it may hold wiped afterwards.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

use crate::files;

use super::{LoadError, MAX_FILE_BYTES, Role, fields::Fields};

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
    /// Reads a file, or `stdin` for `-`.
    pub(super) fn read(path: &Path, stdin: &mut dyn Read) -> Result<Self, LoadError> {
        if path == Path::new("-") {
            let name = "standard input".to_owned();
            let bytes = read_all(stdin, MAX_FILE_BYTES, &name)?;
            return Ok(Self {
                name,
                path: None,
                open_mode: 0,
                bytes,
            });
        }
        let name = path.display().to_string();
        let failed = |error| unreadable(&name, &error);
        let mut file = File::open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        // Pipes and devices do not tell how much they have.
        let size = match metadata.is_file() {
            true => usize::try_from(metadata.len()).unwrap_or(MAX_FILE_BYTES),
            false => MAX_FILE_BYTES,
        };
        Ok(Self {
            open_mode: files::open_mode(&file),
            bytes: read_all(&mut file, size, &name)?,
            path: Some(path.to_owned()),
            name,
        })
    }

    /// The bytes as text; what is no text becomes U+FFFD, as in logs of a noisy line.
    pub(super) fn text(&self) -> Zeroizing<String> {
        // A byte or a unit of UTF-16 becomes at most three bytes, so the text never moves.
        let mut text = Zeroizing::new(String::with_capacity(3 * self.bytes.len()));
        if let Some(unit) = self.utf16_unit() {
            let units = self
                .bytes
                .chunks_exact(2)
                .map(|pair| unit([pair[0], pair[1]]));
            let characters = char::decode_utf16(units);
            text.extend(characters.map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
            return text;
        }
        for chunk in self.bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            if !chunk.invalid().is_empty() {
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
        text
    }

    /// Whether it is text, perhaps with some noise; of the bytes of a key only a third look like it.
    pub(super) fn is_text(&self) -> bool {
        let is_printable = |byte: &&u8| matches!(byte, b' '..=b'~') || byte.is_ascii_whitespace();
        let printable = self.bytes.iter().filter(is_printable).count();
        let has_control = self
            .bytes
            .iter()
            .any(|byte| byte.is_ascii_control() && !byte.is_ascii_whitespace());
        self.utf16_unit().is_some()
            || !has_control && std::str::from_utf8(&self.bytes).is_ok()
            || 5 * printable > 4 * self.bytes.len()
    }

    /// A key that is kept as bytes.
    pub(super) fn raw_key(&self) -> Option<Fields> {
        Fields::of_bytes(&self.bytes, self.role()).filter(|_| !self.is_text())
    }

    /// How UTF-16 is read, with a byte order mark or without: of the ASCII text of a key nearly every other byte is zero.
    fn utf16_unit(&self) -> Option<fn([u8; 2]) -> u16> {
        let mostly_zero = |first: usize| {
            let zeros = self
                .bytes
                .iter()
                .skip(first)
                .step_by(2)
                .filter(|byte| **byte == 0);
            4 * zeros.count() > self.bytes.len()
        };
        match (mostly_zero(0), mostly_zero(1)) {
            (false, true) => Some(u16::from_le_bytes),
            (true, false) => Some(u16::from_be_bytes),
            _ => None,
        }
    }

    /// What the file's name says about its contents.
    pub(super) fn role(&self) -> Option<Role> {
        Role::of_label(self.path.as_ref()?.file_stem()?.to_str()?)?
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
            Role::Seed | Role::Console => return None,
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

/// Reads all, in memory for `size` bytes from the start: bytes that move would leave a copy behind.
fn read_all(
    input: &mut dyn Read,
    size: usize,
    name: &str,
) -> Result<Zeroizing<Vec<u8>>, LoadError> {
    /// The standard library tries a read of so many bytes on the stack when less memory than this is left.
    const SPARE: usize = 64;
    let mut bytes = Zeroizing::new(Vec::with_capacity(size.min(MAX_FILE_BYTES) + SPARE));
    let read = input
        .take(MAX_FILE_BYTES as u64 + 1)
        .read_to_end(&mut bytes);
    read.map_err(|error| unreadable(name, &error))?;
    match bytes.len() > MAX_FILE_BYTES {
        true => Err(LoadError(format!(
            "{name} is larger than {MAX_FILE_BYTES} bytes, which no key file is"
        ))),
        false => Ok(bytes),
    }
}

fn unreadable(name: &str, error: &io::Error) -> LoadError {
    LoadError(format!("{name} cannot be read: {error}"))
}
