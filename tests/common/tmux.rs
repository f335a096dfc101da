//! A real terminal, which tmux emulates, on a server of its own that ends with the test.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::common::program::Place;
use crate::common::wait::wait_for;

pub struct Tmux(String);

impl Tmux {
    /// Starts the program with these words; the terminal stays when it has ended.
    pub fn start(place: &Place, words: &str) -> Self {
        let line = format!(
            "{} {words}; echo code=$?; cat",
            env!("CARGO_BIN_EXE_keygen")
        );
        Self::shell(place, &line, (100, 30))
    }

    /// Starts a shell with this line in a terminal of so many columns and lines.
    pub fn shell(place: &Place, line: &str, size: (u16, u16)) -> Self {
        // a socket of its own: a server that ends could still hold that of the one before
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let socket = format!("tmux-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let tmux = Self(place.path(&socket).to_str().unwrap().to_owned());
        let (columns, lines) = (size.0.to_string(), size.1.to_string());
        let folder = place.keys();
        let folder = folder.to_str().unwrap();
        let words = [
            "new-session",
            "-d",
            "-x",
            &columns,
            "-y",
            &lines,
            "-c",
            folder,
            line,
        ];
        tmux.run(&words);
        tmux
    }

    /// Gives tmux a command, and returns what it prints.
    pub fn run(&self, words: &[&str]) -> String {
        let mut command = Command::new("tmux");
        command
            .args(["-u", "-f", "/dev/null", "-S", &self.0])
            .args(words);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Types keys, by tmux's names.
    pub fn types(&self, keys: &[&str]) {
        self.run(&[&["send-keys"], keys].concat());
    }

    /// What can be seen.
    pub fn seen(&self) -> String {
        self.run(&["capture-pane", "-p"])
    }

    /// What can be seen once these words are there.
    pub fn until(&self, words: &str) -> String {
        wait_for(words, || {
            Some(self.seen()).filter(|seen| seen.contains(words))
        })
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let mut command = Command::new("tmux");
        let _ = command.args(["-S", &self.0, "kill-server"]).status();
    }
}
