//! Signals that end a search: the first one cleanly, a second one at once.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use signal_hook::flag;

use crate::exit::Signal;

/// The same signal again within this time is an echo, not a second command: `timeout` and shells send a signal to the
/// process and to its group.
pub(crate) const ECHO: Duration = Duration::from_millis(250);

/// What a signal means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// End cleanly.
    Stop(Signal),
    /// End at once.
    Quit(Signal),
}

/// Notes signals as they come; the loop looks at them several times a second. By default none comes.
#[derive(Default)]
pub(crate) struct Signals {
    flags: Vec<(Signal, Arc<AtomicBool>)>,
    /// Once set, a further signal ends the process in its handler, even if the loop were stuck.
    armed: Arc<AtomicBool>,
    /// SIGUSR1: the status is wanted.
    status: Arc<AtomicBool>,
    state: State,
}

/// What came so far; separate from the flags, so that tests need no signals.
#[derive(Debug, Default)]
pub(crate) struct State {
    first: Option<(Signal, Duration)>,
}

impl State {
    /// What a signal at this time means.
    pub(crate) fn take(&mut self, signal: Signal, now: Duration) -> Option<Command> {
        match self.first {
            None => {
                self.first = Some((signal, now));
                Some(Command::Stop(signal))
            }
            Some((first, at)) if first == signal && now < at + ECHO => None,
            Some(_) => Some(Command::Quit(signal)),
        }
    }

    /// Whether the first signal came and its echo is over.
    pub(crate) fn is_settled(&self, now: Duration) -> bool {
        self.first.is_some_and(|(_, at)| now >= at + ECHO)
    }
}

impl Signals {
    /// Begins to note signals; a hang-up only if it was not ignored when the program started (`nohup`).
    ///
    /// # Errors
    /// The system refuses a handler.
    pub(crate) fn new() -> io::Result<Self> {
        let mut signals = Self::default();
        for signal in wanted() {
            signals.register(signal)?;
        }
        #[cfg(unix)]
        flag::register(signal_hook::consts::SIGUSR1, Arc::clone(&signals.status))?;
        Ok(signals)
    }

    fn register(&mut self, signal: Signal) -> io::Result<()> {
        let number = i32::from(signal.number());
        let code = 128 + number;
        let flag = Arc::new(AtomicBool::new(false));
        flag::register_conditional_shutdown(number, code, Arc::clone(&self.armed))?;
        flag::register(number, Arc::clone(&flag))?;
        self.flags.push((signal, flag));
        Ok(())
    }

    /// Whether the status was asked for since the last call.
    pub(crate) fn status_wanted(&self) -> bool {
        self.status.swap(false, Ordering::Relaxed)
    }

    /// What the signals since the last call mean.
    pub(crate) fn poll(&mut self, now: Duration) -> Option<Command> {
        let mut command = None;
        for (signal, flag) in &self.flags {
            if flag.swap(false, Ordering::Relaxed) {
                command = self.state.take(*signal, now).or(command);
            }
        }
        command
    }

    /// Lets the next signal end the process in its handler, once the first one and its echo are over.
    pub(crate) fn arm(&self, now: Duration) {
        if self.state.is_settled(now) {
            self.armed.store(true, Ordering::Relaxed);
        }
    }
}

#[cfg(unix)]
fn wanted() -> Vec<Signal> {
    let mut signals = vec![Signal::Interrupt, Signal::Terminate];
    if !hang_up_is_ignored() {
        signals.push(Signal::HangUp);
    }
    signals
}

#[cfg(not(unix))]
fn wanted() -> Vec<Signal> {
    vec![Signal::Interrupt, Signal::Terminate]
}

/// Whether SIGHUP is ignored, by the mask of ignored signals in /proc (see proc(5)); where that can't be read, a
/// hang-up ends the search cleanly.
#[cfg(unix)]
fn hang_up_is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    ignored_signals(&status) & 1 << (Signal::HangUp.number() - 1) != 0
}

/// The mask of ignored signals in the text of /proc/self/status: bit 0 is signal 1.
#[cfg(unix)]
fn ignored_signals(status: &str) -> u64 {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn the_first_signal_stops_and_the_second_quits() {
        let mut state = State::default();
        assert!(!state.is_settled(ms(10_000)));
        assert_eq!(
            state.take(Signal::Interrupt, ms(0)),
            Some(Command::Stop(Signal::Interrupt))
        );
        assert_eq!(
            state.take(Signal::Interrupt, ms(300)),
            Some(Command::Quit(Signal::Interrupt))
        );
        assert!(state.is_settled(ms(300)));
    }

    #[test]
    fn an_echo_is_not_a_second_command_but_another_signal_is() {
        let mut state = State::default();
        state.take(Signal::Terminate, ms(0));
        assert_eq!(state.take(Signal::Terminate, ms(5)), None);
        assert!(!state.is_settled(ms(5)));
        assert_eq!(
            state.take(Signal::Interrupt, ms(6)),
            Some(Command::Quit(Signal::Interrupt))
        );
    }

    #[cfg(unix)]
    #[test]
    fn the_mask_of_ignored_signals_is_read_from_proc() {
        let status = "Name:\tkeygen\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000001001\n";
        assert_eq!(ignored_signals(status), 0x1001);
        assert_eq!(ignored_signals("nothing of the kind"), 0);
    }
}
