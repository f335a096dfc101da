//! Tests of what becomes of files that a killed process left behind.

use super::*;
use crate::key::{Start, hex};

/// The first key at or after `offset` from a fixed start that MeshCore accepts.
fn key(offset: i64) -> VerifiedKey {
    let start = Start::from_bytes(&[0x42; 32]);
    let good = |offset| {
        let private = start.key(offset).unwrap();
        let public = private.public();
        verify::check(private, &public).ok()
    };
    (offset..).find_map(good).unwrap()
}

fn text(kind: Kind, key: &VerifiedKey) -> String {
    super::super::contents_of(kind, key).expose().to_owned()
}

/// Leaves a file behind, as a kill would: under its temporary name, not locked.
fn leave(folder: &Path, label: &Label, kind: Kind, key: &VerifiedKey, contents: &str) -> PathBuf {
    let format = if kind == Kind::Json {
        KeyFormat::Json
    } else {
        KeyFormat::Text
    };
    let name = Names::new(key.public(), label, format).name(kind, 1);
    let path = folder.join(format!(".{name}.0123456789abcdef.tmp"));
    fs::write(&path, contents).unwrap();
    path
}

fn leave_whole(folder: &Path, kind: Kind, key: &VerifiedKey) -> PathBuf {
    leave(folder, &Label::Found, kind, key, &text(kind, key))
}

fn names_in(folder: &Path) -> Vec<String> {
    let name = |entry: io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
    let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(name).collect();
    names.sort();
    names
}

fn stem(key: &VerifiedKey) -> String {
    format!("meshcore_{}", hex::encode_upper(&key.public()[..4]))
}

fn pair_of(stem: &str) -> Vec<String> {
    vec![format!("{stem}_private.txt"), format!("{stem}_public.txt")]
}

#[test]
fn the_length_of_a_whole_file_is_known() {
    let key = key(0);
    for kind in [Kind::Private, Kind::Public, Kind::Json] {
        assert_eq!(text(kind, &key).len() as u64, length(kind));
    }
}

#[test]
fn a_whole_pair_is_adopted_once() {
    let folder = tempfile::tempdir().unwrap();
    let key = key(0);
    leave_whole(folder.path(), Kind::Private, &key);
    leave_whole(folder.path(), Kind::Public, &key);
    let done = sweep(folder.path());
    assert!(
        matches!(
            done[..],
            [Leftover::Adopted { .. }, Leftover::Removed { .. }]
        ),
        "{done:?}"
    );
    assert_eq!(names_in(folder.path()), pair_of(&stem(&key)));
    let saved = fs::read_to_string(folder.path().join(&pair_of(&stem(&key))[0])).unwrap();
    assert_eq!(saved, text(Kind::Private, &key));
    assert!(sweep(folder.path()).is_empty());
}

#[test]
fn json_and_watchlist_keys_keep_their_kind_of_name() {
    let folder = tempfile::tempdir().unwrap();
    let key = key(0);
    let label = Label::Watchlist {
        head: "AB".into(),
        tail: String::new(),
    };
    let contents = text(Kind::Json, &key);
    leave(folder.path(), &label, Kind::Json, &key, &contents);
    assert!(matches!(
        sweep(folder.path())[..],
        [Leftover::Adopted { .. }]
    ));
    let digits = hex::encode_upper(&key.public()[..4]);
    assert_eq!(
        names_in(folder.path()),
        [format!("watchlist_AB_any_{digits}.json")]
    );
}

#[test]
fn what_is_half_written_is_removed() {
    for kind in [Kind::Private, Kind::Public, Kind::Json] {
        let folder = tempfile::tempdir().unwrap();
        let key = key(0);
        let whole = text(kind, &key);
        let blank = "\0".repeat(whole.len());
        for contents in [&whole[..1], &whole[..20], &whole[..whole.len() - 1], &blank] {
            leave(folder.path(), &Label::Found, kind, &key, contents);
            let done = sweep(folder.path());
            assert!(matches!(done[..], [Leftover::Removed { .. }]), "{done:?}");
            assert!(names_in(folder.path()).is_empty());
        }
    }
}

#[test]
fn a_private_key_in_place_gets_its_public_key() {
    let folder = tempfile::tempdir().unwrap();
    let key = key(0);
    let [private, public] = [0, 1].map(|index| pair_of(&stem(&key)).remove(index));
    fs::write(folder.path().join(private), text(Kind::Private, &key)).unwrap();
    leave_whole(folder.path(), Kind::Public, &key);
    let done = sweep(folder.path());
    assert_eq!(done, [Leftover::Completed(folder.path().join(public))]);
    assert_eq!(names_in(folder.path()), pair_of(&stem(&key)));
}

#[cfg(unix)]
#[test]
fn a_second_name_of_a_saved_file_is_removed_and_the_file_stays_whole() {
    let folder = tempfile::tempdir().unwrap();
    let key = key(0);
    let left = leave_whole(folder.path(), Kind::Private, &key);
    let saved = folder.path().join(&pair_of(&stem(&key))[0]);
    fs::hard_link(&left, &saved).unwrap();
    assert!(matches!(
        sweep(folder.path())[..],
        [Leftover::Removed { .. }]
    ));
    assert_eq!(
        fs::read_to_string(saved).unwrap(),
        text(Kind::Private, &key)
    );
}

#[test]
fn names_of_other_keys_are_never_taken() {
    let folder = tempfile::tempdir().unwrap();
    let key = key(0);
    let taken = folder.path().join(&pair_of(&stem(&key))[0]);
    fs::write(&taken, "somebody else's").unwrap();
    leave_whole(folder.path(), Kind::Private, &key);
    assert!(matches!(
        sweep(folder.path())[..],
        [Leftover::Adopted { .. }]
    ));
    assert_eq!(fs::read_to_string(taken).unwrap(), "somebody else's");
    let second = folder.path().join(format!("{}-2_private.txt", stem(&key)));
    assert_eq!(
        fs::read_to_string(second).unwrap(),
        text(Kind::Private, &key)
    );
}

#[test]
fn files_of_a_living_process_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let key = key(0);
    let left = leave_whole(folder.path(), Kind::Private, &key);
    let living = File::open(&left).unwrap();
    living.lock().unwrap();
    assert!(sweep(folder.path()).is_empty());
    assert_eq!(
        fs::read_to_string(&left).unwrap(),
        text(Kind::Private, &key)
    );
    drop(living);
    assert_eq!(sweep(folder.path()).len(), 1);
}

#[test]
fn a_whole_file_that_is_no_good_key_is_kept_and_said() {
    let folder = tempfile::tempdir().unwrap();
    let contents = format!("{}\n", "ab".repeat(64));
    let left = leave(
        folder.path(),
        &Label::Found,
        Kind::Private,
        &key(0),
        &contents,
    );
    let done = sweep(folder.path());
    assert!(
        matches!(&done[..], [Leftover::Kept { file, .. }] if *file == left),
        "{done:?}"
    );
    assert_eq!(fs::read_to_string(left).unwrap(), contents);
}

#[test]
fn other_files_are_not_ours() {
    let folder = tempfile::tempdir().unwrap();
    let others = [
        ".notes.0123456789abcdef.tmp",
        "meshcore_F8A1B2C3_private.txt.tmp",
        ".meshcore_F8_private.txt.0123456789abcdef.tmp",
    ];
    for name in others {
        fs::write(folder.path().join(name), "").unwrap();
    }
    assert!(sweep(folder.path()).is_empty());
    assert_eq!(names_in(folder.path()).len(), others.len());
    let probe = format!(".{PROBE}.0123456789abcdef.tmp");
    fs::write(folder.path().join(probe), "0").unwrap();
    assert_eq!(sweep(folder.path()).len(), 1);
}

/// A living process creates a file and locks it: whoever comes between both takes it for one that was left behind.
#[test]
fn a_file_without_a_byte_goes_without_a_word() {
    let folder = tempfile::tempdir().unwrap();
    for name in [PROBE, "meshcore_F8A1B2C3_private.txt"] {
        let path = folder.path().join(format!(".{name}.0123456789abcdef.tmp"));
        fs::write(&path, "").unwrap();
        assert_eq!(sweep(folder.path()), []);
        assert!(!path.exists());
    }
}
