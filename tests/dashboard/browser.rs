//! The page in a real browser, Chromium without a window: what it shows, how it is used by keyboard and on a phone, in the
//! dark, by whoever does not see it; and what it says of a search that is gone. Pictures are left in target/dashboard.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use rustix::process::Signal;

use super::search;
use crate::common::program::{DEADLINE, Place, Running, has};

/// A browser that is told what to do.
struct Browser {
    child: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Browser {
    /// A browser, where there is one.
    fn start(test: &str) -> Option<Self> {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let modules = root.join("target/browser/node_modules");
        let pictures = root.join("target/dashboard");
        let playwright = modules.join("playwright-core/package.json");
        if !has(test, "chromium", &["--version"])
            || !has(test, "node", &["--version"])
            || !has(test, "test", &["-f", playwright.to_str().unwrap()])
        {
            return None;
        }
        std::fs::create_dir_all(&pictures).unwrap();
        let mut child = Command::new("node")
            .arg(root.join("tests/dashboard/browser.mjs"))
            .args([&modules, &path_of("chromium"), &pictures])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Some(Self {
            commands: child.stdin.take().unwrap(),
            answers: BufReader::new(child.stdout.take().unwrap()),
            child,
        })
    }

    /// Has it do these things, one after the other; each must go well.
    fn does(&mut self, commands: &[&str]) {
        for command in commands {
            writeln!(self.commands, "{command}").unwrap();
            let mut answer = String::new();
            self.answers.read_line(&mut answer).unwrap();
            assert_eq!(answer.trim(), "ok", "{command}");
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It closes the browser when there are no more commands; a test that fails does not wait for it.
        let _ = self.child.kill();
    }
}

/// Where a program is that can be run.
fn path_of(program: &str) -> PathBuf {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let mut paths = std::env::split_paths(&folders).map(|folder| folder.join(program));
    paths.find(|path| path.is_file()).unwrap()
}

#[test]
fn the_page_shows_the_search_and_acts_on_it_in_a_real_browser() {
    let test = "the_page_shows_the_search_and_acts_on_it_in_a_real_browser";
    let Some(mut browser) = Browser::start(test) else {
        return;
    };
    let place = Place::new();
    let (running, at, token) = search(
        &place,
        &[
            "--dashboard-control",
            "--on-alert",
            "true",
            "--interval",
            "1",
            "--backend",
            "portable",
        ],
    );
    let link = format!("open http://{at}/?token={token}");
    browser.does(&[
        &link,
        "see #what night: prefix 0123456789ABCDEF",
        "see #state running",
        "moves #facts",
        "see #chance-text From now: 50 %",
        "see #checks-text expected",
        "see #workers /s",
        "see #past-text rate between",
        "moves #live-text",
        "shot light 1280 900 light",
        "axe",
        "shot dark 1280 900 dark",
        "axe",
        "shot phone 390 844 light",
        "fits",
        "axe",
        "shot phone-dark 320 640 dark",
        "fits",
        "shot light 1280 900 light",
        "choose Pause no",
        "see #state running",
        "choose Pause yes",
        "see #answer The search is paused.",
        "see #state paused",
        "see #sent --on-alert:",
        "see #sent sent, the latest:",
        "choose Continue yes",
        "see #state running",
        "choose Restart worker 1 yes",
        "see #answer Replaces worker 1",
        "choose Full check yes",
        "see #answer known answers right",
        "foreign",
        "see #state running",
        "clean",
        "breaks",
    ]);
    running.signal(Signal::KILL);
    running.end(DEADLINE);
    browser.does(&[
        "see #gone This is the last picture",
        "see #state running",
        "shot gone 1280 900 light",
    ]);
    let mut again =
        Running::new(place.command(&["resume", "night", "--dashboard", "--dashboard-control"]));
    again.read_until("Searching for");
    browser.does(&[
        "hidden #gone",
        "moves #facts",
        "choose Stop yes",
        "see #gone The search has ended.",
    ]);
    assert_eq!(again.end(DEADLINE).code, Some(4));
    ended(&place, &mut browser);
}

/// A session that ended, on the page for all sessions: it is continued there, also after its process was stopped.
fn ended(place: &Place, browser: &mut Browser) {
    let command = place.command(&["dashboard", "--dashboard-control"]);
    let child = command_out(command);
    let (link, mut child, _out) = child;
    browser.does(&[
        &format!("open {link}"),
        "see #state finished",
        "see #reason stopped",
        "fits",
        "choose Continue yes",
        "see #answer continues in a new process",
        "see #state running",
    ]);
    let status = place.command(&["status", "night", "--json"]).output();
    let status: serde_json::Value = serde_json::from_slice(&status.unwrap().stdout).unwrap();
    let id = i32::try_from(status["process"]["id"].as_u64().unwrap()).unwrap();
    let process = rustix::process::Pid::from_raw(id).unwrap();
    rustix::process::kill_process(process, Signal::STOP).unwrap();
    browser.does(&[
        "see #state paused",
        "see #alerts its process does not answer",
        "axe",
        "choose Continue yes",
        "see #answer continues: its process was stopped",
        "see #state running",
        "choose Stop yes",
        "see #state finished",
    ]);
    child.kill().unwrap();
    child.wait().unwrap();
}

/// The link that `keygen dashboard` printed on standard output, which stays open: it has more to say.
fn command_out(mut command: Command) -> (String, Child, BufReader<ChildStdout>) {
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut line).unwrap();
    let (_, link) = line.trim().split_once(": ").unwrap();
    (link.to_owned(), child, out)
}
