//! The metrics file: replaced as a whole by a thread of its own, so that a disk that hangs delays nobody.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use thiserror::Error;

use super::family::{self, Format};
use super::search;
use crate::files;
use crate::outage::{Outage, Turn};
use crate::queue::Queue;
use crate::status::{LatestSnapshot, Snapshot};

/// Time between two versions of the file.
pub(crate) const INTERVAL: Duration = Duration::from_secs(15);

/// How long the end waits for the last version.
const END_TIMEOUT: Duration = Duration::from_secs(1);

/// Why a file can't be used.
#[derive(Debug, Error)]
#[error("--metrics-file {}: {problem}. Name a file in a folder that can be written.", .path.display())]
pub(crate) struct FileError {
    path: PathBuf,
    problem: String,
}

/// A file that can be replaced.
#[derive(Clone, Debug)]
pub(crate) struct MetricsFile {
    path: PathBuf,
    /// Its next version, beside it: one name, so that a process that is killed leaves no more than one behind.
    next: PathBuf,
}

impl MetricsFile {
    /// Checks that the file can be written, and leaves nothing behind.
    ///
    /// # Errors
    /// It can't.
    pub(crate) fn open(path: &Path) -> Result<Self, FileError> {
        let refused = |problem: String| FileError {
            path: path.to_owned(),
            problem,
        };
        let name = path.file_name().filter(|_| !path.is_dir());
        let Some(name) = name else {
            return Err(refused("that is a folder".to_owned()));
        };
        if path.exists() && !path.is_file() {
            return Err(refused("that is no ordinary file".to_owned()));
        }
        let mut next = std::ffi::OsString::from(".");
        next.push(name);
        next.push(".next");
        let file = Self {
            path: path.to_owned(),
            next: path.with_file_name(next),
        };
        let tried = create(&file.next).and_then(|_| fs::remove_file(&file.next));
        match tried {
            Ok(()) => Ok(file),
            Err(error) => Err(refused(format!("it can't be written: {error}"))),
        }
    }

    /// Replaces the file.
    fn write(&self, text: &str) -> io::Result<()> {
        files::put_in_place(&self.path, &self.next, |next| {
            let mut file = create(next)?;
            file.write_all(text.as_bytes())?;
            open_to_all(&file)
        })
    }
}

/// A new file; what a killed process left is removed, never followed or written to.
fn create(path: &Path) -> io::Result<File> {
    files::remove_if_there(path)?;
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// Node_exporter is another user, and metrics are no secret, whatever the mask says.
#[cfg(unix)]
fn open_to_all(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn open_to_all(_: &File) -> io::Result<()> {
    Ok(())
}

/// The thread that keeps the file.
#[derive(Debug)]
pub(crate) struct Keeper {
    orders: Queue<()>,
    said: Receiver<String>,
}

impl Keeper {
    /// Starts to keep the file; the first version is written as soon as it is told to.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub(crate) fn start(
        file: MetricsFile,
        latest: LatestSnapshot,
        interval: Duration,
    ) -> io::Result<Self> {
        let (said_sender, said) = bounded(8);
        let mut writer = Writer {
            file,
            latest,
            said: said_sender,
            outage: Outage::default(),
        };
        let orders = Queue::start("metrics file", 2, move |orders, _| {
            writer.run(&orders, interval);
        })?;
        Ok(Self { orders, said })
    }

    /// Has the file written now; a thread that is still at it does so anyway.
    pub(crate) fn write(&self) {
        self.orders.send(());
    }

    /// What people should know since the last call.
    pub(crate) fn notices(&self) -> impl Iterator<Item = String> + '_ {
        self.said.try_iter()
    }

    /// Has the last version written, and waits for it a little.
    pub(crate) fn end(&mut self) {
        self.orders.close();
        self.orders.has_ended_within(END_TIMEOUT);
    }
}

struct Writer {
    file: MetricsFile,
    latest: LatestSnapshot,
    said: Sender<String>,
    outage: Outage,
}

impl Writer {
    /// Writes at each order, after each interval, and at the end.
    fn run(&mut self, orders: &Receiver<()>, interval: Duration) {
        loop {
            let order = orders.recv_timeout(interval);
            if let Some(seen) = self.latest.look() {
                self.write(&seen.snapshot);
            }
            if matches!(order, Err(RecvTimeoutError::Disconnected)) {
                return;
            }
        }
    }

    fn write(&mut self, snapshot: &Snapshot) {
        let failure = self.file.write(&contents(snapshot)).err();
        let path = self.file.path.display();
        let said = match self.outage.observe(failure) {
            Some(Turn::Failed(error)) => format!(
                "WARNING: --metrics-file {path} can't be written: {error}. It is tried again; the search continues."
            ),
            Some(Turn::Recovered) => format!("--metrics-file {path} is written again."),
            None => return,
        };
        // Whoever does not listen needs no word.
        let _ = self.said.try_send(said);
    }
}

/// What the file holds: every sample names its session, since all files of a machine come to node_exporter together, and
/// nothing tells of the process, since node_exporter tells such things of itself.
fn contents(snapshot: &Snapshot) -> String {
    let session = snapshot.session.as_deref();
    let mut families = search::families(snapshot);
    if session.is_some() {
        let labels = families.iter_mut().flat_map(|family| &mut family.samples);
        labels.for_each(|(labels, _)| labels.retain(|(name, _)| *name != "session"));
    }
    family::write(families, session, Format::Prometheus)
}

#[cfg(test)]
mod tests;
