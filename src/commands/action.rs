//! What the terminal dashboard and the tools for assistants do to a session.

use std::path::Path;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::steer;
use super::watch::{self, Entry};
use crate::config::args::TrustArgs;
use crate::control::client::{self, AskError};
use crate::control::protocol::Request;
use crate::session::inspect::{Look, look_at};
use crate::session::lock;
use crate::session::place::StateFolder;
use crate::session::service_dir;
use crate::session::state::State;
use crate::session::status::outcome_text;

/// Between two attempts to reach a new process.
const POLL: Duration = Duration::from_millis(20);

/// An action on a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Pause,
    /// Unpause, or continue in a new process.
    Resume,
    Stop,
    /// Replace a worker, or all.
    RestartWorkers(Option<usize>),
    Reclaim,
    /// End the process, by force if it must be, and continue in a new one.
    RestartProcess,
}

/// Carries out an action; returns what was done, in words that follow the session's name.
///
/// # Errors
/// There is no such session, it is not in a state for this, or what went wrong.
pub(super) fn act(
    own: StateFolder,
    name: &str,
    action: Action,
    trust: TrustArgs,
) -> Result<String, String> {
    let found = service_dir::find(own, Some(name));
    let look = look_at(&found.place, name, Timestamp::now()).map_err(|e| found.wrong(e))?;
    let entry = Entry {
        state_dir: found.place.path().to_owned(),
        session: look.name.to_string(),
    };
    let request = match action {
        Action::Resume => return resume(&look, &entry, trust),
        Action::RestartProcess => return restart(&look, &entry, trust),
        Action::Pause => Request::Pause,
        Action::Stop => Request::Stop,
        Action::RestartWorkers(worker) => Request::RestartWorkers { worker },
        Action::Reclaim => Request::Reclaim,
    };
    match &look.state {
        // It would take the request when it goes on.
        State::Paused { stopped: true, .. } => Err(
            "its process is stopped, as by Ctrl-Z, and can't be asked; resume it first".to_owned(),
        ),
        state if state.is_held() => steer::request(&request, &look),
        state => Err(format!("it is not running, but {}", state.name())),
    }
}

fn resume(look: &Look, entry: &Entry, trust: TrustArgs) -> Result<String, String> {
    match &look.state {
        State::Paused { stopped: true, .. } => {
            watch::act(watch::Action::Wake, entry, trust)?;
            Ok("continues: its process was stopped".to_owned())
        }
        // what its folder says may be a moment old: the process knows whether it is paused
        state if state.is_held() => steer::request(&Request::Unpause, look),
        _ => {
            refuse_finished(look)?;
            watch::act(watch::Action::Resume, entry, trust)?;
            wait_until_it_listens(&look.folder);
            Ok("continues in a new process in the background".to_owned())
        }
    }
}

fn restart(look: &Look, entry: &Entry, trust: TrustArgs) -> Result<String, String> {
    refuse_finished(look)?;
    watch::act(watch::Action::EndAndResume, entry, trust)?;
    wait_until_it_listens(&look.folder);
    Ok("continues in a new process in the background".to_owned())
}

/// Waits until a new process takes requests, which is a moment after it said that it runs. One that ends at once does not.
pub(super) fn wait_until_it_listens(folder: &Path) {
    let end = Instant::now() + client::PATIENCE;
    let ask = || client::ask(folder, &Request::Status, client::PATIENCE);
    while matches!(ask(), Err(AskError::Nobody(_))) && Instant::now() < end {
        std::thread::sleep(POLL);
        if matches!(lock::holder(folder), Ok(None)) {
            return;
        }
    }
}

/// A session that has what it was to have has nothing to continue.
fn refuse_finished(look: &Look) -> Result<(), String> {
    match &look.state {
        state if state.continues() => Ok(()),
        State::Finished(outcome) => Err(format!(
            "{} has ended: {}",
            look.name,
            outcome_text(*outcome)
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::inspect::tests::place_with;

    #[test]
    fn a_session_that_does_not_run_is_asked_nothing_and_one_that_does_not_exist_is_named() {
        let (_top, place) = place_with("night");
        let act = |name, action| act(place.clone(), name, action, TrustArgs::default());
        let error = act("night", Action::Pause).unwrap_err();
        assert_eq!(error, "it is not running, but interrupted");
        let error = act("nigt", Action::Stop).unwrap_err();
        assert!(error.contains("did you mean night?"), "{error}");
    }
}
