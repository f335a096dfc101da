//! The status of a running search, as other programs may see it: metrics, status, control and messages are made from
//! this alone, and nothing in it can hold a secret.

mod card;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use meshcore_keygen_gpu::CardReadings;
use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};
use strum::VariantArray as _;

pub(crate) use self::card::CardStatus;
use crate::event::Pause;
use crate::health::HealthTotals;
use crate::health::proof::SpotChecks;
use crate::text::odds::Odds;

/// What a search does.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, strum::IntoStaticStr, strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub(crate) enum Phase {
    /// It searches.
    #[default]
    Running,
    /// It does not, for a reason that is stated.
    Paused,
    /// It ends: workers stop, keys are saved.
    Ending,
    /// It has ended.
    Ended,
}

impl Phase {
    /// Every phase.
    pub(crate) const ALL: &[Self] = Self::VARIANTS;

    /// The name, as in JSON.
    pub(crate) fn name(self) -> &'static str {
        self.into()
    }
}

/// How a worker is.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct WorkerSnapshot {
    /// Its number, from 1.
    pub worker: usize,
    /// How often it was replaced, from 0.
    pub generation: u32,
    /// Its arithmetic.
    pub backend: String,
    /// Its state, as the supervisor names it.
    pub state: &'static str,
    /// Its score, 0 to 100.
    pub score: u8,
    /// Candidates a processor second, once known.
    pub rate: Option<f64>,
    /// Performance as a share of its baseline, once known.
    pub performance: Option<f64>,
    /// Processor time over wall time, once known.
    pub processor: Option<f64>,
    /// Restarts since the process began, by verdict or "command".
    pub restarts: BTreeMap<&'static str, u64>,
    /// Its card, if it searches on one, once that was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<CardReadings>,
}

/// The outcome of checking a worker.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WorkerCheck {
    /// Its number, from 1.
    pub worker: usize,
    /// Its state.
    pub state: &'static str,
    /// Its arithmetic.
    pub backend: &'static str,
    /// Milliseconds until it answered between two sweeps, with correct known answers; `None`: it did not, or was not
    /// waited for.
    pub answered_ms: Option<f64>,
    /// Milliseconds since the last sweep was seen.
    pub beat_age_ms: f64,
    /// Candidates a processor second, once known.
    pub rate: Option<f64>,
    /// Performance as a share of its baseline, once known.
    pub performance: Option<f64>,
}

/// An alert that is not over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct ActiveAlert {
    /// Its name, such as a verdict.
    pub name: String,
    /// "info", "warning" or "critical".
    pub severity: &'static str,
    /// What it is about, for people.
    pub message: String,
    /// Since when.
    pub since: Timestamp,
}

/// What one receiver of messages was sent, since the process began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Deliveries {
    /// Where to: the setting and the host, for people; no secret.
    pub to: String,
    /// Messages for it.
    pub sent: u64,
    /// Those that it took.
    pub delivered: u64,
    /// The name of the latest message, such as that of its alert; nothing before the first.
    pub latest: Option<String>,
    /// When that was sent.
    pub at: Option<Timestamp>,
}

/// The status of a running search at one moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Snapshot {
    /// The program's version.
    pub version: &'static str,
    /// The id of the process.
    pub process: u32,
    /// Time since the process began to search.
    #[serde(serialize_with = "as_seconds", rename = "uptime_seconds")]
    pub uptime: Duration,
    /// The session's name, if it has one.
    pub session: Option<String>,
    /// What is looked for, for people.
    pub pattern: String,
    /// The arithmetic at the start.
    pub backend: String,
    /// What the search does.
    pub phase: Phase,
    /// How it ended, once it has: "found", "limit", "stopped", "failed", "no-worker-left", "found-in-fallback" or
    /// "interrupted".
    pub ending: Option<&'static str>,
    /// Why it is paused; empty while it is not.
    pub pauses: Vec<Pause>,
    /// The health of the whole in one word, once known.
    pub health: Option<&'static str>,
    /// Candidates tested by this process.
    pub candidates: u64,
    /// Sums over all runs of the session.
    #[serde(flatten, serialize_with = "Totals::as_session")]
    pub totals: Totals,
    /// Candidates a second, lately.
    pub rate: f64,
    /// Keys that were asked for; nothing: all.
    pub count: Option<u64>,
    /// The chance of having found a key by now since the last one.
    pub chance: f64,
    /// Spot checks of this process.
    pub spot_checks: SpotChecks,
    /// How long ago candidates or, where workers are judged, spot checks last proved progress.
    #[serde(serialize_with = "as_seconds_or_null", rename = "progress_age_seconds")]
    pub progress_age: Option<Duration>,
    /// How long ago the supervisor last reported.
    #[serde(
        serialize_with = "as_seconds_or_null",
        rename = "supervisor_age_seconds"
    )]
    pub supervisor_age: Option<Duration>,
    /// Each worker.
    pub workers: Vec<WorkerSnapshot>,
    /// Each card.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cards: Vec<CardStatus>,
    /// Abandoned threads that are still running.
    pub zombies: usize,
    /// When the session's checkpoint was last written; nothing before the first.
    pub checkpoint: Option<Timestamp>,
    /// Alerts that are not over.
    pub alerts: Vec<ActiveAlert>,
    /// What was sent to whom.
    pub deliveries: Vec<Deliveries>,
    /// Restarts, lost time and the like in all runs of the session.
    #[serde(skip)]
    pub health_totals: HealthTotals,
    /// The chance a candidate.
    #[serde(skip)]
    pub odds: Odds,
    /// Candidates that the limits leave, at this rate.
    #[serde(skip)]
    pub candidates_left: Option<f64>,
}

impl Snapshot {
    /// Confirmed progress must not be older than this for a search to be ready: half the time after which a service
    /// manager would take it for hung.
    pub(crate) const FRESH: Duration = Duration::from_secs(30);

    /// Candidates tested since the last wanted key, or since the beginning.
    pub(crate) fn since_key(&self) -> u64 {
        let totals = &self.totals;
        totals.candidates.saturating_sub(totals.at_last_key)
    }

    /// Time of searching in all runs of the session.
    pub(crate) fn working(&self) -> Duration {
        self.totals.working()
    }

    /// Whether progress was confirmed lately.
    pub(crate) fn is_fresh(&self) -> bool {
        self.progress_age.is_some_and(|age| age <= Self::FRESH)
    }
}

fn as_seconds<S: Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_f64(time.as_secs_f64())
}

fn as_seconds_or_null<S: Serializer>(time: &Option<Duration>, to: S) -> Result<S::Ok, S::Error> {
    time.map(|time| time.as_secs_f64()).serialize(to)
}

/// Sums over all runs of a session, as its checkpoint keeps them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Totals {
    /// Candidates tested.
    pub candidates: u64,
    /// Candidates tested when the last wanted key was found.
    pub at_last_key: u64,
    /// Wanted keys found.
    pub found: u64,
    /// Keys of the watchlist saved.
    pub watched: u64,
    /// Seconds of searching, without gaps.
    pub working_seconds: f64,
    /// Spot checks that exact recomputation confirmed.
    pub spot_checks: u64,
    /// Spot checks that were to be expected.
    pub spot_checks_expected: f64,
    /// Hits that exact recomputation refuted.
    pub refuted: u64,
    /// Hits that came faster than they could be saved.
    pub skipped: u64,
    /// Keys that went to a fallback folder.
    pub fallback: u64,
}

impl Totals {
    /// Time of searching.
    pub(crate) fn working(&self) -> Duration {
        Duration::try_from_secs_f64(self.working_seconds).unwrap_or_default()
    }

    /// Candidates a second while it searched.
    pub(crate) fn rate(&self) -> f64 {
        if self.working_seconds > 0.0 {
            self.candidates as f64 / self.working_seconds
        } else {
            0.0
        }
    }

    /// The fields that a snapshot has of them.
    fn as_session<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut object = to.serialize_struct("Totals", 3)?;
        object.serialize_field("session_candidates", &self.candidates)?;
        object.serialize_field("found", &self.found)?;
        object.serialize_field("working_seconds", &self.working_seconds)?;
        object.end()
    }
}

/// A snapshot, and when it was taken.
type Latest = Option<(Instant, Arc<Snapshot>)>;

/// The latest snapshot, shared between threads.
#[derive(Clone, Debug, Default)]
pub(crate) struct LatestSnapshot(Arc<Mutex<Latest>>);

/// A snapshot, and how old it is.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub snapshot: Arc<Snapshot>,
    /// How long ago the loop took it: long where the loop itself hangs.
    pub age: Duration,
}

impl LatestSnapshot {
    /// Replaces the snapshot, and returns the new one.
    pub(crate) fn put(&self, snapshot: Snapshot) -> Arc<Snapshot> {
        let snapshot = Arc::new(snapshot);
        let new = Some((Instant::now(), Arc::clone(&snapshot)));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = new;
        snapshot
    }

    /// The last one; `None` before the first.
    pub(crate) fn look(&self) -> Option<Seen> {
        let latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        latest.as_ref().map(|(at, snapshot)| Seen {
            snapshot: Arc::clone(snapshot),
            age: at.elapsed(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_read_times_in_seconds_and_names_as_people_read_them() {
        let snapshot = Snapshot {
            uptime: Duration::from_millis(1500),
            phase: Phase::Paused,
            ..Snapshot::default()
        };
        let value = serde_json::to_value(&snapshot).unwrap();
        assert_eq!(value["uptime_seconds"], 1.5);
        assert_eq!(value["phase"], snapshot.phase.name());
        assert_eq!(value["progress_age_seconds"], serde_json::Value::Null);
    }

    #[test]
    fn a_search_is_fresh_while_its_progress_is() {
        let snapshot = |seconds| Snapshot {
            progress_age: Some(Duration::from_secs(seconds)),
            ..Snapshot::default()
        };
        assert!(snapshot(30).is_fresh());
        assert!(!snapshot(31).is_fresh());
        assert!(!Snapshot::default().is_fresh());
    }

    #[test]
    fn whoever_looks_sees_the_last_one() {
        let latest = LatestSnapshot::default();
        assert!(latest.look().is_none());
        for candidates in [1, 2] {
            latest.put(Snapshot {
                candidates,
                ..Snapshot::default()
            });
        }
        assert_eq!(latest.clone().look().unwrap().snapshot.candidates, 2);
    }
}
