//! Files that a killed process left behind under their temporary names: a whole key is saved under its own name, what
//! was only half written is wiped and removed, and what a living process is at work on is left alone.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read, Seek},
    path::{Path, PathBuf},
};

use super::{
    BeforeMove, Contents, KeyFormat, Label, Store,
    contents::{Kind, length},
    names::{self, Names},
    place, save_in, temporary,
};
use crate::files::sync_folder;
use crate::key::{PrivateKey, PublicKey, VerifiedKey, load, verify};

/// The name of the file that tries a folder; it holds no key.
pub(super) const PROBE: &str = "keygen-probe";

/// Why a file is left alone where nobody can know whether it is still being written.
const NO_LOCKS: &str = "this file system has no locks, so it may still be in use";

/// What came of a file that was left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leftover {
    /// It held a whole key, which is saved now.
    Adopted {
        /// The key's files, the one with the private key first.
        files: Vec<PathBuf>,
    },
    /// It was the missing half of a pair, and has its name now.
    Completed(PathBuf),
    /// It held no whole key that was not saved elsewhere, and is gone.
    Removed {
        /// The file.
        file: PathBuf,
        /// What it was, for people.
        was: &'static str,
    },
    /// It could be neither saved nor removed.
    Kept {
        /// The file.
        file: PathBuf,
        /// Why, for people.
        reason: String,
    },
}

/// One file that was left behind, locked against everybody else.
struct Remains {
    path: PathBuf,
    file: File,
    /// `None` for a probe.
    key: Option<(Label, Kind)>,
}

/// Sees to all files that were left behind in a folder. Private keys come first, so that public keys find theirs.
pub(super) fn sweep(folder: &Path) -> Vec<Leftover> {
    let mut remains = list(folder);
    remains.sort_by_key(|one| matches!(one, Ok(one) if one.is_public()));
    let see = |one: Remains| {
        let path = one.path.clone();
        one.settle(folder)
            .unwrap_or_else(|error| Some(kept(path, &error)))
    };
    remains
        .into_iter()
        .filter_map(|one| one.map_or_else(Some, see))
        .collect()
}

fn kept(file: PathBuf, reason: &dyn std::fmt::Display) -> Leftover {
    let reason = reason.to_string();
    Leftover::Kept { file, reason }
}

/// The files that were left behind in a folder; none where it can't be read.
fn list(folder: &Path) -> Vec<Result<Remains, Leftover>> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name();
            let name = temporary::final_name(name.to_str()?)?;
            let key = names::read(name);
            let is_ours = key.is_some() || name == PROBE;
            is_ours.then(|| Remains::open(entry.path(), key))?
        })
        .collect()
}

impl Remains {
    /// Opens and locks a file; nothing if a living process has it, or if it is not ours to touch.
    fn open(path: PathBuf, key: Option<(Label, Kind)>) -> Option<Result<Self, Leftover>> {
        if !path.symlink_metadata().ok()?.is_file() {
            return None;
        }
        let file = OpenOptions::new().read(true).write(true).open(&path).ok()?;
        match file.try_lock() {
            Ok(()) => temporary::is_at(&file, &path).then_some(Ok(Self { path, file, key })),
            Err(TryLockError::WouldBlock) => None,
            Err(TryLockError::Error(_)) => Some(Err(kept(path, &NO_LOCKS))),
        }
    }

    fn is_public(&self) -> bool {
        matches!(self.key, Some((_, Kind::Public)))
    }

    /// Saves or removes it. An empty file is not reported: it may be one that a living process has created
    /// and not locked yet, which then takes another name.
    fn settle(mut self, folder: &Path) -> io::Result<Option<Leftover>> {
        if self.file.metadata()?.len() == 0 {
            fs::remove_file(&self.path)?;
            return Ok(None);
        }
        let Some((label, kind)) = self.key.take() else {
            return self.remove("an empty test of the folder").map(Some);
        };
        if self.is_half(kind)? {
            self.wipe()?;
            return self.remove("half of a key").map(Some);
        }
        self.settle_whole(folder, &label, kind).map(Some)
    }

    /// Saves a key that was written to its end, unless it is saved.
    fn settle_whole(mut self, folder: &Path, label: &Label, kind: Kind) -> io::Result<Leftover> {
        let format = match kind {
            Kind::Public => return self.settle_public(folder, label),
            Kind::Claim => return self.settle_claim(folder, label),
            Kind::Private => KeyFormat::Text,
            Kind::Json => KeyFormat::Json,
        };
        let key = self.key()?;
        let names = Names::new(key.public(), label, format);
        if number_of(folder, &names, key.public())?.is_some() {
            return self.remove("a second copy of a saved key");
        }
        let files = save(folder, &names, &Contents::Key(&key))?;
        fs::remove_file(&self.path)?;
        Ok(Leftover::Adopted { files })
    }

    /// Saves a claim that was written to its end, unless it is saved.
    fn settle_claim(mut self, folder: &Path, label: &Label) -> io::Result<Leftover> {
        let mut text = String::new();
        self.file.read_to_string(&mut text)?;
        let Some(public) = public_key_of(&text) else {
            return self.remove("half of a claim");
        };
        let names = Names::of_claim(&public, label);
        for number in 1..=u32::MAX {
            if !names.is_taken(folder, number)? {
                break;
            }
            let saved = fs::read_to_string(folder.join(names.name(Kind::Claim, number)));
            if saved.is_ok_and(|saved| saved == text) {
                return self.remove("a second copy of a saved claim");
            }
        }
        let files = save(folder, &names, &Contents::Claim(&public, &text))?;
        fs::remove_file(&self.path)?;
        Ok(Leftover::Adopted { files })
    }

    /// A public key completes the pair of its private key, if that lacks it; without a private key it is worth nothing.
    fn settle_public(mut self, folder: &Path, label: &Label) -> io::Result<Leftover> {
        let mut text = String::new();
        self.file.read_to_string(&mut text)?;
        let public: PublicKey = crate::key::hex::decode(text.trim()).map_err(io::Error::other)?;
        let names = Names::new(&public, label, KeyFormat::Text);
        let Some(number) = number_of(folder, &names, &public)? else {
            return self.remove("a public key whose private key is not here");
        };
        let file = folder.join(names.name(Kind::Public, number));
        if file.symlink_metadata().is_ok() {
            return self.remove("a second copy of a saved key");
        }
        place::move_file(&self.path, &file)?;
        sync_folder(folder)?;
        Ok(Leftover::Completed(file))
    }

    /// Whether it was not written to its end: too short, or (after a power cut) without what was written.
    fn is_half(&mut self, kind: Kind) -> io::Result<bool> {
        let mut first = [0];
        let is_short = self.file.metadata()?.len() < length(kind);
        let is_blank = self.file.read(&mut first)? == 0 || first == [0];
        self.file.rewind()?;
        Ok(is_short || is_blank)
    }

    /// The key in it, checked as one that was just found.
    fn key(&mut self) -> io::Result<VerifiedKey> {
        let found = read_keys(&mut self.file)?.into_iter().next();
        let (private, public) = found.ok_or_else(|| io::Error::other("there is no key in it"))?;
        let public = public.unwrap_or_else(|| private.public());
        verify::check(private, &public).map_err(io::Error::other)
    }

    /// Overwrites what is in it, a part of a secret perhaps. Never done to a whole key: a file that was moved by a
    /// second name may still have both.
    fn wipe(&mut self) -> io::Result<()> {
        let bytes = self.file.metadata()?.len();
        self.file.rewind()?;
        // A full or broken disk is no reason to leave it there.
        let _ = io::copy(&mut io::repeat(0).take(bytes), &mut self.file)
            .and_then(|_| self.file.sync_data());
        Ok(())
    }

    fn remove(self, was: &'static str) -> io::Result<Leftover> {
        fs::remove_file(&self.path)?;
        let file = self.path;
        Ok(Leftover::Removed { file, was })
    }
}

/// The public key of a claim that was written to its end.
fn public_key_of(text: &str) -> Option<PublicKey> {
    let claim: serde_json::Value = serde_json::from_str(text).ok()?;
    crate::key::hex::decode(claim["public_key"].as_str()?).ok()
}

/// The private keys that can be read from here, each with the public key beside it.
fn read_keys(file: &mut File) -> io::Result<Vec<(PrivateKey, Option<PublicKey>)>> {
    let keys = load::load(&[PathBuf::from("-")], file);
    let mut found = Vec::new();
    for key in keys {
        let key = key.map_err(io::Error::other)?;
        found.extend(key.private.map(|private| (private, key.public)));
    }
    Ok(found)
}

/// The number under which this key is saved in the folder already.
fn number_of(folder: &Path, names: &Names, public: &PublicKey) -> io::Result<Option<u32>> {
    for number in 1..=u32::MAX {
        if !names.is_taken(folder, number)? {
            break;
        }
        let private = folder.join(names.name(names.kinds()[0], number));
        let keys = File::open(private).and_then(|mut file| read_keys(&mut file));
        if keys
            .unwrap_or_default()
            .iter()
            .any(|(key, _)| key.public() == *public)
        {
            return Ok(Some(number));
        }
    }
    Ok(None)
}

fn save(folder: &Path, names: &Names, contents: &Contents<'_>) -> io::Result<Vec<PathBuf>> {
    let nothing: &mut BeforeMove<'_> = &mut |_| Ok(());
    match save_in(folder, names, contents, nothing) {
        Ok((files, _)) => Ok(files),
        Err(super::Fault::Folder(error) | super::Fault::BeforeMove(error)) => Err(error),
    }
}

impl Store {
    /// Sees to files that killed processes left behind under temporary names, in the chosen folder and in the
    /// fallback folders: whole keys are saved there, the rest is removed. Files of living processes are left alone.
    /// Says what was done, nothing where there were none.
    pub fn adopt_leftovers(&self) -> Vec<Leftover> {
        std::iter::once(&self.folder)
            .chain(&self.fallbacks)
            .flat_map(|folder| sweep(folder))
            .collect()
    }
}

#[cfg(test)]
#[path = "leftover_tests.rs"]
mod tests;
