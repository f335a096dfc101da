//! Runs the program without a search, for black-box tests of the command line.

use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Runs `keygen` with these words in `folder`, which is also its home.
pub fn keygen_in(folder: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_keygen"))
        .args(words)
        .current_dir(folder)
        .env("HOME", folder)
        .env("XDG_STATE_HOME", folder.join("state"))
        .env("COLUMNS", "80")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

pub fn keygen(words: &[&str]) -> Output {
    keygen_in(tempfile::tempdir().unwrap().path(), words)
}

/// Standard output of a call that succeeds without a word on standard error.
pub fn prints(words: &[&str]) -> String {
    let output = keygen(words);
    assert_eq!(output.status.code(), Some(0), "{words:?}");
    assert!(output.stderr.is_empty(), "{words:?}");
    String::from_utf8(output.stdout).unwrap()
}
