//! `keygen node export`: a node's key, saved to a file.

use std::io;

use anyhow::{Context, bail};

use super::{backup, node_of};
use crate::config::args::NodeExportArgs;
use crate::config::{Environment, UsageError};
use crate::device::{Export, StopSignal};
use crate::exit::Ending;
use crate::key::hex;
use crate::report::streams::Streams;

/// Saves the key; the answer is its public key and the file.
///
/// # Errors
/// The file exists, the node does not give its key, or it can't be saved.
pub(super) fn run(
    args: &NodeExportArgs,
    environment: &Environment<'_>,
    streams: &mut Streams<'_>,
) -> anyhow::Result<Ending> {
    if let Some(file) = &args.output
        && file.symlink_metadata().is_ok()
    {
        return Err(exists(file.display()).into());
    }
    let mut node = node_of(&args.node, &StopSignal::default(), streams)?;
    let address = node.address().to_string();
    let public = node.public_key().with_context(|| address.clone())?;
    let key = match node.private_key(&public).with_context(|| address.clone())? {
        Export::Key(key) => key,
        Export::Refused(why) => bail!("{address}: the node does not give its private key: {why}"),
    };
    let saved = match &args.output {
        Some(file) => backup::write(&key, file).map(|()| file.clone()),
        None => backup::write_in(&key, &environment.folder),
    };
    let file = match saved {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let file = args.output.as_deref().unwrap_or(&environment.folder);
            return Err(exists(file.display()).into());
        }
        saved => saved.context("the key can't be saved")?,
    };
    writeln!(streams.out, "{}\t{}", hex::encode(&public), file.display())?;
    Ok(Ending::Found)
}

fn exists(file: impl std::fmt::Display) -> UsageError {
    UsageError::combination(
        format!("--output {file}: the file exists, and keys are never overwritten"),
        "Name a new file.",
    )
}
