//! Sessions and a history that an earlier version left: shown as they were, and continued where they stood.
//!
//! tests/data/session-f45168f/README.md says how they were made.

use std::fs;
use std::path::Path;

use rustix::process::Signal;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::common::program::{DEADLINE, Place, Run, hex, pairs};
use crate::common::searches::{folder, status};
use crate::common::wait::wait_until;

/// What the earlier version left, and where it was.
const LEFT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/session-f45168f");
const WAS_IN: &str = "/tmp/keygen-fixture";

/// The key that each session had announced.
const INTERRUPTED_KEY: &str = "abcdeff284f029e8c5953969ce1a995d143f8a7451da6ac14055fcca31664850";
const KILLED_KEY: &str = "f8ab074a0b94b2ca309f106d018727648613cb2174cd4c3ccb93bb54c1772ac6";

/// A copy in a new place, as if the earlier version had run there.
pub(super) fn left() -> Place {
    let place = Place::new();
    let state = place.path("state/meshcore-keygen");
    copy(&Path::new(LEFT).join("keys"), &place.keys());
    copy(&Path::new(LEFT).join("state"), &state);
    for session in ["interrupted", "killed"] {
        relocate(&place, session);
    }
    place
}

/// Copies the files of a folder and of those below it, readable by their owner only.
fn copy(from: &Path, to: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::create_dir_all(to).unwrap();
    fs::set_permissions(to, fs::Permissions::from_mode(0o700)).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, to) = entry.map(|e| (e.path(), to.join(e.file_name()))).unwrap();
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(&path, &to).unwrap();
            fs::set_permissions(&to, fs::Permissions::from_mode(0o600)).unwrap();
        }
    }
}

/// Puts this place's paths into what a session recorded, with the checksums and the length of the journal that follow.
fn relocate(place: &Place, session: &str) {
    let folder = folder(place, session);
    let here = place.path("");
    let here = here.to_str().unwrap().trim_end_matches('/');
    let edit = |name: &str, change: &dyn Fn(&str) -> String| {
        let text = fs::read_to_string(folder.join(name)).unwrap();
        let text = change(&text.replace(WAS_IN, here));
        fs::write(folder.join(name), &text).unwrap();
        text.len()
    };
    let was = fs::metadata(folder.join("journal")).unwrap().len();
    let is = edit("journal", &|text| text.lines().map(signed_line).collect());
    edit("session.json", &signed_file);
    for name in ["checkpoint.json", "checkpoint.previous"] {
        let was = format!("\"journal\":{was}");
        edit(name, &|text| {
            signed_file(&text.replace(&was, &format!("\"journal\":{is}")))
        });
    }
}

/// A line of a journal with the checksum of what it holds now.
pub(super) fn signed_line(line: &str) -> String {
    let (_, text) = line.split_once(' ').unwrap();
    format!("{} {text}\n", checksum(text))
}

/// A file of one line below its head, likewise.
pub(super) fn signed_file(text: &str) -> String {
    let (head, body) = text.split_once('\n').unwrap();
    let (kind, _) = head.rsplit_once(' ').unwrap();
    let body = body.trim_end();
    let summed = format!("{} {body}", kind.trim_start_matches("keygen-"));
    format!("{kind} {}\n{body}\n", checksum(&summed))
}

fn checksum(text: &str) -> String {
    hex(&Sha256::digest(text)[..8])
}

/// The public keys that a session's status lists.
fn keys(status: &Value) -> Vec<String> {
    let keys = status["keys"].as_array().unwrap();
    let public = |key: &Value| key["public_key"].as_str().unwrap().to_owned();
    keys.iter().map(public).collect()
}

/// Continues a session until it has made progress, and interrupts it.
fn resumed(place: &Place, session: &str) -> Run {
    let before = status(place, session)["candidates"].as_u64().unwrap();
    let running = place.start(place.command(&["resume", session, "--json"]));
    wait_until("progress", || {
        status(place, session)["candidates"].as_u64() > Some(before)
    });
    running.signal(Signal::INT);
    let run = running.end(DEADLINE);
    assert_eq!(run.code, Some(130), "{}", run.err);
    place.assert_secret(&run);
    run
}

#[test]
fn what_an_earlier_version_left_is_shown_as_it_was() {
    let place = left();
    let listed = place.finds(&["session", "list"]).out;
    assert!(
        listed.contains("interrupted: finished, stopped"),
        "{listed}"
    );
    assert!(listed.contains("killed: interrupted"), "{listed}");
    let interrupted = status(&place, "interrupted");
    assert_eq!(interrupted["candidates"], 971_226);
    assert_eq!(interrupted["working_seconds"], 2.447128837);
    assert_eq!(interrupted["limits"]["seconds"], 3600.0);
    assert_eq!(keys(&interrupted), [INTERRUPTED_KEY]);
    let file = place.keys().join("meshcore_ABCDEFF2.json");
    assert_eq!(interrupted["keys"][0]["files"][0], file.to_str().unwrap());
    let killed = status(&place, "killed");
    assert_eq!(killed["candidates"], 71_079_810);
    assert_eq!(killed["working_seconds"], 10.008808005);
    assert_eq!(killed["limits"]["candidates"], 1_000_000_000);
    assert_eq!(killed["warnings"].as_array().unwrap().len(), 1);
    assert_eq!(keys(&killed), [KILLED_KEY]);
    place.finds(&["key", "verify", file.to_str().unwrap()]);
}

#[test]
fn a_session_that_an_earlier_version_interrupted_continues_where_it_stood() {
    let place = left();
    let run = resumed(&place, "interrupted");
    assert!(
        !run.out.contains(INTERRUPTED_KEY),
        "announced again: {}",
        run.out
    );
    let now = status(&place, "interrupted");
    assert_eq!(now["runs"], 2);
    assert_eq!(now["pattern"], "prefix 0123456789ABCDEF or ABCDE");
    assert_eq!(now["limits"]["seconds"], 3600.0);
    assert!(now["limits"]["count"].is_null(), "{now}");
    assert!(now["candidates"].as_u64() > Some(971_226), "{now}");
    assert!(now["working_seconds"].as_f64() > Some(2.447128837), "{now}");
    let known = keys(&now);
    assert_eq!(
        known.iter().filter(|key| *key == INTERRUPTED_KEY).count(),
        1
    );
    assert_eq!(now["found"].as_u64(), Some(known.len() as u64), "{now}");
    for key in run.json().iter().filter(|said| said["kind"] == "found") {
        assert!(
            key["public_key"].as_str().unwrap().starts_with("abcde"),
            "{key}"
        );
    }
}

#[test]
fn a_session_that_was_killed_under_an_earlier_version_continues_from_its_checkpoint() {
    let place = left();
    let run = resumed(&place, "killed");
    assert!(
        !run.out.contains(KILLED_KEY),
        "announced again: {}",
        run.out
    );
    let now = status(&place, "killed");
    assert_eq!((&now["runs"], &now["found"]), (&2.into(), &0.into()));
    assert_eq!(now["pattern"], "prefix 0123456789ABCDEF");
    assert_eq!(now["limits"]["candidates"], 1_000_000_000);
    assert_eq!(now["limits"]["count"], 1);
    assert!(now["candidates"].as_u64() > Some(71_079_810), "{now}");
    assert!(
        now["working_seconds"].as_f64() > Some(10.008808005),
        "{now}"
    );
    // The watchlist wanted one key, and has it.
    assert_eq!(keys(&now), [KILLED_KEY]);
    assert_eq!(pairs(&place.keys()).len(), 2);
}

#[test]
#[cfg_attr(not(feature = "history"), ignore = "without the feature history")]
fn the_history_of_an_earlier_version_is_read_and_continued() {
    let place = left();
    let alerts = place.finds(&["alert", "list", "--all", "--json"]);
    let names: Vec<_> = alerts
        .json()
        .iter()
        .map(|alert| alert["alert_type"].clone())
        .collect();
    for name in ["found", "ended", "watched-found"] {
        assert!(names.contains(&name.into()), "{name}: {names:?}");
    }
    let words = ["--session", "new", "--prefix", "F8", "--json"];
    let run = place.finds(&words);
    assert!(!run.err.contains("history"), "{}", run.err);
    let report = ["health", "report", "--json", "--session", "new"];
    let report = place.finds(&report).json().remove(0);
    assert_eq!(report["runs"][0]["ending"], "found", "{report}");
}

/// tests/data/config-f45168f.toml was written by that version, and accepted by it.
#[test]
#[cfg_attr(
    not(all(feature = "history", feature = "metrics", feature = "network")),
    ignore = "without features that it sets"
)]
fn the_settings_of_an_earlier_version_mean_what_they_meant() {
    let place = Place::new();
    let text = include_str!("../data/config-f45168f.toml");
    let file = place.write("old.toml", text);
    let checked = place.finds(&["config", "check", &file]);
    assert!(
        checked.out.contains("72 settings, all fine"),
        "{}",
        checked.out
    );
    let shown = place.finds(&["config", "show", "--config", &file]).out;
    let secret = ["notify", "heartbeat-url", "on-found", "on-alert"];
    let mut section = String::new();
    for (number, line) in (1..).zip(text.lines()) {
        if let Some(name) = line.strip_prefix('[') {
            section = name.replace(']', ".");
        }
        let Some((name, value)) = line.split_once(" = ") else {
            continue;
        };
        let full = format!("{section}{name}");
        let row = shown
            .lines()
            .find(|row| row.split_whitespace().next() == Some(&full));
        let row = row.unwrap_or_else(|| panic!("{name} is not shown"));
        assert!(row.ends_with(&format!("old.toml:{number}")), "{row}");
        assert!(
            secret.contains(&name) || row.contains(value.trim_matches('"')),
            "{row}"
        );
    }
}
