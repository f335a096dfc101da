//! Where the page has its facts from, the search of this process or all sessions of this user; and what its reader asks of
//! them, passed on as a request to the session: it is recorded as any other.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::control::client;
use crate::control::protocol::Request;
use crate::overview::{self, Overview, Past};
use crate::session::inspect;
use crate::session::name::SessionName;
use crate::session::place::StateFolder;
use crate::status::{LatestSnapshot, Snapshot};

/// Keys of a session that are shown, the latest.
const KEYS: usize = 50;

/// A picture of the own search has what its session's files say, no older than this.
const FILES_AGE: Duration = Duration::from_secs(10);

/// The longest past that is shown.
const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 31);

/// Continues a session that does not search; returns what was done in words that follow "the search".
pub(crate) type Resume = Box<dyn Fn(StateFolder, &str) -> Result<String, String> + Send + Sync>;

/// Where the facts come from. Whatever asks it may have to wait.
pub(crate) enum Source {
    /// The search of this process.
    Own(Box<Own>),
    /// The named session or all.
    Sessions {
        place: StateFolder,
        name: Option<String>,
        resume: Resume,
    },
}

/// The search of this process, and its session if it keeps one.
pub(crate) struct Own {
    pub latest: LatestSnapshot,
    pub session: Option<(StateFolder, SessionName)>,
    pub database: Option<PathBuf>,
    seen: Mutex<Option<(Instant, Option<u64>, Overview)>>,
}

impl Own {
    pub(crate) fn new(
        latest: LatestSnapshot,
        session: Option<(StateFolder, SessionName)>,
        database: Option<PathBuf>,
    ) -> Self {
        Self {
            latest,
            session,
            database,
            seen: Mutex::default(),
        }
    }

    fn object(&self) -> Option<Value> {
        let snapshot = self.latest.look()?.snapshot;
        let answer = serde_json::to_value(&*snapshot).ok()?;
        let object = match self.overview(&snapshot) {
            Some(overview) => shown(overview.with_answer(&snapshot, answer)),
            None => json!({
                "session": snapshot.session.as_deref().unwrap_or("unnamed"),
                "state": snapshot.phase.name(),
                "pattern": snapshot.pattern,
                "candidates": snapshot.totals.candidates,
                "found": snapshot.totals.found,
                "working_seconds": snapshot.totals.working_seconds,
                "probability": snapshot.odds.0,
                "limits": {"count": snapshot.count},
                "snapshot": answer,
            }),
        };
        Some(object)
    }

    /// What its files say, once it is on disk; read again after some seconds, and after each key.
    fn overview(&self, snapshot: &Snapshot) -> Option<Overview> {
        let (place, name) = self.session.as_ref()?;
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let mark = Some(snapshot.totals.found + snapshot.totals.watched);
        let fresh = |(at, marked, _): &&(Instant, Option<u64>, Overview)| {
            at.elapsed() < FILES_AGE && *marked == mark
        };
        if let Some((_, _, overview)) = seen.as_ref().filter(fresh) {
            return Some(overview.clone());
        }
        let look = inspect::look(place, name, Timestamp::now()).ok()??;
        let overview = Overview::of_this_process(look, place, Timestamp::now());
        *seen = Some((Instant::now(), mark, overview.clone()));
        Some(overview)
    }
}

/// What the page asks.
#[derive(Debug, Deserialize)]
struct Act {
    session: String,
    #[serde(flatten)]
    asked: Asked,
}

/// Of a process that searches, or of this one.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Asked {
    Process(Request),
    Here(Here),
}

/// What needs a process to be started or woken.
#[derive(Debug, Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case")]
enum Here {
    Resume,
}

impl Source {
    /// All facts of the moment as one JSON object.
    pub(crate) fn picture(&self) -> Value {
        let at = Timestamp::now();
        let (sessions, problems) = match self {
            Self::Own(own) => (own.object().into_iter().collect(), Vec::new()),
            Self::Sessions { place, name, .. } => gathered(place, name.as_deref()),
        };
        json!({"at": at, "version": env!("CARGO_PKG_VERSION"), "sessions": sessions, "problems": problems})
    }

    /// What the history has of a session.
    ///
    /// # Errors
    /// There is no such session, or no history of it.
    pub(crate) fn past(&self, session: &str, hours: i64) -> anyhow::Result<Past> {
        let back = SignedDuration::from_hours(hours.clamp(1, 24 * 31)).min(LONGEST);
        let since = Timestamp::now().checked_sub(back)?;
        Past::read(&self.database(session)?, session, since)
    }

    fn database(&self, session: &str) -> anyhow::Result<PathBuf> {
        let (place, _) = self.found(session)?;
        Ok(match self {
            Self::Own(own) => own.database.clone().unwrap_or_else(|| place.database()),
            Self::Sessions { .. } => place.database(),
        })
    }

    /// The folder in which a session takes requests.
    ///
    /// # Errors
    /// There is no such session.
    pub(crate) fn folder(&self, session: &str) -> anyhow::Result<PathBuf> {
        let (place, name) = self.found(session)?;
        let folder = place.session(&name);
        anyhow::ensure!(folder.is_dir(), "there is no session {session:?} on disk");
        Ok(folder)
    }

    /// Continues a session; returns what was done in words.
    ///
    /// # Errors
    /// There is no such session, this page can't start processes, or what went wrong.
    pub(crate) fn resume(&self, session: &str) -> anyhow::Result<String> {
        let (place, name) = self.found(session)?;
        match self {
            Self::Own(_) => anyhow::bail!("it is not for the page of a search to start another"),
            Self::Sessions { resume, .. } => {
                resume(place, &name.to_string()).map_err(anyhow::Error::msg)
            }
        }
    }

    /// Passes a request on and waits for the answer, as an object with "ok".
    pub(super) fn carry_out(&self, body: &[u8]) -> Value {
        match self.try_to(body) {
            Ok(fields) => json!({"ok": true, "said": fields["said"], "workers": fields["workers"]}),
            Err(error) => json!({"ok": false, "error": error.to_string()}),
        }
    }

    fn try_to(&self, body: &[u8]) -> anyhow::Result<Value> {
        let act: Act = serde_json::from_slice(body)?;
        let request = match act.asked {
            Asked::Process(request) => request,
            Asked::Here(Here::Resume) => return Ok(json!({"said": self.resume(&act.session)?})),
        };
        let folder = self.folder(&act.session)?;
        Ok(client::ask(&folder, &request, client::LONG_PATIENCE)?.fields)
    }

    fn found(&self, session: &str) -> anyhow::Result<(StateFolder, SessionName)> {
        let name = SessionName::parse(session)?;
        match self {
            Self::Own(own) => (own.session.clone())
                .filter(|(_, own)| *own == name)
                .context("that is not the session of this search"),
            Self::Sessions {
                place, name: only, ..
            } => {
                let is_shown = only.as_ref().is_none_or(|only| only == session);
                anyhow::ensure!(is_shown, "this page shows another session");
                let found = crate::session::service_dir::find(place.clone(), Some(session));
                Ok((found.place, name))
            }
        }
    }
}

/// The sessions, and what is wrong with those that can't be read.
fn gathered(place: &StateFolder, name: Option<&str>) -> (Vec<Value>, Vec<String>) {
    match overview::sessions(place.clone(), name) {
        Ok((sessions, problems)) => (sessions.into_iter().map(shown).collect(), problems),
        Err(error) => (Vec::new(), vec![error.to_string()]),
    }
}

/// An overview as JSON, without the keys that are too many to be shown.
fn shown(mut overview: Overview) -> Value {
    let keys = &mut overview.status.keys;
    keys.drain(..keys.len().saturating_sub(KEYS));
    serde_json::to_value(&overview).unwrap_or_default()
}
