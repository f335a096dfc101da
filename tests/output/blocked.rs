//! A reader that sleeps, goes away or has no room delays neither the search nor the saving of keys.

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, PipeReader, PipeWriter, Write, pipe};
use std::thread;
use std::time::Duration;

use crate::common::program::{DEADLINE, Place, Running, end_of};

/// What a pipe holds on Linux by default; the writer of one more byte waits.
const PIPE: usize = 65_536;

/// A pipe that is full, so that a writer waits for a reader that never reads.
fn full_pipe() -> (PipeReader, PipeWriter) {
    let (reader, mut writer) = pipe().unwrap();
    writer.write_all(&vec![b'x'; PIPE]).unwrap();
    (reader, writer)
}

#[cfg(target_os = "linux")]
#[test]
fn a_reader_of_standard_output_that_sleeps_delays_nobody() {
    let place = Place::new();
    let (reader, writer) = full_pipe();
    let mut command = place.command(&["--prefix", "A", "-n", "50"]);
    command.stdout(writer);
    let run = Running::new(command).end(DEADLINE);
    drop(reader);
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert_eq!(place.pairs().len(), 50);
    assert!(
        run.err.contains("50 lines of standard output"),
        "{}",
        run.err
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_reader_of_standard_error_that_sleeps_delays_nobody() {
    let place = Place::new();
    let (reader, writer) = full_pipe();
    let mut command = place.command(&["--prefix", "A", "-n", "50", "-v"]);
    command.stderr(writer);
    let output = end_of(command.spawn().unwrap(), DEADLINE);
    drop(reader);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(place.pairs().len(), 50);
    assert_eq!(
        String::from_utf8(output.stdout).unwrap().lines().count(),
        50
    );
}

#[cfg(target_os = "linux")]
#[test]
fn two_readers_that_sleep_delay_nobody() {
    let place = Place::new();
    let (reader, writer) = full_pipe();
    let mut command = place.command(&["--prefix", "A", "-n", "50", "-v", "--json"]);
    command.stdout(writer.try_clone().unwrap()).stderr(writer);
    let output = end_of(command.spawn().unwrap(), DEADLINE);
    drop(reader);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(place.pairs().len(), 50);
}

#[test]
fn a_reader_that_takes_its_time_gets_every_line() {
    let place = Place::new();
    let (reader, writer) = pipe().unwrap();
    let mut command = place.command(&["--prefix", "A", "-n", "60"]);
    command.stdout(writer);
    let running = Running::new(command);
    let reader = thread::spawn(move || {
        let mut lines = 0;
        for line in BufReader::new(reader).lines() {
            // How slow the reader is, not a wait for anything.
            thread::sleep(Duration::from_millis(10));
            lines += usize::from(line.is_ok());
        }
        lines
    });
    let run = running.end(DEADLINE);
    assert_eq!((run.code, reader.join().unwrap()), (Some(0), 60));
    // That the machine's disk is nearly full is none of the reader's business.
    let warns = |line: &str| line.contains("WARNING") && !line.contains("disk-low");
    assert!(!run.err.lines().any(warns), "{}", run.err);
}

#[test]
fn closed_pipes_lose_no_key() {
    let place = Place::new();
    let (_, out) = pipe().unwrap();
    let (_, err) = pipe().unwrap();
    let mut command = place.command(&["--prefix", "A", "-n", "20", "-v"]);
    command.stdout(out).stderr(err);
    let output = end_of(command.spawn().unwrap(), DEADLINE);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(place.pairs().len(), 20);
}

#[cfg(target_os = "linux")]
#[test]
fn a_device_without_room_as_standard_output_loses_no_key() {
    let place = Place::new();
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = place.command(&["--prefix", "A", "-n", "20"]);
    command.stdout(full);
    let run = Running::new(command).end(DEADLINE);
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert_eq!(place.pairs().len(), 20);
    assert!(
        run.err.contains("20 lines of standard output"),
        "{}",
        run.err
    );
}
