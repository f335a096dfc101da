//! What the system reports about a thread: processor time, and whether it waits.

use std::time::Duration;

/// A thread as seen from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ThreadState {
    /// Processor time so far.
    pub processor: Duration,
    /// Whether it waits for something other than the processor; unknown for a stopped one.
    pub blocked: Option<bool>,
}

/// The system's number of the calling thread; 0 where there is none that can be looked up.
#[cfg(target_os = "linux")]
pub(crate) fn own_number() -> i32 {
    rustix::thread::gettid().as_raw_nonzero().get()
}

/// The system's number of the calling thread; 0 where there is none that can be looked up.
#[cfg(not(target_os = "linux"))]
pub(crate) fn own_number() -> i32 {
    0
}

/// Gives the calling thread the lowest priority, where the system permits it.
#[cfg(target_os = "linux")]
pub(crate) fn yield_to_others() {
    // Linux gives each thread a nice value of its own, see setpriority(2).
    let _ = rustix::process::setpriority_process(None, 19);
}

/// Elsewhere a nice value belongs to the whole process.
#[cfg(not(target_os = "linux"))]
pub(crate) fn yield_to_others() {}

/// Inspects a thread of this process; `None` where that is not possible or the thread has ended.
#[cfg(target_os = "linux")]
pub(crate) fn look(number: i32) -> Option<ThreadState> {
    let text = std::fs::read_to_string(format!("/proc/self/task/{number}/stat")).ok()?;
    parse(&text, rustix::param::clock_ticks_per_second())
}

/// Inspects a thread of this process; not implemented for this system.
#[cfg(not(target_os = "linux"))]
pub(crate) fn look(_number: i32) -> Option<ThreadState> {
    None
}

/// Reads a line of /proc/PID/task/TID/stat, see proc(5): after the name in parentheses, which may hold anything, comes
/// the state, and as the 12th and 13th field from there user and system time in ticks.
#[cfg(any(target_os = "linux", test))]
fn parse(text: &str, ticks_per_second: u64) -> Option<ThreadState> {
    let (_, rest) = text.rsplit_once(')')?;
    let fields: Vec<_> = rest.split_whitespace().collect();
    let ticks = |index: usize| fields.get(index)?.parse::<u64>().ok();
    let used = ticks(11)? + ticks(12)?;
    Some(ThreadState {
        processor: Duration::from_secs_f64(used as f64 / ticks_per_second.max(1) as f64),
        blocked: match *fields.first()? {
            "R" => Some(false),
            "S" | "D" => Some(true),
            _ => None,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str =
        "77 (worker-1) R) R 1 77 77 0 -1 4194368 10 0 0 0 250 50 0 0 30 10 3 0 99 1 2";

    #[test]
    fn state_and_times_are_read_behind_the_name_whatever_it_holds() {
        let running = ThreadState {
            processor: Duration::from_secs(3),
            blocked: Some(false),
        };
        assert_eq!(parse(LINE, 100), Some(running));
        let waiting = parse(&LINE.replace(") R 1", ") D 1"), 100).unwrap();
        assert_eq!(waiting.blocked, Some(true));
        let stopped = parse(&LINE.replace(") R 1", ") T 1"), 100).unwrap();
        assert_eq!(stopped.blocked, None);
    }

    #[test]
    fn what_does_not_look_like_that_is_unknown() {
        assert_eq!(parse("", 100), None);
        assert_eq!(parse("77 (x) R 1 2", 100), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_thread_that_looks_at_itself_runs() {
        assert_eq!(look(own_number()).and_then(|t| t.blocked), Some(false));
        assert_eq!(look(i32::MAX), None);
    }
}
