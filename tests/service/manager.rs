//! A search under a service manager: a fake one that reads what systemd would read, and systemd's own check of the unit.

use std::fs;
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::common::program::{DEADLINE, NEVER, Place, Running, has};
use rustix::process::Signal;

/// A watchdog that wants to be fed every second.
const WATCHDOG: Duration = Duration::from_secs(2);

/// A service manager's end of the socket.
struct Manager {
    socket: UnixDatagram,
    path: PathBuf,
}

impl Manager {
    fn new(place: &Place) -> Self {
        let path = place.path("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        Self { socket, path }
    }

    fn command(&self, place: &Place, words: &[&str]) -> Command {
        let mut command = place.command(words);
        command
            .env("NOTIFY_SOCKET", &self.path)
            .env("WATCHDOG_USEC", WATCHDOG.as_micros().to_string());
        command
    }

    fn start(&self, place: &Place, more: &[&str]) -> Running {
        let words = ["--prefix", NEVER, "--workers", "1"];
        place.start(self.command(place, &[&words[..], more].concat()))
    }

    /// The next message, if one comes within `limit`.
    fn next(&self, limit: Duration) -> Option<String> {
        self.socket.set_read_timeout(Some(limit)).unwrap();
        let mut buffer = [0; 4096];
        let length = self.socket.recv(&mut buffer).ok()?;
        Some(String::from_utf8(buffer[..length].to_vec()).unwrap())
    }

    /// All messages up to one with this line.
    fn until(&self, line: &str) -> Vec<String> {
        let end = Instant::now() + DEADLINE;
        let mut all = Vec::new();
        while Instant::now() < end {
            let Some(text) = self.next(DEADLINE) else {
                break;
            };
            let is_it = text.lines().any(|l| l.starts_with(line));
            all.push(text);
            if is_it {
                return all;
            }
        }
        panic!("{line} did not come: {all:?}");
    }

    fn drain(&self) {
        while self.next(Duration::from_millis(1)).is_some() {}
    }
}

fn stop(running: Running) {
    running.signal(Signal::TERM);
    assert_eq!(running.end(DEADLINE).code, Some(143));
}

#[test]
fn it_says_when_it_runs_that_it_lives_where_it_stands_and_when_it_ends() {
    for more in [&[][..], &["--no-health-check"]] {
        let place = Place::new();
        let manager = Manager::new(&place);
        let running = manager.start(&place, more);
        let ready = manager.until("READY=1").pop().unwrap();
        assert!(ready.contains("\nSTATUS=Searching: "), "{ready}");
        manager.until("WATCHDOG=1");
        manager.until("WATCHDOG=1");
        running.signal(Signal::TERM);
        let rest = manager.until("STOPPING=1").concat();
        assert!(rest.contains("STATUS=Ended (interrupted)"), "{rest}");
        assert_eq!(running.end(DEADLINE).code, Some(143));
    }
}

#[test]
fn a_process_that_is_stopped_does_not_feed_the_watchdog() {
    let place = Place::new();
    let manager = Manager::new(&place);
    let running = manager.start(&place, &[]);
    manager.until("WATCHDOG=1");
    running.signal(Signal::STOP);
    manager.drain();
    assert_eq!(manager.next(WATCHDOG + WATCHDOG / 2), None);
    running.signal(Signal::CONT);
    manager.until("WATCHDOG=1");
    stop(running);
}

#[test]
fn a_pause_for_a_reason_goes_on_feeding_it() {
    let place = Place::new();
    let manager = Manager::new(&place);
    let running = manager.start(&place, &["--inject", "disk:free=1000000,at=1s,for=1h"]);
    let paused = manager.until("STATUS=Paused (disk-low").pop().unwrap();
    assert_eq!(
        paused
            .lines()
            .filter(|line| line.starts_with("STATUS="))
            .count(),
        1
    );
    for _ in 0..3 {
        manager.until("WATCHDOG=1");
    }
    stop(running);
}

#[test]
fn a_search_that_ends_at_once_was_ready_all_the_same() {
    let place = Place::new();
    let manager = Manager::new(&place);
    let words = ["--prefix", "F8", "--session", "t"];
    for _ in ["it searches", "its session is finished"] {
        let run = place.finish(manager.command(&place, &words));
        assert_eq!(run.code, Some(0), "{}", run.err);
        let told = manager.until("STOPPING=1").concat();
        assert!(told.contains("READY=1"), "{told}");
    }
}

#[test]
fn bad_input_tells_the_manager_nothing() {
    let place = Place::new();
    let manager = Manager::new(&place);
    let run = place.finish(manager.command(&place, &["--prefix", "X"]));
    assert_eq!(run.code, Some(2));
    assert_eq!(manager.next(Duration::from_millis(1)), None);
}

#[test]
fn a_manager_that_is_not_there_disturbs_nobody() {
    let place = Place::new();
    let mut command = place.command(&["--prefix", "F8"]);
    command.env("NOTIFY_SOCKET", "/nonexistent/socket");
    assert_eq!(place.finish(command).code, Some(0));
}

/// Numbers of a setting of the unit.
fn numbers(setting: &str) -> Vec<i32> {
    let unit = include_str!("../../contrib/keygen@.service");
    let line = unit.lines().find_map(|line| line.strip_prefix(setting));
    let words = line.unwrap().split_whitespace();
    words.map(|word| word.parse().unwrap()).collect()
}

/// Whether systemd starts the unit again after this exit code (`None`: it was killed).
fn starts_again(code: Option<i32>) -> bool {
    let fine = |code: &i32| {
        *code == 0
            || numbers("SuccessExitStatus=").contains(code)
            || numbers("RestartPreventExitStatus=").contains(code)
    };
    !code.is_some_and(|code| fine(&code))
}

/// Candidates of the session, by its status.
fn candidates(place: &Place) -> u64 {
    let run = place.finds(&["status", "life", "--json"]);
    run.json()[0]["candidates"].as_u64().unwrap()
}

#[test]
fn a_service_lives_through_kills_hangs_and_pauses_and_ends_when_it_should() {
    let place = Place::new();
    let manager = Manager::new(&place);
    let start = |more: &[&str]| {
        manager.drain();
        let words = ["--session", "life", "--prefix", NEVER, "--workers", "1"];
        let running = place.start(manager.command(&place, &[&words[..], more].concat()));
        manager.until("READY=1");
        running
    };
    let running = start(&[]);
    running.signal(Signal::KILL);
    assert!(starts_again(running.end(DEADLINE).code));

    let running = start(&[]);
    running.signal(Signal::STOP);
    manager.drain();
    assert_eq!(
        manager.next(WATCHDOG + WATCHDOG / 2),
        None,
        "it is taken for hung"
    );
    running.signal(Signal::KILL);
    assert!(starts_again(running.end(DEADLINE).code));

    let running = start(&[]);
    place.finds(&["pause", "life"]);
    manager.until("STATUS=Paused");
    let begun = Instant::now();
    while begun.elapsed() < WATCHDOG * 2 {
        manager.until("WATCHDOG=1");
    }
    place.finds(&["unpause", "life"]);
    manager.until("STATUS=Searching");
    running.signal(Signal::TERM);
    let code = running.end(DEADLINE).code;
    assert!(code == Some(143) && !starts_again(code));

    let before = candidates(&place);
    assert!(before > 0);
    let limit = (before + 200_000_000).to_string();
    let code = start(&["--candidates", &limit]).end(DEADLINE).code;
    assert!(code == Some(3) && !starts_again(code), "{code:?}");
    assert!(candidates(&place) >= before + 200_000_000);
}

#[test]
fn a_search_that_is_stopped_by_command_or_asks_for_nonsense_is_not_started_again() {
    assert!(
        [0, 2, 3, 4, 143]
            .iter()
            .all(|code| !starts_again(Some(*code)))
    );
    assert!([1, 5, 101].iter().all(|code| starts_again(Some(*code))));
}

#[test]
fn systemd_has_nothing_to_say_about_the_unit() {
    if !has("unit", "systemd-analyze", &["--version"]) {
        return;
    }
    let place = Place::new();
    let unit = include_str!("../../contrib/keygen@.service");
    assert!(unit.contains("ExecStart=/usr/local/bin/keygen --session %i $SEARCH\n"));
    let here = unit.replace("/usr/local/bin/keygen", env!("CARGO_BIN_EXE_keygen"));
    fs::write(place.path("keygen@.service"), here).unwrap();
    let output = Command::new("systemd-analyze")
        .args(["verify", "--man=no", "--recursive-errors=no"])
        .arg(place.path("keygen@night.service"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && !said.contains("keygen@"),
        "{said}"
    );
}
