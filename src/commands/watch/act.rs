//! The recovery actions of the watch: requests to a session, waking its process, ending it (identified by ID and lock), and
//! resuming it.

use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
#[cfg(unix)]
use std::time::{Duration, Instant};

use super::list::Entry;
use super::recovery::Action;
use crate::config::args::{TRUST_VARIABLE, TrustArgs};
use crate::control::client;
use crate::control::protocol::Request;
#[cfg(unix)]
use crate::session::lock;
use crate::session::service_dir;

/// Time for a process to save and end after SIGTERM, before it is killed.
#[cfg(unix)]
const TERM_TIMEOUT: Duration = Duration::from_secs(10);

/// Time until a killed process has released its lock.
#[cfg(unix)]
const KILL_TIMEOUT: Duration = Duration::from_secs(5);

#[cfg(unix)]
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Carries out an action.
///
/// # Errors
/// What failed, for people.
pub(crate) fn act(action: Action, entry: &Entry, trust: TrustArgs) -> Result<(), String> {
    let folder = entry
        .folder()
        .ok_or_else(|| format!("{:?} is not a session name", entry.session))?;
    let ask = |request: Request| {
        let asked = client::ask(&folder, &request, client::PATIENCE);
        asked.map(drop).map_err(|error| error.to_string())
    };
    match action {
        Action::Reclaim => ask(Request::Reclaim),
        Action::RestartWorkers => ask(Request::RestartWorkers { worker: None }),
        Action::Wake => wake(&folder).map_err(|error| error.to_string()),
        Action::EndAndResume => {
            check_owner(entry, &folder)?;
            end(&folder).map_err(|error| format!("its process can't be ended: {error}"))?;
            resume(entry, trust)
        }
        Action::Resume => {
            check_owner(entry, &folder)?;
            resume(entry, trust)
        }
    }
}

/// Refuses to end a process of the service that this user could not start again.
fn check_owner(entry: &Entry, folder: &Path) -> Result<(), String> {
    let place = entry.place();
    match place.and_then(|place| service_dir::as_owner(&place, folder)) {
        Some(sudo) => Err(format!(
            "it belongs to another user: run systemctl restart keygen@{}, or keygen watch with {sudo}",
            entry.session
        )),
        None => Ok(()),
    }
}

/// Resumes the session in a new process in the background.
fn resume(entry: &Entry, trust: TrustArgs) -> Result<(), String> {
    let words = ["resume", &entry.session, "--background", "--state-dir"].map(OsStr::new);
    let words = words.into_iter().chain([entry.state_dir.as_os_str()]);
    run_program(words, trust)?.map_err(|said| {
        let first = said.lines().next().unwrap_or("it printed nothing");
        format!("keygen resume: {first}")
    })
}

/// Runs this program with words that end soon, such as those that put a search into the background; the inner error is
/// what it said.
pub(crate) fn run_program(
    words: impl IntoIterator<Item = impl AsRef<OsStr>>,
    trust: TrustArgs,
) -> Result<Result<(), String>, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut command = Command::new(program);
    if trust.is_blind() {
        command.env(TRUST_VARIABLE, "1");
    }
    let output = command.args(words).stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("no process can be started: {error}"))?;
    Ok(match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    })
}

/// The process that has the lock, held so that its ID can't be reused.
#[cfg(target_os = "linux")]
struct Held {
    process: std::os::fd::OwnedFd,
}

#[cfg(target_os = "linux")]
impl Held {
    fn of(folder: &Path) -> io::Result<Option<Self>> {
        use rustix::process::{Pid, PidfdFlags, pidfd_open};
        let Some(id) = holder(folder)? else {
            return Ok(None);
        };
        let pid = i32::try_from(id).ok().and_then(Pid::from_raw);
        let pid = pid.ok_or(io::ErrorKind::InvalidData)?;
        let process = pidfd_open(pid, PidfdFlags::empty())?;
        // It still has the lock now that it is held, so it is the right process.
        Ok((holder(folder)? == Some(id)).then_some(Self { process }))
    }

    fn signal(&self, signal: rustix::process::Signal) -> io::Result<()> {
        Ok(rustix::process::pidfd_send_signal(&self.process, signal)?)
    }
}

/// The process that has the lock.
#[cfg(all(unix, not(target_os = "linux")))]
struct Held {
    process: rustix::process::Pid,
}

#[cfg(all(unix, not(target_os = "linux")))]
impl Held {
    fn of(folder: &Path) -> io::Result<Option<Self>> {
        let id = holder(folder)?.and_then(|id| i32::try_from(id).ok());
        let process = id.and_then(rustix::process::Pid::from_raw);
        Ok(process.map(|process| Self { process }))
    }

    fn signal(&self, signal: rustix::process::Signal) -> io::Result<()> {
        Ok(rustix::process::kill_process(self.process, signal)?)
    }
}

#[cfg(unix)]
fn holder(folder: &Path) -> io::Result<Option<u32>> {
    Ok(lock::holder(folder)?.and_then(|holder| holder.process))
}

#[cfg(unix)]
fn wake(folder: &Path) -> io::Result<()> {
    match Held::of(folder)? {
        Some(held) => held.signal(rustix::process::Signal::CONT),
        None => Ok(()),
    }
}

/// Ends the process that has the lock: cleanly if it can, else at once. Returns when nobody has the lock.
#[cfg(unix)]
fn end(folder: &Path) -> io::Result<()> {
    use rustix::process::Signal;
    let Some(held) = Held::of(folder)? else {
        return Ok(());
    };
    held.signal(Signal::TERM)?;
    // A stopped process handles no signal before it continues.
    held.signal(Signal::CONT)?;
    if is_free_within(folder, TERM_TIMEOUT)? {
        return Ok(());
    }
    held.signal(Signal::KILL)?;
    match is_free_within(folder, KILL_TIMEOUT)? {
        true => Ok(()),
        false => Err(io::Error::other("it was killed and still has the lock")),
    }
}

#[cfg(not(unix))]
fn wake(_: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(not(unix))]
fn end(_: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(unix)]
fn is_free_within(folder: &Path, patience: Duration) -> io::Result<bool> {
    let end = Instant::now() + patience;
    loop {
        if lock::holder(folder)?.is_none() {
            return Ok(true);
        }
        if Instant::now() >= end {
            return Ok(false);
        }
        std::thread::sleep(POLL_INTERVAL);
    }
}
