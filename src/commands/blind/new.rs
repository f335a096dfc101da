//! `keygen blind new`: draws starts, and says how others search from them.

use jiff::Timestamp;
use serde_json::json;

use super::book;
use crate::blind::book::Entry;
use crate::config::UsageError;
use crate::config::args::BlindNewArgs;
use crate::config::error::refuse;
use crate::exit::Ending;
use crate::report::streams::Streams;

/// The most starts at once: their public halves fit on one command line.
const MOST: u64 = 1000;

/// Draws starts and prints their public halves.
///
/// # Errors
/// A name that is taken, or the state folder can't be written.
pub(super) fn run(args: &BlindNewArgs, streams: &mut Streams<'_>) -> anyhow::Result<Ending> {
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
