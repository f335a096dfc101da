//! `keygen node list`: the serial ports, and what they seem to be.

use serde_json::json;

use crate::commands::write_json;
use crate::config::args::PortListArgs;
use crate::device::ports;
use crate::exit::Ending;
use crate::report::streams::Streams;

/// Writes a port a line.
///
/// # Errors
/// Standard output does not take the answer.
pub(super) fn run(args: &PortListArgs, streams: &mut Streams<'_>) -> anyhow::Result<Ending> {
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
