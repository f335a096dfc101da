//! Runs the real program with faults, as a process of its own, and collects its output and files.

use std::collections::BTreeSet;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::Context;
use jiff::Timestamp;
use serde_json::Value;
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

use super::run_record::{RunRecord, rate, read_events};
use crate::key::{hex, load, verify};

/// Time between two checks of the process.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// A run that lasts longer than it should by this has not ended by itself.
const GRACE: Duration = Duration::from_secs(60);

/// When a process is stopped as by SIGSTOP, and for how long.
const STOP_AT: Duration = Duration::from_secs(5);
const STOP_FOR: Duration = Duration::from_secs(10);

/// One run of the program.
#[derive(Debug)]
pub(super) struct ProgramRun {
    /// Its arguments, without those about files.
    arguments: Vec<String>,
    /// How long it should take.
    lasts: Duration,
    /// Whether it is suspended for a while.
    pub is_stopped: bool,
}

impl ProgramRun {
    /// A search with these faults and further options, for a pattern that is found about once a second, so that a lost key
    /// would show.
    pub(super) fn new(
        workers: usize,
        lasts: Duration,
        faults: &[impl AsRef<str>],
        options: &[&str],
    ) -> Self {
        let (time, workers) = (format!("{}s", lasts.as_secs()), workers.to_string());
        let arguments = "--prefix C0FFEE1 -n all --json -v --priority normal --time".split(' ');
        let arguments = arguments.chain([time.as_str(), "--workers", workers.as_str()]);
        let faults = faults.iter().flat_map(|fault| ["--inject", fault.as_ref()]);
        let arguments = arguments.chain(faults).chain(options.iter().copied());
        Self {
            arguments: arguments.map(str::to_owned).collect(),
            lasts,
            is_stopped: false,
        }
    }

    /// Runs it to its end, in a folder of its own.
    ///
    /// # Errors
    /// The program can't be run, or did not end in time (then it was killed).
    pub(super) fn record(&self) -> anyhow::Result<RunRecord> {
        const FAILED: &str = "the program could not be run";
        let folder = tempfile::tempdir().context(FAILED)?;
        self.run_in(folder.path()).context(FAILED)
    }

    fn run_in(&self, folder: &Path) -> io::Result<RunRecord> {
        let mut child = self.command(folder)?.spawn()?;
        let out = child.stdout.take().map(read_lines);
        let err = child.stderr.take().map(read_lines);
        let watched = self.watch(&mut child);
        if watched.is_err() {
            // The error says more than what may go wrong here.
            let _ = child.kill().and_then(|()| child.wait());
        }
        let (exit, memory) = watched?;
        let text = |name| std::fs::read_to_string(folder.join(name)).unwrap_or_default();
        let mut record = RunRecord {
            events: read_events(&text("events")),
            onsets: read_events(&text("onsets")),
            memory,
            exit,
            ..RunRecord::default()
        };
        read_output(&lines_of(out)?, &mut record);
        let mut messages = lines_of(err)?;
        let rates = messages.iter().filter_map(|(time, line)| rate(line, *time));
        record.rates = rates.collect();
        record.last_message = messages.pop().map(|(_, line)| line).unwrap_or_default();
        record.keys_lost = keys_lost(&record, &folder.join("keys"));
        Ok(record)
    }

    fn command(&self, folder: &Path) -> io::Result<Command> {
        // Settings of the machine's user must not change what a scenario means.
        let settings = folder.join("settings.toml");
        std::fs::write(&settings, "")?;
        let mut command = Command::new(std::env::current_exe()?);
        let own = std::env::vars_os().map(|(name, _)| name);
        own.filter(|name| name.to_string_lossy().starts_with("KEYGEN_"))
            .for_each(|name| _ = command.env_remove(name));
        command.args(&self.arguments).arg("--config").arg(settings);
        for (option, name) in [
            ("--output", "keys"),
            ("--state-dir", "state"),
            ("--events", "events"),
            ("--inject-log", "onsets"),
        ] {
            command.arg(option).arg(folder.join(name));
        }
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Ok(command)
    }

    /// Samples the process until it ends.
    fn watch(&self, child: &mut Child) -> io::Result<Watched> {
        let start = Instant::now();
        let mut memory = Vec::new();
        let mut system = System::new().ok();
        let mut stop = self.is_stopped;
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok((status.code(), memory));
            }
            if start.elapsed() > self.lasts + GRACE {
                return Err(io::Error::other("it did not end in time"));
            }
            if stop && start.elapsed() >= STOP_AT {
                stop = false;
                pause(child, STOP_FOR)?;
            }
            let resident = system
                .as_mut()
                .and_then(|system| resident(system, child.id()));
            memory.extend(resident.map(|bytes| (Timestamp::now(), bytes)));
            std::thread::sleep(POLL_INTERVAL);
        }
    }
}

/// Exit code and resident memory.
type Watched = (Option<i32>, Vec<(Timestamp, u64)>);

/// Lines with the time at which each came.
type TimedLines = Vec<(Timestamp, String)>;

fn read_lines(stream: impl Read + Send + 'static) -> JoinHandle<io::Result<TimedLines>> {
    std::thread::spawn(move || {
        let lines = BufReader::new(stream).lines();
        lines.map(|line| Ok((Timestamp::now(), line?))).collect()
    })
}

fn lines_of(reader: Option<JoinHandle<io::Result<TimedLines>>>) -> io::Result<TimedLines> {
    let failed = |_| io::Error::other("the program's output could not be read");
    reader.map_or(Ok(Vec::new()), |reader| reader.join().map_err(failed)?)
}

/// Reads the summary and the announced keys.
fn read_output(lines: &TimedLines, record: &mut RunRecord) {
    for (_, line) in lines {
        let object: Value = serde_json::from_str(line).unwrap_or_default();
        match (object["kind"].as_str(), object["public_key"].as_str()) {
            (Some("summary"), _) => record.summary = object,
            (Some("found"), Some(key)) => record.announced.push(key.to_owned()),
            _ => {}
        }
    }
}

/// The number of announced keys without a complete and correct file.
fn keys_lost(record: &RunRecord, folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let files: Vec<_> = entries.map(|entry| entry.path()).collect();
    let keys = load::load(&files, &mut io::empty()).into_iter().flatten();
    let verified = keys.filter_map(|key| verify::check(key.private?, &key.public?).ok());
    let kept: BTreeSet<_> = verified.map(|key| hex::encode(key.public())).collect();
    let is_lost = |key: &&String| !kept.contains(&key.to_ascii_lowercase());
    record.announced.iter().filter(is_lost).count()
}

fn resident(system: &mut System, process: u32) -> Option<u64> {
    let pid = Pid::from_u32(process);
    let kind = ProcessRefreshKind::nothing().with_memory();
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), true, kind);
    system.process(pid).map(sysinfo::Process::memory)
}

/// Suspends the process for a while, as a terminal's suspend key or the system does.
#[cfg(unix)]
fn pause(child: &Child, lasts: Duration) -> io::Result<()> {
    use rustix::process::{Pid, Signal, kill_process};
    let no_number = || io::Error::other("the program has no process number");
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let pid = pid.ok_or_else(no_number)?;
    kill_process(pid, Signal::STOP)?;
    std::thread::sleep(lasts);
    Ok(kill_process(pid, Signal::CONT)?)
}

#[cfg(not(unix))]
fn pause(_: &Child, _: Duration) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
