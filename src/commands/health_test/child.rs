//! Runs the real program with faults, as a process of its own, and gathers what it leaves behind.

use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

use super::record::{Record, moments, rate};

/// Time between two looks at the process.
const LOOK: Duration = Duration::from_millis(100);

/// A run that lasts longer than it should by this has not ended by itself.
const GRACE: Duration = Duration::from_secs(60);

/// What to run.
#[derive(Debug)]
pub(super) struct Run<'a> {
    /// Its arguments, without those about files.
    pub arguments: Vec<OsString>,
    /// A folder for everything that it writes.
    pub folder: &'a Path,
    /// How long it should take.
    pub lasts: Duration,
    /// When it is stopped as by SIGSTOP, and for how long.
    pub stop: Option<(Duration, Duration)>,
}

/// Runs it to its end.
///
/// # Errors
/// What the system said, or that it did not end in time (then it was killed).
pub(super) fn run(run: &Run<'_>) -> io::Result<Record> {
    let (events, onsets) = (run.folder.join("events"), run.folder.join("onsets"));
    // Settings of the machine's user must not change what a scenario means.
    let settings = run.folder.join("settings.toml");
    std::fs::write(&settings, "")?;
    let mut command = Command::new(std::env::current_exe()?);
    let own = std::env::vars_os().map(|(name, _)| name);
    own.filter(|name| name.to_string_lossy().starts_with("KEYGEN_"))
        .for_each(|name| _ = command.env_remove(name));
    let mut child = command
        .args(&run.arguments)
        .arg("--config")
        .arg(&settings)
        .arg("--output")
        .arg(run.folder.join("keys"))
        .arg("--state-dir")
        .arg(run.folder.join("state"))
        .arg("--events")
        .arg(&events)
        .arg("--inject-log")
        .arg(&onsets)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let out = child.stdout.take().map(read);
    let err = child.stderr.take().map(read);
    let watched = watch(&mut child, run);
    if watched.is_err() {
        // The error says more than what may go wrong here.
        let _ = child.kill().and_then(|()| child.wait());
    }
    let (exit, memory) = watched?;
    let out = lines(out)?;
    let err = lines(err)?;
    let text = |path| std::fs::read_to_string(path).unwrap_or_default();
    let mut record = Record {
        events: moments(&text(&events)),
        onsets: moments(&text(&onsets)),
        rates: err
            .iter()
            .filter_map(|(time, line)| rate(line, *time))
            .collect(),
        said: err.into_iter().map(|(_, line)| line).collect(),
        memory,
        exit,
        ..Record::default()
    };
    for (_, line) in out {
        let object: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
        match (object["kind"].as_str(), object["public_key"].as_str()) {
            (Some("summary"), _) => record.summary = object,
            (Some("found"), Some(key)) => record.announced.push(key.to_owned()),
            _ => {}
        }
    }
    Ok(record)
}

type Lines = JoinHandle<io::Result<Vec<(Timestamp, String)>>>;

/// Reads lines with the time at which each came.
fn read(stream: impl Read + Send + 'static) -> Lines {
    std::thread::spawn(move || {
        let lines = BufReader::new(stream).lines();
        lines.map(|line| Ok((Timestamp::now(), line?))).collect()
    })
}

fn lines(reader: Option<Lines>) -> io::Result<Vec<(Timestamp, String)>> {
    let failed = |_| io::Error::other("what the program printed could not be read");
    reader.map_or(Ok(Vec::new()), |reader| reader.join().map_err(failed)?)
}

type Watched = (Option<i32>, Vec<(Timestamp, u64)>);

/// Looks at the process until it ends.
fn watch(child: &mut Child, run: &Run<'_>) -> io::Result<Watched> {
    let start = Instant::now();
    let mut memory = Vec::new();
    let mut system = System::new().ok();
    let mut stop = run.stop;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok((status.code(), memory));
        }
        if start.elapsed() > run.lasts + GRACE {
            return Err(io::Error::new(
                io::ErrorKind::TimedOut,
                "it did not end in time",
            ));
        }
        if let Some((_, lasts)) = stop.take_if(|(at, _)| start.elapsed() >= *at) {
            pause(child, lasts)?;
        }
        let resident = system
            .as_mut()
            .and_then(|system| resident(system, child.id()));
        memory.extend(resident.map(|bytes| (Timestamp::now(), bytes)));
        std::thread::sleep(LOOK);
    }
}

fn resident(system: &mut System, process: u32) -> Option<u64> {
    let pid = Pid::from_u32(process);
    let kind = ProcessRefreshKind::nothing().with_memory();
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), true, kind);
    system.process(pid).map(sysinfo::Process::memory)
}

/// Stops the process for a while, as a terminal's suspend key or the system does.
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
