//! The process that runs a session: what the system reports about it, and whether it answers.

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
    /// It has ended, and its parent has not collected it.
    Zombie,
}

/// A process as seen from outside.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct ProcessLook {
    /// How it is.
    pub state: Condition,
    /// Its id, where known.
    pub id: Option<u32>,
    /// What the system reports.
    #[serde(flatten)]
    pub usage: Usage,
    /// Milliseconds until it answered.
    pub response_ms: Option<f64>,
    /// The status that it answered with.
    #[serde(skip)]
    pub standing: Option<Value>,
}

/// What the system reports about a process; what it does not is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Usage {
    /// Resident memory in bytes.
    pub memory: Option<u64>,
    /// Processor time over wall time since it began; 2 are two cores.
    pub processor: Option<f64>,
    /// Its threads.
    pub threads: Option<usize>,
    /// Seconds since it began.
    pub uptime_seconds: Option<u64>,
}

impl ProcessLook {
    /// A process of which nothing else is known.
    #[cfg(test)]
    pub(crate) fn unknown(state: Condition) -> Self {
        Self {
            state,
            id: None,
            usage: Usage::default(),
            response_ms: None,
            standing: None,
        }
    }
}

/// Inspects the process of a session and asks it for its status; `None` for a session that ended cleanly.
pub(crate) fn look_at_process(look: &Look) -> Option<ProcessLook> {
    let held = look.state.is_held();
    if !held && matches!(look.checkpoint.stage, Stage::Ended { .. }) {
        return None;
    }
    let last = (!held).then_some(look.checkpoint.process);
    let id = look.state.process().or(last);
    let (zombie, usage) = id.and_then(seen).unwrap_or_default();
    let response = asked(look);
    let state = match (&look.state, &response) {
        (State::Paused { stopped: true, .. }, _) => Condition::Healthy,
        _ if !held && zombie => Condition::Zombie,
        _ if !held => Condition::Dead,
        (_, Some(Err(AskError::Silent(_) | AskError::Broken(_) | AskError::Garbled))) => {
            Condition::Unresponsive
        }
        // One of another user, or one that does not listen yet, may be well: its checkpoint decides.
        (State::Unresponsive { .. }, None | Some(Err(_))) => Condition::Unresponsive,
        _ => Condition::Healthy,
    };
    // Another process may have the number of one that is gone.
    let usage = if held || zombie {
        usage
    } else {
        Usage::default()
    };
    let (took, standing) = match response {
        Some(Ok(Reply { took, mut fields })) => (Some(took), Some(fields["standing"].take())),
        _ => (None, None),
    };
    Some(ProcessLook {
        state,
        id,
        usage,
        response_ms: took.map(|took| took.as_secs_f64() * 1e3),
        standing,
    })
}

/// This process, which runs a session, as the system sees it.
pub(crate) fn this_process() -> ProcessLook {
    let id = std::process::id();
    let usage = seen(id).map(|(_, usage)| usage);
    ProcessLook {
        state: Condition::Healthy,
        id: Some(id),
        usage: usage.unwrap_or_default(),
        response_ms: None,
        standing: None,
    }
}

/// Asks a process that holds the lock and is not stopped for its status.
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

/// Whether a process is a zombie, and what the system reports about it.
fn seen(id: u32) -> Option<(bool, Usage)> {
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
    let usage = Usage {
        memory: Some(process.memory()).filter(|bytes| *bytes > 0),
        processor: (uptime > 0).then(|| used / uptime as f64),
        threads: process.tasks().map(|tasks| tasks.len().max(1)),
        uptime_seconds: Some(uptime),
    };
    Some((process.status() == ProcessStatus::Zombie, usage))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;

    use super::*;
    use crate::session::inspect::look_at;
    use crate::session::inspect::tests::place_with;

    #[test]
    fn a_session_whose_process_is_gone_has_a_dead_one_about_which_nothing_is_known() {
        let (_top, place) = place_with("night");
        let mut look = look_at(&place, "night", Timestamp::now()).unwrap();
        // A number that another process has by now.
        look.checkpoint.process = std::process::id();
        let process = look_at_process(&look).unwrap();
        assert_eq!(process.state, Condition::Dead);
        assert_eq!((process.usage.memory, process.response_ms), (None, None));
    }

    #[test]
    fn a_process_that_has_the_lock_and_does_not_listen_is_judged_by_its_checkpoint() {
        let (_top, place) = place_with("night");
        let mut look = look_at(&place, "night", Timestamp::now()).unwrap();
        let process = Some(std::process::id());
        look.state = State::Running { process };
        let seen = look_at_process(&look).unwrap();
        assert_eq!((seen.state, seen.id), (Condition::Healthy, process));
        assert!(seen.usage.memory.unwrap() > 1 << 20);
        let silent = Duration::from_secs(60);
        look.state = State::Unresponsive { process, silent };
        let seen = look_at_process(&look).unwrap();
        assert_eq!(seen.state, Condition::Unresponsive);
    }
}
