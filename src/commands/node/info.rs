//! `keygen node info`: who a node is, and which public key it has.

use anyhow::Context;
use serde_json::json;

use super::node_of;
use crate::commands::{write_facts, write_json};
use crate::config::args::InfoArgs;
use crate::device::StopSignal;
use crate::exit::Ending;
use crate::key::{MAX_NODE_ID_BYTES, hex, node_id};
use crate::report::streams::Streams;

/// Asks a node and writes what it says.
///
/// # Errors
/// It can't be asked.
pub(super) fn run(args: &InfoArgs, streams: &mut Streams<'_>) -> anyhow::Result<Ending> {
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
