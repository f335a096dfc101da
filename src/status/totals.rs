//! What a search has done, in sums over all runs of its session.

use std::time::Duration;

use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};

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
    pub(super) fn as_session<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut object = to.serialize_struct("Totals", 3)?;
        object.serialize_field("session_candidates", &self.candidates)?;
        object.serialize_field("found", &self.found)?;
        object.serialize_field("working_seconds", &self.working_seconds)?;
        object.end()
    }
}
