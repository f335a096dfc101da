//! `keygen blind finish`: reads claims, and makes the keys of them.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::json;
use zeroize::Zeroize;

use super::book;
use crate::blind::Claim;
use crate::blind::claim::read_all;
use crate::blind::finish::{Finished, finish};
use crate::commands::{Call, say_notes};
use crate::config::args::BlindFinishArgs;
use crate::config::error::refuse;
use crate::config::inputs::{each_once, is_stdin};
use crate::config::{Environment, UsageError, patterns};
use crate::exit::Ending;
use crate::key::store::ProbeError;
use crate::key::{KeyFormat, Store, hex};
use crate::report::streams::Streams;

/// Makes keys of all claims; one that is refused does not keep the others from theirs.
///
/// # Errors
/// Something that is no claim, a pattern that can't be used, or a folder that takes no keys: before any work.
pub(super) fn run(args: &BlindFinishArgs, call: &mut Call<'_>) -> anyhow::Result<Ending> {
    let (environment, streams) = call.parts();
    let wanted = patterns::of_command(&args.pattern, environment)?;
    each_once(args.claims.iter().map(|file| ("CLAIM", file)))?;
    let claims = claims(&args.claims, environment)?;
    let store = store(args, environment).map_err(UsageError::refused)?;
    store.probe().map_err(UsageError::refused)?;
    let book = book(&args.place)?;
    say_notes(environment, streams);
    let mut ending = Ending::Found;
    for (name, claim) in &claims {
        match finish(&book, &store, claim, wanted.as_ref(), Timestamp::now()) {
            Ok(finished) => {
                if finished.saved.fallback && ending == Ending::Found {
                    ending = Ending::FoundInFallback;
                }
                tell(claim, &finished, args.json, streams)?;
            }
            Err(error) => {
                streams.say(format_args!("REFUSED: {name}: {error}."));
                ending = Ending::Failed;
            }
        }
    }
    Ok(ending)
}

fn store(args: &BlindFinishArgs, environment: &Environment<'_>) -> Result<Store, ProbeError> {
    let folder = args.output.as_deref().unwrap_or(&environment.folder);
    let usual = match args.json {
        true => KeyFormat::Json,
        false => KeyFormat::Text,
    };
    Store::new(folder, args.format.unwrap_or(usual))
}

/// All claims, each with the name of what it was read from.
fn claims(
    named: &[PathBuf],
    environment: &Environment<'_>,
) -> Result<Vec<(String, Claim)>, UsageError> {
    let mut claims = Vec::new();
    for path in named {
        for file in files(path)? {
            let mut source = environment.inputs.read("CLAIM", &file)?;
            let name = source.name.clone();
            let text = std::str::from_utf8(&source.bytes);
            let read = text.map(read_all);
            // It may have been a private key.
            source.bytes.zeroize();
            match read {
                Ok(Ok(read)) => claims.extend(read.into_iter().map(|claim| (name.clone(), claim))),
                Ok(Err(error)) => refuse!("{name}: {error}. Nothing was done."),
                Err(_) => refuse!("{name}: it is no claim: not a text. Nothing was done."),
            }
        }
    }
    Ok(claims)
}

/// The file itself, or the claims in a folder.
fn files(path: &Path) -> Result<Vec<PathBuf>, UsageError> {
    if is_stdin(path) || !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = fs::read_dir(path).map_err(|error| UsageError::file("CLAIM", path, &error))?;
    let is_claim = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| name.starts_with("claim_") && name.ends_with(".json"))
    };
    let paths = entries.flatten().map(|entry| entry.path());
    let mut files: Vec<_> = paths.filter(is_claim).collect();
    files.sort();
    if files.is_empty() {
        refuse!(
            "CLAIM {}: the folder has no claim_*.json. Name the files, or another folder.",
            path.display()
        );
    }
    Ok(files)
}

fn tell(
    claim: &Claim,
    finished: &Finished,
    as_json: bool,
    streams: &mut Streams<'_>,
) -> anyhow::Result<()> {
    let public = hex::encode(&claim.public);
    let saved = &finished.saved;
    let file = saved.private_file().display();
    match as_json {
        true => writeln!(
            streams.out,
            "{}",
            json!({"kind": "finished", "public_key": public, "files": saved.files, "start": finished.name, "fallback": saved.fallback})
        )?,
        false => writeln!(streams.out, "{public}\t{file}")?,
    }
    if saved.fallback {
        let why: Vec<_> = saved.trouble.iter().map(ToString::to_string).collect();
        streams.say(format_args!(
            "WARNING: the key was saved in a fallback folder: {file}. It could not be saved in the chosen folder: {}.",
            why.join("; ")
        ));
    }
    if let Some(trouble) = &finished.trouble {
        streams.say(format_args!(
            "WARNING: the key is saved, but its start {} could not be marked as used: {trouble}.",
            finished.name
        ));
    }
    Ok(())
}
