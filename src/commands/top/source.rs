//! The thread that looks at sessions: a session that hangs must not hold up the keys.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, bounded};
use jiff::Timestamp;

use super::rates;
use crate::overview::{Overview, Past, gather};
use crate::session::place::StateFolder;

/// Between two looks.
const EVERY: Duration = Duration::from_secs(1);

/// Between two looks at the history, which changes more slowly.
const HISTORY: Duration = Duration::from_secs(10);

/// What was seen at a moment.
#[derive(Debug)]
pub(super) struct Picture {
    pub at: Timestamp,
    /// The sessions; one that can't be read is a text.
    pub sessions: Vec<Result<Overview, String>>,
    /// The history of the one that is shown, and its name.
    pub past: Option<(String, Past)>,
    /// Why nothing could be seen.
    pub problem: Option<String>,
}

/// The pictures, newest last.
pub(super) struct Source {
    pub pictures: Receiver<Picture>,
    shown: Arc<Mutex<Option<String>>>,
}

impl Source {
    /// Begins to look at the session of this name, or at all.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub(super) fn start(own: StateFolder, name: Option<String>) -> io::Result<Self> {
        let (sender, pictures) = bounded(1);
        let shown = Arc::new(Mutex::new(name.clone()));
        let wanted = Arc::clone(&shown);
        std::thread::Builder::new()
            .name("source".to_owned())
            .spawn(move || {
                let mut past = None;
                let mut read: Option<(Instant, Option<String>)> = None;
                loop {
                    let begin = Instant::now();
                    let mut picture = look(&own, name.as_deref());
                    let chosen = wanted
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .clone();
                    let is_old = |(at, of): &(Instant, Option<String>)| {
                        at.elapsed() >= HISTORY || *of != chosen
                    };
                    if read.as_ref().is_none_or(is_old) {
                        past = chosen.as_deref().and_then(|name| history(&picture, name));
                        read = Some((Instant::now(), chosen));
                    }
                    picture.past.clone_from(&past);
                    if sender.send(picture).is_err() {
                        return;
                    }
                    std::thread::sleep(EVERY.saturating_sub(begin.elapsed()));
                }
            })?;
        Ok(Self { pictures, shown })
    }

    /// Which session is shown, and needs its history.
    pub(super) fn choose(&self, name: Option<&str>) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if shown.as_deref() != name {
            *shown = name.map(str::to_owned);
        }
    }
}

fn look(own: &StateFolder, name: Option<&str>) -> Picture {
    let gathered = gather(own.clone(), name);
    let at = Timestamp::now();
    let (folders, problem) = match gathered {
        Ok(folders) => (folders, None),
        Err(error) => (Vec::new(), Some(error.to_string())),
    };
    let sessions = folders.into_iter().flat_map(|folder| folder.sessions);
    Picture {
        at,
        sessions: sessions
            .map(|session| session.map_err(|error| error.to_string()))
            .collect(),
        past: None,
        problem,
    }
}

/// What the history has of a session in the time that a chart shows.
fn history(picture: &Picture, name: &str) -> Option<(String, Past)> {
    let mut sessions = picture.sessions.iter().flatten();
    let session = sessions.find(|session| session.status.session == name)?;
    let past = Past::read(&session.database, name, picture.at - rates::LONGEST).ok()?;
    Some((name.to_owned(), past))
}
