//! What is seen of the process that runs a session: from the system, and by asking it.

use serde::Serialize;
use serde_json::Value;
use sysinfo::{Pid, ProcessRefreshKind, ProcessStatus, ProcessesToUpdate, System};

use super::checkpoint::Stage;
use super::state::State;
use crate::control::client::{self, AskError, Reply};
use crate::control::protocol::Request;
use crate::session::inspect::Look;

/// How a session's process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Condition {
    /// It answers, or is stopped and could.
    Healthy,
    /// It has the session's lock and does not answer.
    Unresponsive,
    /// It is gone.
    Dead,
    /// It has ended, and whoever started it has not taken notice.
    Zombie,
}

/// What is seen of a process.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct ProcessLook {
    /// How it is.
    pub state: Condition,
    /// Its id, where known.
    pub id: Option<u32>,
    /// Resident memory in bytes.
    pub memory: Option<u64>,
    /// Processor time over wall time since it began; 2 are two cores.
    pub processor: Option<f64>,
    /// Its threads.
    pub threads: Option<usize>,
    /// Seconds since it began.
    pub uptime_seconds: Option<u64>,
    /// Milliseconds until it answered.
    pub response_ms: Option<f64>,
    /// Where its search stands, as it answered.
    #[serde(skip)]
    pub standing: Option<Value>,
}

impl ProcessLook {
    /// A process of which nothing else is known.
    #[cfg(test)]
    #[must_use]
    pub(crate) fn unknown(state: Condition) -> Self {
        Self {
            state,
            id: None,
            memory: None,
            processor: None,
            threads: None,
            uptime_seconds: None,
            response_ms: None,
            standing: None,
        }
    }
}

/// Looks at the process of a session, and asks it whether it is there; `None` for a session that ended cleanly.
#[must_use]
pub(crate) fn look_at_process(look: &Look) -> Option<ProcessLook> {
    let over = matches!(look.checkpoint.stage, Stage::Ended { .. });
    if !look.state.is_held() && over {
        return None;
    }
    let held = look.state.is_held();
    let id = match look.state.process() {
        None if !held => Some(look.checkpoint.process),
        id => id,
    };
    let seen = id.and_then(seen).unwrap_or(Seen::NOTHING);
    let response = asked(look);
    let state = match (&look.state, &response) {
        (State::Paused { stopped: true, .. }, _) => Condition::Healthy,
        _ if !held && seen.zombie => Condition::Zombie,
        _ if !held => Condition::Dead,
        (_, Some(Err(AskError::Silent(_) | AskError::Broken(_) | AskError::Garbled))) => {
            Condition::Unresponsive
        }
        // One of another user, or one that does not listen yet, may be well: its own books tell.
        (State::Unresponsive { .. }, None | Some(Err(_))) => Condition::Unresponsive,
        _ => Condition::Healthy,
    };
    // What is seen of a process that only has the old one's number is no concern of ours.
    let seen = if held || seen.zombie {
        seen
    } else {
        Seen::NOTHING
    };
    let (took, standing) = match response {
        Some(Ok(Reply { took, mut fields })) => (Some(took), Some(fields["standing"].take())),
        _ => (None, None),
    };
    Some(ProcessLook {
        state,
        id,
        memory: seen.memory,
        processor: seen.processor,
        threads: seen.threads,
        uptime_seconds: seen.uptime,
        response_ms: took.map(|took| took.as_secs_f64() * 1e3),
        standing,
    })
}

/// Asks a process that has a lock and is not stopped where the search stands; gives the answer.
fn asked(look: &Look) -> Option<Result<Reply, AskError>> {
    let stopped = matches!(look.state, State::Paused { stopped: true, .. });
    if !look.state.is_held() || stopped {
        return None;
    }
    Some(client::ask(
        &look.folder,
        &Request::Status,
        client::PATIENCE,
    ))
}

#[derive(Clone, Copy)]
struct Seen {
    zombie: bool,
    memory: Option<u64>,
    processor: Option<f64>,
    threads: Option<usize>,
    uptime: Option<u64>,
}

impl Seen {
    const NOTHING: Self = Self {
        zombie: false,
        memory: None,
        processor: None,
        threads: None,
        uptime: None,
    };
}

/// What the system tells of a process.
fn seen(id: u32) -> Option<Seen> {
    let pid = Pid::from_u32(id);
    let mut system = System::new().ok()?;
    let kind = ProcessRefreshKind::nothing()
        .with_memory()
        .with_cpu()
        .with_tasks();
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), true, kind);
    let process = system.process(pid)?;
    let uptime = process.run_time();
    let used = process.accumulated_cpu_time() as f64 / 1e3;
    Some(Seen {
        zombie: process.status() == ProcessStatus::Zombie,
        memory: Some(process.memory()).filter(|bytes| *bytes > 0),
        processor: (uptime > 0).then(|| used / uptime as f64),
        threads: process.tasks().map(|tasks| tasks.len().max(1)),
        uptime: Some(uptime),
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;

    use super::*;
    use crate::session::inspect::look_at;
    use crate::session::inspect::tests::place_with;

    #[test]
    fn a_session_whose_process_is_gone_has_a_dead_one_that_nothing_is_known_of() {
        let (_top, place) = place_with("night");
        let mut look = look_at(&place, "night", Timestamp::now()).unwrap();
        // A number that somebody else has by now.
        look.checkpoint.process = std::process::id();
        let process = look_at_process(&look).unwrap();
        assert_eq!(process.state, Condition::Dead);
        assert_eq!((process.memory, process.response_ms), (None, None));
    }

    #[test]
    fn a_process_that_has_the_lock_and_does_not_listen_is_judged_by_its_books() {
        let (_top, place) = place_with("night");
        let mut look = look_at(&place, "night", Timestamp::now()).unwrap();
        let process = Some(std::process::id());
        look.state = State::Running { process };
        let seen = look_at_process(&look).unwrap();
        assert_eq!((seen.state, seen.id), (Condition::Healthy, process));
        assert!(seen.memory.unwrap() > 1 << 20);
        let silent = Duration::from_secs(60);
        look.state = State::Unresponsive { process, silent };
        let seen = look_at_process(&look).unwrap();
        assert_eq!(seen.state, Condition::Unresponsive);
    }
}
