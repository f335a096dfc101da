//! The tools that change something: those that act on a session, and the one that begins a search in the background, with
//! keys below the folder that the command line allows.

use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use jiff::Timestamp;

use super::Context;
use super::arguments::{Pattern, Start};
use super::output::Done;
use super::read::first_paragraph;
use crate::commands::action::{self, Action, wait_until_it_listens};
use crate::commands::watch::run_program;
use crate::session::inspect::{self, Look, look_at};
use crate::session::name::SessionName;
use crate::session::service_dir;

/// The session of this name as its files have it; its process is not asked.
pub(super) fn look(context: &Context, name: &str) -> Result<Look, String> {
    let found = service_dir::find(context.own()?, Some(name));
    look_at(&found.place, name, Timestamp::now()).map_err(|error| found.wrong(error))
}

/// Acts on a session, and looks at it afterwards.
pub(super) fn act(context: &Context, session: String, action: Action) -> Result<Done, String> {
    let done = action::act(context.own()?, &session, action, context.0.place.trust)?;
    let state = look(context, &session).ok().map(|look| look.state.name());
    Ok(Done {
        session,
        done,
        state,
    })
}

pub(super) fn start_search(context: &Context, args: Start) -> Result<Done, String> {
    let root =
        context.0.root.as_deref().ok_or(
            "new searches have no folder for keys: keygen mcp was started without --root DIR",
        )?;
    if args.pattern == Pattern::default() {
        return Err("the pattern is empty; give prefix, suffix, vanity, match or avoid".to_owned());
    }
    let name = SessionName::parse(&args.session).map_err(|error| error.to_string())?;
    let place = context.own()?;
    let existing =
        inspect::look(&place, &name, Timestamp::now()).map_err(|error| error.to_string())?;
    if let Some(existing) = existing {
        return Err(format!(
            "there is a session {name} already, which is {}; resume continues it",
            existing.state.name()
        ));
    }
    let output = below(root, args.output.as_deref().unwrap_or("."))?;
    let folders = [
        "--state-dir".as_ref(),
        place.path(),
        "--output".as_ref(),
        &output,
    ];
    let words = words(&args).into_iter().map(OsString::from);
    let words = words.chain(folders.map(OsString::from));
    run_program(words, context.0.place.trust)?.map_err(|said| first_paragraph(said.trim()))?;
    wait_until_it_listens(&place.session(&name));
    let state = look(context, name.as_str()).ok();
    Ok(Done {
        session: args.session,
        done: "runs in the background".to_owned(),
        state: state.map(|look| look.state.name()),
    })
}

/// The options of the search; each is one word with its value.
fn words(args: &Start) -> Vec<String> {
    let mut words = args.pattern.words();
    words.push(format!("--session={}", args.session));
    words.push("--background".to_owned());
    words.push("--no-watchlist".to_owned());
    words.extend(args.count.map(|count| format!("--count={count}")));
    words.extend(args.time.as_ref().map(|time| format!("--time={time}")));
    words.extend(args.candidates.map(|most| format!("--candidates={most}")));
    words.extend(args.workers.map(|workers| format!("--workers={workers}")));
    words
}

/// The folder `relative` below `root`, which symbolic links don't lead out of.
fn below(root: &Path, relative: &str) -> Result<PathBuf, String> {
    let outside = || {
        format!(
            "the output {relative:?} is not below {}; give a relative path without ..",
            root.display()
        )
    };
    let stays = |part| matches!(part, Component::Normal(_) | Component::CurDir);
    if !Path::new(relative).components().all(stays) {
        return Err(outside());
    }
    let path = root.join(relative);
    // What is not there yet is created there.
    let existing = path
        .ancestors()
        .find(|path| path.symlink_metadata().is_ok());
    let real = existing.and_then(|path| path.canonicalize().ok());
    match real.is_some_and(|real| real.starts_with(root)) {
        true => Ok(path),
        false => Err(outside()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn keys_go_nowhere_but_below_the_root() {
        let top = tempfile::tempdir().unwrap();
        let root = top.path().canonicalize().unwrap().join("root");
        std::fs::create_dir_all(root.join("inside")).unwrap();
        std::os::unix::fs::symlink(top.path(), root.join("out")).unwrap();
        std::os::unix::fs::symlink(root.join("inside"), root.join("in")).unwrap();
        std::os::unix::fs::symlink("nowhere", root.join("dangling")).unwrap();
        for allowed in [".", "inside", "new/folder", "in", "in/new"] {
            assert_eq!(below(&root, allowed), Ok(root.join(allowed)));
        }
        for refused in [
            "..",
            "inside/../..",
            "/etc",
            "out",
            "out/new",
            "dangling",
            "dangling/x",
        ] {
            let error = below(&root, refused).unwrap_err();
            assert!(error.contains("is not below"), "{refused}: {error}");
        }
    }
}
