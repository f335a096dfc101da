//! The threads of another process, where the system shows them.

use serde::Serialize;

/// A thread.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Thread {
    pub id: u32,
    pub name: String,
    /// As proc(5) has it: "R" runs, "S" and "D" wait, "T" is stopped.
    pub state: String,
    pub processor_seconds: f64,
}

/// The threads of a process, by their numbers; none where they can't be read.
#[cfg(target_os = "linux")]
pub(super) fn threads_of(process: u32) -> Vec<Thread> {
    let folder = std::fs::read_dir(format!("/proc/{process}/task"));
    let names = folder.into_iter().flatten().flatten();
    let text = |id: u32| std::fs::read_to_string(format!("/proc/{process}/task/{id}/stat")).ok();
    let ids = names.filter_map(|name| name.file_name().to_str()?.parse().ok());
    let ticks = rustix::param::clock_ticks_per_second();
    let mut threads: Vec<_> = ids.filter_map(|id| parse(id, &text(id)?, ticks)).collect();
    threads.sort_by_key(|thread| thread.id);
    threads
}

/// Not implemented for this system.
#[cfg(not(target_os = "linux"))]
pub(super) fn threads_of(_: u32) -> Vec<Thread> {
    Vec::new()
}

/// Reads a line of /proc/PID/task/TID/stat: after the name in parentheses, which may hold anything, comes the state, and
/// as the 12th and 13th field from there user and system time in ticks.
#[cfg(any(target_os = "linux", test))]
fn parse(id: u32, text: &str, ticks: u64) -> Option<Thread> {
    let (name, rest) = text.split_once('(')?.1.rsplit_once(')')?;
    let fields: Vec<_> = rest.split_whitespace().collect();
    let used = |index: usize| fields.get(index)?.parse::<u64>().ok();
    Some(Thread {
        id,
        name: name.to_owned(),
        state: (*fields.first()?).to_owned(),
        processor_seconds: (used(11)? + used(12)?) as f64 / ticks.max(1) as f64,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_is_read_whatever_its_name() {
        let text = "7 (a) (b) R 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20";
        let thread = parse(7, text, 100).unwrap();
        assert_eq!(
            (thread.name.as_str(), thread.state.as_str()),
            ("a) (b", "R")
        );
        assert_eq!(thread.processor_seconds, 2.0);
        assert_eq!(parse(7, "7 (x", 100), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_has_threads() {
        let threads = threads_of(std::process::id());
        assert!(threads.iter().any(|thread| thread.id == std::process::id()));
    }
}
