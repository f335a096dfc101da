//! A folder that is full, read-only or gone: noticed at the start, and later no key is lost.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::common::program::{self, DEADLINE, Place, Run, hex, pairs};

/// Runs the program with a small disk of its own as the folder for keys, which nobody else sees.
fn on_small_disk(test: &str, options: &str, words: &[&str]) -> Option<(Place, Run)> {
    if !program::has(
        test,
        "unshare",
        &["-m", "mount", "-t", "tmpfs", "none", "/tmp"],
    ) {
        return None;
    }
    let place = Place::new();
    let script = "mount -t tmpfs -o \"$1\" none \"$2\" && cd / && shift 2 && { \"$@\"; code=$?; ls -A \"$OUT\" >&2; exit $code; }";
    let disk = place.keys();
    let disk = disk.to_str().unwrap();
    let wrapper = ["unshare", "-m", "sh", "-c", script, "sh", options, disk];
    let mut command = place.wrapped(&wrapper, &[words, &["--output", disk]].concat());
    command.env("OUT", disk);
    let run = place.finish(command);
    Some((place, run))
}

#[test]
fn when_the_disk_fills_up_keys_go_to_a_fallback_folder_and_none_is_lost() {
    // On so small a disk a search that is not over soon would pause until there is room.
    let words = ["--prefix", "A", "-n", "120", "--disk-pause", "0"];
    let Some((place, run)) = on_small_disk("a disk that fills up", "size=400k", &words) else {
        return;
    };
    assert_eq!(run.code, Some(6), "{}", run.err);
    let state = place.path("state/meshcore-keygen/rescued");
    let rescued = pairs(&state);
    assert!(
        !rescued.is_empty() && rescued.len() < 120,
        "{}",
        rescued.len()
    );
    assert!(run.err.contains(state.to_str().unwrap()), "{}", run.err);
    assert_eq!(
        state.metadata().unwrap().permissions().mode() & 0o777,
        0o700
    );
    let printed = run.publics();
    assert_eq!(printed.iter().collect::<HashSet<_>>().len(), 120);
    assert!(
        rescued
            .iter()
            .all(|pair| printed.contains(&hex(&pair.public)))
    );
    let left = |end: &str| run.err.lines().filter(|line| line.ends_with(end)).count();
    assert_eq!(
        left("_private.txt") - rescued_warnings(&run),
        120 - rescued.len()
    );
    assert_eq!(left(".tmp"), 0, "{}", run.err);
}

/// Lines of standard error that end as a file's name does but are no lines of the listing.
fn rescued_warnings(run: &Run) -> usize {
    let is_other = |line: &&str| line.ends_with("_private.txt") && !line.starts_with("meshcore_");
    run.err.lines().filter(is_other).count()
}

#[test]
fn a_disk_that_is_full_at_the_start_ends_with_2() {
    let Some((_, run)) = on_small_disk("a full disk", "size=4k", &["--prefix", "A"]) else {
        return;
    };
    assert_eq!((run.code, run.out.as_str()), (Some(2), ""), "{}", run.err);
    assert!(run.err.contains("full"), "{}", run.err);
}

#[test]
fn a_read_only_folder_ends_with_2_before_any_work() {
    let Some((_, run)) = on_small_disk("a read-only disk", "ro,size=1m", &["--prefix", "A"]) else {
        return;
    };
    assert_eq!((run.code, run.out.as_str()), (Some(2), ""), "{}", run.err);
    assert!(run.err.to_lowercase().contains("read-only"), "{}", run.err);
}

#[test]
fn a_folder_that_vanishes_sends_later_keys_to_the_fallback_folder() {
    let place = Place::new();
    let running = place.start(place.command(&["--prefix", "B00B5", "-n", "40"]));
    fs::rename(place.keys(), place.path("elsewhere")).unwrap();
    let run = running.end(DEADLINE);
    place.assert_secret(&run);
    assert_eq!(run.code, Some(6), "{}", run.err);
    let rescued = pairs(&place.path("state/meshcore-keygen/rescued"));
    let before = pairs(&place.path("elsewhere"));
    assert_eq!((rescued.len() + before.len(), run.lines().len()), (40, 40));
    assert!(run.err.contains("fallback folder"), "{}", run.err);
}

#[test]
fn without_a_state_folder_keys_go_home() {
    let place = Place::new();
    let mut command = place.command(&["--prefix", "B00B5", "-n", "40"]);
    command.env("XDG_STATE_HOME", "/dev/null/state");
    let running = place.start(command);
    fs::rename(place.keys(), place.path("elsewhere")).unwrap();
    let run = running.end(DEADLINE);
    assert_eq!(run.code, Some(6), "{}", run.err);
    let saved = pairs(&place.path("home")).len() + pairs(&place.path("elsewhere")).len();
    assert_eq!(saved, 40);
}

#[test]
fn a_folder_that_cannot_take_keys_ends_with_2_and_nothing_is_written() {
    let place = Place::new();
    let file = place.write("file", "");
    let below = format!("{file}/below");
    for folder in [file.as_str(), &below, "/proc/keys-of-a-test", ""] {
        let run = place.run(&["--prefix", "F8", "--output", folder]);
        assert_eq!(
            (run.code, run.out.as_str()),
            (Some(2), ""),
            "{folder}: {}",
            run.err
        );
    }
    assert!(place.names().is_empty());
}

#[test]
fn a_key_whose_name_is_taken_gets_the_next_number_and_nothing_is_overwritten() {
    let place = Place::new();
    for byte in 0..=255 {
        let name = format!("meshcore_ABCDEF{byte:02X}_public.txt");
        fs::write(place.keys().join(name), "taken").unwrap();
    }
    let run = place.run(&["--prefix", "ABCDEF", "--json"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    let run = place.run(&["--prefix", "ABCDEF"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    let names = place.names();
    let second = |end: &str| names.iter().filter(|name| name.ends_with(end)).count();
    let of_text = second("-2_private.txt") + second("-3_private.txt");
    assert_eq!((second("-2.json"), of_text), (1, 1), "{names:?}");
    assert_eq!(second("-2_public.txt") + second("-3_public.txt"), 1);
    let taken = fs::read(place.keys().join("meshcore_ABCDEF00_public.txt"));
    assert_eq!(taken.unwrap(), b"taken");
    assert_eq!(names.len(), 256 + 3);
}
