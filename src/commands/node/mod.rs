//! `keygen node info|import|export|list`: nodes on a cable or TCP.

mod ask;
mod backup;
mod export;
mod import;
mod info;
mod list;
pub(super) mod searched;

use crate::app::process::forbid_core_dumps;
use crate::config::args::{NodeArgs, NodeTool};
use crate::config::{Environment, UsageError};
use crate::device::{Address, DeviceError, Node, Timing};
use crate::exit::Ending;
use crate::report::streams::Streams;

/// Does what a `node` command asks for.
///
/// # Errors
/// What is refused before anything is sent (a [`UsageError`]), a node that can't be asked, or standard output does not
/// take the answer.
pub(crate) fn run(
    tool: NodeTool,
    environment: &Environment<'_>,
    streams: &mut Streams<'_>,
) -> anyhow::Result<Ending> {
    forbid_core_dumps();
    match tool {
        NodeTool::Info(args) => info::run(&args, streams),
        NodeTool::Import(args) => import::run(&args, environment, streams),
        NodeTool::Export(args) => export::run(&args, environment, streams),
        NodeTool::List(args) => list::run(&args, streams),
    }
}

/// The node that the options name, connected.
fn node_of(args: &NodeArgs, streams: &mut Streams<'_>) -> anyhow::Result<Node> {
    let address = args.address().ok_or_else(|| {
        UsageError::combination("no node is named", "Name it with --port or --tcp.")
    })?;
    connect(address, args.timing(), streams)
}

/// Connects to a node. That there is no connection is bad input; that it does not answer is a failure.
fn connect(address: &Address, timing: Timing, streams: &mut Streams<'_>) -> anyhow::Result<Node> {
    let node = Node::connect(address, timing, &mut |line| streams.say(line));
    node.map_err(|error| match error {
        DeviceError::Open(error) => UsageError::refused(error).into(),
        error => anyhow::anyhow!("{address}: {error}"),
    })
}
