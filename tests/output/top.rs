//! `keygen top` in a real terminal: what it shows, what its keys do, and that the terminal is left as it was.

use std::fs;

use crate::common::program::{Place, has};
use crate::common::searches::{SEARCH, status};
use crate::common::tmux::Tmux;
use crate::common::wait::{wait_for, wait_until};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};

/// A place whose processes in the background end with the test, however it ends.
struct Cleared(Place);

impl Drop for Cleared {
    fn drop(&mut self) {
        // Where none runs, none is to be stopped.
        let _ = self.0.command(&["stop", "--all"]).output();
    }
}

/// A place with a running search, or nothing where there is no tmux.
fn searching(test: &str) -> Option<Cleared> {
    if !has(test, "tmux", &["-V"]) {
        return None;
    }
    let place = Cleared(Place::new());
    place
        .0
        .finds(&[&SEARCH[..], &["--session", "night", "--background"]].concat());
    Some(place)
}

/// A terminal that shows a line, then the dashboard, and in the end its exit code and whether the terminal's settings are
/// what they were.
fn top(place: &Place, variables: &str, words: &str, size: (u16, u16)) -> Tmux {
    let state = place.path("state");
    let line = format!(
        "echo before; export XDG_STATE_HOME={} LC_ALL=C.UTF-8 RUST_BACKTRACE=0 {variables}; old=$(stty -a); \
         sh -c 'echo $$ > id; exec {} top {words}'; echo code=$?; [ \"$old\" = \"$(stty -a)\" ] && echo same; cat",
        state.display(),
        env!("CARGO_BIN_EXE_keygen")
    );
    Tmux::shell(place, &line, size)
}

/// The terminal after the end: what was there before is there again, the cursor too, and nothing of the dashboard.
fn is_restored(tmux: &Tmux, code: u8) -> String {
    let seen = tmux.until(&format!("code={code}"));
    tmux.until("same");
    assert!(
        seen.contains("before") && !seen.contains("keygen top:"),
        "{seen}"
    );
    let flags = tmux.run(&[
        "display-message",
        "-p",
        "#{alternate_on}#{cursor_flag}#{mouse_any_flag}",
    ]);
    assert_eq!(flags.trim(), "010");
    seen
}

#[test]
fn a_session_is_shown_resized_paused_and_resumed_and_the_terminal_is_left_as_it_was() {
    let Some(place) = searching("the dashboard") else {
        return;
    };
    let tmux = top(&place.0, "", "", (80, 24));
    let seen = tmux.until("prefix 01234567");
    assert!(
        seen.contains("keygen top: 1 session") && seen.contains("running"),
        "{seen}"
    );
    tmux.types(&["Enter"]);
    tmux.until("spot checks right");
    // the workers are there as soon as the supervisor has told of them
    for words in [
        "keygen top: night",
        "Chance",
        "Process",
        "worker  state",
        "q quit",
    ] {
        tmux.until(words);
    }
    tmux.run(&["resize-window", "-x", "40", "-y", "16"]);
    let seen = tmux.until("pause resume stop Restart");
    assert!(
        seen.lines().all(|line| line.chars().count() <= 40),
        "{seen}"
    );
    tmux.run(&["resize-window", "-x", "30", "-y", "8"]);
    tmux.until("needed");
    tmux.run(&["resize-window", "-x", "80", "-y", "24"]);
    tmux.until("keygen top: night");
    let is = |state: &str| status(&place.0, "night")["state"] == state;
    tmux.types(&["p"]);
    tmux.until("Pause night?");
    tmux.types(&["n"]);
    wait_until("no question", || !tmux.seen().contains("Pause night?"));
    assert!(is("running"));
    tmux.types(&["p", "y"]);
    tmux.until("night is paused");
    tmux.until("paused by command");
    assert!(is("paused"));
    tmux.types(&["r", "y"]);
    wait_until("the state running", || is("running"));
    tmux.types(&["R", "y"]);
    tmux.until("replaces worker 1");
    tmux.types(&["q"]);
    is_restored(&tmux, 0);
    assert!(is("running"));
}

#[test]
fn a_session_that_is_killed_and_one_that_is_stopped_are_shown_as_such() {
    let Some(place) = searching("the dashboard of a dead search") else {
        return;
    };
    let id = status(&place.0, "night")["process"]["id"].as_u64().unwrap();
    let tmux = top(&place.0, "", "night", (80, 24));
    tmux.until("spot checks right");
    kill_process(Pid::from_raw(id as i32).unwrap(), Signal::KILL).unwrap();
    tmux.until("interrupted");
    tmux.types(&["r", "y"]);
    tmux.until("in a new process");
    tmux.until("running");
    tmux.types(&["s", "y"]);
    tmux.until("finished (stopped)");
    tmux.types(&["C-c"]);
    is_restored(&tmux, 0);
}

#[test]
fn a_signal_and_a_panic_leave_the_terminal_as_it_was() {
    if !has("the end of the dashboard", "tmux", &["-V"]) {
        return;
    }
    let place = Place::new();
    let tmux = top(&place, "", "", (80, 24));
    tmux.until("There are no sessions");
    let id = wait_for("its id", || {
        fs::read_to_string(place.keys().join("id"))
            .ok()?
            .trim()
            .parse()
            .ok()
    });
    kill_process(Pid::from_raw(id).unwrap(), Signal::TERM).unwrap();
    is_restored(&tmux, 143);
    drop(tmux);
    let tmux = top(&place, "", "--panic", (80, 24));
    let seen = is_restored(&tmux, 101);
    assert!(seen.contains("as --panic asks"), "{seen}");
}

#[test]
fn without_colours_and_unicode_there_are_none() {
    let Some(place) = searching("the dashboard in ASCII") else {
        return;
    };
    let tmux = top(&place.0, "NO_COLOR=1 TERM=linux", "night", (80, 24));
    let seen = tmux.until("spot checks right");
    assert!(seen.is_ascii(), "{seen}");
    let raw = tmux.run(&["capture-pane", "-p", "-e"]);
    // 39 and 49 are what the terminal has without being asked.
    let codes = raw
        .split("\u{1b}[")
        .skip(1)
        .filter_map(|rest| rest.split_once('m'));
    let codes: Vec<_> = codes.flat_map(|(codes, _)| codes.split(';')).collect();
    let is_colour = |code: &&str| code.len() >= 2 && !["39", "49"].contains(code);
    assert!(!codes.iter().any(is_colour), "{codes:?}");
    tmux.types(&["q"]);
    is_restored(&tmux, 0);
}

#[test]
fn what_can_not_be_shown_is_refused_before_anything_is_drawn() {
    let place = Place::new();
    let run = place.run(&["top"]);
    assert_eq!(run.code, Some(2), "{}", run.err);
    assert!(
        run.err.contains("needs a terminal") && run.out.is_empty(),
        "{}",
        run.err
    );
    let run = place.run(&["top", "nobody"]);
    assert_eq!(run.code, Some(2), "{}", run.err);
    assert!(
        run.err.contains("there is no session \"nobody\""),
        "{}",
        run.err
    );
    if !has("a small terminal", "tmux", &["-V"]) {
        return;
    }
    let tmux = top(&place, "", "", (39, 30));
    let seen = is_restored(&tmux, 2).replace('\n', " ");
    assert!(seen.contains("39 columns"), "{seen}");
    drop(tmux);
    let tmux = top(&place, "TERM=dumb", "", (80, 24));
    let seen = is_restored(&tmux, 2);
    assert!(seen.contains("TERM=dumb"), "{seen}");
}

#[test]
fn a_terminal_that_goes_away_ends_it() {
    if !has("a terminal that goes away", "tmux", &["-V"]) {
        return;
    }
    let place = Place::new();
    let tmux = top(&place, "", "", (80, 24));
    tmux.until("There are no sessions");
    let id: i32 = wait_for("its id", || {
        fs::read_to_string(place.keys().join("id"))
            .ok()?
            .trim()
            .parse()
            .ok()
    });
    drop(tmux);
    wait_until("the end", || {
        test_kill_process(Pid::from_raw(id).unwrap()).is_err()
    });
}
