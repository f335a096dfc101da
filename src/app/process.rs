//! What a search asks of the system for its own process: low priority, no core dumps, quiet deaths of workers.

use std::panic;
use std::thread;

use crate::search::pool::THREAD_NAME;

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
pub fn lower_priority() {}

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

/// Keeps a worker's panic off the screen: it is caught, and the reporter says it in its own words.
pub(crate) fn silence_worker_panics() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let is_worker = thread::current()
            .name()
            .is_some_and(|n| n.starts_with(THREAD_NAME));
        if !is_worker {
            usual(info);
        }
    }));
}
