//! What outlives the process of a search, so that an open page finds the next one: the port, and what its cookie belongs to.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::access::{self, Secret};
use crate::files::{self, trust};
use crate::session::remove::PAGE;

/// Port and key of a page.
#[derive(Serialize, Deserialize)]
pub(super) struct Remembered {
    /// The port that it was served at.
    pub port: u16,
    /// What its cookie is made from.
    key: String,
}

impl Drop for Remembered {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.key);
    }
}

impl Remembered {
    /// That of the session in this folder; a new one where there is none that can be relied on.
    pub(super) fn read(folder: Option<&Path>) -> io::Result<Self> {
        let file = folder.map(|folder| folder.join(PAGE));
        let trusted = file.filter(|file| trust::distrust(file).is_none());
        let read = trusted.and_then(|file| std::fs::read(file).ok());
        let kept = read.and_then(|bytes| serde_json::from_slice::<Self>(&bytes).ok());
        let new = || {
            access::draw().map(|key| Self {
                port: 0,
                key: key.as_str().to_owned(),
            })
        };
        kept.filter(|kept| kept.key.len() >= 64)
            .map_or_else(new, Ok)
    }

    pub(super) fn key(&self) -> Secret {
        Secret::new(self.key.clone())
    }

    /// Keeps it in a session's folder, where only its owner can read it.
    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        let text = Secret::new(serde_json::to_string(self)?);
        files::replace(&folder.join(PAGE), text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_keeps_port_and_key_and_damage_costs_only_them() {
        let folder = tempfile::tempdir().unwrap();
        let mut first = Remembered::read(Some(folder.path())).unwrap();
        first.port = 4711;
        first.write(folder.path()).unwrap();
        let again = Remembered::read(Some(folder.path())).unwrap();
        assert_eq!((again.port, again.key()), (4711, first.key()));
        for text in ["", "{}", "{\"port\":1,\"key\":\"\"}"] {
            std::fs::write(folder.path().join(PAGE), text).unwrap();
            let new = Remembered::read(Some(folder.path())).unwrap();
            assert!(new.port == 0 && new.key() != first.key(), "{text}");
        }
    }
}
