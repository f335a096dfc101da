//! Decides which event raises or resolves an alert, with which name and severity.

use jiff::Timestamp;
use serde_json::json;

use super::{Change, KeyFacts, Subject};
use crate::clock::gap::{Gap, GapKind};
use crate::event::{Event, Found};
use crate::event::{health_message as health, message};
use crate::exit::Ending;
use crate::health::state::Status;
use crate::health::{ActionTaken, Finding, Verdict};

/// A wanted key was saved.
pub(crate) const FOUND: &str = "found";
/// A key of the watchlist was saved.
pub(crate) const WATCHED_FOUND: &str = "watched-found";
/// The search has ended.
pub(crate) const ENDED: &str = "ended";
/// The search is paused because a user asked for it.
pub(crate) const PAUSED: &str = "paused";
/// Keys that no folder takes are held in memory.
pub(crate) const UNSAVED: &str = "unsaved-keys";
/// The history can't be written.
pub(crate) const HISTORY_FAILING: &str = "history-failing";
/// An outside channel does not accept its messages.
pub(crate) const CHANNEL_FAILED: &str = "channel-failed";
/// Messages were held back, and no message since could mention it.
pub(crate) const HELD_BACK: &str = "held-back";
pub(crate) const HEARTBEAT: &str = "heartbeat";
pub(crate) const TEST: &str = "test";

/// The change that follows from an event, if any.
pub(crate) fn change(event: &Event, at: Timestamp) -> Option<Change> {
    let text = || message::lines(event).join(" ");
    let raised = |name, subject, status| Change::raised(name, subject, status, text(), at);
    Some(match event {
        Event::Health(finding) => of_finding(finding, at),
        Event::EngineError { id, .. } => raised(
            "engine-error",
            Subject::Worker(id.worker),
            Status::Unhealthy,
        ),
        Event::Refused { id, .. } => {
            raised("refused-key", Subject::Worker(id.worker), Status::Unhealthy)
        }
        Event::Unsaved { .. } => raised(UNSAVED, Subject::Output, Status::Critical),
        Event::AllSaved => Change::resolved(UNSAVED, Subject::Output, text(), at),
        Event::Found(found) => of_key(found, at),
        Event::Gap(gap) => return of_gap(gap).filter(|_| gap.is_worth_telling()),
        Event::Batch(_)
        | Event::Repeated { .. }
        | Event::WorkerEnded { .. }
        | Event::Suspected { .. }
        | Event::Resources(_)
        | Event::Checkup(_)
        | Event::Vitals(_)
        | Event::Glance(_)
        | Event::ReplacedByUser { .. }
        | Event::RestartWanted
        | Event::HealthSummary(_)
        | Event::WorkersDone
        | Event::Enough
        | Event::NothingLeft
        | Event::SaverDone { .. }
        | Event::PausesChanged(_)
        | Event::Command(_) => return None,
    })
}

/// A key that was saved. Its private key is no part of it, even where it is shown on the screen.
fn of_key(found: &Found, at: Timestamp) -> Change {
    let key = KeyFacts::from(found);
    let (name, what) = if key.wanted {
        (FOUND, "A key was found")
    } else {
        (WATCHED_FOUND, "A key of the watchlist was found")
    };
    let what = if found.claim.is_some() {
        "A claim was found"
    } else {
        what
    };
    let (status, place) = if found.fallback {
        (
            Status::Degraded,
            ", a fallback folder, because it could not be saved in the chosen one",
        )
    } else {
        (Status::Healthy, "")
    };
    let (public, file) = (&key.public_key, &key.file);
    let message = format!(
        "{what} for {}: {public}. It is saved in {file}{place}.",
        key.pattern
    );
    let details = json!({"public_key": public, "file": file, "pattern": key.pattern, "fallback": found.fallback});
    Change {
        details,
        key: Some(key),
        ..Change::occurred(name, Subject::Output, status, message, at)
    }
}

/// A time without search, reported when it is over; a pause is a separate alert while it lasts.
fn of_gap(gap: &Gap) -> Option<Change> {
    let name = match gap.kind {
        GapKind::ProcessGone => "process-gone",
        GapKind::Asleep => "asleep",
        GapKind::Stopped => "process-stopped",
        GapKind::Paused => return None,
    };
    let message = format!("Nothing was searched from {} to {}.", gap.from, gap.to);
    Some(Change {
        details: json!({"from": gap.from, "seconds": gap.length().as_secs_f64()}),
        ..Change::occurred(name, Subject::Search, Status::Degraded, message, gap.to)
    })
}

/// The end of the search; `summary` is a sentence without a full stop.
pub(crate) fn of_end(ending: Ending, summary: &str, at: Timestamp) -> Change {
    let status = match ending {
        Ending::Found | Ending::Limit(_) | Ending::Stopped | Ending::Interrupted(_) => {
            Status::Healthy
        }
        Ending::FoundInFallback => Status::Degraded,
        Ending::Failed | Ending::BadInput | Ending::NoWorkerLeft => Status::Critical,
    };
    let (name, code) = (ending.name(), ending.code());
    let message = format!("The search has ended ({name}, exit code {code}): {summary}.");
    Change {
        details: json!({"ending": name, "code": code}),
        ..Change::occurred(ENDED, Subject::Search, status, message, at)
    }
}

/// A user pauses or resumes the search.
pub(crate) fn of_pause(why: Option<&str>, at: Timestamp) -> Change {
    match why {
        Some(why) => {
            let message = format!("The search is paused: {why}.");
            Change::raised(PAUSED, Subject::Search, Status::Healthy, message, at)
        }
        None => Change::resolved(PAUSED, Subject::Search, "The search continues.".into(), at),
    }
}

/// The history can't be written for this reason, or is written again.
pub(crate) fn of_history(failing: Option<&str>, at: Timestamp) -> Change {
    let subject = Subject::History;
    if let Some(why) = failing {
        let message = format!("The history can't be written: {why}. The search continues.");
        return Change::raised(HISTORY_FAILING, subject, Status::Degraded, message, at);
    }
    let message = "The history is written again.".to_owned();
    Change::resolved(HISTORY_FAILING, subject, message, at)
}

/// A channel does not accept its messages for this reason, or accepts them again; `label` shows no secret.
pub(crate) fn of_channel(
    number: usize,
    label: &str,
    failing: Option<&str>,
    at: Timestamp,
) -> Change {
    let subject = Subject::Channel(number);
    if let Some(why) = failing {
        let message = format!("A message to {label} could not be delivered: {why}.");
        return Change::raised(CHANNEL_FAILED, subject, Status::Degraded, message, at);
    }
    let message = format!("Messages to {label} are delivered again.");
    Change::resolved(CHANNEL_FAILED, subject, message, at)
}

/// A message that is no alert, about the whole search.
fn note(name: &'static str, message: &str, at: Timestamp) -> Change {
    Change::occurred(
        name,
        Subject::Search,
        Status::Healthy,
        message.to_owned(),
        at,
    )
}

pub(crate) fn of_held(at: Timestamp) -> Change {
    let message = "Alerts were held back; keygen alert list --all shows them.";
    note(HELD_BACK, message, at)
}

pub(crate) fn of_heartbeat(at: Timestamp) -> Change {
    note(HEARTBEAT, "All is well: progress is confirmed.", at)
}

pub(crate) fn of_test(at: Timestamp) -> Change {
    let message = "This is a test of the alert channels of keygen. No action needed.";
    note(TEST, message, at)
}

fn of_finding(finding: &Finding, at: Timestamp) -> Change {
    let Finding {
        verdict,
        worker,
        detail,
        action,
    } = finding;
    let (name, subject) = (verdict.name(), subject(*verdict, *worker));
    let message = health::finding(finding);
    if action.ends() {
        return Change::resolved(name, subject, message, at);
    }
    let mut details = json!({"worker": worker, "fact": detail});
    if let ActionTaken::Restarting { restart, of } = action {
        details = json!({"worker": worker, "fact": detail, "step": "restarting", "restart": restart, "of": of});
    }
    let status = verdict.severity(*action);
    let change = if action.settles() || *verdict == Verdict::ClockJump {
        Change::occurred(name, subject, status, message, at)
    } else {
        Change::raised(name, subject, status, message, at)
    };
    Change { details, ..change }
}

fn subject(verdict: Verdict, worker: Option<usize>) -> Subject {
    let machine_wide = match verdict {
        Verdict::DiskLow => Subject::Output,
        Verdict::MemoryLow | Verdict::Hot | Verdict::MachineSlowed | Verdict::ClockJump => {
            Subject::Machine
        }
        Verdict::WorkerDead
        | Verdict::WorkerUnresponsive
        | Verdict::WrongArithmetic
        | Verdict::WorkerDegraded
        | Verdict::ProcessorSlowed
        | Verdict::Contention
        | Verdict::MemoryGrowth
        | Verdict::WorkerRetired
        | Verdict::BreakerOpen
        | Verdict::RestartProcess => Subject::Search,
    };
    worker.map_or(machine_wide, Subject::Worker)
}
