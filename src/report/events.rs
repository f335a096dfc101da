//! `--events FILE`: everything that happens as one JSON object a line, appended by a thread of its own.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::event_objects as objects;
use super::outlet::{Message, Outlet, Screen};
use crate::event::Event;
use crate::files::{private_options, trust};
use crate::outage::{Outage, Turn};
use crate::session::announcements::SharedAnnounced;
use crate::status::Snapshot;

/// Version of the objects, as docs/history.md documents them.
const VERSION: u32 = 1;

/// Working time between two objects of progress.
const PROGRESS: Duration = Duration::from_secs(10);

/// How long the end waits for the rest to be written.
const PATIENCE: Duration = Duration::from_secs(2);

/// The events of one run.
pub(crate) struct EventLog {
    outlet: Outlet,
    state: Arc<State>,
    session: Option<String>,
    run: u32,
    next_progress: Duration,
    outage: Outage,
}

/// What the thread that writes tells.
#[derive(Debug, Default)]
struct State {
    trouble: Mutex<Option<String>>,
    lost: AtomicU64,
}

impl EventLog {
    /// Opens the file for appending, readable only by its owner if it is new, and starts the thread.
    ///
    /// # Errors
    /// What the system said.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let state = Arc::new(State::default());
        let lines = Lines::open(path, Arc::clone(&state))?;
        Ok(Self {
            outlet: Outlet::start("events", Box::new(lines), SharedAnnounced::default())?,
            state,
            session: None,
            run: 1,
            next_progress: PROGRESS,
            outage: Outage::default(),
        })
    }

    /// The session and the number of its run, which every object names from now on.
    pub(crate) fn set_session(&mut self, name: String, run: u32) {
        (self.session, self.run) = (Some(name), run);
    }

    /// Writes an event, if it is one that is kept.
    pub(crate) fn event(&self, event: &Event, at: Timestamp) {
        if let Some((name, fields)) = objects::of(event) {
            self.write(name, fields, at);
        }
    }

    /// Writes where the search stands, if it is time to.
    pub(crate) fn progress(&mut self, snapshot: &Snapshot, at: Timestamp) {
        if snapshot.working() >= self.next_progress {
            self.next_progress = snapshot.working() + PROGRESS;
            self.write("progress", objects::progress(snapshot), at);
        }
    }

    /// Writes an object of this name with these fields.
    pub(crate) fn write(&self, name: &str, fields: Value, at: Timestamp) {
        let mut object = Map::new();
        object.insert("v".to_owned(), VERSION.into());
        object.insert("time".to_owned(), at.to_string().into());
        object.insert("event".to_owned(), name.into());
        if let Some(session) = &self.session {
            object.insert("session".to_owned(), session.clone().into());
            object.insert("run".to_owned(), self.run.into());
        }
        if let Value::Object(fields) = fields {
            object.extend(fields);
        }
        self.outlet
            .send(Message::Result(Value::Object(object).to_string()));
    }

    /// The first trouble of a row, and that it is over.
    pub(crate) fn notice(&mut self) -> Option<String> {
        let trouble = self
            .state
            .trouble
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        match self.outage.observe(trouble)? {
            Turn::Failed(reason) => Some(format!(
                "WARNING: the events file can't be written: {reason}. The search continues; lost events are counted."
            )),
            Turn::Recovered => Some("The events file is written again.".to_owned()),
        }
    }

    /// Writes the rest, within limits; gives the number of events that were lost.
    pub(crate) fn close(mut self) -> u64 {
        let unwritten = self.outlet.close(PATIENCE, PATIENCE);
        unwritten.results + self.state.lost.load(Ordering::Relaxed)
    }
}

/// The file: a line each, none of them half even where the one before was cut off.
struct Lines {
    file: File,
    torn: bool,
    state: Arc<State>,
}

impl Lines {
    fn open(path: &Path, state: Arc<State>) -> io::Result<Self> {
        let file = trust::open(private_options().append(true), path)?;
        Ok(Self {
            file,
            torn: is_torn(path),
            state,
        })
    }

    fn append(&mut self, line: &str) -> io::Result<()> {
        let start = if self.torn { "\n" } else { "" };
        self.torn = true;
        self.file.write_all(format!("{start}{line}\n").as_bytes())?;
        self.torn = false;
        Ok(())
    }
}

/// Whether the file's last line has no end: its writer was killed or its disk full. A pipe has no past.
fn is_torn(path: &Path) -> bool {
    let is_file = std::fs::metadata(path).is_ok_and(|metadata| metadata.is_file());
    let last = || {
        let mut file = OpenOptions::new().read(true).open(path)?;
        file.seek(SeekFrom::End(-1))?;
        let mut byte = [0];
        file.read_exact(&mut byte)?;
        io::Result::Ok(byte[0])
    };
    is_file && last().is_ok_and(|byte| byte != b'\n')
}

impl Screen for Lines {
    /// A disk that is full now may have room later: an error costs this line, not those after it.
    fn show(&mut self, message: Message) -> io::Result<()> {
        let Message::Result(line) = message else {
            return Ok(());
        };
        let written = self.append(&line);
        if written.is_err() {
            self.state.lost.fetch_add(1, Ordering::Relaxed);
        }
        let mut trouble = self
            .state
            .trouble
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *trouble = written.err().map(|error| error.to_string());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn log(path: &Path, session: &str) -> EventLog {
        let mut log = EventLog::open(path).unwrap();
        log.set_session(session.to_owned(), 2);
        log
    }

    fn read(path: &Path) -> Vec<Value> {
        let text = std::fs::read_to_string(path).unwrap();
        text.lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect()
    }

    #[test]
    fn every_line_is_an_object_that_names_time_event_and_session() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events");
        let log = log(&path, "night");
        log.write("started", json!({"workers": 2}), Timestamp::UNIX_EPOCH);
        log.event(&Event::AllSaved, Timestamp::UNIX_EPOCH);
        assert_eq!(log.close(), 0);
        let objects = read(&path);
        let first = json!({"v": 1, "time": "1970-01-01T00:00:00Z", "event": "started", "session": "night", "run": 2,
                           "workers": 2});
        assert_eq!(objects[0], first);
        assert_eq!(objects[1]["event"], "all-saved");
    }

    #[test]
    fn the_rest_of_a_line_that_was_cut_off_does_not_spoil_the_next_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events");
        std::fs::write(&path, "{\"v\":1}\n{\"v\":").unwrap();
        let log = log(&path, "night");
        log.event(&Event::AllSaved, Timestamp::UNIX_EPOCH);
        assert_eq!(log.close(), 0);
        assert_eq!(read(&path).len(), 2);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_another_user_planted_is_not_followed() {
        let Some((_folder, link, target)) = trust::tests::planted_link("events") else {
            return;
        };
        assert!(EventLog::open(&link).is_err());
        assert!(!target.exists());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_said_once_and_the_lost_events_are_counted() {
        let mut log = log(Path::new("/dev/full"), "night");
        for _ in 0..3 {
            log.event(&Event::AllSaved, Timestamp::UNIX_EPOCH);
        }
        let said = loop {
            match log.notice() {
                Some(said) => break said,
                None => std::thread::yield_now(),
            }
        };
        assert!(said.contains("can't be written"), "{said}");
        assert_eq!(log.notice(), None);
        assert_eq!(log.close(), 3);
    }
}
