//! Key files under any umask and on disks that are full or read-only, each test in a process of its own.

use std::{
    fs, io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use crate::common::key_samples::{SaveKey, key, names, store};
use meshcore_keygen::testing::key::{KeyFormat, Label, Store, store::ProbeError};

/// The folder that the process that this test started works in; nothing in the first process.
fn folder_given() -> Option<PathBuf> {
    std::env::var_os("KEYGEN_TEST_FOLDER").map(PathBuf::from)
}

/// Runs the test `name` again behind a shell command, with a folder for it.
fn again(name: &str, wrapper: &[&str], shell: &str) {
    let folder = tempfile::tempdir().unwrap();
    let (_, module) = module_path!().split_once("::").unwrap();
    let script = format!("{shell} && exec \"$0\" --exact {module}::{name} --nocapture");
    let output = Command::new(wrapper[0])
        .args(&wrapper[1..])
        .args(["sh", "-c", &script])
        .arg(std::env::current_exe().unwrap())
        .env("KEYGEN_TEST_FOLDER", folder.path())
        .output()
        .unwrap();
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (said(&output.stdout), said(&output.stderr));
    assert!(
        output.status.success() && out.contains("1 passed"),
        "{out}\n{err}"
    );
}

/// Runs the test again in a mount namespace of its own, with a small file system on its folder.
fn again_on_a_small_disk(name: &str, options: &str) {
    let unshare = ["unshare", "--user", "--map-root-user", "--mount"];
    let allowed = Command::new(unshare[0])
        .args(&unshare[1..])
        .args(["sh", "-c", "mount -t tmpfs none /mnt"])
        .output()
        .is_ok_and(|output| output.status.success());
    if !allowed {
        eprintln!("skipped {name}: this user may not mount a file system of its own");
        return;
    }
    let mount = format!("mount -t tmpfs -o {options} none \"$KEYGEN_TEST_FOLDER\"");
    again(name, &unshare, &mount);
}

fn modes(folder: &Path) -> Vec<u32> {
    let mode = |name: &String| folder.join(name).metadata().unwrap().permissions().mode() & 0o7777;
    names(folder).iter().map(mode).collect()
}

/// Files of zeros until the disk is full, then room for about `bytes` bytes again.
fn fill(folder: &Path, bytes: u64) {
    let file = fs::File::create(folder.join("filler")).unwrap();
    let mut size = 0;
    while io::Write::write(&mut &file, &[0; 4096]).is_ok_and(|written| written > 0) {
        size += 4096;
    }
    file.set_len(size - bytes).unwrap();
}

#[test]
fn key_files_have_mode_0600_under_umask_000() {
    let Some(folder) = folder_given() else {
        return again(
            "key_files_have_mode_0600_under_umask_000",
            &["env"],
            "umask 000",
        );
    };
    for format in [KeyFormat::Text, KeyFormat::Json] {
        let saved = store(&folder, format)
            .save_with(&key(0), &Label::Found, &mut |_| {
                assert!(
                    modes(&folder).iter().all(|mode| *mode == 0o600),
                    "while they are temporary"
                );
                Ok(())
            })
            .unwrap();
        assert!(saved.mode_kept);
    }
    assert_eq!(modes(&folder), [0o600; 3]);
}

#[test]
fn key_files_have_mode_0600_under_umask_777() {
    let Some(folder) = folder_given() else {
        return again(
            "key_files_have_mode_0600_under_umask_777",
            &["env"],
            "umask 777",
        );
    };
    assert!(
        store(&folder, KeyFormat::Text)
            .save(&key(0), &Label::Found)
            .unwrap()
            .mode_kept
    );
    assert_eq!(modes(&folder), [0o600; 2]);
}

#[test]
fn a_full_disk_sends_a_key_to_the_fallback_and_leaves_no_part_of_it() {
    let name = "a_full_disk_sends_a_key_to_the_fallback_and_leaves_no_part_of_it";
    let Some(folder) = folder_given() else {
        return again_on_a_small_disk(name, "size=256k");
    };
    // No room at all, and room for one of the two files.
    for room in [0, 4096] {
        fill(&folder, room);
        let fallback = tempfile::tempdir_in("/tmp").unwrap();
        let store =
            Store::with_fallbacks(&folder, KeyFormat::Text, vec![fallback.path().into()]).unwrap();
        let saved = store.save(&key(0), &Label::Found).unwrap();
        assert!(
            saved.fallback && saved.trouble[0].reason.contains("space"),
            "{:?}",
            saved.trouble
        );
        assert_eq!(names(&folder), ["filler"]);
        assert_eq!(names(fallback.path()).len(), 2);
    }
    fs::remove_file(folder.join("filler")).unwrap();
    assert!(
        !store(&folder, KeyFormat::Text)
            .save(&key(0), &Label::Found)
            .unwrap()
            .fallback
    );
}

#[test]
fn a_full_disk_is_noticed_before_any_work() {
    let Some(folder) = folder_given() else {
        return again_on_a_small_disk("a_full_disk_is_noticed_before_any_work", "size=256k");
    };
    let probed = store(&folder, KeyFormat::Text).probe().unwrap();
    assert_eq!(probed.free_bytes, Some(256 * 1024));
    fill(&folder, 4096);
    let error = store(&folder, KeyFormat::Text).probe().unwrap_err();
    assert!(
        matches!(error, ProbeError::Full { free: 4096, .. }),
        "{error}"
    );
    fill(&folder, 0);
    let error = store(&folder.join("new"), KeyFormat::Text)
        .probe()
        .unwrap_err();
    assert!(matches!(error, ProbeError::Full { free: 0, .. }), "{error}");
    assert_eq!(names(&folder), ["filler"]);
}

#[test]
fn a_read_only_folder_is_noticed_before_any_work() {
    let Some(folder) = folder_given() else {
        return again_on_a_small_disk("a_read_only_folder_is_noticed_before_any_work", "ro");
    };
    let error = store(&folder, KeyFormat::Text).probe().unwrap_err();
    assert!(
        matches!(error, ProbeError::NotWritable { .. }) && error.to_string().contains("Read-only"),
        "{error}"
    );
    let error = store(&folder.join("new"), KeyFormat::Text)
        .probe()
        .unwrap_err();
    assert!(matches!(error, ProbeError::Create { .. }), "{error}");
}

#[test]
fn a_disk_without_free_names_is_noticed_and_leaves_no_part_of_a_key() {
    let name = "a_disk_without_free_names_is_noticed_and_leaves_no_part_of_a_key";
    let Some(folder) = folder_given() else {
        return again_on_a_small_disk(name, "nr_inodes=2");
    };
    // One name is the folder's own: the private key's file can be made, the public key's cannot.
    assert!(
        store(&folder, KeyFormat::Text)
            .save(&key(0), &Label::Found)
            .is_err()
    );
    assert!(names(&folder).is_empty());
}
