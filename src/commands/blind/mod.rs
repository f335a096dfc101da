//! `keygen blind new|finish|list`: what the owner of a blind search does, on a machine that he trusts.

mod finish;

use jiff::Timestamp;
use serde_json::json;

use super::Call;
use crate::app::process::forbid_core_dumps;
use crate::blind::Book;
use crate::blind::book::{Entry, State};
use crate::config::UsageError;
use crate::config::args::{BlindListArgs, BlindNewArgs, BlindTool, PlaceArgs};
use crate::config::error::refuse;
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
        BlindTool::New(args) => draw(args, &mut call.streams),
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

/// The most starts at once: their public halves fit on one command line.
const MOST: u64 = 1000;

/// Draws starts and prints their public halves.
///
/// # Errors
/// A name that is taken, or the state folder can't be written.
fn draw(args: &BlindNewArgs, streams: &mut Streams<'_>) -> anyhow::Result<Ending> {
    let count = args.count.unwrap_or(1);
    if count > MOST {
        refuse!(
            "-n {count}: too many starts at once. Allowed are 1 to {MOST}; run it again for more."
        );
    }
    let book = book(&args.place)?;
    let mut starts = Vec::new();
    for number in 1..=count {
        let name = args.name.as_deref().map(|name| match count {
            1 => name.to_owned(),
            _ => format!("{name}-{number}"),
        });
        let entry = book.draw(name.as_deref(), Timestamp::now());
        let entry = entry.map_err(UsageError::refused)?;
        let (start, name) = (&entry.start, &entry.name);
        let file = book.scalar_file(&entry);
        match args.json {
            true => writeln!(
                streams.out,
                "{}",
                json!({"start": start, "name": name, "file": file})
            )?,
            false => writeln!(streams.out, "{start}")?,
        }
        streams.say(format_args!(
            "{name}: its secret scalar is in {}, readable only by you. Keep a copy: without it no claim becomes a key.",
            file.display()
        ));
        starts.push(entry);
    }
    streams.out.flush()?;
    explain(&starts, streams);
    Ok(Ending::Found)
}

/// What the others type, and what comes after.
fn explain(entries: &[Entry], streams: &mut Streams<'_>) {
    let starts: Vec<_> = entries.iter().map(|entry| entry.start.as_str()).collect();
    let count = match starts.len() {
        1 => String::new(),
        n => format!(" -n {n}"),
    };
    streams.say(format_args!(
        "On the other machines, which never see a secret, with the pattern that you want:\n  keygen --blind {} --prefix \
         F8A1B2C3{count}\nHere, with the claims that they find and the same pattern, so that no other key is made:\n  keygen blind finish \
         claim_XXXXXXXX.json --prefix F8A1B2C3",
        starts.join(",")
    ));
}
