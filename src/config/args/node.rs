//! The options and tools of nodes on a cable or TCP.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::values::full_path;
use crate::config::{InvalidValue, duration};
use crate::device::{Address, Timing};

/// What can be done with a node.
#[derive(Subcommand, Debug)]
pub(crate) enum NodeTool {
    /// Show who a node is and which public key it has
    Info(InfoArgs),
    /// Put a saved key into a node, and check that it has it
    ///
    /// The key is verified, the node's present key is saved to backup_XXXXXXXX.json (where the node gives it), and what
    /// will change is shown and asked. Then the key is sent, a repeater, room server or sensor is restarted, and what the
    /// node has then is compared with what was sent. Nothing is sent over the radio.
    Import(ImportArgs),
    /// Save a node's key to a file
    Export(NodeExportArgs),
    /// List serial ports, and what they seem to be
    List(PortListArgs),
}

/// Where the node is, as typed.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub(crate) struct NodeAddressArgs {
    /// The serial port, such as /dev/ttyUSB0, /dev/cu.usbmodem1101 or COM3; keygen node list shows them
    #[arg(long, value_name = "PORT", value_parser = serial)]
    pub port: Option<Address>,
    /// The host of a node on the network [default port: 5000, then 23]
    #[arg(long, value_name = "HOST[:PORT]", value_parser = tcp)]
    pub tcp: Option<Address>,
}

/// Which node, as typed.
#[derive(Args, Debug)]
pub(crate) struct NodeArgs {
    /// Where it is.
    #[command(flatten)]
    pub address: NodeAddressArgs,
    /// Seconds for one answer of the node; finding it takes up to 4 times, its restart up to 10 times as long
    #[arg(long, value_name = "T", default_value = "3", value_parser = duration::seconds)]
    pub timeout: Duration,
}

impl NodeArgs {
    /// Where it is; clap sees to it that one is there.
    pub(crate) fn address(&self) -> Option<&Address> {
        self.address.port.as_ref().or(self.address.tcp.as_ref())
    }

    /// How long it may take.
    pub(crate) fn timing(&self) -> Timing {
        Timing {
            answer: self.timeout,
        }
    }
}

/// Options of `keygen node info`.
#[derive(Args, Debug)]
pub(crate) struct InfoArgs {
    /// Which node.
    #[command(flatten)]
    pub node: NodeArgs,
    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
}

/// Options of `keygen node import`.
#[derive(Args, Debug)]
pub(crate) struct ImportArgs {
    /// The key file: any that keygen key reads; - is standard input
    pub file: PathBuf,
    /// 32 bytes (64 hex digits) that may be something else are a seed (RFC 8032)
    #[arg(long)]
    pub seed: bool,
    /// Which node.
    #[command(flatten)]
    pub node: NodeArgs,
    /// Folder for the backup of the node's present key [default: the current one]
    #[arg(long, value_name = "DIR", value_parser = full_path())]
    pub output: Option<PathBuf>,
    /// Do not restart a repeater, room server or sensor: it uses the key after its next restart
    #[arg(long)]
    pub no_reboot: bool,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

/// Options of `keygen node export`.
#[derive(Args, Debug)]
pub(crate) struct NodeExportArgs {
    /// Which node.
    #[command(flatten)]
    pub node: NodeArgs,
    /// The file, which must not exist [default: backup_XXXXXXXX.json in the current folder]
    #[arg(long, value_name = "FILE", value_parser = full_path())]
    pub output: Option<PathBuf>,
}

/// Options of `keygen node list`.
#[derive(Args, Debug)]
pub(crate) struct PortListArgs {
    /// Print a JSON array
    #[arg(long)]
    pub json: bool,
}

/// The node that gets the key of a search, as typed.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Output")]
pub(crate) struct ImportToArgs {
    /// Put the first key that is found into the node at PORT (or tcp:HOST[:PORT])
    ///
    /// The node is looked for, shown and confirmed before the search begins. When the search has ended, its first key is
    /// put into the node as keygen node import does. The key is saved before, as always.
    #[arg(long, value_name = "PORT", value_parser = any)]
    pub import_to: Option<Address>,
    /// With --import-to: do not ask
    #[arg(long, requires = "import_to")]
    pub yes: bool,
}

fn serial(text: &str) -> Result<Address, InvalidValue> {
    let allowed = "Give its name, such as /dev/ttyUSB0 or COM3; keygen node list shows the ports.";
    if text.is_empty() {
        return Err(InvalidValue::new("it is empty", allowed));
    }
    if text.starts_with("tcp:") {
        return Err(InvalidValue::new(
            "not a serial port",
            "Give a host with --tcp.",
        ));
    }
    Ok(Address::Serial(text.to_owned()))
}

fn tcp(text: &str) -> Result<Address, InvalidValue> {
    Address::tcp(text).ok_or_else(|| {
        InvalidValue::new(
            "not a host and port",
            "Allowed are HOST, HOST:PORT and [IPV6]:PORT.",
        )
    })
}

fn any(text: &str) -> Result<Address, InvalidValue> {
    Address::read(text).ok_or_else(|| {
        InvalidValue::new(
            "neither a port nor a host",
            "Allowed are a serial port, such as /dev/ttyUSB0 or COM3, and tcp:HOST[:PORT].",
        )
    })
}
