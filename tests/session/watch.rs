//! `keygen watch` over real sessions: killed, stopped, gone; never two processes on one session.

use std::process::{Command, Stdio};
use std::time::Instant;

use crate::common::program::{DEADLINE, Place, Running};
use crate::common::searches::{SEARCH, folder, socket, status};
use crate::common::wait::wait_until;
use rustix::process::{Pid, Signal, kill_process};

/// A watch that looks every second, and the time at which it began.
fn watching(place: &Place, names: &[&str]) -> Running {
    let words = [&["watch"], names, &["--interval", "1s"]].concat();
    let mut running = Running::new(place.command(&words));
    running.read_until("Watching ");
    running
}

fn start(place: &Place, name: &str) -> u32 {
    let words = [&SEARCH[..], &["--session", name, "--background"]].concat();
    place.finds(&words);
    // It takes requests a moment after it said that it runs.
    wait_until("the socket", || socket(place, name).exists());
    process(place, name).unwrap()
}

/// The process that has the session now.
fn process(place: &Place, name: &str) -> Option<u32> {
    let status = status(place, name);
    let runs = status["state"] == "running";
    let id = status["process"]["id"].as_u64().filter(|_| runs)?;
    u32::try_from(id).ok()
}

fn signal(process: u32, signal: Signal) {
    kill_process(Pid::from_raw(process as i32).unwrap(), signal).unwrap();
}

/// A place whose processes in the background end with the test, however it ends.
struct Cleared(Place);

impl std::ops::Deref for Cleared {
    type Target = Place;

    fn deref(&self) -> &Place {
        &self.0
    }
}

impl Drop for Cleared {
    fn drop(&mut self) {
        // Where none runs, none is to be stopped.
        let _ = self.0.command(&["stop", "--all"]).output();
    }
}

/// Processes of this machine that search in this place.
fn searching(place: &Place) -> usize {
    let output = Command::new("ps")
        .args(["-eo", "stat,args"])
        .stderr(Stdio::null())
        .output()
        .unwrap();
    let folder = place.path("state/meshcore-keygen").display().to_string();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let is_one =
        |line: &&str| !line.starts_with('Z') && line.contains(" resume ") && line.contains(&folder);
    text.lines().filter(is_one).count()
}

#[test]
#[cfg_attr(not(feature = "history"), ignore = "without the feature history")]
fn a_session_whose_process_is_killed_goes_on_in_a_new_one() {
    let place = Cleared(Place::new());
    let first = start(&place, "t");
    let mut watch = watching(&place, &["t"]);
    let begin = Instant::now();
    signal(first, Signal::KILL);
    watch.read_until("t has lost its process");
    watch.read_until("t is back after");
    println!("killed: back after {:.1} s", begin.elapsed().as_secs_f64());
    let second = process(&place, "t").unwrap();
    assert_ne!(first, second);
    assert_eq!(searching(&place), 1);
    let two = place.run(&["watch", "t"]);
    assert_eq!(two.code, Some(2), "{}", two.err);
    assert!(
        two.err.contains("a watch is running already"),
        "{}",
        two.err
    );
    let seen = place.finds(&["watch", "status"]);
    assert!(
        seen.out.contains("A watch is running") && seen.out.contains("t: well"),
        "{}",
        seen.out
    );
    let alerts = place.finds(&["alert", "list", "--all", "--json"]);
    assert!(alerts.out.contains("session-dead"), "{}", alerts.out);
    watch.signal(Signal::TERM);
    assert_eq!(watch.end(DEADLINE).code, Some(143));
    place.finds(&["stop", "t"]);
}

#[test]
fn a_session_whose_process_is_stopped_is_woken_and_one_that_is_paused_is_left_alone() {
    let place = Cleared(Place::new());
    let process_id = start(&place, "t");
    let mut watch = watching(&place, &["t"]);
    let begin = Instant::now();
    signal(process_id, Signal::STOP);
    watch.read_until("t: waking its process");
    watch.read_until("t is back after");
    println!("stopped: back after {:.1} s", begin.elapsed().as_secs_f64());
    assert_eq!(process(&place, "t"), Some(process_id));
    place.finds(&["pause", "t"]);
    wait_until("the pause", || {
        place.finds(&["watch", "status"]).out.contains("t: paused")
    });
    place.finds(&["stop", "t"]);
    watch.signal(Signal::INT);
    let run = watch.end(DEADLINE);
    assert_eq!(run.code, Some(130), "{}", run.err);
    assert_eq!(run.err.matches("its process is").count(), 1, "{}", run.err);
}

#[test]
fn a_session_whose_folder_is_gone_is_said_and_others_are_looked_after() {
    let place = Cleared(Place::new());
    let gone = start(&place, "gone");
    let kept = start(&place, "kept");
    let mut watch = watching(&place, &["gone", "kept"]);
    // The search writes meanwhile, and a folder in which a file appears can't be removed.
    wait_until("the folder's end", || {
        std::fs::remove_dir_all(folder(&place, "gone")).is_ok()
    });
    watch.read_until("gone is gone: its folder does not exist");
    signal(kept, Signal::KILL);
    watch.read_until("kept is back after");
    signal(gone, Signal::TERM);
    place.finds(&["stop", "kept"]);
    watch.signal(Signal::TERM);
    assert_eq!(watch.end(DEADLINE).code, Some(143));
}

#[test]
fn the_list_of_watched_sessions_is_kept_and_bad_names_are_refused() {
    let place = Cleared(Place::new());
    let nothing = place.run(&["watch"]);
    assert_eq!(nothing.code, Some(2));
    assert!(nothing.err.contains("nothing to watch"), "{}", nothing.err);
    start(&place, "t");
    place.finds(&["stop", "t"]);
    assert_eq!(place.run(&["watch", "add", "x"]).code, Some(2));
    place.finds(&["watch", "add", "t"]);
    assert!(place.finds(&["watch", "list"]).out.starts_with("t\t"));
    assert_eq!(place.run(&["watch", "remove", "x"]).code, Some(2));
    place.finds(&["watch", "remove", "t"]);
    assert!(
        place
            .finds(&["watch", "list"])
            .out
            .contains("No session is watched")
    );
    let listed = place.finds(&["watch", "add", "t"]);
    assert!(listed.out.contains("next look"), "{}", listed.out);
    follows_its_list(&place);
    let wrong = place.run(&["watch", "t", "--interval", "0"]);
    assert_eq!(wrong.code, Some(2), "{}", wrong.err);
}

/// A watch that runs takes in what is added and removed.
fn follows_its_list(place: &Place) {
    let mut watch = watching(place, &[]);
    start(place, "u");
    place.finds(&["watch", "add", "u"]);
    watch.read_until("now watching t, u");
    place.finds(&["watch", "remove", "t"]);
    watch.read_until("now watching u");
    std::fs::write(place.path("state/meshcore-keygen/watch.json"), "rubbish").unwrap();
    watch.read_until("still watching u");
    watch.signal(Signal::TERM);
    assert_eq!(watch.end(DEADLINE).code, Some(143));
    std::fs::remove_file(place.path("state/meshcore-keygen/watch.json")).unwrap();
}
