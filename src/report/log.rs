//! The log of a search in the background: what both streams would show, chatter with its time, the latest few megabytes kept.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::Zoned;

use super::outlet::{Message, Screen};
use crate::files::{private_options, trust};

/// Bytes after which the log is set aside, in place of the one that was set aside before: twice this is kept.
const LARGEST: u64 = 2_500_000;

/// A log file.
pub(crate) struct Log {
    path: PathBuf,
    file: File,
    size: u64,
    largest: u64,
}

impl Log {
    /// Opens the log, readable only by its owner, behind what is in it.
    ///
    /// # Errors
    /// What the system said.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Self::with_size(path, LARGEST)
    }

    fn with_size(path: &Path, largest: u64) -> io::Result<Self> {
        let file = trust::open(private_options().append(true), path)?;
        let size = file.metadata()?.len();
        Ok(Self {
            path: path.to_owned(),
            file,
            size,
            largest,
        })
    }

    fn line(&mut self, line: &str) -> io::Result<()> {
        if self.size > self.largest {
            fs::rename(&self.path, self.path.with_extension("old"))?;
            *self = Self::with_size(&self.path, self.largest)?;
        }
        let line = format!("{line}\n");
        self.file.write_all(line.as_bytes())?;
        self.size += line.len() as u64;
        Ok(())
    }
}

impl Screen for Log {
    /// Results stand as they are. Another line that the disk does not take is lost; later ones may find room.
    fn show(&mut self, message: Message) -> io::Result<()> {
        match message {
            Message::Result(line) => return self.line(&line),
            Message::Chatter(line) => {
                let _ = self.line(&format!("{} {line}", Zoned::now().strftime("%F %T")));
            }
            Message::Status(_) => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_keeps_its_latest_lines_and_never_grows_beyond_twice_its_size() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let mut log = Log::with_size(&path, 1000).unwrap();
        for number in 0..1000 {
            log.show(Message::Chatter(format!("line {number}")))
                .unwrap();
        }
        let text = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
        assert!(text("log").len() + text("log.old").len() < 2200);
        assert!(text("log").contains("line 999") && text("log.old").lines().count() > 10);
        assert!(fs::read_dir(folder.path()).unwrap().count() == 2);
    }
}
