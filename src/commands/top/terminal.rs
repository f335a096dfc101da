//! The terminal: whether it can show anything, and that it is left as it was, however the program ends.

use std::io::{self, IsTerminal};
use std::time::Duration;

use ratatui::crossterm::terminal::size;

use crate::config::error::{UsageError, refuse};

/// The smallest terminal on which anything can be read.
pub(super) const SMALLEST: (u16, u16) = (40, 12);

pub(super) type Terminal = ratatui::DefaultTerminal;

/// Refuses what can't show a dashboard.
pub(super) fn check() -> Result<(), UsageError> {
    if !io::stdout().is_terminal() || !io::stdin().is_terminal() {
        refuse!(
            "keygen top needs a terminal. Use keygen status, with --json for programs, or --watch."
        );
    }
    if std::env::var("TERM").is_ok_and(|term| term == "dumb") {
        refuse!("TERM=dumb: keygen top has to move the cursor. Use keygen status --watch.");
    }
    match size() {
        Ok(size) if is_too_small(size) => refuse!("{} Use keygen status --watch.", too_small(size)),
        Ok(_) => Ok(()),
        Err(error) => refuse!("the size of the terminal is unknown: {error}"),
    }
}

/// Whether a terminal of so many columns and lines is too small.
pub(super) fn is_too_small((columns, lines): (u16, u16)) -> bool {
    columns < SMALLEST.0 || lines < SMALLEST.1
}

/// What to say about it.
pub(super) fn too_small((columns, lines): (u16, u16)) -> String {
    let (least_columns, least_lines) = SMALLEST;
    format!(
        "The terminal has {columns} columns and {lines} lines; at least {least_columns} and {least_lines} are needed. \
         Enlarge it."
    )
}

/// Takes over the terminal while `show` runs. A panic restores it, too, before its message is printed.
pub(super) fn with<T>(show: impl FnOnce(&mut Terminal) -> anyhow::Result<T>) -> anyhow::Result<T> {
    struct Restored;
    impl Drop for Restored {
        fn drop(&mut self) {
            if !std::thread::panicking() {
                // Nobody is there to be told where the terminal is gone.
                let _ = ratatui::try_restore();
            }
        }
    }
    let _restored = Restored;
    let mut terminal = ratatui::try_init()?;
    show(&mut terminal)
}

/// Waits for input, at most for `tick`; whether the terminal is still there. A read at its end would never return.
///
/// # Errors
/// What the system said.
#[cfg(unix)]
pub(super) fn wait(tick: Duration) -> io::Result<bool> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let stdin = io::stdin();
    let mut input = [PollFd::new(&stdin, PollFlags::IN)];
    let time = Timespec {
        tv_sec: 0,
        tv_nsec: tick.subsec_nanos().into(),
    };
    match poll(&mut input, Some(&time)) {
        // A new size comes as a signal.
        Ok(_) | Err(rustix::io::Errno::INTR) => {
            let gone = PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL;
            Ok(!input[0].revents().intersects(gone))
        }
        Err(error) => Err(error.into()),
    }
}

/// Waits for an event, at most for `tick`.
///
/// # Errors
/// What the system said.
#[cfg(not(unix))]
pub(super) fn wait(tick: Duration) -> io::Result<bool> {
    ratatui::crossterm::event::poll(tick)?;
    Ok(true)
}
