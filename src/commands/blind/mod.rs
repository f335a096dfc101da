//! `keygen blind new|finish|list`: what the owner of a blind search does, on a machine that he trusts.

mod finish;
mod new;

use serde_json::json;

use super::Call;
use crate::app::process::forbid_core_dumps;
use crate::blind::Book;
use crate::blind::book::{Entry, State};
use crate::config::UsageError;
use crate::config::args::{BlindListArgs, BlindTool, PlaceArgs};
use crate::config::session::place;
use crate::exit::Ending;
use crate::report::streams::Streams;

/// Does what a `blind` command asks for.
///
/// # Errors
/// Bad input, found before any work, or a failure of the system.
pub(crate) fn run(tool: &BlindTool, call: &mut Call<'_>) -> anyhow::Result<Ending> {
    forbid_core_dumps();
    match tool {
        BlindTool::New(args) => new::run(args, &mut call.streams),
        BlindTool::Finish(args) => finish::run(args, call),
        BlindTool::List(args) => list(args, &mut call.streams),
    }
}

/// The book in the state folder that is named, or in the usual one.
fn book(args: &PlaceArgs) -> Result<Book, UsageError> {
    let place = place(args)?;
    Book::open(place.path()).map_err(UsageError::refused)
}

fn list(args: &BlindListArgs, streams: &mut Streams<'_>) -> anyhow::Result<Ending> {
    let entries = book(&args.place)?.entries().map_err(UsageError::refused)?;
    for entry in &entries {
        match args.json {
            true => writeln!(streams.out, "{}", object(entry))?,
            false => writeln!(
                streams.out,
                "{}\t{}\t{}",
                entry.start,
                entry.name,
                state(entry)
            )?,
        }
    }
    if entries.is_empty() && !args.json {
        streams.say("There is no start. keygen blind new draws one.");
    }
    Ok(Ending::Found)
}

fn state(entry: &Entry) -> String {
    match &entry.state {
        State::Unused => "unused".to_owned(),
        State::Finishing(made) => format!(
            "interrupted while {} was saved; finish the same claim again",
            made.public_key
        ),
        State::Used(made) => format!("used for {}", made.public_key),
    }
}

fn object(entry: &Entry) -> serde_json::Value {
    let (state, made) = match &entry.state {
        State::Unused => ("unused", None),
        State::Finishing(made) => ("finishing", Some(made)),
        State::Used(made) => ("used", Some(made)),
    };
    json!({
        "start": entry.start,
        "name": entry.name,
        "created": entry.created,
        "state": state,
        "public_key": made.map(|made| &made.public_key),
        "files": made.map(|made| &made.files),
    })
}
