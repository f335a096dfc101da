//! The supervisor's last step: the program executes itself anew, into its session. The process stays the same, with its
//! lock, its limits and its place in the terminal; threads that look at no flag are gone.

use std::io;

use jiff::Timestamp;

use super::records::Records;
use crate::exit::Ending;
use crate::report::Reporter;
use crate::session::checkpoint::Totals;
use crate::session::gap::Reading;
use crate::session::handover::ANEW;

/// Whether the program may execute itself anew now; sees to it that there is a session on disk to go on with.
///
/// # Errors
/// Why not.
pub(super) fn permit(records: &mut Records) -> Result<(), String> {
    if !cfg!(unix) {
        return Err("this system can't".to_owned());
    }
    let Some(session) = records.session_mut() else {
        return Err("the search keeps no session that could go on".to_owned());
    };
    session.settle().map_err(|error| error.to_string())?;
    if session.may_start_anew(Timestamp::now()) {
        Ok(())
    } else {
        Err(format!(
            "it did so {ANEW} times within the last hour already"
        ))
    }
}

/// Executes the program anew; returns only if that is not possible.
///
/// # Errors
/// Why not; the session can be gone on with.
pub(super) fn execute(
    mut records: Records,
    totals: Totals,
    reporter: Reporter,
) -> io::Result<Ending> {
    let mut said = records.hand_over(&totals);
    let handed = records.session_mut().map(|session| {
        let handed = session.hand_over(Reading::take(), totals);
        handed.map(|()| session.name().clone())
    });
    said.push("The program executes itself anew and goes on with its session.".to_owned());
    said.into_iter().for_each(|line| reporter.warn(line));
    reporter.leave();
    match handed {
        Some(Ok(name)) => Err(exec(name.as_str())),
        Some(Err(error)) => Err(io::Error::other(error)),
        None => Err(io::Error::other("there is no session")),
    }
}

#[cfg(unix)]
fn exec(name: &str) -> io::Error {
    use std::os::unix::process::CommandExt;
    use std::process::Command;

    let mut arguments = std::env::args_os();
    let own = arguments.next().unwrap_or_else(|| "keygen".into());
    program()
        .map(|program| {
            Command::new(program)
                .arg0(own)
                .args(arguments)
                .env(crate::session::lock::CONTINUES, name)
                .exec()
        })
        .unwrap_or_else(|error| error)
}

#[cfg(not(unix))]
fn exec(_: &str) -> io::Error {
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
