//! Runs the real program in a place of its own and reads what it printed and saved, for black-box tests.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Output, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

pub use crate::common::wait::DEADLINE;

/// A prefix that no test lives to see.
pub const NEVER: &str = "0123456789ABCDEF";

/// A folder for keys and a home, both new and both gone when the test ends.
pub struct Place {
    root: tempfile::TempDir,
}

/// A program that has ended.
pub struct Run {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// A program that still runs, with the standard error that was read so far.
pub struct Running {
    child: Child,
    err: BufReader<ChildStderr>,
    said: String,
}

/// A key as its files have it.
#[derive(Clone)]
pub struct Pair {
    pub public: [u8; 32],
    pub private: [u8; 64],
    pub file: PathBuf,
}

impl Place {
    pub fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("keys")).unwrap();
        fs::create_dir(root.path().join("home")).unwrap();
        Self { root }
    }

    /// The folder for keys, also the current folder of every run.
    pub fn keys(&self) -> PathBuf {
        self.root.path().join("keys")
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// Writes a file beside the folder for keys and gives its path as an argument.
    pub fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        fs::write(&path, contents).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// The program with these words, through `wrapper` (such as `nohup`) if that is not empty.
    pub fn wrapped(&self, wrapper: &[&str], words: &[&str]) -> Command {
        let all = [wrapper, &[env!("CARGO_BIN_EXE_keygen")], words].concat();
        let mut command = Command::new(all[0]);
        command
            .args(&all[1..])
            .current_dir(self.keys())
            .env("HOME", self.path("home"))
            .env("XDG_STATE_HOME", self.path("state"))
            .env("COLUMNS", "200")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub fn command(&self, words: &[&str]) -> Command {
        self.wrapped(&[], words)
    }

    /// Runs the program to its end. No private key that it saved may show in what it printed.
    pub fn run(&self, words: &[&str]) -> Run {
        self.finish(self.command(words))
    }

    /// Likewise, and it must end with 0.
    pub fn finds(&self, words: &[&str]) -> Run {
        let run = self.run(words);
        assert_eq!(run.code, Some(0), "{words:?}: {}", run.err);
        run
    }

    pub fn finish(&self, mut command: Command) -> Run {
        let run = Run::from(end_of(command.spawn().unwrap(), DEADLINE));
        self.assert_secret(&run);
        run
    }

    /// Starts a search and returns when it has said so.
    pub fn start(&self, command: Command) -> Running {
        let mut running = Running::new(command);
        running.read_until("Searching for");
        running
    }

    /// No private key in any file of this place may show in what a run printed.
    pub fn assert_secret(&self, run: &Run) {
        let text = (run.out.clone() + &run.err).to_lowercase();
        for folder in [self.keys(), self.path("state/meshcore-keygen/rescued")] {
            // Another run may be between moving a private key and moving its public key.
            for file in private_files(&folder) {
                for half in private_key(&file).chunks(32) {
                    assert!(!text.contains(&hex(half)), "a private key was printed");
                }
            }
        }
    }

    /// The keys in the folder for keys; also checks that every file is readable only by its owner.
    pub fn pairs(&self) -> Vec<Pair> {
        pairs(&self.keys())
    }

    /// The names in the folder for keys, sorted.
    pub fn names(&self) -> Vec<String> {
        names(&self.keys())
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Run {
    /// Standard output as JSON lines.
    pub fn json(&self) -> Vec<Value> {
        let read = |line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"));
        self.out.lines().map(read).collect()
    }

    /// The last line, which must be the summary.
    pub fn summary(&self) -> Value {
        let last = self.json().pop().unwrap();
        assert_eq!(last["kind"], "summary", "{last}");
        last
    }

    /// The lines of keys: public key and file.
    pub fn lines(&self) -> Vec<(String, PathBuf)> {
        let split = |line: &str| {
            let (public, file) = line.split_once('\t').unwrap();
            (public.to_owned(), PathBuf::from(file))
        };
        self.out.lines().map(split).collect()
    }

    /// The public keys that were printed as lines.
    pub fn publics(&self) -> Vec<String> {
        self.lines().into_iter().map(|(public, _)| public).collect()
    }
}

impl Running {
    pub fn new(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let err = BufReader::new(child.stderr.take().unwrap());
        let said = String::new();
        Self { child, err, said }
    }

    /// Reads standard error up to a line with these words; the end of it before that is a failure.
    pub fn read_until(&mut self, words: &str) {
        loop {
            let start = self.said.len();
            let read = self.err.read_line(&mut self.said).unwrap();
            assert!(read > 0, "it ended without {words:?}: {}", self.said);
            if self.said[start..].contains(words) {
                return;
            }
        }
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// What it said on standard error so far.
    pub fn said(&self) -> &str {
        &self.said
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What follows until the end, which must come within `limit`.
    pub fn end(self, limit: Duration) -> Run {
        let Self {
            child,
            mut err,
            mut said,
        } = self;
        let reader = thread::spawn(move || {
            err.read_to_string(&mut said).unwrap();
            said
        });
        let mut run = Run::from(end_of(child, limit));
        run.err = reader.join().unwrap();
        run
    }
}

/// Waits for a child; ends it and fails when it takes longer than `limit`.
pub fn end_of(child: Child, limit: Duration) -> Output {
    let pid = Pid::from_child(&child);
    let (sender, receiver) = channel();
    thread::spawn(move || sender.send(child.wait_with_output()));
    let Ok(output) = receiver.recv_timeout(limit) else {
        kill_process(pid, Signal::KILL).unwrap();
        panic!("the program did not end within {limit:?}");
    };
    output.unwrap()
}

/// The keys in the files of a folder, of either format; none in a folder that does not exist.
pub fn pairs(folder: &Path) -> Vec<Pair> {
    private_files(folder).into_iter().map(read_pair).collect()
}

/// The files with private keys in a folder, sorted.
fn private_files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let private = |path: &PathBuf| name(path).ends_with("_private.txt");
    let json = |path: &PathBuf| name(path).ends_with(".json");
    let is_other = |path: &PathBuf| name(path).starts_with('.') || name(path).starts_with("claim_");
    let wanted = |path: &PathBuf| !is_other(path) && (private(path) || json(path));
    paths.into_iter().filter(wanted).collect()
}

fn read_pair(file: PathBuf) -> Pair {
    let public = match json_in(&file) {
        Some(value) => hex_field(&value, "public_key"),
        None => {
            let public = file.to_str().unwrap();
            line_of(&fs::read_to_string(public.replace("_private.txt", "_public.txt")).unwrap())
        }
    };
    Pair {
        public: unhex(&public).try_into().unwrap(),
        private: private_key(&file),
        file,
    }
}

fn private_key(file: &Path) -> [u8; 64] {
    let private = match json_in(file) {
        Some(value) => hex_field(&value, "private_key"),
        None => line_of(&fs::read_to_string(file).unwrap()),
    };
    unhex(&private).try_into().unwrap()
}

fn json_in(file: &Path) -> Option<Value> {
    let is_json = file.extension().unwrap() == "json";
    is_json.then(|| serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap())
}

fn hex_field(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap().to_lowercase()
}

/// The one lower-case line of a text file.
fn line_of(text: &str) -> String {
    let line = text.strip_suffix('\n').unwrap();
    assert_eq!(line, line.to_lowercase());
    line.to_owned()
}

pub fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().map(|c| c.to_digit(16).unwrap()).collect();
    digits
        .chunks(2)
        .map(|two| (two[0] * 16 + two[1]) as u8)
        .collect()
}

/// Whether a program can be run here; if not, says which test is skipped.
pub fn has(test: &str, program: &str, words: &[&str]) -> bool {
    let mut command = Command::new(program);
    let command = command
        .args(words)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let works = command.status().is_ok_and(|status| status.success());
    if !works {
        eprintln!(
            "skipped: {test}: {program} {} does not work here",
            words.join(" ")
        );
    }
    works
}
