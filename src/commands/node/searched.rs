//! `--import-to`: the first key of a search, put into a node when the search has ended.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};

use super::import::{Exchange, key_of, who};
use super::{check_answerable, confirm, connect, notice_signals, stopped_by};
use crate::app::process::forbid_core_dumps;
use crate::config::args::ImportToArgs;
use crate::config::error::refuse;
use crate::config::session::SessionChoice;
use crate::config::{ForNode, SearchSettings, UsageError};
use crate::device::{Address, StopSignal, Timing};
use crate::exit::Ending;
use crate::key::{PublicKey, hex};
use crate::report::streams::Streams;

/// A node that waits for the key of a search.
pub(crate) struct Waiting {
    address: Address,
    folder: PathBuf,
    for_node: Arc<ForNode>,
    stop: StopSignal,
}

impl Waiting {
    /// Looks for the node, shows it and asks, before the search; nothing without `--import-to`.
    ///
    /// # Errors
    /// The node is not there, or nobody confirms.
    pub(crate) fn prepare(
        args: &ImportToArgs,
        settings: &SearchSettings,
        streams: &mut Streams<'_>,
    ) -> anyhow::Result<Option<Self>> {
        let stored = settings.session.as_ref().and_then(SessionChoice::stored);
        let Some(address) = &args.import_to else {
            let is_option = |word: &String| word.starts_with("--import-to");
            if stored.is_some_and(|stored| stored.command.iter().any(is_option)) {
                streams.say(
                    "The session was begun with --import-to, which it does not remember: give it again to put the key into \
                     a node.",
                );
            }
            return Ok(None);
        };
        if settings.record.background {
            refuse!(
                "--import-to and --background: nobody would see what came of the node. Remove one of them; nohup, tmux \
                 and a service run a search without a terminal, too."
            );
        }
        check_answerable(args.yes, "--import-to")?;
        let continued = settings
            .session
            .as_ref()
            .is_some_and(|session| session.continued);
        let for_node = Arc::clone(&settings.for_node);
        if !continued {
            let public = look(address, args.yes, settings.store.folder(), streams)?;
            for_node.shown.get_or_init(|| public);
        }
        Ok(Some(Self {
            address: address.clone(),
            folder: settings.store.folder().to_owned(),
            for_node,
            stop: StopSignal::default(),
        }))
    }

    /// Puts the key into the node, unless the search was interrupted; gives how the program ends.
    pub(crate) fn finish(self, ending: Ending, streams: &mut Streams<'_>) -> Ending {
        let file = self.for_node.first_key.get();
        match (ending, file) {
            (Ending::Interrupted(_) | Ending::Stopped, Some(file)) => {
                streams.say("The node was not changed, because the search was interrupted.");
                self.say_how(file, streams);
                ending
            }
            (Ending::Found | Ending::FoundInFallback, None) => {
                streams.say("error: the node was not changed: this run found no key. A saved one: keygen node import FILE");
                Ending::Failed
            }
            (_, None) => ending,
            (_, Some(file)) => match self.put(file, streams) {
                Ok(()) => ending,
                Err(error) => {
                    streams.say(format_args!("error: {error:#}"));
                    self.say_how(file, streams);
                    stopped_by(&self.stop).map_or(Ending::Failed, Ending::Interrupted)
                }
            },
        }
    }

    fn put(&self, file: &Path, streams: &mut Streams<'_>) -> anyhow::Result<()> {
        forbid_core_dumps();
        let key = key_of(file, false, streams)?;
        notice_signals(&self.stop)?;
        let mut node = connect(&self.address, Timing::default(), &self.stop, streams)?;
        let present = node
            .public_key()
            .with_context(|| self.address.to_string())?;
        if self
            .for_node
            .shown
            .get()
            .is_some_and(|shown| *shown != present)
        {
            bail!(
                "{}: the node there has another public key, {}, than the one that was shown before the search; nothing \
                 was changed",
                self.address,
                hex::encode_upper(&present)
            );
        }
        let exchange = Exchange {
            key: &key,
            folder: &self.folder,
            reboot: true,
            stop: &self.stop,
        };
        exchange.run(&mut node, true, streams).map(drop)
    }

    fn say_how(&self, file: &Path, streams: &mut Streams<'_>) {
        let option = match self.address {
            Address::Serial(_) => "--port",
            Address::Tcp { .. } => "--tcp",
        };
        streams.say(format_args!(
            "The key is saved. To put it into the node: keygen node import '{}' {option} {}",
            file.display(),
            self.address
        ));
    }
}

/// Shows the node and asks; what is wrong is bad input, because nothing was searched.
fn look(
    address: &Address,
    yes: bool,
    folder: &Path,
    streams: &mut Streams<'_>,
) -> anyhow::Result<PublicKey> {
    let refused = |error: anyhow::Error| UsageError::refused(format!("--import-to {error:#}"));
    let mut node =
        connect(address, Timing::default(), &StopSignal::default(), streams).map_err(refused)?;
    let info = node
        .info()
        .with_context(|| address.to_string())
        .map_err(refused)?;
    streams.say(format_args!("Node at {}: {}", node.address(), who(&info)));
    streams.say(format_args!(
        "  public key now: {}, to be replaced by the first key that is found; it is saved in {} before, where the node \
         gives it",
        hex::encode_upper(&info.public),
        folder.display()
    ));
    if !yes && !confirm("Search for its new key?", streams)? {
        bail!("nothing was searched and nothing was changed");
    }
    Ok(info.public)
}
