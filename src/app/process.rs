//! What a search does with its own process: low priority, no core dumps, quiet panics of workers, no sleep of the machine,
//! and restarting itself.

use std::io;
use std::panic;
use std::process::{Child, Command, Stdio};
use std::thread;

use crate::config::ForNode;
use crate::search::pool::THREAD_NAME;
use crate::session::active::ActiveSession;
use crate::session::lock::CONTINUES;

/// Niceness of a search at low priority.
#[cfg(unix)]
const NICE: i32 = 10;

/// Lowers the priority of this thread and of those that it starts; a process that is nicer already stays so.
#[cfg(unix)]
pub(crate) fn lower_priority() {
    let current = rustix::process::getpriority_process(None).unwrap_or(0);
    if current < NICE {
        // Where the system refuses, the search runs at normal priority: no reason to fail.
        let _ = rustix::process::setpriority_process(None, NICE);
    }
}

/// Lowers the priority; not known how on this system.
#[cfg(not(unix))]
pub(crate) fn lower_priority() {}

/// Switches core dumps off, so that no secret is written to disk by a crash, where the system lets a process do so.
pub(crate) fn forbid_core_dumps() {
    #[cfg(unix)]
    {
        let none = rustix::process::Rlimit {
            current: Some(0),
            maximum: Some(0),
        };
        let _ = rustix::process::setrlimit(rustix::process::Resource::Core, none);
    }
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        let off = rustix::process::DumpableBehavior::NotDumpable;
        let _ = rustix::process::set_dumpable_behavior(off);
    }
}

/// Makes a write beyond the limit on file sizes (`ulimit -f`) an error like a full disk, instead of the end of the
/// process in the middle of saving a key.
///
/// A handler that does nothing, rather than ignoring the signal: programs that this one starts don't inherit it.
pub(crate) fn survive_size_limit() {
    #[cfg(unix)]
    {
        let unread = std::sync::Arc::default();
        // Where the system refuses, the process ends as it would have without asking.
        let _ = signal_hook::flag::register(SIZE_LIMIT_SIGNAL, unread);
    }
}

/// SIGXFSZ.
#[cfg(unix)]
const SIZE_LIMIT_SIGNAL: i32 = rustix::process::Signal::XFSZ.as_raw();

/// Keeps a worker's panic off the screen: it is caught, and the reporter reports it.
pub(crate) fn silence_worker_panics() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let current = thread::current();
        if !current
            .name()
            .is_some_and(|name| name.starts_with(THREAD_NAME))
        {
            usual(info);
        }
    }));
}

/// The helper that blocks sleep; it ends when this is dropped or the process ends, in whatever way.
pub(crate) struct Awake {
    helper: Child,
    failed: bool,
}

/// Keeps the machine awake (`--keep-awake`): a small helper program of the system blocks sleep while this process lives.
///
/// # Errors
/// A warning: the search continues, the machine may sleep.
pub(crate) fn keep_awake() -> Result<Awake, String> {
    let helper = awake_helper().and_then(|mut command| {
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.spawn()
    });
    let failed = false;
    match helper {
        Ok(helper) => Ok(Awake { helper, failed }),
        Err(error) => Err(awake_warning(&error.to_string())),
    }
}

impl Awake {
    /// A warning if the helper has ended too early; once.
    pub(crate) fn check(&mut self) -> Option<String> {
        if self.failed {
            return None;
        }
        let ended = self.helper.try_wait().ok().flatten()?;
        self.failed = true;
        Some(awake_warning(&format!(
            "the helper program ended ({ended})"
        )))
    }
}

fn awake_warning(reason: &str) -> String {
    format!(
        "WARNING: --keep-awake: the machine can't be kept from sleeping: {reason}. The search continues."
    )
}

/// `systemd-inhibit` around a `cat` that reads a pipe of ours: it ends when the pipe closes, even after a SIGKILL.
#[cfg(target_os = "linux")]
fn awake_helper() -> io::Result<Command> {
    let mut command = Command::new("systemd-inhibit");
    command.args([
        "--what=sleep:idle",
        "--who=keygen",
        "--why=searching for keys",
        "--mode=block",
        "cat",
    ]);
    Ok(command)
}

#[cfg(target_os = "macos")]
fn awake_helper() -> io::Result<Command> {
    let mut command = Command::new("caffeinate");
    command.args(["-i", "-w", &std::process::id().to_string()]);
    Ok(command)
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn awake_helper() -> io::Result<Command> {
    Err(io::Error::other("how is not known on this system"))
}

/// The variable that tells a restarted program that its user had paused the search.
const PAUSED: &str = "MESHCORE_KEYGEN_PAUSED";

/// Whether this process restarted itself into the session while its user had paused it.
pub(super) fn was_paused(session: Option<&ActiveSession>) -> bool {
    let of = |variable| std::env::var(variable).ok();
    session.is_some_and(|session| of(CONTINUES).as_deref() == Some(session.name.as_str()))
        && of(PAUSED).is_some()
}

/// Executes the program again, to resume a session; returns only if that fails, with the reason. The process stays the same,
/// with its lock, its limits and its place in the terminal; threads that are stuck are gone.
#[cfg(unix)]
pub(super) fn execute(session: &ActiveSession, paused: bool, for_node: &ForNode) -> io::Error {
    use std::os::unix::process::CommandExt;

    let mut arguments = std::env::args_os();
    let own = arguments.next().unwrap_or_else(|| "keygen".into());
    // As late as possible: a program that another thread starts after this would inherit the lock.
    if let Err(error) = session.pass_on() {
        return io::Error::other(error);
    }
    let program = match program() {
        Ok(program) => program,
        Err(error) => return error,
    };
    let mut command = Command::new(program);
    command.arg0(own).args(arguments);
    command
        .env(CONTINUES, session.name.as_str())
        .env_remove(PAUSED)
        .envs(for_node.variables());
    if paused {
        command.env(PAUSED, "1");
    }
    command.exec()
}

#[cfg(not(unix))]
pub(super) fn execute(_: &ActiveSession, _: bool, _: &ForNode) -> io::Error {
    io::ErrorKind::Unsupported.into()
}

/// This program's file; on Linux also where it was replaced or deleted meanwhile.
#[cfg(unix)]
pub(super) fn program() -> io::Result<std::path::PathBuf> {
    let own = std::path::Path::new("/proc/self/exe");
    if own.exists() {
        return Ok(own.to_owned());
    }
    std::env::current_exe()
}
