//! What the reader of the page asks of a search, passed on as a request to its session: it is recorded as any other.

use serde::Deserialize;
use serde_json::{Value, json};

use super::source::Source;
use crate::control::client;
use crate::control::protocol::Request;

/// What the page asks.
#[derive(Debug, Deserialize)]
struct Act {
    session: String,
    #[serde(flatten)]
    asked: Asked,
}

/// Of a process that searches, or of this one.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Asked {
    Process(Request),
    Here(Here),
}

/// What needs a process to be started or woken.
#[derive(Debug, Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case")]
enum Here {
    Resume,
}

/// Passes a request on and waits for the answer, as an object with "ok".
pub(super) fn carry_out(source: &Source, body: &[u8]) -> Value {
    match try_to(source, body) {
        Ok(fields) => json!({"ok": true, "said": fields["said"], "workers": fields["workers"]}),
        Err(error) => json!({"ok": false, "error": error.to_string()}),
    }
}

fn try_to(source: &Source, body: &[u8]) -> anyhow::Result<Value> {
    let act: Act = serde_json::from_slice(body)?;
    let request = match act.asked {
        Asked::Process(request) => request,
        Asked::Here(Here::Resume) => return Ok(json!({"said": source.resume(&act.session)?})),
    };
    let folder = source.folder(&act.session)?;
    Ok(client::ask(&folder, &request, client::LONG_PATIENCE)?.fields)
}
