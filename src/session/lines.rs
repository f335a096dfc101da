//! Append-only files of checksummed lines: what was appended and synced is read back, whatever was cut off behind it.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::files as disk;
use crate::key::hex;

/// Lines that are longer are damage, and are not read into memory.
const LONGEST: usize = 1 << 20;

/// Digits of a checksum.
const DIGITS: usize = 16;

/// The checksum of what is on disk: the first 8 bytes of SHA-256 in hex, against accidents, not against people.
pub(super) fn checksum(bytes: &[u8]) -> String {
    hex::encode(&Sha256::digest(bytes)[..DIGITS / 2])
}

/// The contents of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Contents {
    /// The texts of all whole lines, in order.
    pub lines: Vec<String>,
    /// Lines whose checksum is wrong.
    pub damaged: u64,
    /// Bytes behind the last line's end: the rest of an append that was cut off.
    pub torn: u64,
}

/// Reads all lines; a file that is not there has none.
///
/// # Errors
/// What the system said.
pub(crate) fn read(path: &Path) -> io::Result<Contents> {
    match File::open(path) {
        Ok(file) => read_from(BufReader::new(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Contents::default()),
        Err(error) => Err(error),
    }
}

fn read_from(mut reader: impl BufRead) -> io::Result<Contents> {
    let mut contents = Contents::default();
    let mut line = Vec::new();
    loop {
        line.clear();
        let length = reader.read_until(b'\n', &mut line)?;
        if line.pop() != Some(b'\n') {
            contents.torn = length as u64;
            return Ok(contents);
        }
        match checked(&line) {
            Some(text) => contents.lines.push(text),
            None => contents.damaged += 1,
        }
    }
}

/// The text of a line whose checksum is right.
fn checked(line: &[u8]) -> Option<String> {
    let (sum, text) = line.split_at_checked(DIGITS)?;
    let text = text.strip_prefix(b" ")?;
    let is_right = line.len() <= LONGEST && checksum(text).as_bytes() == sum;
    is_right.then(|| String::from_utf8(text.to_vec()).ok())?
}

/// A file that lines are appended to.
#[derive(Debug)]
pub(crate) struct Appender {
    path: PathBuf,
    file: File,
    length: u64,
}

impl Appender {
    /// Opens the file behind its last whole line, creates it if it is missing, and cuts off an incomplete last line.
    ///
    /// # Errors
    /// What the system said.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let is_new = !path.exists();
        let torn = read(path)?.torn;
        let file = disk::private_options()
            .write(true)
            .truncate(false)
            .open(path)?;
        let length = file.metadata()?.len().saturating_sub(torn);
        if torn > 0 {
            file.set_len(length)?;
        }
        if is_new {
            file.sync_all()?;
            disk::sync_folder_of(path)?;
        }
        Ok(Self {
            path: path.to_owned(),
            file,
            length,
        })
    }

    /// Bytes of whole lines.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// Appends a line, which survives this process but perhaps not a power cut. A file that was deleted meanwhile is
    /// created again.
    ///
    /// # Errors
    /// What the system said; no part of the line stays.
    pub(crate) fn append(&mut self, text: &str) -> io::Result<()> {
        if is_gone(&self.file) {
            *self = Self::open(&self.path)?;
        }
        let line = format!("{} {text}\n", checksum(text.as_bytes()));
        self.file.seek(SeekFrom::Start(self.length))?;
        self.file.write_all(line.as_bytes()).inspect_err(|_| {
            // What stays behind the last whole line would be cut off at the next opening, too.
            let _ = self.file.set_len(self.length);
        })?;
        self.length += line.len() as u64;
        Ok(())
    }

    /// Appends a line that survives a power cut once this returns.
    ///
    /// # Errors
    /// What the system said.
    pub(crate) fn append_synced(&mut self, text: &str) -> io::Result<()> {
        self.append(text)?;
        self.file.sync_data()
    }
}

#[cfg(unix)]
fn is_gone(file: &File) -> bool {
    use std::os::unix::fs::MetadataExt;
    file.metadata().is_ok_and(|metadata| metadata.nlink() == 0)
}

/// An open file can't be deleted here.
#[cfg(not(unix))]
fn is_gone(_: &File) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn file_of(lines: &[&str]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines");
        let mut appender = Appender::open(&path).unwrap();
        lines
            .iter()
            .for_each(|line| appender.append_synced(line).unwrap());
        (folder, path)
    }

    #[test]
    fn cut_at_any_byte_the_whole_lines_before_are_there_and_more_can_follow() {
        let (_folder, path) = file_of(&["one", "two", "three"]);
        let whole = fs::read(&path).unwrap();
        for length in 0..whole.len() {
            fs::write(&path, &whole[..length]).unwrap();
            let ends = whole[..length].iter().filter(|b| **b == b'\n').count();
            assert_eq!(read(&path).unwrap().lines.len(), ends);
            Appender::open(&path).unwrap().append("four").unwrap();
            let contents = read(&path).unwrap();
            assert_eq!(contents.lines.len(), ends + 1);
            assert_eq!(contents.lines.last().unwrap(), "four");
            assert_eq!((contents.damaged, contents.torn), (0, 0));
        }
    }

    #[test]
    fn a_flipped_bit_costs_its_own_line_only() {
        let (_folder, path) = file_of(&["one", "two", "three"]);
        let whole = fs::read(&path).unwrap();
        for bit in 0..8 * whole.len() {
            let mut flipped = whole.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let contents = read_from(&flipped[..]).unwrap();
            let line_end = whole[bit / 8] == b'\n';
            assert!(
                contents.lines.len() >= if line_end { 1 } else { 2 },
                "bit {bit}"
            );
            assert!(
                contents.damaged + u64::from(contents.torn > 0) > 0,
                "bit {bit}"
            );
            let expected = ["one", "two", "three"];
            assert!(
                contents
                    .lines
                    .iter()
                    .all(|l| expected.contains(&l.as_str()))
            );
        }
    }

    #[test]
    fn zeros_that_a_power_cut_left_behind_are_cut_off() {
        let (_folder, path) = file_of(&["one"]);
        let mut bytes = fs::read(&path).unwrap();
        bytes.extend([0; 5000]);
        fs::write(&path, bytes).unwrap();
        assert_eq!(read(&path).unwrap().torn, 5000);
        Appender::open(&path).unwrap().append("two").unwrap();
        assert_eq!(read(&path).unwrap().lines, ["one", "two"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_was_deleted_is_begun_anew() {
        let (_folder, path) = file_of(&["one"]);
        let mut appender = Appender::open(&path).unwrap();
        fs::remove_file(&path).unwrap();
        appender.append_synced("two").unwrap();
        assert_eq!(read(&path).unwrap().lines, ["two"]);
    }

    #[test]
    fn a_file_that_is_not_there_has_no_lines() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("none");
        assert_eq!(read(&path).unwrap(), Contents::default());
    }

    #[test]
    fn rubbish_is_counted_and_passed_over() {
        let (_folder, path) = file_of(&["one"]);
        let mut bytes = b"rubbish\n\xFF\xFE\n\n".to_vec();
        bytes.extend(fs::read(&path).unwrap());
        fs::write(&path, bytes).unwrap();
        let contents = read(&path).unwrap();
        assert_eq!((contents.lines.len(), contents.damaged), (1, 3));
    }

    #[test]
    fn a_checksum_is_the_beginning_of_sha_256() {
        // FIPS 180-2, appendix B.1.
        assert_eq!(checksum(b"abc"), "ba7816bf8f01cfea");
        assert_eq!(checksum(b"abc").len(), DIGITS);
    }
}
