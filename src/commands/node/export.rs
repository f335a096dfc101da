//! `keygen node export`: a node's key, saved to a file.

use anyhow::{Context, bail};

use super::{backup, node_of};
use crate::commands::new_file;
use crate::config::Environment;
use crate::config::args::NodeExportArgs;
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
        Some(file) => backup::write(&key, file)
            .map(|()| file.clone())
            .map_err(|error| new_file::error(file, error))?,
        None => backup::write_in(&key, &environment.folder).context("the key can't be saved")?,
    };
    writeln!(streams.out, "{}\t{}", hex::encode(&public), file.display())?;
    Ok(Ending::Found)
}
