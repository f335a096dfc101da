//! Files that the command line names, standard input among them: read whole, once, before any work.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::error::{InvalidValue, UsageError, refuse};
use crate::nodes::fetch;

/// The name that stands for standard input.
const STANDARD_INPUT: &str = "-";

/// The largest file that is read, in bytes: over a million lines, and an end for what has none (/dev/zero).
const MAX_BYTES: u64 = 256 << 20;

/// The content of a file with the name to use for it in messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SourceFile {
    /// As it was typed, or `standard input`.
    pub name: String,
    /// All of it.
    pub bytes: Vec<u8>,
}

/// Reads files, and standard input where the name is `-`.
pub(crate) struct Inputs<'a> {
    stdin: RefCell<&'a mut dyn Read>,
}

impl<'a> Inputs<'a> {
    /// Inputs whose standard input is `stdin`.
    pub(crate) fn new(stdin: &'a mut dyn Read) -> Self {
        Self {
            stdin: RefCell::new(stdin),
        }
    }

    /// The content of the file `path`, which `option` names.
    ///
    /// # Errors
    /// A file that is missing or can't be read.
    pub(crate) fn read(&self, option: &str, path: &Path) -> Result<SourceFile, UsageError> {
        if let Some(address) = path.to_str().filter(|name| fetch::is_address(name)) {
            let bytes = fetch::fetch(address).map_err(UsageError::refused)?;
            let name = address.to_owned();
            return Ok(SourceFile { name, bytes });
        }
        let name = match is_stdin(path) {
            true => "standard input".into(),
            false => path.display().to_string(),
        };
        let bytes = self.bytes(path);
        let bytes = bytes.map_err(|error| UsageError::file(option, path, &error))?;
        Ok(SourceFile { name, bytes })
    }

    /// The contents of all these files.
    ///
    /// # Errors
    /// The first file that is missing or can't be read.
    pub(crate) fn read_all(
        &self,
        option: &str,
        paths: &[PathBuf],
    ) -> Result<Vec<SourceFile>, UsageError> {
        paths.iter().map(|path| self.read(option, path)).collect()
    }

    /// The bytes of a file or of standard input.
    fn bytes(&self, path: &Path) -> io::Result<Vec<u8>> {
        if is_stdin(path) {
            return read_at_most(MAX_BYTES, &mut **self.stdin.borrow_mut());
        }
        read_at_most(MAX_BYTES, &mut File::open(path)?)
    }
}

/// Everything from a reader, or an error beyond `limit` bytes.
fn read_at_most(limit: u64, reader: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        let text = format!("it has more than {limit} bytes, which no list of patterns needs");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, text));
    }
    Ok(bytes)
}

/// Whether a name stands for standard input.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == STANDARD_INPUT
}

/// Refuses a file that is named twice, and two readers of standard input; each file comes with the option before it.
///
/// # Errors
/// The first such pair.
pub(crate) fn each_once<'a>(
    files: impl IntoIterator<Item = (&'static str, &'a PathBuf)>,
) -> Result<(), UsageError> {
    let mut seen: Vec<(&'static str, &PathBuf)> = Vec::new();
    for (option, path) in files {
        let same = seen.iter().find(|(_, earlier)| *earlier == path);
        if let Some((first, _)) = same.filter(|_| is_stdin(path)) {
            refuse!(
                "{first} and {option} both read standard input (-). Name a file for one of them."
            );
        }
        if seen.contains(&(option, path)) {
            let twice = InvalidValue::new("given twice", "Give each value once.");
            return Err(twice.at(option, &path.display().to_string()));
        }
        seen.push((option, path));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dash_is_standard_input() {
        let mut text: &[u8] = b"F8\n";
        let file = Inputs::new(&mut text)
            .read("--pattern-file", Path::new("-"))
            .unwrap();
        assert_eq!(
            (file.name.as_str(), file.bytes.as_slice()),
            ("standard input", b"F8\n".as_slice())
        );
    }

    #[test]
    fn what_is_longer_than_the_limit_is_refused_and_what_is_as_long_is_not() {
        assert_eq!(read_at_most(4, &mut b"F8A1".as_slice()).unwrap(), b"F8A1");
        let error = read_at_most(4, &mut io::repeat(0)).unwrap_err();
        assert!(error.to_string().contains("more than 4 bytes"));
    }

    #[test]
    fn standard_input_has_one_reader_and_a_file_one_mention() {
        let (dash, file) = (PathBuf::from("-"), PathBuf::from("a"));
        let both = each_once([("--pattern-file", &dash), ("--watchlist", &dash)]).unwrap_err();
        assert!(
            both.to_string()
                .contains("--pattern-file and --watchlist both read standard input")
        );
        let again = each_once([("--avoid-file", &file), ("--avoid-file", &file)]).unwrap_err();
        assert!(again.to_string().contains("twice"));
        assert!(each_once([("--avoid-file", &file), ("--watchlist", &file)]).is_ok());
    }
}
