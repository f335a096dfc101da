//! Decides which event raises or resolves an alert, with which name and severity.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Alert, Change, KeyFacts, Subject};
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
#[must_use]
pub(crate) fn change(event: &Event, at: Timestamp) -> Option<Change> {
    let text = || message::lines(event).join(" ");
    let raised = |name, subject, status| Change::Raised(alert(name, subject, status, text(), at));
    match event {
        Event::Health(finding) => Some(of_finding(finding, at)),
        Event::EngineError { id, .. } => {
            let subject = Subject::Worker(id.worker);
            Some(raised("engine-error", subject, Status::Unhealthy))
        }
        Event::Refused { id, .. } => {
            let subject = Subject::Worker(id.worker);
            Some(raised("refused-key", subject, Status::Unhealthy))
        }
        Event::Unsaved { .. } => Some(raised(UNSAVED, Subject::Output, Status::Critical)),
        Event::AllSaved => Some(Change::resolved(UNSAVED, Subject::Output, text(), at)),
        Event::Found(found) => Some(Change::Occurred(of_key(found, at))),
        Event::Gap(gap) => of_gap(gap).filter(|_| gap.is_worth_telling()),
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
        | Event::SaverDone(_)
        | Event::PausesChanged(_)
        | Event::Command(_) => None,
    }
}

/// A key that was saved. Its private key is no part of it, even where it is shown on the screen.
fn of_key(found: &Found, at: Timestamp) -> Alert {
    let key = KeyFacts::from(found);
    let (name, what) = if key.wanted {
        (FOUND, "A key was found")
    } else {
        (WATCHED_FOUND, "A key of the watchlist was found")
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
    Alert {
        details,
        key: Some(key),
        ..alert(name, Subject::Output, status, message, at)
    }
}

/// A time without search, reported when it is over; a pause is a separate alert while it lasts.
#[must_use]
fn of_gap(gap: &Gap) -> Option<Change> {
    let name = match gap.kind {
        GapKind::ProcessGone => "process-gone",
        GapKind::Asleep => "asleep",
        GapKind::Stopped => "process-stopped",
        GapKind::Paused => return None,
    };
    let message = format!("Nothing was searched from {} to {}.", gap.from, gap.to);
    Some(Change::Occurred(Alert {
        details: json!({"from": gap.from, "seconds": gap.length().as_secs_f64()}),
        ..alert(name, Subject::Search, Status::Degraded, message, gap.to)
    }))
}

/// The end of the search; `summary` is a sentence without a full stop.
#[must_use]
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
    Change::Occurred(Alert {
        details: json!({"ending": name, "code": code}),
        ..alert(ENDED, Subject::Search, status, message, at)
    })
}

/// A user pauses or resumes the search.
#[must_use]
pub(crate) fn of_pause(why: Option<&str>, at: Timestamp) -> Change {
    match why {
        Some(why) => {
            let message = format!("The search is paused: {why}.");
            Change::Raised(alert(PAUSED, Subject::Search, Status::Healthy, message, at))
        }
        None => Change::resolved(
            PAUSED,
            Subject::Search,
            "The search continues.".to_owned(),
            at,
        ),
    }
}

/// The history can't be written for this reason, or is written again.
#[must_use]
pub(crate) fn of_history(failing: Option<&str>, at: Timestamp) -> Change {
    let subject = Subject::History;
    match failing {
        Some(why) => {
            let message = format!("The history can't be written: {why}. The search continues.");
            Change::Raised(alert(
                HISTORY_FAILING,
                subject,
                Status::Degraded,
                message,
                at,
            ))
        }
        None => Change::resolved(
            HISTORY_FAILING,
            subject,
            "The history is written again.".to_owned(),
            at,
        ),
    }
}

/// A channel does not accept its messages for this reason, or accepts them again; `label` shows no secret.
#[must_use]
pub(crate) fn of_channel(
    number: usize,
    label: &str,
    failing: Option<&str>,
    at: Timestamp,
) -> Change {
    let subject = Subject::Channel(number);
    match failing {
        Some(why) => {
            let message = format!("A message to {label} could not be delivered: {why}.");
            Change::Raised(alert(
                CHANNEL_FAILED,
                subject,
                Status::Degraded,
                message,
                at,
            ))
        }
        None => Change::resolved(
            CHANNEL_FAILED,
            subject,
            format!("Messages to {label} are delivered again."),
            at,
        ),
    }
}

#[must_use]
pub(crate) fn of_held(at: Timestamp) -> Change {
    let message = "Alerts were held back; keygen alert list --all shows them.".to_owned();
    Change::Occurred(alert(
        HELD_BACK,
        Subject::Search,
        Status::Healthy,
        message,
        at,
    ))
}

#[must_use]
pub(crate) fn of_heartbeat(at: Timestamp) -> Change {
    let message = "All is well: progress is confirmed.".to_owned();
    Change::Occurred(alert(
        HEARTBEAT,
        Subject::Search,
        Status::Healthy,
        message,
        at,
    ))
}

#[must_use]
pub(crate) fn of_test(at: Timestamp) -> Change {
    let message = "This is a test of the alert channels of keygen. No action needed.".to_owned();
    Change::Occurred(alert(TEST, Subject::Search, Status::Healthy, message, at))
}

fn of_finding(finding: &Finding, at: Timestamp) -> Change {
    let Finding {
        verdict,
        worker,
        detail,
        action,
    } = finding;
    let subject = subject(*verdict, *worker);
    if action.ends() {
        return Change::resolved(verdict.name(), subject, health::finding(finding), at);
    }
    let details = match action {
        ActionTaken::Restarting { restart, of } => {
            json!({"worker": worker, "fact": detail, "step": "restarting", "restart": restart, "of": of})
        }
        _ => json!({"worker": worker, "fact": detail}),
    };
    let alert = Alert {
        details,
        ..alert(
            verdict.name(),
            subject,
            verdict.severity(*action),
            health::finding(finding),
            at,
        )
    };
    if action.settles() || *verdict == Verdict::ClockJump {
        Change::Occurred(alert)
    } else {
        Change::Raised(alert)
    }
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

fn alert(
    name: &'static str,
    subject: Subject,
    status: Status,
    message: String,
    at: Timestamp,
) -> Alert {
    Alert {
        name,
        subject,
        status,
        message,
        details: Value::Null,
        key: None,
        at,
    }
}
