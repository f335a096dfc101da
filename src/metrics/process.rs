//! The metrics of this process, by the names that Prometheus' own libraries give them.

use sysinfo::{Pid, Process, ProcessRefreshKind, ProcessesToUpdate, System};

use super::family::Kind::{Counter, Gauge};
use super::family::{Family, Value};
use super::search::one;

/// What the system tells of a process; what it does not tell is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Usage {
    /// Processor time of all its threads, in seconds.
    pub processor: Option<f64>,
    /// Memory that it holds, in bytes.
    pub resident: Option<u64>,
    /// When it began, in seconds since 1970.
    pub started: Option<u64>,
    /// Its threads.
    pub threads: Option<u64>,
    /// Its open files.
    pub files: Option<u64>,
}

/// Reads this process.
#[derive(Debug, Default)]
pub(super) struct Reader(Option<System>);

impl Reader {
    /// What the system tells now.
    pub(super) fn read(&mut self) -> Usage {
        if self.0.is_none() {
            self.0 = System::new().ok();
        }
        let own = Pid::from_u32(std::process::id());
        let Some(system) = &mut self.0 else {
            return Usage::default();
        };
        let kind = ProcessRefreshKind::nothing().with_cpu().with_memory();
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&[own]), false, kind);
        let process = system.process(own);
        Usage {
            processor: process.map(|p| p.accumulated_cpu_time() as f64 / 1e3),
            resident: process.map(Process::memory),
            started: process.map(Process::start_time),
            threads: threads(),
            files: process
                .and_then(Process::open_files)
                .map(|files| files as u64),
        }
    }
}

/// Threads by the entries of /proc/self/task, see proc(5).
#[cfg(target_os = "linux")]
fn threads() -> Option<u64> {
    let entries = std::fs::read_dir("/proc/self/task").ok()?;
    Some(entries.count() as u64)
}

#[cfg(not(target_os = "linux"))]
fn threads() -> Option<u64> {
    None
}

/// The families of a process.
pub(super) fn families(usage: &Usage) -> Vec<Family> {
    let whole = |value: Option<u64>| value.map(Value::Whole);
    #[rustfmt::skip] // A table: a line each.
    let rows = [
        (Counter, "process_cpu_seconds", "Processor time of all threads.", usage.processor.map(Value::Real)),
        (Gauge, "process_resident_memory_bytes", "Memory that the process holds.", whole(usage.resident)),
        (Gauge, "process_start_time_seconds", "When the process began, in seconds since 1970.", whole(usage.started)),
        (Gauge, "process_threads", "Threads of the process.", whole(usage.threads)),
        (Gauge, "process_open_fds", "Open files of the process.", whole(usage.files)),
    ];
    let family = |(kind, name, help, value): (_, _, _, Option<Value>)| Family {
        kind,
        name,
        help,
        samples: value.map_or(Vec::new(), one),
    };
    rows.map(family).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_can_be_read() {
        let usage = Reader::default().read();
        assert!(usage.resident.unwrap() > 100_000);
        assert!(usage.started.unwrap() > 1_700_000_000);
        #[cfg(target_os = "linux")]
        assert!(usage.threads.unwrap() >= 1 && usage.files.unwrap() >= 1);
    }

    #[test]
    fn what_is_not_known_has_no_sample() {
        let families = families(&Usage::default());
        assert!(families.iter().all(|family| family.samples.is_empty()));
    }
}
