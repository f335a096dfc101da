//! The supervisor's last step: the program executes itself anew, into its session. The process stays the same, with its
//! lock, its limits and its place in the terminal; threads that look at no flag are gone.

use std::io;
use std::time::Duration;

use jiff::Timestamp;

use super::records::Records;
use super::signals::Signals;
use crate::app::event_loop::{PATIENCE, Search};
use crate::clock::gap::Reading;
use crate::report::Reporter;
use crate::session::active::Live;
use crate::session::checkpoint::Totals;
use crate::session::handover::ANEW;
use crate::session::lock::CONTINUES;
use crate::session::name::SessionName;

impl Search {
    /// The supervisor's last step: the workers stop, and the program executes itself anew into its session.
    pub(super) fn start_anew(&mut self, now: Duration, reporter: &Reporter) {
        if self.control.should_stop() || self.anew {
            return;
        }
        match permit(&mut self.records, self.clock.timestamp()) {
            Ok(()) => {
                self.anew = true;
                self.shared.stop();
                self.give_up_at.get_or_insert(now + PATIENCE);
            }
            Err(why) => reporter.warn(format!(
                "WARNING: the program does not execute itself anew: {why}. The search goes on as it is; to help it, \
                 end it and start it again."
            )),
        }
    }

    /// Whether the program is to execute itself anew now.
    pub(super) fn goes_on_anew(&self) -> bool {
        self.anew && !self.control.should_stop() && !self.holds_keys()
    }

    /// Writes everything down for the program that is executed next.
    ///
    /// # Errors
    /// The session can't be written.
    pub(super) fn hand_over(mut self, reporter: Reporter, signals: Signals) -> io::Result<Handed> {
        let now = self.clock.reading();
        for pause in self.watch.pause(now, false) {
            self.book(pause, &reporter);
        }
        self.hand_over_alerts(&reporter, signals);
        let totals = self.control.session_totals(self.clock.now());
        hand_over(self.records, now, totals, reporter)
    }
}

/// Whether the program may execute itself anew now; sees to it that there is a session on disk to go on with.
///
/// # Errors
/// Why not.
fn permit(records: &mut Records, now: Timestamp) -> Result<(), String> {
    if !cfg!(unix) {
        return Err("this system can't".to_owned());
    }
    let Some(session) = records.session_mut() else {
        return Err("the search keeps no session that could go on".to_owned());
    };
    session.settle().map_err(|error| error.to_string())?;
    if session.may_start_anew(now) {
        Ok(())
    } else {
        Err(format!(
            "it did so {ANEW} times within the last hour already"
        ))
    }
}

/// A session that waits for the program that this process executes next. What is dropped with it holds the lock.
pub(super) struct Handed {
    session: SessionName,
    records: Records,
}

/// Writes where the session stands for the program that this process executes next.
///
/// # Errors
/// The session can't be written; it can be gone on with.
fn hand_over(
    mut records: Records,
    now: Reading,
    totals: Totals,
    reporter: Reporter,
) -> io::Result<Handed> {
    let mut said = records.hand_over(now.wall, &totals);
    let handed = records.session_mut().map(|session| {
        let handed = session.hand_over(now, totals);
        handed.map(|()| session.name().clone())
    });
    said.push("The program executes itself anew and goes on with its session.".to_owned());
    said.into_iter().for_each(|line| reporter.warn(line));
    reporter.leave();
    match handed {
        Some(Ok(session)) => Ok(Handed { session, records }),
        Some(Err(error)) => Err(io::Error::other(error)),
        None => Err(io::Error::other("there is no session")),
    }
}

/// The variable that tells the program that its user had paused the search.
const PAUSED: &str = "MESHCORE_KEYGEN_PAUSED";

/// Whether the session goes on in a program that was executed anew while its user had paused it.
pub(super) fn was_paused(session: Option<&Live>) -> bool {
    let of = |variable| std::env::var(variable).ok();
    session.is_some_and(|session| of(CONTINUES).as_deref() == Some(session.name().as_str()))
        && of(PAUSED).is_some()
}

/// Executes the program anew, to go on with a session; returns only if that is not possible, with the reason.
#[cfg(unix)]
pub(super) fn execute(handed: &Handed, paused: bool) -> io::Error {
    use std::os::unix::process::CommandExt;
    use std::process::Command;

    let mut arguments = std::env::args_os();
    let own = arguments.next().unwrap_or_else(|| "keygen".into());
    // As late as can be: whatever another thread starts meanwhile would have the lock, too.
    let passed_on = handed.records.session().map(Live::pass_on);
    if let Some(Err(error)) = passed_on {
        return io::Error::other(error);
    }
    let program = match program() {
        Ok(program) => program,
        Err(error) => return error,
    };
    let mut command = Command::new(program);
    command.arg0(own).args(arguments);
    command
        .env(CONTINUES, handed.session.as_str())
        .env_remove(PAUSED);
    if paused {
        command.env(PAUSED, "1");
    }
    command.exec()
}

#[cfg(not(unix))]
pub(super) fn execute(_: &Handed, _: bool) -> io::Error {
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
