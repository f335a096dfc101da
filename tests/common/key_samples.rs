//! Keys that are the same in every run, and a look into folders, for the tests of key files.

use std::{fs, io, path::Path};

use meshcore_keygen::testing::key::{KeyFormat, Start, Store, VerifiedKey, hex, verify::check};

/// The first key at or after `offset` from a fixed start that MeshCore accepts.
pub fn key(offset: i64) -> VerifiedKey {
    let start = Start::from_bytes(&[0x42; 32]);
    let good = |offset| {
        let private = start.key(offset).unwrap();
        let public = private.public();
        check(private, &public).ok()
    };
    (offset..).find_map(good).unwrap()
}

/// A store without fallback folders.
pub fn store(folder: &Path, format: KeyFormat) -> Store {
    Store::with_fallbacks(folder, format, vec![]).unwrap()
}

/// The names of all files in a folder, sorted.
pub fn names(folder: &Path) -> Vec<String> {
    let name = |entry: io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
    let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(name).collect();
    names.sort();
    names
}

/// The digits that stand in the names of a key's files.
pub fn eight_digits(key: &VerifiedKey) -> String {
    hex::encode_upper(&key.public()[..4])
}
