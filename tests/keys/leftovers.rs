//! What a killed run leaves behind is put right by the next run in that folder, and no whole key is lost.

use std::collections::HashSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use crate::common::program::{self, DEADLINE, Pair, Place, end_of, hex};
use rustix::process::{Pid, Signal, kill_process};

/// Gives a file the name that it had before it was moved into place.
fn take_back(file: &Path) -> PathBuf {
    let name = file.file_name().unwrap().to_str().unwrap();
    let left = file.with_file_name(format!(".{name}.0123456789abcdef.tmp"));
    fs::rename(file, &left).unwrap();
    left
}

fn public_file(pair: &Pair) -> PathBuf {
    let private = pair.file.to_str().unwrap();
    private.replace("_private.txt", "_public.txt").into()
}

/// One key in a place, saved.
fn one_key() -> (Place, Pair) {
    let place = Place::new();
    place.finds(&["--prefix", "F8"]);
    let pair = place.pairs().remove(0);
    (place, pair)
}

/// A further run there, and what it saved or put right: a key that begins with A1 is its own.
fn next_run(place: &Place) -> (program::Run, Vec<Pair>) {
    let run = place.finds(&["--prefix", "A1"]);
    assert!(place.names().iter().all(|name| !name.starts_with('.')));
    let others = place.pairs().into_iter().filter(|p| p.public[0] != 0xa1);
    (run, others.collect())
}

#[test]
fn a_whole_key_is_saved_and_said_but_not_counted() {
    let (place, pair) = one_key();
    take_back(&pair.file);
    take_back(&public_file(&pair));
    let (run, others) = next_run(&place);
    assert_eq!(others.len(), 1);
    assert_eq!(others[0].private, pair.private);
    assert!(run.err.contains("A run that was killed"), "{}", run.err);
    assert!(run.err.contains(pair.file.to_str().unwrap()), "{}", run.err);
    assert_eq!(run.lines().len(), 1);
    let file = pair.file.to_str().unwrap();
    assert_eq!(place.run(&["key", "verify", file]).code, Some(0));
}

#[test]
fn a_pair_of_which_one_file_was_moved_is_completed() {
    let (place, pair) = one_key();
    take_back(&public_file(&pair));
    let (run, others) = next_run(&place);
    assert_eq!(others[0].private, pair.private);
    assert!(run.err.contains("without its public key"), "{}", run.err);
}

#[test]
fn half_of_a_key_is_removed_and_said() {
    let (place, pair) = one_key();
    let left = take_back(&pair.file);
    fs::remove_file(public_file(&pair)).unwrap();
    let text = fs::read(&left).unwrap();
    fs::write(&left, &text[..100]).unwrap();
    let (run, others) = next_run(&place);
    assert!(others.is_empty());
    assert!(run.err.contains("half of a key"), "{}", run.err);
}

/// Kills a flood of keys after so many announcements, and gives what was announced.
fn killed_after(place: &Place, lines: usize) -> Vec<String> {
    let mut command = place.command(&["--prefix", "A", "-n", "all"]);
    command.stderr(std::process::Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut reader = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut said: Vec<_> = reader.by_ref().take(lines).map(Result::unwrap).collect();
    kill_process(Pid::from_child(&child), Signal::KILL).unwrap();
    end_of(child, DEADLINE);
    // What was still in the pipe; the last line may be cut.
    said.extend(reader.map_while(Result::ok));
    said.retain(|line| line.contains("_private.txt"));
    said.into_iter()
        .map(|line| line.split('\t').next().unwrap().to_owned())
        .collect()
}

#[test]
fn kills_at_any_moment_lose_no_announced_key_and_leave_nothing_behind() {
    let place = Place::new();
    let mut announced = HashSet::new();
    for round in 0..15 {
        announced.extend(killed_after(&place, 1 + 7 * round % 20));
    }
    let (_, others) = next_run(&place);
    let saved: HashSet<_> = others.iter().map(|pair| hex(&pair.public)).collect();
    assert!(announced.len() >= 15);
    let lost: Vec<_> = announced.difference(&saved).collect();
    // The last run's own key begins with A1, and so may some of the others.
    let lost = lost.iter().filter(|public| !public.starts_with("a1"));
    assert_eq!(lost.count(), 0);
    let private = place
        .names()
        .iter()
        .filter(|n| n.contains("_private"))
        .count();
    assert_eq!(place.names().len(), 2 * private, "every key has both files");
}

#[test]
fn a_run_beside_another_leaves_its_files_alone() {
    let place = Place::new();
    let running = place.start(place.command(&["--prefix", "B", "-n", "all"]));
    for _ in 0..10 {
        let run = place.finds(&["--prefix", "A"]);
        assert!(!run.err.contains("killed"), "{}", run.err);
    }
    running.signal(Signal::INT);
    let run = running.end(DEADLINE);
    assert_eq!(run.code, Some(130), "{}", run.err);
    let saved: HashSet<_> = place.pairs().iter().map(|p| hex(&p.public)).collect();
    assert!(run.publics().iter().all(|public| saved.contains(public)));
    assert!(!run.err.contains("fallback"), "{}", run.err);
}
