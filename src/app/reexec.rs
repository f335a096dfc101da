//! The supervisor's last step: the program executes itself anew, into its session. The process stays the same, with its
//! lock, its limits and its place in the terminal; threads that look at no flag are gone.

use std::io;

use crate::config::ForNode;
use crate::session::active::ActiveSession;
use crate::session::lock::CONTINUES;

/// A session that waits for the program that this process executes next; it holds the lock.
pub(super) type Handed = Box<ActiveSession>;

/// The variable that tells the program that its user had paused the search.
const PAUSED: &str = "MESHCORE_KEYGEN_PAUSED";

/// Whether the session goes on in a program that was executed anew while its user had paused it.
pub(super) fn was_paused(session: Option<&ActiveSession>) -> bool {
    let of = |variable| std::env::var(variable).ok();
    session.is_some_and(|session| of(CONTINUES).as_deref() == Some(session.name.as_str()))
        && of(PAUSED).is_some()
}

/// Executes the program anew, to go on with a session; returns only if that is not possible, with the reason.
#[cfg(unix)]
pub(super) fn execute(session: &ActiveSession, paused: bool, for_node: &ForNode) -> io::Error {
    use std::os::unix::process::CommandExt;
    use std::process::Command;

    let mut arguments = std::env::args_os();
    let own = arguments.next().unwrap_or_else(|| "keygen".into());
    // As late as can be: whatever another thread starts meanwhile would have the lock, too.
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
