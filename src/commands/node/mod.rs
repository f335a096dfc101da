//! `keygen node info|import|export|list`: nodes on a cable or TCP.

mod export;
mod import;
pub(super) mod searched;

use std::io::{self, IsTerminal};
use std::sync::atomic::Ordering;

use anyhow::Context;
use serde_json::json;
use signal_hook::flag;

use crate::app::process::forbid_core_dumps;
use crate::commands::{Call, write_facts, write_json};
use crate::config::UsageError;
use crate::config::args::{InfoArgs, NodeArgs, NodeTool, PortListArgs};
use crate::config::error::refuse;
use crate::device::{Address, DeviceError, Node, StopSignal, Timing, ports};
use crate::exit::{Ending, Signal};
use crate::key::{MAX_NODE_ID_BYTES, hex, node_id};
use crate::report::streams::Streams;

/// Does what a `node` command asks for.
///
/// # Errors
/// What is refused before anything is sent (a [`UsageError`]), a node that can't be asked, or standard output does not
/// take the answer.
pub(crate) fn run(tool: NodeTool, call: &mut Call<'_>) -> anyhow::Result<Ending> {
    forbid_core_dumps();
    match tool {
        NodeTool::Info(args) => info(&args, &mut call.streams),
        NodeTool::Import(args) => import::run(&args, call),
        NodeTool::Export(args) => export::run(&args, call),
        NodeTool::List(args) => list(&args, &mut call.streams),
    }
}

/// The node that the options name, connected; `stop` ends all waiting for it.
fn node_of(args: &NodeArgs, stop: &StopSignal, streams: &mut Streams<'_>) -> anyhow::Result<Node> {
    let Some(address) = args.address() else {
        refuse!("no node is named. Name it with --port or --tcp.");
    };
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
    if !yes && !io::stdin().is_terminal() {
        refuse!(
            "{what} asks before it replaces a node's key, and standard input is not a terminal. Give --yes to replace \
             it without a question."
        );
    }
    Ok(())
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

/// Asks a node and writes what it says.
///
/// # Errors
/// It can't be asked.
fn info(args: &InfoArgs, streams: &mut Streams<'_>) -> anyhow::Result<Ending> {
    let mut node = node_of(&args.node, &StopSignal::default(), streams)?;
    let address = node.address().to_string();
    let info = node.info().with_context(|| address.clone())?;
    let public = hex::encode(&info.public);
    if args.json {
        let answer = json!({
            "address": address,
            "dialect": info.dialect.name(),
            "public_key": public,
            "name": info.name,
            "role": info.role,
            "firmware": info.firmware,
            "board": info.board,
        });
        write_json(&answer, streams)?;
        return Ok(Ending::Found);
    }
    let ids = (1..=MAX_NODE_ID_BYTES).map(|bytes| node_id(&info.public, bytes));
    let unknown = |fact: Option<String>| fact.unwrap_or_else(|| "unknown".to_owned());
    let facts = [
        ("Node", format!("{address} ({})", info.dialect.name())),
        ("Name", unknown(info.name)),
        ("Role", unknown(info.role)),
        ("Firmware", unknown(info.firmware)),
        ("Board", unknown(info.board)),
        ("Public key", public),
        ("Node ID", ids.collect::<Vec<_>>().join(", ")),
    ];
    write_facts(&facts, streams)?;
    Ok(Ending::Found)
}

/// Writes a port a line.
///
/// # Errors
/// Standard output does not take the answer.
fn list(args: &PortListArgs, streams: &mut Streams<'_>) -> anyhow::Result<Ending> {
    let ports = ports();
    if args.json {
        let all: Vec<_> = ports
            .iter()
            .map(|port| {
                let vendor = port.vendor.map(|vendor| format!("{vendor:04x}"));
                json!({ "port": port.name, "usb_vendor": vendor, "product": port.product, "seems": port.seems() })
            })
            .collect();
        write_json(&all, streams)?;
        return Ok(Ending::Found);
    }
    if ports.is_empty() {
        streams.say("No serial port was found: connect the node with a cable that carries data.");
    }
    let width = ports.iter().map(|port| port.name.len()).max().unwrap_or(0);
    for port in &ports {
        writeln!(streams.out, "{:width$}  {}", port.name, port.seems())?;
    }
    Ok(Ending::Found)
}
