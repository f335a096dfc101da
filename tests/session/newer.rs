//! What a newer version wrote is refused with words, and left as it was.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::earlier::{left, signed_file, signed_line};
use crate::common::program::Place;
use crate::common::searches::folder;

/// Every file below a folder, but for locks, which every command takes.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else if path.file_name().is_some_and(|name| name != "lock") {
            all.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    all
}

/// Makes a file of the session "killed" one of the next version, whole by its checksum.
fn raise(place: &Place, name: &str) {
    let path = folder(place, "killed").join(name);
    let text = fs::read_to_string(&path).unwrap();
    let newer = match name {
        "journal" => {
            let newer = text.replace("{\"v\":1,", "{\"v\":2,");
            newer.lines().map(signed_line).collect()
        }
        _ => signed_file(&text.replacen(" 1 ", " 2 ", 1)),
    };
    assert_ne!(newer, text);
    fs::write(path, newer).unwrap();
}

#[test]
fn a_session_of_a_newer_version_is_refused_and_left_as_it_was() {
    for name in ["session.json", "checkpoint.json", "journal"] {
        let place = left();
        raise(&place, name);
        let session = folder(&place, "killed");
        let (state, keys) = (files(&session), files(&place.keys()));
        for words in [
            &["resume", "killed"][..],
            &["--session", "killed", "--prefix", "0123456789ABCDEF"],
            &["session", "check", "killed"],
        ] {
            let run = place.run(words);
            assert!(
                matches!(run.code, Some(1 | 2)) && run.err.contains("newer keygen")
                    || run.out.contains("newer keygen"),
                "{name}: {words:?}: {:?} {} {}",
                run.code,
                run.out,
                run.err
            );
            assert!(
                files(&session) == state,
                "{name}: {words:?} changed the session"
            );
            assert!(
                files(&place.keys()) == keys,
                "{name}: {words:?} changed keys"
            );
        }
        // The others in the same folder are not hurt by it.
        let other = place.finds(&["status", "interrupted"]);
        assert!(other.out.contains("interrupted"), "{}", other.out);
    }
}

#[cfg(feature = "history")]
#[test]
fn a_history_of_a_newer_version_is_refused_and_left_as_it_was() {
    let place = left();
    let path = place.path("state/meshcore-keygen/history.db");
    let database = rusqlite::Connection::open(&path).unwrap();
    database
        .pragma_update(None, "journal_mode", "DELETE")
        .unwrap();
    database.pragma_update(None, "user_version", 99).unwrap();
    drop(database);
    let was = fs::read(&path).unwrap();
    for words in [
        &["health", "report"][..],
        &["alert", "list"],
        &["--session", "new", "--prefix", "F8"],
    ] {
        let run = place.run(words);
        assert_eq!(run.code, Some(2), "{words:?}: {}", run.err);
        assert!(run.err.contains("newer keygen"), "{words:?}: {}", run.err);
        assert!(fs::read(&path).unwrap() == was, "{words:?} changed it");
    }
    assert!(!folder(&place, "new").exists());
}

#[test]
fn a_setting_of_a_newer_version_is_refused_by_its_name() {
    let place = Place::new();
    let file = place.write("new.toml", "workers = 1\nteleport = true\n");
    for words in [
        &["config", "check", &file][..],
        &["--config", &file, "--prefix", "F8"],
    ] {
        let run = place.run(words);
        assert_eq!(run.code, Some(2), "{words:?}: {}", run.err);
        assert!(run.err.contains("new.toml:2"), "{}", run.err);
        assert!(run.err.contains("teleport"), "{}", run.err);
    }
    assert!(place.names().is_empty());
}
