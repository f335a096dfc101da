//! The facts of each topic, for people and for programs. What is not known is null, and "unknown".

use serde::Serialize;
use serde_json::{Value, json};

use super::Subject;
use super::threads::threads_of;
use crate::health::megabytes;
use crate::history::query::Measured;
use crate::session::process::ProcessLook;
use crate::text::number::{percent, rate, thousands};
use crate::text::span::seconds;

/// Lines of a list that people see; JSON has them all.
const SHOWN: usize = 12;

/// Standard deviations within which 99.9 % of all healthy searches are.
const BAND: f64 = 3.29;

/// Spot checks that must have been expected before their number means anything.
const ENOUGH: f64 = 25.0;

/// One fact: its name, its value for programs, its lines for people.
pub(super) struct Fact {
    pub name: &'static str,
    pub value: Value,
    texts: Vec<String>,
}

impl Fact {
    /// A fact that one line tells.
    fn new(name: &'static str, value: impl Serialize, text: impl Into<Option<String>>) -> Self {
        let text = text.into().unwrap_or_else(|| "unknown".to_owned());
        Self {
            name,
            value: json!(value),
            texts: vec![text],
        }
    }

    /// A fact with a line for each of its parts.
    fn list(name: &'static str, value: impl Serialize, mut texts: Vec<String>) -> Self {
        let skipped = texts.len().saturating_sub(SHOWN);
        texts.drain(..skipped);
        if skipped > 0 {
            texts.insert(0, format!("{skipped} before these (--json has all)"));
        }
        if texts.is_empty() {
            texts.push("none".to_owned());
        }
        Self {
            name,
            value: json!(value),
            texts,
        }
    }

    /// The lines, the name before the first one.
    pub(super) fn lines(&self) -> String {
        let names = [self.name.replace('_', " ")]
            .into_iter()
            .chain(std::iter::repeat(String::new()));
        let lines = names
            .zip(&self.texts)
            .map(|(name, text)| format!("  {name:<22}{text}\n"));
        lines.collect()
    }
}

pub(super) fn health(subject: &Subject) -> Vec<Fact> {
    let status = &subject.overview.status;
    let reason = status
        .reason
        .as_ref()
        .map_or(String::new(), |reason| format!(" ({reason})"));
    let process = status.process.as_ref();
    let answered = process.and_then(|process| process.response_ms);
    let live = |name: &str| subject.overview.live(name);
    let alerts = live("alerts");
    let alert =
        |alert: &Value| format!("{}: {}", word(&alert["severity"]), word(&alert["message"]));
    let open = alerts
        .as_array()
        .map_or(Vec::new(), |all| all.iter().map(alert).collect());
    let age = live("progress_age_seconds");
    let known = |process: &ProcessLook| {
        let id = process
            .id
            .map_or(String::new(), |id| format!(" (process {id})"));
        format!("{}{id}", word(&json!(process.state)))
    };
    #[rustfmt::skip] // A table: a line each.
    let facts = vec![
        Fact::new("state", status.state, format!("{}{reason}", status.state)),
        Fact::new("process", process, process.map_or("none".to_owned(), known)),
        Fact::new("responded_ms", answered, answered.map(|ms| format!("within {ms:.1} ms"))),
        Fact::new("health", &status.health, status.health.clone()),
        Fact::new("progress_age_seconds", age, age.as_f64().map(|age| format!("{} ago", seconds(age)))),
        Fact::list("alerts", alerts, open),
        Fact::list("warnings", &status.warnings, status.warnings.clone()),
        Fact::new("restarts", status.restarts, thousands(status.restarts)),
        Fact::new("gaps", &status.gaps, thousands(status.gap_count)),
        Fact::new("next", &status.next, status.next.clone().unwrap_or("nothing".to_owned())),
    ];
    facts
}

pub(super) fn performance(subject: &Subject) -> Vec<Fact> {
    let status = &subject.overview.status;
    let now = subject.overview.live("rate");
    let workers = subject.overview.live("workers");
    let share = |value: &Value| value.as_f64().map_or("unknown".to_owned(), percent);
    let worker = |worker: &Value| {
        format!(
            "{}: {}, score {}, {}, {} of baseline, {} of a core",
            worker["worker"],
            word(&worker["state"]),
            worker["score"],
            worker["rate"]
                .as_f64()
                .map_or("rate unknown".to_owned(), rate),
            share(&worker["performance"]),
            share(&worker["processor"]),
        )
    };
    let each = workers
        .as_array()
        .map_or(Vec::new(), |all| all.iter().map(worker).collect());
    #[rustfmt::skip] // A table: a line each.
    let facts = vec![
        Fact::new("rate", now, now.as_f64().map_or("not running".to_owned(), rate)),
        Fact::new("mean_rate", status.rate, rate(status.rate)),
        past_range(subject, "rate_in_history", "rate", rate),
        Fact::new("candidates", status.candidates, thousands(status.candidates)),
        Fact::new("working_seconds", status.working_seconds, seconds(status.working_seconds)),
        Fact::new("chance_so_far", status.chance_so_far, percent(status.chance_so_far)),
        spot_checks(status.spot_checks, status.spot_checks_expected, status.refuted),
        Fact::list("workers", workers, each),
    ];
    facts
}

/// Spot checks against what chance allows.
fn spot_checks(confirmed: u64, expected: f64, refuted: u64) -> Fact {
    let half = BAND * expected.sqrt();
    let inside = expected < ENOUGH || (confirmed as f64 - expected).abs() <= half;
    let (low, high) = ((expected - half).max(0.0), expected + half);
    let value = json!({"confirmed": confirmed, "expected": expected, "refuted": refuted, "low": low, "high": high, "fine": inside && refuted == 0});
    let judged = match (inside, refuted) {
        (_, 1..) => "WRONG: some were refuted",
        (true, 0) => "fine",
        (false, 0) => "OUTSIDE what chance allows",
    };
    let text = format!(
        "{} confirmed, {expected:.0} expected, {low:.0} to {high:.0} allowed: {judged}",
        thousands(confirmed)
    );
    Fact::new("spot_checks", value, text)
}

pub(super) fn memory(subject: &Subject) -> Vec<Fact> {
    let process = subject.overview.status.process.as_ref();
    let memory = process.and_then(|process| process.usage.memory);
    let bytes = |value: f64| megabytes(value as u64);
    let celsius = |celsius| format!("{celsius:.0} °C");
    #[rustfmt::skip] // A table: a line each.
    let facts = vec![
        Fact::new("process_bytes", memory, memory.map_or("no process".to_owned(), megabytes)),
        past_range(subject, "process_in_history", "memory", bytes),
        past_range(subject, "machine_used", "memory-used", percent),
        past_range(subject, "disk_used", "disk-used", percent),
        past_range(subject, "temperature", "temperature", celsius),
    ];
    facts
}

pub(super) fn threads(subject: &Subject) -> Vec<Fact> {
    let process = subject.overview.status.process.as_ref();
    let count = process.and_then(|process| process.usage.threads);
    let zombies = subject.overview.live("zombies");
    let running = subject
        .overview
        .status
        .id
        .or(process.and_then(|process| process.id));
    let each = running
        .filter(|_| count.is_some())
        .map(threads_of)
        .unwrap_or_default();
    let texts = each.iter().map(|thread| {
        format!(
            "{} ({}): {}, {} of processor time",
            thread.name,
            thread.id,
            thread.state,
            seconds(thread.processor_seconds)
        )
    });
    let counted = count.map_or("no process".to_owned(), |count| count.to_string());
    let abandoned = zombies.as_u64().map(|count| count.to_string());
    vec![
        Fact::new("count", count, counted),
        Fact::new("abandoned", zombies, abandoned),
        Fact::list("threads", &each, texts.collect()),
    ]
}

pub(super) fn history(subject: &Subject) -> Vec<Fact> {
    let past = match &subject.past {
        Ok(past) => past,
        Err(error) => return vec![Fact::new("history", Value::Null, format!("none: {error}"))],
    };
    let summary = &past.summary;
    let run = |run: &crate::history::record::RunSummary| {
        format!(
            "{}: {}, {} candidates in {}",
            run.run,
            run.ending,
            thousands(run.candidates),
            seconds(run.working_seconds)
        )
    };
    let incident = |alert: &crate::history::query::AlertRow| {
        let over = if alert.resolved { "over" } else { "open" };
        format!(
            "{} {} {} ({}, {over}): {}",
            alert.timestamp, alert.resource_id, alert.alert_type, alert.severity, alert.message
        )
    };
    let restarts = summary
        .restarts
        .iter()
        .map(|(cause, count)| format!("{count} for {cause}"));
    vec![
        Fact::new("since", summary.since, summary.since.to_string()),
        Fact::list(
            "runs",
            &summary.runs,
            summary.runs.iter().map(run).collect(),
        ),
        Fact::list("restarts", &summary.restarts, restarts.collect()),
        Fact::list(
            "incidents",
            &summary.incidents,
            summary.incidents.iter().map(incident).collect(),
        ),
    ]
}

/// A metric over all its samples.
fn past_range(
    subject: &Subject,
    name: &'static str,
    metric: &str,
    words: impl Fn(f64) -> String,
) -> Fact {
    let past = subject.past.as_ref().ok();
    let measured = past.and_then(|past| past.last(metric));
    let value = measured.map(|m| json!({"last": m.last, "least": m.least, "most": m.most, "mean": m.mean, "samples": m.samples, "at": m.at}));
    let text = |m: &Measured| {
        format!(
            "{}, from {} to {} in {} samples",
            words(m.last),
            words(m.least),
            words(m.most),
            thousands(m.samples)
        )
    };
    Fact::new(name, value, measured.map(text))
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or("unknown")
}
