//! What the tools return. Names and descriptions become the schemas that clients read.

use rmcp::schemars::{self, JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::Value;

use crate::overview::Overview;

/// All sessions.
#[derive(Serialize, JsonSchema)]
pub(super) struct Sessions {
    pub sessions: Vec<Listed>,
    /// Sessions that can't be read, and why
    pub problems: Vec<String>,
}

/// A session in a list.
#[derive(Serialize, JsonSchema)]
pub(super) struct Listed {
    /// Its name
    pub session: String,
    /// running, paused, unresponsive, interrupted or finished
    pub state: &'static str,
    /// Why it is paused, or how it ended
    pub reason: Option<String>,
    /// What it looks for
    pub pattern: String,
    /// Keys found
    pub found: u64,
    /// Candidates a second
    pub rate: f64,
    /// The chance of having found a key by now
    pub chance_so_far: f64,
}

/// The process of a session.
#[derive(Serialize, JsonSchema)]
pub(super) struct Health {
    pub session: String,
    /// running, paused, unresponsive, interrupted or finished
    pub state: &'static str,
    /// healthy: there is a process; dead: there is none; zombie: it has ended, and its parent has not collected it
    #[schemars(extend("enum" = ["healthy", "dead", "zombie"]))]
    pub status: &'static str,
    /// Whether it answers; null without a process
    pub responsive: Option<bool>,
    /// Its id
    pub pid: Option<u32>,
    /// Resident memory
    pub memory_bytes: Option<u64>,
    /// Processor time over wall time since it began; 2 are two cores
    pub processor_share: Option<f64>,
    pub threads: Option<usize>,
    pub uptime_seconds: Option<u64>,
}

/// Whether a session answers.
#[derive(Serialize, JsonSchema)]
pub(super) struct Responsiveness {
    pub session: String,
    pub responsive: bool,
    /// Seconds until it answered
    pub response_time: Option<f64>,
    /// Why it does not
    pub reason: Option<String>,
}

/// What is known about the health of searches.
#[derive(Serialize, JsonSchema)]
pub(super) struct HealthReport {
    pub sessions: Vec<SessionHealth>,
    /// Sessions that can't be read, and why
    pub problems: Vec<String>,
}

/// The health of one search.
#[derive(Serialize, JsonSchema)]
pub(super) struct SessionHealth {
    pub process: Health,
    /// Health of the search in one word, where somebody judges
    pub health: Option<String>,
    /// Each worker: state, score, rate, performance, restarts; null where the process does not answer
    pub workers: Value,
    /// Alerts that are not over; null where the process does not answer
    pub alerts: Value,
    /// Restarts of workers in all
    pub restarts: u64,
    /// Spot checks that exact recomputation confirmed, and how many were to be expected
    pub spot_checks: u64,
    pub spot_checks_expected: f64,
    /// Hits that exact recomputation refuted
    pub refuted: u64,
    /// Times without search
    pub gaps: u64,
    pub warnings: Vec<String>,
    /// The latest incidents of the last 24 hours, oldest first; null without a history
    pub incidents: Value,
    /// The status for people
    pub text: String,
}

/// The public half of keys that were found.
#[derive(Serialize, JsonSchema)]
pub(super) struct Keys {
    pub session: String,
    pub keys: Vec<PublicKey>,
}

/// A key that was found.
#[derive(Serialize, JsonSchema)]
pub(super) struct PublicKey {
    /// 64 hex digits
    pub public_key: String,
    /// wanted, or watched: it fits the watchlist
    pub kind: String,
    /// What it fits
    pub pattern: String,
    /// Where it is saved, readable only by its owner
    pub files: Vec<String>,
}

/// What was done.
#[derive(Serialize, JsonSchema)]
pub(super) struct Done {
    pub session: String,
    /// What was done, in words that follow the session's name
    pub done: String,
    /// The state after it
    pub state: Option<&'static str>,
}

/// All that is known about a session: what `keygen status --json` prints, and what its process answered.
#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct SearchStatus(pub Overview);

impl JsonSchema for SearchStatus {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "SearchStatus".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let text = json_schema!({"type": "string"});
        let number = json_schema!({"type": "number"});
        json_schema!({
            "type": "object",
            "properties": {
                "session": text,
                "state": {"enum": ["running", "paused", "unresponsive", "interrupted", "finished"]},
                "pattern": text,
                "found": {"type": "integer"},
                "candidates": {"type": "integer"},
                "working_seconds": number,
                "rate": number,
                "chance_so_far": number,
                "keys": {"type": "array", "items": {"type": "object"}},
                "process": {"type": ["object", "null"]},
                "snapshot": {"type": ["object", "null"]},
            },
            "required": ["session", "state", "pattern", "found", "candidates", "rate", "keys", "process", "snapshot"],
        })
    }
}

/// An answer of another command, which prints the same with `--json`.
#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct Answer(pub Value);

impl JsonSchema for Answer {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Answer".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "object"})
    }
}
