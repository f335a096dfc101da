//! `keygen node import`: a saved key, put into a node and compared with what the node has then.

use std::path::{Path, PathBuf};

use anyhow::Context;

use super::{check_answerable, confirm, export, node_of, notice_signals, stopped_by};
use crate::commands::Call;
use crate::commands::key::only;
use crate::config::UsageError;
use crate::config::args::ImportArgs;
use crate::device::{self, Export, Imported, Info, Node, StopSignal};
use crate::exit::Ending;
use crate::key::{VerifiedKey, hex, inspect};
use crate::report::streams::Streams;

/// Puts the key of a file into a node.
///
/// # Errors
/// Bad input, before the node is asked anything; a node that can't be asked; or one that does not have the key then.
pub(super) fn run(args: &ImportArgs, call: &mut Call<'_>) -> anyhow::Result<Ending> {
    let (environment, streams) = call.parts();
    check_answerable(args.yes, "keygen node import")?;
    let key = key_of(&args.file, args.seed, streams)?;
    let stop = StopSignal::default();
    let mut node = node_of(&args.node, &stop, streams)?;
    let folder = args.output.as_deref().unwrap_or(&environment.folder);
    let exchange = Exchange {
        key: &key,
        folder,
        reboot: !args.no_reboot,
        stop: &stop,
    };
    let done = exchange.run(&mut node, args.yes, streams);
    match (done, stopped_by(&stop)) {
        (Err(error), Some(signal)) => {
            streams.say(format_args!("error: {error:#}"));
            Ok(Ending::Interrupted(signal))
        }
        (done, _) => done,
    }
}

/// The one key of a file, which passes all checks.
///
/// # Errors
/// There is none, there are several, or it does not pass.
pub(super) fn key_of(
    file: &Path,
    seed: bool,
    streams: &mut Streams<'_>,
) -> Result<VerifiedKey, UsageError> {
    let loaded = only(file, seed, "a node")?;
    let (key, found) = inspect::checked(&loaded)
        .map_err(|refused| UsageError::refused(format!("{refused}. Nothing was sent.")))?;
    found
        .notes
        .iter()
        .for_each(|note| streams.say(format_args!("note: {note}")));
    Ok(key)
}

/// A key that is to replace a node's.
pub(super) struct Exchange<'a> {
    /// The new key.
    pub key: &'a VerifiedKey,
    /// Where the node's present key is saved.
    pub folder: &'a Path,
    /// Whether a console is restarted.
    pub reboot: bool,
    /// What ends all waiting for the node, once the key is on its way.
    pub stop: &'a StopSignal,
}

impl Exchange<'_> {
    /// Saves the present key, shows and asks, sends the new one, and says what the node has then.
    ///
    /// # Errors
    /// Whatever went wrong; before the new key is sent nothing is changed.
    pub(super) fn run(
        &self,
        node: &mut Node,
        yes: bool,
        streams: &mut Streams<'_>,
    ) -> anyhow::Result<Ending> {
        let address = node.address().to_string();
        let unread = || format!("{address}: {NOTHING_SENT}");
        let info = node.info().with_context(unread)?;
        let saved = match node.private_key(&info.public).with_context(unread)? {
            Export::Key(present) if present.expose() == self.key.private().expose() => {
                writeln!(streams.out, "node has {} already: verified", self.short())?;
                return Ok(Ending::Found);
            }
            Export::Key(present) => Ok(export::write_in(&present, self.folder).context(NOT_SAVED)?),
            Export::Refused(why) => Err(why),
        };
        self.show(&address, &info, saved, streams);
        if !yes && !confirm("Put the new key into the node?", streams)? {
            streams.say("Nothing was changed.");
            return Ok(Ending::Failed);
        }
        notice_signals(self.stop)?;
        let imported = device::import(node, self.key, self.reboot)?;
        writeln!(streams.out, "{}", self.result(imported))?;
        Ok(Ending::Found)
    }

    fn show(
        &self,
        address: &str,
        info: &Info,
        saved: Result<PathBuf, String>,
        streams: &mut Streams<'_>,
    ) {
        streams.say(format_args!("Node at {address}: {}", who(info)));
        streams.say(format_args!(
            "  public key now: {}",
            hex::encode_upper(&info.public)
        ));
        streams.say(format_args!(
            "  public key new: {}",
            hex::encode_upper(self.key.public())
        ));
        match saved {
            Ok(file) => streams.say(format_args!("  present key saved: {}", file.display())),
            Err(why) => streams.say(format_args!(
                "  WARNING: the present key can't be saved and will be lost, because the node does not give it: {why}"
            )),
        }
    }

    fn result(&self, imported: Imported) -> String {
        let key = self.short();
        match imported {
            Imported::InUse { whole: true } => format!("node now has {key}: verified"),
            Imported::InUse { whole: false } => format!(
                "node now has {key}: verified by its public key (it does not give its private key)"
            ),
            Imported::AfterRestart => {
                format!(
                    "node has stored {key}: verified by its answer; it uses it after its next restart"
                )
            }
        }
    }

    fn short(&self) -> String {
        format!("{}…", hex::encode_upper(&self.key.public()[..4]))
    }
}

const NOTHING_SENT: &str = "the node's present key could not be read, so nothing was changed";
const NOT_SAVED: &str = "the node's present key could not be saved, so nothing was changed";

/// Who a node is, in a line.
pub(super) fn who(info: &Info) -> String {
    let facts = [&info.name, &info.role, &info.firmware, &info.board];
    let known: Vec<_> = facts.into_iter().flatten().map(String::as_str).collect();
    if known.is_empty() {
        return "it tells nothing of itself".to_owned();
    }
    known.join(", ")
}
