//! Key files: named, whole, never overwritten, and somewhere else when the chosen folder fails.

use std::{collections::HashSet, fs, io, path::PathBuf};

use crate::common::key_samples::{SaveKey, eight_digits, key, names, store};
use meshcore_keygen::testing::key::{
    KeyFormat, Label, PrivateKey, Store, hex,
    store::{ProbeError, SaveError},
    verify::check,
};

#[test]
fn a_text_pair_holds_one_lower_case_line_each() {
    let folder = tempfile::tempdir().unwrap();
    let key = key(0);
    let saved = store(folder.path(), KeyFormat::Text)
        .save(&key, &Label::Found)
        .unwrap();
    let digits = eight_digits(&key);
    let names = [
        format!("meshcore_{digits}_private.txt"),
        format!("meshcore_{digits}_public.txt"),
    ];
    assert_eq!(saved.files, names.map(|name| folder.path().join(name)));
    assert_eq!(saved.private_file(), saved.files[0]);
    let private = key.private().hex();
    assert_eq!(
        fs::read_to_string(&saved.files[0]).unwrap(),
        format!("{}\n", private.expose())
    );
    assert_eq!(
        fs::read_to_string(&saved.files[1]).unwrap(),
        format!("{}\n", hex::encode(key.public()))
    );
    assert!(!saved.fallback && saved.trouble.is_empty());
}

#[test]
fn a_json_file_holds_what_the_app_imports() {
    let folder = tempfile::tempdir().unwrap();
    let key = key(0);
    let saved = store(folder.path(), KeyFormat::Json)
        .save(&key, &Label::Found)
        .unwrap();
    assert_eq!(
        saved.files,
        [folder
            .path()
            .join(format!("meshcore_{}.json", eight_digits(&key)))]
    );
    let value: serde_json::Value =
        serde_json::from_slice(&fs::read(&saved.files[0]).unwrap()).unwrap();
    let expected = serde_json::json!({
        "public_key": hex::encode(key.public()),
        "private_key": key.private().hex().expose(),
    });
    assert_eq!(value, expected);
}

#[test]
fn keys_with_the_same_digits_are_numbered_and_nothing_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let (store, key) = (store(folder.path(), KeyFormat::Text), key(0));
    let digits = eight_digits(&key);
    for _ in 0..3 {
        store.save(&key, &Label::Found).unwrap();
    }
    let expected = [
        "-2_private",
        "-2_public",
        "-3_private",
        "-3_public",
        "_private",
        "_public",
    ];
    assert_eq!(
        names(folder.path()),
        expected.map(|end| format!("meshcore_{digits}{end}.txt"))
    );
}

#[test]
fn a_number_is_taken_when_only_one_of_its_names_exists() {
    let key = key(0);
    let digits = eight_digits(&key);
    for end in ["_public.txt", "_private.txt", ".json"] {
        let folder = tempfile::tempdir().unwrap();
        let existing = folder.path().join(format!("meshcore_{digits}{end}"));
        fs::write(&existing, "mine").unwrap();
        let saved = store(folder.path(), KeyFormat::Text)
            .save(&key, &Label::Found)
            .unwrap();
        for file in &saved.files {
            assert!(
                file.file_name()
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .contains(&format!("{digits}-2_"))
            );
        }
        assert_eq!(fs::read_to_string(existing).unwrap(), "mine");
    }
}

#[test]
fn threads_that_save_at_once_never_share_a_name() {
    const THREADS: usize = 8;
    const KEYS: usize = 12;
    let folder = tempfile::tempdir().unwrap();
    let save_all = || {
        // The same key every time, so that all names collide.
        let (store, key) = (store(folder.path(), KeyFormat::Text), key(0));
        (0..KEYS)
            .map(|_| store.save(&key, &Label::Found).unwrap().files)
            .collect::<Vec<_>>()
    };
    let files: Vec<PathBuf> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(save_all)).collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .flatten()
            .collect()
    });
    let distinct: HashSet<_> = files.iter().collect();
    assert_eq!(distinct.len(), 2 * THREADS * KEYS);
    assert_eq!(names(folder.path()).len(), 2 * THREADS * KEYS);
    for file in files {
        let digits = if file.to_str().unwrap().ends_with("_private.txt") {
            128
        } else {
            64
        };
        assert_eq!(fs::read_to_string(&file).unwrap().len(), digits + 1);
    }
}

#[test]
fn the_caller_learns_the_names_when_files_are_synced_but_not_in_place() {
    let folder = tempfile::tempdir().unwrap();
    let key = key(0);
    let mut planned = Vec::new();
    let saved = store(folder.path(), KeyFormat::Text)
        .save_with(&key, &Label::Found, &mut |placement| {
            assert_eq!(placement.public, key.public());
            assert!(placement.files.iter().all(|file| !file.exists()));
            let private = fs::read_to_string(&placement.temporary[0])?;
            assert_eq!(private.trim_end(), key.private().hex().expose());
            planned = placement.files.to_vec();
            Ok(())
        })
        .unwrap();
    assert_eq!(saved.files, planned);
}

#[test]
fn a_name_taken_at_the_last_moment_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let key = key(0);
    for taken in [0, 1] {
        let mut calls = 0;
        let saved = store(folder.path(), KeyFormat::Text)
            .save_with(&key, &Label::Found, &mut |placement| {
                calls += 1;
                if calls == 1 {
                    fs::write(&placement.files[taken], "other")
                } else {
                    Ok(())
                }
            })
            .unwrap();
        assert_eq!(calls, 2);
        assert!(
            saved
                .files
                .iter()
                .all(|file| fs::read_to_string(file).unwrap() != "other")
        );
    }
    assert!(
        names(folder.path())
            .iter()
            .all(|name| !name.ends_with(".tmp"))
    );
}

#[test]
fn when_the_step_before_the_move_fails_nothing_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let error = store(folder.path(), KeyFormat::Text)
        .save_with(&key(0), &Label::Found, &mut |_| {
            Err(io::Error::other("journal"))
        })
        .unwrap_err();
    assert!(matches!(&error, SaveError::BeforeMove(_)) && error.to_string().contains("journal"));
    assert!(names(folder.path()).is_empty());
}

#[test]
fn a_folder_that_vanished_sends_keys_to_the_first_fallback_that_works() {
    let top = tempfile::tempdir().unwrap();
    let (gone, file) = (top.path().join("gone"), top.path().join("file"));
    fs::write(&file, "").unwrap();
    let rescued = top.path().join("state/meshcore-keygen/rescued");
    let fallbacks = vec![file.join("below"), rescued.clone(), top.path().to_owned()];
    let store = Store::with_fallbacks(&gone, KeyFormat::Text, fallbacks).unwrap();
    assert!(store.probe().unwrap().created);
    fs::remove_dir(&gone).unwrap();
    let saved = store.save(&key(0), &Label::Found).unwrap();
    assert!(
        saved.fallback
            && saved
                .files
                .iter()
                .all(|path| path.starts_with(&rescued) && path.exists())
    );
    let refusals: Vec<_> = saved
        .trouble
        .iter()
        .map(|refusal| refusal.folder.clone())
        .collect();
    assert_eq!(refusals, [gone, file.join("below")]);
}

#[test]
fn when_every_folder_fails_the_caller_still_has_the_key_and_can_try_again() {
    let top = tempfile::tempdir().unwrap();
    let (folder, key) = (top.path().join("later"), key(0));
    let store =
        Store::with_fallbacks(&folder, KeyFormat::Json, vec!["/proc/keygen".into()]).unwrap();
    let error = store.save(&key, &Label::Found).unwrap_err();
    let SaveError::NoFolder(refusals) = &error else {
        panic!("{error}")
    };
    assert_eq!(refusals.len(), 2);
    assert!(error.to_string().contains(folder.to_str().unwrap()));
    fs::create_dir(&folder).unwrap();
    assert!(store.save(&key, &Label::Found).unwrap().files[0].exists());
}

#[test]
fn saved_keys_load_and_pass_all_checks_again() {
    let folder = tempfile::tempdir().unwrap();
    for (offset, format) in [(0, KeyFormat::Text), (100, KeyFormat::Json)] {
        let label = Label::Watchlist {
            head: "ab".into(),
            tail: String::new(),
        };
        let saved = store(folder.path(), format)
            .save(&key(offset), &label)
            .unwrap();
        let loaded = meshcore_keygen::testing::key::load::load(&saved.files, &mut io::empty());
        assert_eq!(loaded.len(), 1);
        let found = loaded.into_iter().next().unwrap().unwrap();
        assert!(found.notes.is_empty());
        let private = PrivateKey::from_bytes(found.private.unwrap().expose());
        assert_eq!(
            check(private, &found.public.unwrap())
                .ok()
                .unwrap()
                .public(),
            key(offset).public()
        );
    }
}

#[test]
fn probing_leaves_nothing_behind() {
    let top = tempfile::tempdir().unwrap();
    let probed = store(top.path(), KeyFormat::Text).probe().unwrap();
    assert!(!probed.created && names(top.path()).is_empty());
    let file = top.path().join("file");
    fs::write(&file, "").unwrap();
    let error = store(&file.join("a/b"), KeyFormat::Text)
        .probe()
        .unwrap_err();
    assert!(matches!(error, ProbeError::NotAFolder(_)));
    assert_eq!(names(top.path()), ["file"]);
}
