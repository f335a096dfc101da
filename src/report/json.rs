//! Standard output as JSON lines: one object a key, and at the end a summary.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::summary::Summary;
use crate::event::{Found, FoundKind};
use crate::health::HealthSummary;
use crate::health::proof::SpotChecks;
use crate::key::hex;
use crate::status::CardStatus;

#[derive(Serialize)]
struct KeyObject<'a> {
    kind: FoundKind,
    public_key: String,
    files: Vec<String>,
    pattern: &'a str,
    candidates: u64,
    seconds: f64,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    again: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    private_key: Option<&'a str>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    claim: Option<Value>,
}

#[derive(Serialize)]
struct SummaryObject<'a> {
    kind: &'static str,
    ending: &'static str,
    found: u64,
    candidates: u64,
    seconds: f64,
    rate: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    health: Option<HealthObject<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    cards: &'a [CardStatus],
}

#[derive(Serialize)]
struct HealthObject<'a> {
    state: &'static str,
    restarts: &'a BTreeMap<String, u64>,
    notices: &'a BTreeMap<String, u64>,
    spot_checks: SpotChecks,
    availability: f64,
    lost_seconds: f64,
    backend: BackendObject,
}

#[derive(Serialize)]
struct BackendObject {
    start: &'static str,
    now: Vec<&'static str>,
}

fn health(health: &HealthSummary) -> HealthObject<'_> {
    let totals = &health.totals;
    let backends = health.backends.iter();
    HealthObject {
        state: health.state.name(),
        restarts: &totals.restarts,
        notices: &totals.notices,
        spot_checks: health.spot_checks,
        availability: totals.availability(),
        lost_seconds: totals.lost_seconds,
        backend: BackendObject {
            start: health.backend_at_start.name(),
            now: backends.map(|backend| backend.name()).collect(),
        },
    }
}

/// The object of a key, or of a claim, which also has `start`, `offset`, `offset_hex` and `check`: `kind` is "found" or "watchlist", `seconds` (working time) and `candidates` count all runs;
/// `again` is there, and true, only where the same object may have been written by a process that was killed.
pub(crate) fn key(found: &Found) -> String {
    let object = KeyObject {
        kind: found.kind,
        public_key: hex::encode(&found.public),
        files: found.file_names(),
        pattern: &found.pattern,
        candidates: found.candidates,
        seconds: found.at.as_secs_f64(),
        again: found.again,
        private_key: found.private.as_ref().map(|private| private.0.expose()),
        claim: found.claim().map(|claim| claim.place()),
    };
    line(&object)
}

/// The object that ends the output; `rate` is candidates a second.
pub(crate) fn summary(summary: &Summary) -> String {
    line(&SummaryObject {
        kind: "summary",
        ending: summary.ending.name(),
        found: summary.totals.found,
        candidates: summary.totals.candidates,
        seconds: summary.totals.working_seconds,
        rate: summary.totals.rate(),
        health: summary.health.as_ref().map(health),
        cards: &summary.cards,
    })
}

/// Numbers, strings and lists always serialise; if not, an empty object is an honest line.
fn line(object: &impl Serialize) -> String {
    serde_json::to_string(object).unwrap_or_else(|_| "{}".to_owned())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::exit::{Ending, LimitKind};
    use crate::status::Totals;

    #[test]
    fn a_key_is_an_object_with_the_documented_fields() {
        let found = Found {
            kind: FoundKind::Watched,
            pattern: "line \"1\"".to_owned(),
            public: [0xF8; 32],
            files: vec![PathBuf::from("/k/a.json")],
            fallback: false,
            trouble: Vec::new(),
            mode_kept: true,
            candidates: 10,
            at: Duration::from_millis(1500),
            private: None,
            again: false,
            chance_left: None,
            claim: None,
        };
        let value: Value = serde_json::from_str(&key(&found)).unwrap();
        let expected = json!({
            "kind": "watchlist", "public_key": "f8".repeat(32), "files": ["/k/a.json"],
            "pattern": "line \"1\"", "candidates": 10, "seconds": 1.5,
        });
        assert_eq!(value, expected);
    }

    #[test]
    fn cards_are_in_the_summary_of_a_search_that_has_them() {
        let card = CardStatus {
            worker: 2,
            device: "gpu:0".to_owned(),
            candidates: 750,
            share: Some(0.75),
            ..CardStatus::default()
        };
        let text = summary(&Summary {
            cards: vec![card],
            ..Summary::default()
        });
        let value: Value = serde_json::from_str(&text).unwrap();
        let expected = json!([{
            "worker": 2, "device": "gpu:0", "name": "", "state": null, "rate": null,
            "candidates": 750, "share": 0.75, "readings": null,
        }]);
        assert_eq!(value["cards"], expected);
    }

    #[test]
    fn the_summary_is_an_object_with_the_documented_fields() {
        let text = summary(&Summary {
            ending: Ending::Limit(LimitKind::Time),
            totals: Totals {
                found: 2,
                candidates: 1000,
                working_seconds: 4.0,
                ..Totals::default()
            },
            ..Summary::default()
        });
        let value: Value = serde_json::from_str(&text).unwrap();
        let expected = json!({
            "kind": "summary", "ending": "limit", "found": 2, "candidates": 1000,
            "seconds": 4.0, "rate": 250.0,
        });
        assert_eq!(value, expected);
    }
}
