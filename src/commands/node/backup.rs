//! Files that keep what a node had: mode 0600 from the beginning, never over another file.

use std::io;
use std::path::{Path, PathBuf};

use crate::files;
use crate::key::store::json;
use crate::key::{PrivateKey, hex};

/// Writes a node's key to `file`, as JSON that the app and this program read.
///
/// It need not pass the checks of keys that are found: what a node has is worth keeping.
///
/// # Errors
/// The file exists, or can't be written.
pub(super) fn write(key: &PrivateKey, file: &Path) -> io::Result<()> {
    files::write_new(file, json(&key.public(), key).expose().as_bytes())
}

/// Writes a node's key to the first free name in `folder`: `backup_XXXXXXXX.json`, then `backup_XXXXXXXX-2.json`.
///
/// # Errors
/// The folder does not take it.
pub(super) fn write_in(key: &PrivateKey, folder: &Path) -> io::Result<PathBuf> {
    files::create_folder(folder)?;
    let digits = hex::encode_upper(&key.public()[..4]);
    for number in 1..=u32::MAX {
        let name = match number {
            1 => format!("backup_{digits}.json"),
            _ => format!("backup_{digits}-{number}.json"),
        };
        let file = folder.join(name);
        match write(key, &file) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            written => return written.map(|()| file),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}
