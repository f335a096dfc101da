//! `--keep-awake`: a small helper program of the system holds off sleep as long as this process lives.

use std::io;
use std::process::{Child, Command, Stdio};

/// The helper, which ends when this is dropped or the process ends, however it does.
pub(crate) struct Awake {
    helper: Child,
    failed: bool,
}

/// Starts the helper.
///
/// # Errors
/// What people should know: the search goes on, the machine may sleep.
pub(crate) fn hold() -> Result<Awake, String> {
    let helper = command().and_then(|mut command| {
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
    });
    match helper {
        Ok(helper) => Ok(Awake {
            helper,
            failed: false,
        }),
        Err(error) => Err(warning(&error.to_string())),
    }
}

impl Awake {
    /// What people should know if the helper has ended before its time; once.
    pub(crate) fn check(&mut self) -> Option<String> {
        if self.failed {
            return None;
        }
        let ended = self.helper.try_wait().ok().flatten()?;
        self.failed = true;
        Some(warning(&format!("the helper program ended ({ended})")))
    }
}

fn warning(reason: &str) -> String {
    format!(
        "WARNING: --keep-awake: the machine can't be kept from sleeping: {reason}. The search goes on."
    )
}

/// `systemd-inhibit` around a `cat` that reads a pipe of ours: it ends when the pipe closes, even after a SIGKILL.
#[cfg(target_os = "linux")]
fn command() -> io::Result<Command> {
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
fn command() -> io::Result<Command> {
    let mut command = Command::new("caffeinate");
    command.args(["-i", "-w", &std::process::id().to_string()]);
    Ok(command)
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn command() -> io::Result<Command> {
    Err(io::Error::other("how is not known on this system"))
}
