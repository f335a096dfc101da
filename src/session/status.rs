//! The status of a session, for people and as JSON: state, keys, work, gaps, chances, what to type next.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::checkpoint::{Outcome, Stage};
use super::process::{Condition, ProcessLook};
use super::state::State;
use crate::clock::gap::Gap;
use crate::event::FoundKind;
use crate::limits::Limits;
use crate::session::inspect::Look;
use crate::status::CardStatus;
use crate::text::odds::Odds;
use crate::text::span::span;

/// The status of a session as a JSON object; times in UTC.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Status {
    /// Its name.
    pub session: String,
    /// "running", "paused", "unresponsive", "interrupted" or "finished".
    pub state: &'static str,
    /// Why it is paused, or how it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How the process that holds it, or that was to, is; nothing after a clean end, or where nobody looked.
    pub process: Option<ProcessLook>,
    /// The id of the process that holds it.
    #[serde(skip)]
    pub id: Option<u32>,
    /// What it looks for.
    pub pattern: String,
    /// When it began.
    pub created: Timestamp,
    /// When it last wrote where it stands.
    pub updated: Timestamp,
    /// Runs so far.
    pub runs: u32,
    /// Wanted keys found.
    pub found: u64,
    /// Its limits.
    pub limits: Limits,
    /// Its keys.
    pub keys: Vec<KeyStatus>,
    /// Candidates tested.
    pub candidates: u64,
    /// Seconds of searching.
    pub working_seconds: f64,
    /// Candidates a second while it searched.
    pub rate: f64,
    /// The latest times without search.
    pub gaps: Vec<Gap>,
    /// Number of all of them.
    pub gap_count: u64,
    /// Spot checks that were right.
    pub spot_checks: u64,
    /// Spot checks that were to be expected.
    pub spot_checks_expected: f64,
    /// Hits that exact recomputation refuted.
    pub refuted: u64,
    /// Restarts of workers in all.
    pub restarts: u64,
    /// Health in one word, where somebody judges.
    pub health: Option<String>,
    /// The cards of the process that runs it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cards: Vec<CardStatus>,
    /// The latest warnings.
    pub warnings: Vec<String>,
    /// The chance of having found a key since the last one.
    pub chance_so_far: f64,
    /// The chance of a key within what the limits leave; nothing without such a limit.
    pub chance_within_limit: Option<f64>,
    /// What to type next.
    pub next: Option<String>,
}

/// A key of a session.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct KeyStatus {
    /// Why it was wanted.
    pub kind: FoundKind,
    /// Its public key.
    pub public_key: String,
    /// Its files.
    pub files: Vec<String>,
    /// What it fits.
    pub pattern: String,
}

impl Status {
    /// The status that a look gave.
    pub(crate) fn of(look: &Look, now: Timestamp) -> Self {
        let totals = &look.checkpoint.totals;
        let odds = Odds(look.definition.probability);
        let since_key = totals.candidates.saturating_sub(totals.at_last_key) as f64;
        let rate = totals.rate();
        let left = candidates_left(look, rate, now);
        Self {
            session: look.name.to_string(),
            state: look.state.name(),
            reason: reason(look),
            process: None,
            id: look.state.process(),
            pattern: look.definition.description.clone(),
            created: look.definition.created,
            updated: look.checkpoint.updated,
            runs: look.checkpoint.run,
            found: look.count(FoundKind::Wanted),
            limits: look.definition.limits,
            keys: keys(look),
            candidates: totals.candidates,
            working_seconds: totals.working_seconds,
            rate,
            gaps: look.checkpoint.gaps.latest.iter().cloned().collect(),
            gap_count: look.checkpoint.gaps.count,
            spot_checks: totals.spot_checks,
            spot_checks_expected: totals.spot_checks_expected,
            refuted: totals.refuted,
            restarts: look.checkpoint.health_totals.restarts.values().sum(),
            health: look.checkpoint.health.clone(),
            cards: Vec::new(),
            warnings: warnings(look),
            chance_so_far: odds.chance(since_key),
            chance_within_limit: left.map(|left| odds.chance(left)),
            next: next(look),
        }
    }

    /// The same with what is seen of its process: it knows better than the last checkpoint where the search stands, and one
    /// that does not answer is not running, whatever its books say.
    pub(crate) fn with_process(mut self, process: Option<ProcessLook>) -> Self {
        if let Some(look) = &process {
            if look.state == Condition::Unresponsive && self.state == "running" {
                self.state = "unresponsive";
                self.reason = Some("its process does not answer".to_owned());
            }
            if let Some(answer) = &look.standing {
                self.update(answer);
            }
        }
        self.process = process;
        self
    }

    /// Takes over what the process answered; a field that it does not have stays as it is.
    pub(crate) fn update(&mut self, answer: &Value) {
        let number = |name: &str| answer[name].as_u64();
        self.candidates = number("session_candidates").unwrap_or(self.candidates);
        self.found = number("found").unwrap_or(0).max(self.found);
        if let Some(seconds) = answer["working_seconds"].as_f64().filter(|s| *s > 0.0) {
            self.working_seconds = seconds;
            self.rate = self.candidates as f64 / seconds;
        }
        self.chance_so_far = answer["chance"].as_f64().unwrap_or(self.chance_so_far);
        if let Some(health) = answer["health"].as_str() {
            self.health = Some(health.to_owned());
        }
        // a card that a newer program describes in another way is left out
        let cards = answer["cards"].as_array().into_iter().flatten();
        self.cards = cards
            .filter_map(|card| CardStatus::deserialize(card).ok())
            .collect();
    }

    /// The JSON object on one line.
    pub(crate) fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| "{}".to_owned())
    }
}

fn reason(look: &Look) -> Option<String> {
    match &look.state {
        State::Paused { why, .. } => Some(why.clone()),
        State::Unresponsive { silent, .. } => Some(format!("silent for {}", span(*silent))),
        State::Finished(outcome) => Some(outcome_text(*outcome).to_owned()),
        State::Running { .. } | State::Interrupted => None,
    }
}

/// How a session ended, in words.
pub(crate) fn outcome_text(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Found => "found",
        Outcome::Candidates => "limit --candidates reached",
        Outcome::Time => "limit --time reached",
        Outcome::Until => "limit --until reached",
        Outcome::Stopped => "stopped",
        Outcome::Failed => "failed",
    }
}

fn keys(look: &Look) -> Vec<KeyStatus> {
    let records = look.keys.iter().filter_map(|entry| entry.last());
    let key = |record: &super::journal::Record| KeyStatus {
        kind: record.kind,
        public_key: record.public_key.clone(),
        files: record
            .files
            .iter()
            .map(|file| file.display().to_string())
            .collect(),
        pattern: record.pattern.clone(),
    };
    records.map(key).collect()
}

fn warnings(look: &Look) -> Vec<String> {
    let kept = look.checkpoint.warnings.iter();
    kept.map(|warning| warning.text.clone())
        .chain(look.notes.iter().cloned())
        .collect()
}

/// Candidates that the limits leave at this rate.
fn candidates_left(look: &Look, rate: f64, now: Timestamp) -> Option<f64> {
    let (totals, limits) = (&look.checkpoint.totals, &look.definition.limits);
    limits.candidates_left(totals.candidates, rate, totals.working(), now.into())
}

/// What the user can type next.
fn next(look: &Look) -> Option<String> {
    let name = look.name.quoted();
    match &look.state {
        State::Running { process } | State::Unresponsive { process, .. } => {
            process.map(|id| format!("keygen stop {name} (or kill {id}) ends it cleanly"))
        }
        State::Paused { .. } | State::Interrupted => Some(format!("keygen resume {name}")),
        State::Finished(Outcome::Found) => Some(format!(
            "keygen resume {name} -n N with a larger N finds more"
        )),
        State::Finished(Outcome::Stopped | Outcome::Failed) => {
            Some(format!("keygen resume {name}"))
        }
        State::Finished(limit) => {
            let option = match limit {
                Outcome::Candidates => "--candidates N",
                Outcome::Until => "--until HH:MM",
                _ => "--time T",
            };
            Some(format!("keygen resume {name} {option} extends the limit"))
        }
    }
}

/// When a session ended, if it did.
pub(crate) fn ended_at(look: &Look) -> Option<Timestamp> {
    match look.checkpoint.stage {
        Stage::Ended { at, .. } if !look.state.is_held() => Some(at),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use std::time::Duration;

    use super::*;
    use crate::session::inspect::look_at;
    use crate::session::inspect::tests::place_with;

    fn now() -> Timestamp {
        "2026-11-22T02:20:00Z".parse().unwrap()
    }

    fn status() -> Status {
        let (_top, place) = place_with("night");
        Status::of(&look_at(&place, "night", now()).unwrap(), now())
    }

    #[test]
    fn people_read_state_keys_work_proof_chance_and_what_to_type() {
        let text = status().text(&TimeZone::UTC);
        for part in [
            "night: interrupted: prefix F8; 0 of 1 key, 1,000 candidates in 10.0 s",
            "Work: 100.0/s in 10.0 s of searching, 1 run",
            "Proof of search: 412 spot checks right, 405 expected",
            "Chance: 98",
            "Next: keygen resume night",
        ] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
    }

    #[test]
    fn the_cards_of_its_process_are_told_to_people_and_programs() {
        let mut status = status();
        status.update(&serde_json::json!({"cards": [
            {"worker": 3, "device": "gpu:0", "name": "N", "state": "healthy", "rate": 2e9, "share": 0.75},
            "of a newer program",
        ]}));
        let text = status.text(&TimeZone::UTC);
        let line = "\n  Card: gpu:0 N (worker 3): healthy, 2.0 billion/s, 75 % of the candidates\n";
        assert!(text.contains(line), "{text}");
        let value: Value = serde_json::from_str(&status.json()).unwrap();
        assert_eq!(value["cards"][0]["device"], "gpu:0");
    }

    #[test]
    fn programs_read_the_same_as_one_object() {
        let value: Value = serde_json::from_str(&status().json()).unwrap();
        assert_eq!(value["state"], "interrupted");
        assert_eq!(value["candidates"], 1000);
        assert_eq!(value["created"], "2026-11-22T01:00:00Z");
        assert_eq!(value["keys"], serde_json::json!([]));
    }

    #[test]
    fn the_chance_within_the_limit_is_that_of_the_tightest() {
        let (_top, place) = place_with("night");
        let mut look = look_at(&place, "night", now()).unwrap();
        assert_eq!(candidates_left(&look, 100.0, now()), None);
        look.definition.limits.time = Some(Duration::from_secs(30));
        assert_eq!(candidates_left(&look, 100.0, now()), Some(2000.0));
        look.definition.limits.until = Some((now() + Duration::from_secs(5)).into());
        assert_eq!(candidates_left(&look, 100.0, now()), Some(500.0));
        look.definition.limits.candidates = Some(1100);
        assert_eq!(candidates_left(&look, 100.0, now()), Some(100.0));
    }
}
