//! `keygen node export`: a node's key, saved to a file.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::node_of;
use crate::commands::{Call, new_file};
use crate::config::args::NodeExportArgs;
use crate::device::{Export, StopSignal};
use crate::exit::Ending;
use crate::files;
use crate::key::store::json;
use crate::key::{PrivateKey, hex};

/// Saves the key; the answer is its public key and the file.
///
/// # Errors
/// The file exists, the node does not give its key, or it can't be saved.
pub(super) fn run(args: &NodeExportArgs, call: &mut Call<'_>) -> anyhow::Result<Ending> {
    let (environment, streams) = call.parts();
    if let Some(file) = &args.output {
        new_file::check(file)?;
    }
    let mut node = node_of(&args.node, &StopSignal::default(), streams)?;
    let address = node.address().to_string();
    let public = node.public_key().with_context(|| address.clone())?;
    let key = match node.private_key(&public).with_context(|| address.clone())? {
        Export::Key(key) => key,
        Export::Refused(why) => bail!("{address}: the node does not give its private key: {why}"),
    };
    let file = match &args.output {
        Some(file) => write(&key, file)
            .map(|()| file.clone())
            .map_err(|error| new_file::error(file, error))?,
        None => write_in(&key, &environment.folder).context("the key can't be saved")?,
    };
    writeln!(streams.out, "{}\t{}", hex::encode(&public), file.display())?;
    Ok(Ending::Found)
}

/// Writes a node's key to `file`, as JSON that the app and this program read.
///
/// It need not pass the checks of keys that are found: what a node has is worth keeping.
///
/// # Errors
/// The file exists, or can't be written.
fn write(key: &PrivateKey, file: &Path) -> io::Result<()> {
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
