//! Tools for assistants: an independent client on real searches, frames that are no messages, and a recovery step by step.

mod protocol;

use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::process::{Pid, Signal, kill_process};

use crate::common::program::{DEADLINE, Place, Run, end_of, has};
use crate::common::searches::{SEARCH, socket, status};
use crate::common::wait::wait_until;

/// A place whose processes in the background end with the test, however it ends.
struct Cleared(Place);

impl Drop for Cleared {
    fn drop(&mut self) {
        // Where none runs, none is to be stopped.
        let _ = self.0.command(&["stop", "--all"]).output();
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The client, which `.ci/run` installs; nothing where it is not there.
fn python(test: &str) -> Option<PathBuf> {
    let python = root().join("target/mcp/bin/python");
    has(test, python.to_str().unwrap(), &["-c", "import mcp"]).then_some(python)
}

/// Runs a script with the environment of the place.
fn script(place: &Place, python: &Path, script: &str, words: &[&str]) -> Run {
    let mut command = Command::new(python);
    command.arg(root().join(script)).args(words);
    for (name, value) in place.command(&[]).get_envs() {
        command.env(name, value.unwrap());
    }
    command
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    Run::from(end_of(command.spawn().unwrap(), DEADLINE))
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn an_independent_client_calls_every_tool_and_sees_no_private_key() {
    let Some(python) = python("tools for assistants") else {
        return;
    };
    let place = Cleared(Place::new());
    let (state, keys) = (place.0.path("state/meshcore-keygen"), place.0.keys());
    let nodes = place.0.write("nodes.txt", "A1B2C3\nD4E5F6\n");
    let program = env!("CARGO_BIN_EXE_keygen");
    let words = [program, text(&state), text(&keys), &nodes];
    let run = script(&place.0, &python, "tests/assistants/client.py", &words);
    assert_eq!(run.code, Some(0), "{}{}", run.out, run.err);
    assert!(run.out.contains("no private key"), "{}", run.out);
}

/// The id of the process of a session.
fn process(place: &Place, name: &str) -> u64 {
    status(place, name)["process"]["id"].as_u64().unwrap()
}

#[test]
fn a_search_that_is_stopped_or_killed_is_recovered_step_by_step() {
    let Some(python) = python("recovery by an assistant") else {
        return;
    };
    let place = Cleared(Place::new());
    place
        .0
        .finds(&[&SEARCH[..], &["--session", "night", "--background"]].concat());
    wait_until("the socket", || socket(&place.0, "night").exists());
    let program = env!("CARGO_BIN_EXE_keygen");
    let recover = || {
        let words = ["night", "--keygen", program, "--state-dir"];
        let state = place.0.path("state/meshcore-keygen");
        let words = [&words[..], &[text(&state), "--verify", "5"]].concat();
        let run = script(&place.0, &python, "contrib/recover.py", &words);
        assert_eq!(run.code, Some(0), "{}{}", run.out, run.err);
        run.out
    };
    let said = recover();
    assert!(
        said.starts_with("night: running, process healthy"),
        "{said}"
    );
    assert!(!said.contains("trying"), "{said}");
    for (fault, steps) in [
        (
            Signal::STOP,
            &["reclaim", "restart_workers", "restart_process"][..],
        ),
        (Signal::KILL, &["restart_process"]),
    ] {
        let before = process(&place.0, "night");
        let id = Pid::from_raw(i32::try_from(before).unwrap()).unwrap();
        kill_process(id, fault).unwrap();
        let said = recover();
        let tried: Vec<_> = said
            .lines()
            .filter_map(|line| line.strip_prefix("  trying "))
            .collect();
        assert_eq!(tried, steps, "{said}");
        assert!(said.contains("recovered by restart_process"), "{said}");
        assert_ne!(process(&place.0, "night"), before, "{said}");
    }
}

#[test]
fn options_that_can_not_be_used_are_refused_before_anything_is_read() {
    let place = Place::new();
    let file = place.write("file", "");
    for (words, said) in [
        (&["mcp", "--root", "."][..], "--allow-control"),
        (&["mcp", "--allow-control", "--root", "missing"], "--root"),
        (&["mcp", "--allow-control", "--root", &file], "not a folder"),
        (&["mcp", "--nodes", "-"], "--nodes -"),
    ] {
        let run = place.run(words);
        assert_eq!(run.code, Some(2), "{words:?}: {}", run.err);
        assert!(
            run.err.contains(said) && run.out.is_empty(),
            "{words:?}: {}",
            run.err
        );
    }
}
