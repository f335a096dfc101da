//! `keygen node info|import|export|list`: nodes on a cable or TCP.

mod backup;
mod export;
mod import;
mod info;
mod list;
pub(super) mod searched;

use std::io::{self, IsTerminal};
use std::sync::atomic::Ordering;

use signal_hook::flag;

use crate::app::process::forbid_core_dumps;
use crate::config::args::{NodeArgs, NodeTool};
use crate::config::{Environment, UsageError};
use crate::device::{Address, DeviceError, Node, StopSignal, Timing};
use crate::exit::{Ending, Signal};
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

/// The node that the options name, connected; `stop` ends all waiting for it.
fn node_of(args: &NodeArgs, stop: &StopSignal, streams: &mut Streams<'_>) -> anyhow::Result<Node> {
    let address = args.address().ok_or_else(|| {
        UsageError::combination("no node is named", "Name it with --port or --tcp.")
    })?;
    connect(address, args.timing(), stop, streams)
}

/// Has Ctrl-C and SIGTERM end the waiting for a node and not the process at once: what the node has then must be told.
fn notice_signals(stop: &StopSignal) -> io::Result<()> {
    for signal in [Signal::Interrupt, Signal::Terminate] {
        let number = signal.number();
        flag::register_usize(number.into(), StopSignal::clone(stop), number.into())?;
    }
    Ok(())
}

/// The signal that ended the waiting, if one did.
fn stopped_by(stop: &StopSignal) -> Option<Signal> {
    let number = stop.load(Ordering::Relaxed);
    let signals = [Signal::Interrupt, Signal::Terminate];
    signals
        .into_iter()
        .find(|signal| usize::from(signal.number()) == number)
}

/// Connects to a node. That there is no connection is bad input; that it does not answer is a failure.
fn connect(
    address: &Address,
    timing: Timing,
    stop: &StopSignal,
    streams: &mut Streams<'_>,
) -> anyhow::Result<Node> {
    let stop = StopSignal::clone(stop);
    let node = Node::connect(address, timing, stop, &mut |line| streams.say(line));
    node.map_err(|error| match error {
        DeviceError::Open(error) => UsageError::refused(error).into(),
        error => anyhow::anyhow!("{address}: {error}"),
    })
}

/// Refuses a command that would ask where nobody can answer.
fn check_answerable(yes: bool, what: &str) -> Result<(), UsageError> {
    if yes || io::stdin().is_terminal() {
        return Ok(());
    }
    Err(UsageError::combination(
        format!(
            "{what} asks before it replaces a node's key, and standard input is not a terminal"
        ),
        "Give --yes to replace it without a question.",
    ))
}

/// Whether the person says yes; anything else is no.
///
/// # Errors
/// Standard input can't be read.
fn confirm(question: &str, streams: &mut Streams<'_>) -> io::Result<bool> {
    // A terminal shows a line without its end only when it is flushed.
    let _ = write!(streams.err, "{question} [y/N] ");
    let _ = streams.err.flush();
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    let answer = answer.trim().to_lowercase();
    Ok(answer == "y" || answer == "yes")
}
