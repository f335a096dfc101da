//! Keys that are the same in every run, and a look into folders, for the tests of key files.

use std::{fs, io, path::Path};

use meshcore_keygen::testing::key::{
    KeyFormat, Label, Start, Store, VerifiedKey, hex,
    store::{BeforeMove, Contents, SaveError, Saved},
    verify::check,
};

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

/// Saving a key.
pub trait SaveKey {
    /// Saves it and calls `before_move` when the files are safe on disk but not in place yet.
    fn save_with(
        &self,
        key: &VerifiedKey,
        label: &Label,
        before_move: &mut BeforeMove<'_>,
    ) -> Result<Saved, SaveError>;

    /// Saves it.
    fn save(&self, key: &VerifiedKey, label: &Label) -> Result<Saved, SaveError> {
        self.save_with(key, label, &mut |_| Ok(()))
    }
}

impl SaveKey for Store {
    fn save_with(
        &self,
        key: &VerifiedKey,
        label: &Label,
        before_move: &mut BeforeMove<'_>,
    ) -> Result<Saved, SaveError> {
        self.save_contents(&Contents::Key(key), label, before_move)
    }
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
