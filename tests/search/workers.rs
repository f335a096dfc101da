//! Workers, priority and backends are as many, as nice and as the processor has them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::common::program::{self, DEADLINE, Place};
use crate::common::wait::wait_until;
use rustix::process::Signal;

/// The niceness of each thread of a process that searches (field 19 of stat, see proc(5)), with the threads' names.
fn threads(words: &[&str]) -> Vec<(String, i32)> {
    let place = Place::new();
    let mut running =
        place.start(place.command(&[words, &["--prefix", "0123456789ABCD", "-v"]].concat()));
    running.read_until("Completed");
    let tasks = fs::read_dir(format!("/proc/{}/task", running.id())).unwrap();
    let read = |task: fs::DirEntry| {
        let stat = fs::read_to_string(task.path().join("stat")).ok()?;
        let (name, rest) = stat.split_once('(')?.1.rsplit_once(") ")?;
        Some((name.to_owned(), rest.split(' ').nth(16)?.parse().ok()?))
    };
    let threads = tasks.filter_map(|task| read(task.unwrap())).collect();
    running.signal(Signal::INT);
    assert_eq!(running.end(DEADLINE).code, Some(130));
    threads
}

#[test]
fn low_priority_is_nice_and_normal_is_not() {
    let own = rustix::process::getpriority_process(None).unwrap();
    let low = threads(&["--workers", "1"]);
    assert!(low.iter().any(|(_, nice)| *nice >= 10), "{low:?}");
    let normal = threads(&["--workers", "1", "--priority", "normal"]);
    assert!(normal.iter().all(|(_, nice)| *nice == own), "{normal:?}");
}

#[test]
fn a_search_leaves_no_core_dumps() {
    let place = Place::new();
    let running = place.start(place.command(&["--prefix", "0123456789ABCD"]));
    let limits = fs::read_to_string(format!("/proc/{}/limits", running.id())).unwrap();
    running.signal(Signal::INT);
    assert_eq!(running.end(DEADLINE).code, Some(130));
    let cores = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max core file size"));
    let cores: Vec<_> = cores.unwrap().split_whitespace().take(2).collect();
    assert_eq!(cores, ["0", "0"], "{limits}");
}

#[test]
fn one_worker_searches_alone() {
    let run = Place::new().finds(&["--prefix", "F8A1", "-n", "3", "--workers", "1"]);
    assert!(run.err.contains("on 1 worker ("), "{}", run.err);
}

#[test]
fn more_workers_than_processors_are_fine() {
    let run = Place::new().finds(&["--prefix", "F8A1", "-n", "3", "--workers", "9"]);
    assert!(run.err.contains("on 9 workers ("), "{}", run.err);
}

#[test]
fn the_default_is_as_many_workers_as_processors_may_be_used() {
    if !program::has("affinity", "taskset", &["-c", "0", "true"]) {
        return;
    }
    let place = Place::new();
    let run = place.finish(place.wrapped(&["taskset", "-c", "0"], &["--prefix", "F8A"]));
    assert_eq!(run.code, Some(0));
    assert!(run.err.contains("on 1 worker ("), "{}", run.err);
}

/// A control group of this test's own with half a processor's time, gone at the end.
struct Group(PathBuf);

impl Group {
    fn new() -> Option<Self> {
        let name = format!("keygen-test-{}", std::process::id());
        [
            ("/sys/fs/cgroup/cpu", "cpu.cfs_quota_us", "50000"),
            ("/sys/fs/cgroup", "cpu.max", "50000 100000"),
        ]
        .into_iter()
        .find_map(|(top, file, quota)| {
            let group = Self(Path::new(top).join(&name));
            fs::create_dir(&group.0).ok()?;
            // A file of another kind of file system would have to be made first.
            let is_group = group.0.join(file).exists();
            (is_group && fs::write(group.0.join(file), quota).is_ok()).then_some(group)
        })
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let _ = fs::remove_dir(&self.0);
    }
}

#[test]
fn the_default_respects_the_quota_of_control_groups() {
    let Some(group) = Group::new() else {
        eprintln!("skipped: quota of control groups: no group can be made here");
        return;
    };
    let place = Place::new();
    let shell = "echo $$ > \"$1/cgroup.procs\" && shift && exec \"$@\"";
    let wrapper = ["sh", "-c", shell, "sh", group.0.to_str().unwrap()];
    let run = place.finish(place.wrapped(&wrapper, &["--prefix", "F8A"]));
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert!(run.err.contains("on 1 worker ("), "{}", run.err);
}

/// The most memory that a process had so far, in bytes.
fn peak(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.unwrap().trim().trim_end_matches(" kB");
    1024 * kilobytes.parse::<u64>().unwrap()
}

#[test]
fn memory_stays_bounded_when_keys_come_faster_than_they_can_be_saved() {
    let place = Place::new();
    let running = place.start(place.command(&["--prefix", "A", "-n", "all", "--workers", "2"]));
    wait_until("a thousand files", || place.names().len() >= 1_000);
    let peak = peak(running.id());
    running.signal(Signal::INT);
    let run = running.end(DEADLINE);
    assert_eq!(run.code, Some(130), "{}", run.err);
    assert!(run.err.contains("Skipped"), "no flood: {}", run.err);
    assert!(peak < 40_000_000, "{peak} bytes");
}

#[test]
fn a_backend_is_used_as_asked_or_refused_by_name() {
    for backend in ["avx512ifma", "avx2", "portable"] {
        let place = Place::new();
        let run = place.run(&["--prefix", "F8A", "--backend", backend]);
        match run.code {
            Some(0) => assert!(run.err.contains(&format!("({backend})")), "{}", run.err),
            code => {
                assert_eq!(code, Some(2));
                assert!(
                    run.err.contains("It has") && run.err.contains("portable"),
                    "{}",
                    run.err
                );
            }
        }
    }
}
